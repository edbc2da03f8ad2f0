//! The visitor's currency: chosen once, shown everywhere, charged in the end.

use domain::language::Language::{En, Es};

use super::bad_input::a_good_form;
use super::site::{Answer, Site};
use crate::support::TestDb;

on_both_engines!(
    the_choice_leads_back_and_is_remembered,
    a_browser_from_abroad_is_shown_its_currency_until_she_chooses,
    a_kept_page_is_of_one_currency,
    an_address_is_shown_in_the_currency_of_its_numbers,
    another_currency_takes_the_numbers_of_the_address_along,
    the_choice_leads_to_no_foreign_page,
    the_checkout_begins_in_her_currency_and_changes_it,
    a_currency_without_a_rate_is_not_offered,
    machines_read_soles,
);

const DOLLARS: &str = "US$\u{a0}101.28";
const SOLES: &str = "S/\u{a0}380";

async fn choose(site: &Site, currency: &str, back: &str) -> Answer {
    site.post("/en/currency", "", &[("currency", currency), ("back", back)]).await.is(303)
}

async fn as_american(site: &Site, path: &str) -> Answer {
    site.get_with(path, &[("accept-language", "en-US,en;q=0.9")]).await
}

async fn the_choice_leads_back_and_is_remembered(test: TestDb) {
    let site = Site::open(test).await;
    let page = site.get("/es/piezas?type=ring&page=1").await.page(200, Es);
    assert!(page.text().contains("action=\"/es/moneda\""));
    assert!(page.text().contains("name=\"back\" value=\"/es/piezas?type=ring\""));
    let chosen = choose(&site, "usd", "/es/piezas?type=ring").await;
    assert_eq!(chosen.header("location"), "/es/piezas?type=ring");
    let set = chosen.header("set-cookie").to_owned();
    assert!(set.contains("Secure") && set.contains("HttpOnly") && set.contains("Path=/"), "{set}");
    let cookie = chosen.cookie("currency").unwrap();
    for (path, language) in [
        ("/es", Es),
        ("/es/piezas?type=ring", Es),
        ("/en/pieces/design-0", En),
        ("/en/shipping-and-returns", En),
    ] {
        let page = site.get_with(path, &[("cookie", &cookie)]).await.page(200, language);
        assert!(page.text().contains("US$"), "{path}");
        assert_eq!(page.cookie("currency"), None, "{path}: it is hers already");
    }
    let piece = site.get_with("/en/pieces/design-0", &[("cookie", &cookie)]).await;
    assert!(piece.text().contains(DOLLARS));
    assert!(piece.text().contains("or S/\u{a0}380.00 in soles"), "which is charged");
}

async fn a_browser_from_abroad_is_shown_its_currency_until_she_chooses(test: TestDb) {
    let site = Site::open(test).await;
    assert!(as_american(&site, "/en/pieces").await.page(200, En).text().contains(DOLLARS));
    assert!(!site.get("/en/pieces").await.page(200, En).text().contains("US$\u{a0}101"));
    let peruvian = [("accept-language", "es-US,es;q=0.9")];
    let page = site.get_with("/es/piezas", &peruvian).await.page(200, Es);
    assert!(page.text().contains(SOLES) && !page.text().contains(DOLLARS));
    let cookie = choose(&site, "pen", "/en/pieces").await.cookie("currency").unwrap();
    let both = [("accept-language", "en-US"), ("cookie", cookie.as_str())];
    let page = site.get_with("/en/pieces", &both).await.page(200, En);
    assert!(page.text().contains(SOLES) && !page.text().contains(DOLLARS));
    // A Latin-1 byte in a foreign cookie does not spoil the choice.
    let mut request = http::Request::builder().uri("/en/pieces").header("accept-language", "en-US");
    let foreign = [b"name=Jos\xe9; ".as_slice(), cookie.as_bytes()].concat();
    request = request.header("cookie", http::HeaderValue::from_bytes(&foreign).unwrap());
    let answer = tower::ServiceExt::oneshot(
        site.router.clone(),
        request.body(axum::body::Body::empty()).unwrap(),
    );
    let bytes = axum::body::to_bytes(answer.await.unwrap().into_body(), 1 << 22).await.unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains(DOLLARS));
}

