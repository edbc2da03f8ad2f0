//! What a shopper reads on a page. It is found by the names of form fields and attributes.

/// The keys of the pieces on a piece page that can be put into the bag.
pub(crate) fn pieces(document: &str) -> Vec<String> {
    tags(document, "input")
        .filter(|tag| attribute(tag, "name") == Some("piece") && !tag.contains(" disabled"))
        .filter_map(|tag| attribute(tag, "value").map(str::to_owned))
        .collect()
}

/// The ways of delivery that the checkout offers.
pub(crate) fn deliveries(document: &str) -> Vec<String> {
    tags(document, "input")
        .filter(|tag| attribute(tag, "name") == Some("delivery"))
        .filter_map(|tag| attribute(tag, "value").map(str::to_owned))
        .collect()
}

/// Why the checkout refuses the purchase: the name in its markup.
pub(crate) fn refusal(document: &str) -> Option<&str> {
    tags(document, "div").find_map(|tag| attribute(tag, "data-trouble"))
}

/// The status of an order, as its page shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OrderStatus {
    /// It is paid: the page shows where the money goes.
    Paid,
    /// It can still be cancelled.
    Pending,
    /// It is neither paid nor pending.
    Ended,
}

/// The status of the order on this page.
pub(crate) fn order_status(document: &str) -> OrderStatus {
    if document.contains("class=\"order-money\"") {
        OrderStatus::Paid
    } else if tags(document, "form")
        .any(|tag| attribute(tag, "action").is_some_and(|action| action.ends_with("/cancelar")))
    {
        OrderStatus::Pending
    } else {
        OrderStatus::Ended
    }
}

/// The number of an order on its page, e.g. `D-000147`.
pub(crate) fn order_number(document: &str) -> Option<String> {
    document.match_indices("D-").find_map(|(at, _)| {
        let digits: String = document[at + 2..].chars().take_while(char::is_ascii_digit).collect();
        (digits.len() >= 6).then(|| format!("D-{digits}"))
    })
}

/// The paths in a sitemap, which is either the index of sitemaps or one of them.
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
    fn pieces_that_are_disabled_are_left_out() {
        let document = r#"<form action="/es/bolsa/agregar"><input type="radio" name="piece" value="a" checked required>
            <input type="radio" name="piece" value="b" disabled><input name="other" value="c"></form>"#;
        assert_eq!(pieces(document), ["a"]);
    }

    #[test]
    fn the_refusal_is_read_from_its_attribute() {
        let document =
            r#"<div class="wrap"><div class="notice" role="alert" data-trouble="taken">…</div>"#;
        assert_eq!(refusal(document), Some("taken"));
        assert_eq!(refusal("<div class=\"notice\">"), None);
    }

    #[test]
    fn number_and_status_of_an_order_are_read() {
        assert_eq!(order_number("<p>Pedido D-000147 · …"), Some("D-000147".to_owned()));
        assert_eq!(order_number("AD-HOC D-12"), None);
        assert_eq!(
            order_status("<form method=\"post\" action=\"/es/pedido/x/cancelar\">"),
            OrderStatus::Pending
        );
        assert_eq!(order_status("<section class=\"order-money\">"), OrderStatus::Paid);
        assert_eq!(order_status("<h1>"), OrderStatus::Ended);
    }

    #[test]
    fn the_paths_of_a_sitemap_are_read() {
        let xml = "<loc>http://127.0.0.1:3000/es/piezas/a</loc><loc>https://b.example/sitemap-1.xml</loc>";
        assert_eq!(locations(xml), ["/es/piezas/a", "/sitemap-1.xml"]);
    }
}
