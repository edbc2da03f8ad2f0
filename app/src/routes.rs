//! Every path of the site, typed, once. Links, forms, redirects, the sitemap and the
//! server's router all come from here; a path written as a string elsewhere is a defect.

use domain::language::Language;
use domain::slug::Slugs;

/// A page or form target of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the pages")]
pub enum Route {
    Home,
    Catalogue,
    Design {
        slug: Slugs,
    },
    Makers,
    Maker {
        slug: String,
    },
    Origin,
    /// "A dónde va tu dinero": the policy and what was posted.
    Money,
    About,
    Shipping,
    RingSizes,
    Privacy,
    Contact,
    /// Libro de Reclamaciones.
    Complaints,
    Bag,
    /// POST: put a piece into the bag.
    BagAdd,
    /// POST: take a piece out of the bag.
    BagRemove,
    /// POST: choose the currency in which prices are shown and charged.
    Currency,
    /// GET shows the form, POST updates it or goes to the payment page.
    Checkout,
    /// The order's own secret link; Stripe returns here.
    Order {
        secret: String,
    },
    /// POST: the shopper cancels an unpaid order; its pieces are free at once.
    OrderCancel {
        secret: String,
    },
    /// Why a form was refused before any page read it; the form leads here.
    Refused(Refusal),
    /// Atom feed of new pieces.
    Feed,
}

/// Why a form was refused before any page read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It was not sent from a page of the shop.
    OtherSite,
    /// The visitor sent too many in one minute.
    TooMany,
    /// It is no form, or not the form of this path.
    Unreadable,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::OtherSite, Self::TooMany, Self::Unreadable];
}

/// Name of the parameter in [`Route::pattern`].
pub const SLUG: &str = "slug";
/// Name of the parameter in [`Route::pattern`].
pub const SECRET: &str = "secret";

impl Route {
    /// Path in `language`, percent-encoding what a slug may not hold.
    pub fn path(&self, language: Language) -> String {
        let pattern = self.pattern(language);
        match self {
            Self::Design { slug } => pattern.replace("{slug}", &encode(slug.of(language))),
            Self::Maker { slug } => pattern.replace("{slug}", &encode(slug)),
            Self::Order { secret } | Self::OrderCancel { secret } => {
                pattern.replace("{secret}", &encode(secret))
            }
            _ => pattern.to_owned(),
        }
    }

    /// Pattern for the router; the values inside `self` do not matter.
    pub const fn pattern(&self, language: Language) -> &'static str {
        let (es, en) = self.patterns();
        match language {
            Language::Es => es,
            Language::En => en,
        }
    }

    /// Every route of a page or the feed; the values inside do not matter.
    const READ: [Self; 20] = [
        Self::Home,
        Self::Catalogue,
        Self::Design { slug: Slugs::new(String::new(), String::new()) },
        Self::Makers,
        Self::Maker { slug: String::new() },
        Self::Origin,
        Self::Money,
        Self::About,
        Self::Shipping,
        Self::RingSizes,
        Self::Privacy,
        Self::Contact,
        Self::Complaints,
        Self::Bag,
        Self::Checkout,
        Self::Order { secret: String::new() },
        Self::Refused(Refusal::OtherSite),
        Self::Refused(Refusal::TooMany),
        Self::Refused(Refusal::Unreadable),
        Self::Feed,
    ];

    /// Every route to which a form is sent by POST; the values inside do not matter.
    const SENT_TO: [Self; 5] = [
        Self::BagAdd,
        Self::BagRemove,
        Self::Currency,
        Self::Checkout,
        Self::OrderCancel { secret: String::new() },
    ];

    /// Whether forms are sent to this path.
    pub fn is_sent_to(path: &str) -> bool {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let is_path = |pattern: &str| {
            let pattern: Vec<&str> = pattern.split('/').skip(1).collect();
            let same = |(wanted, given): (&&str, &&str)| wanted.starts_with('{') || wanted == given;
            pattern.len() == parts.len() && pattern.iter().zip(&parts).all(same)
        };
        let mut patterns = Language::ALL
            .into_iter()
            .flat_map(|language| Self::SENT_TO.map(|route| route.pattern(language)));
        patterns.any(is_path)
    }

    /// The path of the page that is meant by a path with additional slashes or with capital letters.
    /// `None` when no page has such a path. A slug or a secret is kept as it is.
    pub fn page_at(path: &str) -> Option<String> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let spelled = |pattern: &str| {
            let pattern: Vec<&str> = pattern.split('/').skip(1).collect();
            let part = |(wanted, given): (&&str, &&str)| match wanted.starts_with('{') {
                true => Some((*given).to_owned()),
                false => wanted.eq_ignore_ascii_case(given).then(|| (*wanted).to_owned()),
            };
            let same_length = pattern.len() == parts.len();
            let named: Option<Vec<String>> = pattern.iter().zip(&parts).map(part).collect();
            named.filter(|_| same_length).map(|named| format!("/{}", named.join("/")))
        };
        let patterns = Language::ALL
            .into_iter()
            .flat_map(|language| Self::READ.map(|route| route.pattern(language)));
        patterns.into_iter().find_map(spelled)
    }

    const fn patterns(&self) -> (&'static str, &'static str) {
        match self {
            Self::Home => ("/es", "/en"),
            Self::Catalogue => ("/es/piezas", "/en/pieces"),
            Self::Design { .. } => ("/es/piezas/{slug}", "/en/pieces/{slug}"),
            Self::Makers => ("/es/socias", "/en/makers"),
            Self::Maker { .. } => ("/es/socias/{slug}", "/en/makers/{slug}"),
            Self::Origin => ("/es/origen", "/en/origin"),
            Self::Money => ("/es/tu-dinero", "/en/your-money"),
            Self::About => ("/es/nosotras", "/en/about"),
            Self::Shipping => ("/es/envios-y-devoluciones", "/en/shipping-and-returns"),
            Self::RingSizes => ("/es/tallas-de-anillo", "/en/ring-sizes"),
            Self::Privacy => ("/es/privacidad", "/en/privacy"),
            Self::Contact => ("/es/contacto", "/en/contact"),
            Self::Complaints => ("/es/libro-de-reclamaciones", "/en/complaints-book"),
            Self::Bag => ("/es/bolsa", "/en/bag"),
            Self::BagAdd => ("/es/bolsa/agregar", "/en/bag/add"),
            Self::BagRemove => ("/es/bolsa/quitar", "/en/bag/remove"),
            Self::Currency => ("/es/moneda", "/en/currency"),
            Self::Checkout => ("/es/compra", "/en/checkout"),
            Self::Order { .. } => ("/es/pedido/{secret}", "/en/order/{secret}"),
            Self::OrderCancel { .. } => {
                ("/es/pedido/{secret}/cancelar", "/en/order/{secret}/cancel")
            }
            Self::Refused(Refusal::OtherSite) => {
                ("/es/no-recibido/de-otro-sitio", "/en/not-taken/other-site")
            }
            Self::Refused(Refusal::TooMany) => {
                ("/es/no-recibido/un-momento", "/en/not-taken/one-moment")
            }
            Self::Refused(Refusal::Unreadable) => {
                ("/es/no-recibido/no-se-lee", "/en/not-taken/unreadable")
            }
            Self::Feed => ("/es/novedades.atom", "/en/new.atom"),
        }
    }
}