async fn a_kept_page_is_of_one_currency(test: TestDb) {
    let site = Site::open(test).await;
    for path in ["/en", "/en/pieces", "/en/pieces/design-0", "/en/your-money"] {
        let soles = site.get(path).await.page(200, En);
        let dollars = as_american(&site, path).await.page(200, En);
        assert_eq!(soles.header("vary"), "accept-encoding, accept-language, cookie");
        assert_eq!(soles.header("cache-control"), "private, no-cache");
        assert_ne!(soles.header("etag"), dollars.header("etag"), "{path}");
        // Each page again, from the cache. The validator of one does not match the other.
        assert_eq!(site.get(path).await.bytes, soles.bytes, "{path}");
        assert_eq!(as_american(&site, path).await.bytes, dollars.bytes, "{path}");
        let known = [("accept-language", "en-US"), ("if-none-match", soles.header("etag"))];
        assert_eq!(site.get_with(path, &known).await.is(200).bytes, dollars.bytes, "{path}");
    }
    // A new rate counts from the next answer on.
    assert!(as_american(&site, "/en/pieces").await.text().contains(DOLLARS));
    site.write("UPDATE exchange_rate SET rate_micro = 3800000 WHERE currency = 'USD'").await;
    let after = as_american(&site, "/en/pieces").await.page(200, En);
    assert!(after.text().contains("US$\u{a0}100<") && !after.text().contains(DOLLARS));
}

async fn an_address_is_shown_in_the_currency_of_its_numbers(test: TestDb) {
    let site = Site::open(test).await;
    // 380.00 soles are 101.28 dollars.
    let within = site.get("/en/pieces?max=101.28&currency=usd").await.page(200, En);
    assert!(within.text().contains(DOLLARS) && within.text().contains("Up to US$\u{a0}101.28"));
    assert!(within.text().contains("name=\"currency\" value=\"usd\""));
    assert!(within.text().contains("Price, in US dollars"));
    let below = site.get("/en/pieces?max=101.27&currency=usd").await.page(200, En);
    assert!(!below.text().contains(DOLLARS));
    // Without a currency, the numbers in an address are soles for every visitor.
    let soles = as_american(&site, "/en/pieces?max=380").await.page(200, En);
    assert!(soles.text().contains("Up to S/\u{a0}380") && soles.text().contains("Price, in soles"));
    for unknown in ["max=1&currency=gbp", "max=1&currency=eur", "min=1&currency=%3Cscript%3E"] {
        let page = site.get(&format!("/en/pieces?{unknown}")).await.page(200, En);
        assert!(page.text().contains("a currency we do not charge in today"), "{unknown}");
        assert!(page.text().contains(SOLES) && page.text().contains("noindex"), "{unknown}");
        assert!(!page.text().contains("value=\"1\" name=\"max\""), "{unknown}");
    }
}

async fn another_currency_takes_the_numbers_of_the_address_along(test: TestDb) {
    let site = Site::open(test).await;
    let to = |chosen: Answer| chosen.header("location").to_owned();
    let back = "/en/pieces?type=ring&max=100&currency=usd";
    let soles = to(choose(&site, "pen", back).await);
    assert_eq!(soles, "/en/pieces?type=ring&max=375.21&currency=pen");
    assert_eq!(to(choose(&site, "usd", &soles).await), back, "and the way back is the same");
    assert_eq!(
        to(choose(&site, "usd", "/es/piezas?min=250&sort=name").await),
        "/es/piezas?min=66.63&currency=usd&sort=name"
    );
    let unknown = to(choose(&site, "usd", "/es/piezas?min=250&currency=gbp").await);
    assert_eq!(unknown, "/es/piezas");
    let elsewhere = "/en/pieces/design-0?max=1";
    assert_eq!(to(choose(&site, "usd", elsewhere).await), elsewhere);
}

