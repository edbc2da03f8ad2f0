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
    /// POST: the shopper gives up an unpaid order; its pieces are free at once.
    OrderCancel {
        secret: String,
    },
    /// Atom feed of new pieces.
    Feed,
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
            Self::Feed => ("/es/novedades.atom", "/en/new.atom"),
        }
    }
}

/// Path of one file of a photograph.
pub fn photo_path(hash: &str, width_px: u32, extension: &str) -> String {
    format!("/photos/{hash}/{width_px}.{extension}")
}

/// Path of the woven pattern that stands for a maker.
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