/// Path of one file of a photograph.
pub fn photo_path(hash: &str, width_px: u32, extension: &str) -> String {
    format!("/photos/{hash}/{width_px}.{extension}")
}

/// Path of one JPEG file of a portrait.
pub fn portrait_path(hash: &str, width_px: u32) -> String {
    format!("/people/{hash}/{width_px}.jpg")
}

/// Path of the woven pattern of a maker.
pub fn pattern_path(slug: &str) -> String {
    format!("/patterns/{}.svg", encode(slug))
}

/// Percent-encodes everything but unreserved characters (RFC 3986, 2.3).
pub fn encode(segment: &str) -> String {
    let mut out = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(byte as char)
            }
            _ => {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                out.push('%');
                out.push(HEX[usize::from(byte >> 4)] as char);
                out.push(HEX[usize::from(byte & 15)] as char);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_known_by_its_address() {
        for language in Language::ALL {
            for route in Route::READ {
                // Without a wildcard, so that a new route must be added here.
                let is_read = match &route {
                    Route::BagAdd
                    | Route::BagRemove
                    | Route::OrderCancel { .. }
                    | Route::Currency => false,
                    Route::Home
                    | Route::Catalogue
                    | Route::Design { .. }
                    | Route::Makers
                    | Route::Maker { .. }
                    | Route::Origin
                    | Route::Money
                    | Route::About
                    | Route::Shipping
                    | Route::RingSizes
                    | Route::Privacy
                    | Route::Contact
                    | Route::Complaints
                    | Route::Bag
                    | Route::Checkout
                    | Route::Order { .. }
                    | Route::Refused(_)
                    | Route::Feed => true,
                };
                assert!(is_read, "{route:?}");
                let path = route.pattern(language).replace("{slug}", "x").replace("{secret}", "S");
                let twice = path.replace('/', "//");
                for spelled in [path.clone(), format!("{path}/"), twice] {
                    assert_eq!(Route::page_at(&spelled).as_ref(), Some(&path), "{spelled}");
                }
            }
        }
    }

    #[test]
    fn only_another_spelling_of_a_path_leads_to_its_page() {
        for (spelled, page) in [
            ("/ES", Some("/es")),
            ("/es/Piezas/Anillo-Batea/", Some("/es/piezas/Anillo-Batea")),
            ("/EN/order/AbC/", Some("/en/order/AbC")),
            ("//evil.example/", None),
            ("/es/nada/", None),
            ("/es/bolsa/agregar/", None),
            ("/es/../en", None),
            ("/", None),
            ("", None),
        ] {
            assert_eq!(Route::page_at(spelled).as_deref(), page, "{spelled}");
        }
    }

    #[test]
    fn only_the_routes_of_forms_accept_forms() {
        for (path, is) in [
            ("/es/bolsa/agregar", true),
            ("/en/checkout", true),
            ("/en/order/abc/cancel", true),
            ("/en/order/abc", false),
            ("/es/bolsa/agregar/", false),
            ("/es", false),
            ("/webhooks/stripe", false),
            ("", false),
        ] {
            assert_eq!(Route::is_sent_to(path), is, "{path}");
        }
    }
}