async fn the_choice_leads_to_no_foreign_page(test: TestDb) {
    let site = Site::open(test).await;
    for foreign in
        ["https://evil.example", "//evil.example/es", "/\\evil.example", "", "/es\r\nx: y"]
    {
        let chosen = choose(&site, "usd", foreign).await;
        assert_eq!(chosen.header("location"), "/en", "{foreign:?}");
    }
    // A currency that is not offered is ignored, and a form made by hand is no error.
    for (currency, back) in [("xau", "/es"), ("", "/es"), ("eur", "/es"), ("<b>", "/es")] {
        let chosen = choose(&site, currency, back).await;
        assert_eq!(chosen.header("location"), "/es");
        assert!(chosen.headers.get("set-cookie").is_none(), "{currency}");
    }
    let bare = site.post("/es/moneda", "", &[]).await.is(303);
    assert_eq!(bare.header("location"), "/es");
    site.get("/es/moneda").await.page(405, Es);
    // A form from another site changes nothing.
    let headers =
        [("origin", "https://evil.example"), ("content-type", "application/x-www-form-urlencoded")];
    let foreign = site.ask("POST", "/es/moneda", &headers, "currency=usd&back=/es").await.is(303);
    assert!(foreign.headers.get("set-cookie").is_none());
    site.follow(foreign, "").await.page(403, Es);
}

async fn the_checkout_begins_in_her_currency_and_changes_it(test: TestDb) {
    let site = Site::open(test).await;
    let bag = site.bag_with("piece-0-0").await;
    let cookie = format!("{bag}; currency=usd");
    let page = site.get_with("/en/bag", &[("cookie", &cookie)]).await.page(200, En);
    assert!(page.text().contains(DOLLARS) && page.text().contains("or S/\u{a0}380.00 if you pay"));
    let page = site.get_with("/en/checkout", &[("cookie", &cookie)]).await.page(200, En);
    assert!(page.text().contains("<option value=\"USD\" selected"));
    assert!(page.text().contains(DOLLARS) && !page.text().contains(SOLES), "one currency");
    assert!(page.text().contains("a dollar is S/\u{a0}3.752 today"));
    assert!(!page.text().contains("action=\"/en/currency\""), "its own form has the choice");
    let mut form = a_good_form();
    form.retain(|(name, _)| *name != "action");
    form.push(("action", "update"));
    let answer = site.post("/en/checkout", &cookie, &form).await;
    assert_eq!(answer.cookie("currency").as_deref(), Some("currency=pen"), "chosen there");
    form.retain(|(name, _)| *name != "currency");
    form.push(("currency", "USD"));
    let same = site.post("/en/checkout", &cookie, &form).await;
    assert_eq!(same.cookie("currency"), None, "it was hers already");
    form.retain(|(name, _)| *name != "currency");
    form.push(("currency", "EUR"));
    let not_offered = site.post("/en/checkout", &cookie, &form).await;
    assert_eq!(not_offered.cookie("currency"), None);
}

async fn a_currency_without_a_rate_is_not_offered(test: TestDb) {
    let site = Site::open(test).await;
    let page = site.get("/es").await.page(200, Es);
    assert!(page.text().contains("value=\"usd\"") && !page.text().contains("value=\"eur\""));
    // For a visitor with euros, dollars are nearer than soles.
    let european = [("accept-language", "de-DE,de;q=0.9")];
    assert!(site.get_with("/en/pieces", &european).await.text().contains(DOLLARS));
    site.write(
        "INSERT INTO exchange_rate (id, currency, rate_micro, source, effective_from_us)
         VALUES ('e', 'EUR', 4000000, 'test', 1)",
    )
    .await;
    assert!(site.get_with("/en/pieces", &european).await.text().contains("€95"));
    assert!(site.get_with("/es/piezas", &european).await.text().contains("95\u{a0}€"));
    site.write("DELETE FROM exchange_rate").await;
    let page = site.get_with("/en/pieces", &european).await.page(200, En);
    assert!(page.text().contains(SOLES) && !page.text().contains("action=\"/en/currency\""));
    let page = site.get_with("/en/pieces", &[("cookie", "currency=usd")]).await.page(200, En);
    assert!(page.text().contains(SOLES));
}

async fn machines_read_soles(test: TestDb) {
    let site = Site::open(test).await;
    for page in [
        site.get("/en/pieces/design-0").await.page(200, En),
        as_american(&site, "/en/pieces/design-0").await.page(200, En),
    ] {
        assert!(page.text().contains("\"price\":\"380.00\",\"priceCurrency\":\"PEN\""));
        assert!(!page.text().contains("\"priceCurrency\":\"USD\""));
        assert!(page.text().contains("S/\u{a0}380.00"), "what machines read is to be seen");
    }
}
