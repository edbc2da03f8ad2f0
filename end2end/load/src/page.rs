//! What a shopper reads in a document, found by the names that the forms themselves use.

/// Keys of the pieces that can be put into the bag on a piece page.
pub(crate) fn pieces(document: &str) -> Vec<String> {
    tags(document, "input")
        .filter(|tag| attribute(tag, "name") == Some("piece") && !tag.contains(" disabled"))
        .filter_map(|tag| attribute(tag, "value").map(str::to_owned))
        .collect()
}

/// Ways of delivery that the checkout offers.
pub(crate) fn deliveries(document: &str) -> Vec<String> {
    tags(document, "input")
        .filter(|tag| attribute(tag, "name") == Some("delivery"))
        .filter_map(|tag| attribute(tag, "value").map(str::to_owned))
        .collect()
}

/// What stands in the way of a purchase, as the checkout names it in its markup.
pub(crate) fn trouble(document: &str) -> Option<&str> {
    tags(document, "div").find_map(|tag| attribute(tag, "data-trouble"))
}

/// How an order's page says it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It was bought: the page shows where the money went.
    Paid,
    /// It can still be given up.
    Pending,
    /// Neither.
    Ended,
}

/// How the order on this page stands.
pub(crate) fn standing(document: &str) -> Standing {
    if document.contains("class=\"order-money\"") {
        Standing::Paid
    } else if tags(document, "form")
        .any(|tag| attribute(tag, "action").is_some_and(|action| action.ends_with("/cancelar")))
    {
        Standing::Pending
    } else {
        Standing::Ended
    }
}

/// The number of an order on its page, e.g. `D-000147`.
pub(crate) fn order_number(document: &str) -> Option<String> {
    document.match_indices("D-").find_map(|(at, _)| {
        let digits: String = document[at + 2..].chars().take_while(char::is_ascii_digit).collect();
        (digits.len() >= 6).then(|| format!("D-{digits}"))
    })
}

/// Paths of the piece pages in a part of the sitemap, or of the parts in its index.
pub(crate) fn locations(xml: &str) -> Vec<String> {
    let found = xml.split("<loc>").skip(1).filter_map(|rest| rest.split("</loc>").next());
    found
        .map(|url| url.splitn(4, '/').nth(3).map_or_else(String::new, |path| format!("/{path}")))
        .collect()
}

fn tags<'d>(document: &'d str, name: &'static str) -> impl Iterator<Item = &'d str> {
    document.split('<').filter_map(move |part| {
        let rest = part.strip_prefix(name)?;
        rest.starts_with([' ', '>']).then(|| rest.split('>').next().unwrap_or_default())
    })
}

fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_free_pieces_are_found() {
        let document = r#"<form action="/es/bolsa/agregar"><input type="radio" name="piece" value="a" checked required>
            <input type="radio" name="piece" value="b" disabled><input name="other" value="c"></form>"#;
        assert_eq!(pieces(document), ["a"]);
    }

    #[test]
    fn a_refusal_is_read() {
        let document =
            r#"<div class="wrap"><div class="notice" role="alert" data-trouble="taken">…</div>"#;
        assert_eq!(trouble(document), Some("taken"));
        assert_eq!(trouble("<div class=\"notice\">"), None);
    }

    #[test]
    fn an_order_is_read() {
        assert_eq!(order_number("<p>Pedido D-000147 · …"), Some("D-000147".to_owned()));
        assert_eq!(order_number("AD-HOC D-12"), None);
        assert_eq!(
            standing("<form method=\"post\" action=\"/es/pedido/x/cancelar\">"),
            Standing::Pending
        );
        assert_eq!(standing("<section class=\"order-money\">"), Standing::Paid);
        assert_eq!(standing("<h1>"), Standing::Ended);
    }

    #[test]
    fn a_sitemap_is_read() {
        let xml = "<loc>http://127.0.0.1:3000/es/piezas/a</loc><loc>https://b.example/sitemap-1.xml</loc>";
        assert_eq!(locations(xml), ["/es/piezas/a", "/sitemap-1.xml"]);
    }
}
