//! The guards of the site: headers on every answer, the origin of writes, the limit on them, the
//! cookie of the bag.

use std::collections::HashSet;

use domain::language::Language::{En, Es};

use super::site::{OURS, PAYMENT_PAGE, PHOTO, Setting, Site};
use crate::support::TestDb;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// The policy of answers for programs.
const OF_MACHINES: &str =
    "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

async fn every_answer_is_guarded(test: TestDb) {
    let site = Site::open(test).await;
    let etag = site.get("/es").await.is(200).header("etag").to_owned();
    let photo_etag = site.get(PHOTO).await.is(200).header("etag").to_owned();
    let mut answers = Vec::new();
    for (path, status) in [
        ("/es", 200),
        ("/en/pieces/design-0", 200),
        ("/es/bolsa", 200),
        ("/", 303),
        ("/es/compra", 303),
        ("/es/no-such", 404),
        ("/en/order/no-such", 404),
        ("/pkg/no-such.css", 404),
        ("/photos/x/y.jpg", 404),
        (PHOTO, 200),
        ("/patterns/rosa.svg", 200),
        ("/robots.txt", 200),
        ("/sitemap.xml", 200),
        ("/sitemap-9.xml", 404),
        ("/es/novedades.atom", 200),
        ("/healthz", 200),
        ("/readyz", 200),
        ("/es/bolsa/agregar", 405),
        ("/es/%FF", 404),
        ("/es/piezas/%FF", 400),
    ] {
        answers.push(site.get(path).await.is(status));
    }
    answers.push(site.get_with("/es", &[("if-none-match", &etag)]).await.is(304));
    answers.push(site.get_with(PHOTO, &[("if-none-match", &photo_etag)]).await.is(304));
    answers.push(site.ask("HEAD", "/es", &[], "").await.is(200));
    answers.push(site.ask("OPTIONS", "/es", &[], "").await.is(405));
    answers.push(site.ask("POST", "/webhooks/stripe", &[], "{}").await.is(400));
    answers.push(site.ask("POST", "/es/bolsa/agregar", &[FORM], "piece=x").await.is(303));
    answers.push(site.post_raw("/es/bolsa/agregar", "", "nothing=1").await.is(303));
    answers.push(site.get("/es/no-recibido/de-otro-sitio").await.is(403));
    answers.push(site.get("/en/not-taken/one-moment").await.is(429));
    answers.push(site.get("/en/not-taken/unreadable").await.is(422));
    answers.push(site.post("/es/bolsa/agregar", "", &[("piece", "piece-0-0")]).await.is(303));
    answers.push(site.post_raw("/es/compra", "", &"x".repeat(70_000)).await.is(413));

    let mut ids = HashSet::new();
    for answer in &answers {
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{answer:?}");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert_eq!(
            answer.header("strict-transport-security"),
            "max-age=63072000; includeSubDomains"
        );
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert!(answer.header("permissions-policy").contains("payment=()"));
        assert!(!answer.header("cache-control").is_empty(), "{answer:?}");
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; "), "{answer:?}");
        assert!(policy.ends_with("base-uri 'none'; frame-ancestors 'none'"), "{answer:?}");
        assert_eq!(
            policy.contains(&format!("form-action 'self' {PAYMENT_PAGE};")),
            policy != OF_MACHINES,
            "{answer:?}"
        );
        assert!(
            !policy.contains("unsafe-inline")
                && !policy.contains(" 'unsafe-eval'")
                && !policy.contains('*')
        );
        assert!(
            ids.insert(answer.header("x-request-id").to_owned()),
            "an id of its own: {answer:?}"
        );
        for told in ["server", "x-powered-by", "access-control-allow-origin"] {
            assert!(!answer.headers.contains_key(told), "{answer:?}");
        }
    }
    // Each audience has its own powers, and answers for programs have none.
    for path in [PHOTO, "/sitemap.xml", "/healthz"] {
        assert_eq!(site.get(path).await.header("content-security-policy"), OF_MACHINES, "{path}");
    }
    assert!(site.get("/es").await.header("content-security-policy").contains("script-src 'self'"));
    let named = site.get_with("/es", &[("x-request-id", "forged\tby me")]).await;
    assert!(!named.header("x-request-id").contains("forged"), "a request's id is ours");
}

async fn only_pages_of_the_shop_write(test: TestDb) {
    let site = Site::open(test).await;
    let strangers: [&[(&str, &str)]; 8] = [
        &[FORM],
        &[FORM, ("origin", "https://evil.example"), ("host", "shop.example")],
        &[FORM, ("origin", "null"), ("host", "shop.example")],
        &[FORM, ("origin", "http://shop.example"), ("host", "shop.example")],
        &[FORM, ("origin", "https://shop.example.evil.example"), ("host", "shop.example")],
        &[FORM, ("origin", ""), ("host", "")],
        &[FORM, ("sec-fetch-site", "cross-site")],
        &[FORM, ("sec-fetch-site", "same-site"), ("referer", "https://shop.example/es")],
    ];
    for headers in strangers {
        for (path, language) in [
            ("/es/bolsa/agregar", Es),
            ("/en/bag/add", En),
            ("/en/checkout", En),
            ("/es/pedido/x/cancelar", Es),
        ] {
            let answer = site.ask("POST", path, headers, "piece=piece-0-0").await.is(303);
            assert!(answer.headers.get("set-cookie").is_none(), "{headers:?}");
            site.follow(answer, "").await.page(403, language);
        }
    }
    for method in ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"] {
        site.ask(method, "/es", &[], "").await.page(403, Es);
    }
    for ours in [("origin", OURS), ("sec-fetch-site", "same-origin")] {
        site.ask("POST", "/es/bolsa/agregar", &[FORM, ours], "piece=piece-0-0").await.is(303);
    }
}

async fn who_writes_too_often_waits(test: TestDb) {
    let site =
        Site::with(test, Setting { writes_per_minute: 3, proxies: 1, ..Setting::default() }).await;
    let from = |address: &'static str| [FORM, ("origin", OURS), ("x-forwarded-for", address)];
    let add =
        async |address| site.ask("POST", "/en/bag/add", &from(address), "piece=piece-0-0").await;
    // The entries to the left of the proxy's own entry may be invented by the visitor.
    for forged in ["9.9.9.9, 1.2.3.4", "8.8.8.8,1.2.3.4", "1.2.3.4"] {
        add(forged).await.is(303);
    }
    let refused = add("7.7.7.7, 1.2.3.4").await.is(303);
    let refused = site.follow(refused, "").await.page(429, En);
    assert_eq!(refused.header("retry-after"), "60");
    assert_eq!(refused.header("cache-control"), "private, no-store");
    let bag = add("1.2.3.6").await.cookie("__Host-divinas").expect("a bag");
    let hers = site.get_with("/en/not-taken/one-moment", &[("cookie", &bag)]).await.page(429, En);
    assert!(hers.text().contains("Bag (1)"), "her bag is still there");
    assert!(hers.text().contains("href=\"/es/no-recibido/un-momento\""), "in the other language");
    let spanish = site.ask("POST", "/es/bolsa/quitar", &from("1.2.3.4"), "piece=x").await.is(303);
    assert!(site.follow(spanish, "").await.page(429, Es).text().contains("60"));
    site.ask("POST", "/es/no-such", &from("1.2.3.4"), "").await.page(429, Es);
    add("1.2.3.5").await.is(303);
    site.get_with("/es", &[("x-forwarded-for", "1.2.3.4")]).await.is(200);
    for last in 0..3 {
        site.ask("POST", "/webhooks/stripe", &[("x-forwarded-for", "1.2.3.4")], format!("{last}"))
            .await
            .is(400);
    }
}

async fn the_form_of_one_who_writes_too_often_is_kept(test: TestDb) {
    let site = Site::with(test, Setting { writes_per_minute: 2, ..Setting::default() }).await;
    let cookie = site.bag_with("piece-0-0").await;
    site.post("/es/bolsa/quitar", &cookie, &[("piece", "no-such")]).await.is(303);
    let form = [("name", "Ana Quispe"), ("action", "pay")];
    for _ in 0..2 {
        let told = site.post_and_see("/en/checkout", &cookie, &form).await.page(200, En);
        assert!(told.text().contains("data-trouble=\"too-many-forms\""));
        assert!(told.text().contains("value=\"Ana Quispe\"") && told.text().contains("60"));
        assert!(!told.text().contains("error-summary"), "it was not judged");
    }
    // The drafts of such a visitor are limited too.
    let form = [("name", "Rosa Mamani"), ("action", "pay")];
    site.post_and_see("/en/checkout", &cookie, &form).await.page(429, En);
    let page = site.get_with("/en/checkout", &[("cookie", &cookie)]).await.page(200, En);
    assert!(page.text().contains("value=\"Ana Quispe\""));
}

async fn the_bags_cookie_is_nobody_elses(test: TestDb) {
    let site = Site::open(test).await;
    for path in ["/es", "/es/piezas", "/es/bolsa", "/en/pieces/design-0"] {
        assert!(
            site.get(path).await.cookie("__Host-divinas").is_none(),
            "{path}: who only looks has no session"
        );
    }
    let added = site.post("/es/bolsa/agregar", "", &[("piece", "piece-0-0")]).await.is(303);
    assert!(added.header("location").starts_with("/es/bolsa?first="), "{added:?}");
    assert_eq!(added.header("cache-control"), "no-store");
    let cookie = added.headers.get("set-cookie").unwrap().to_str().unwrap();
    for part in
        ["__Host-divinas=", "HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=2592000"]
    {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    assert!(!cookie.to_lowercase().contains("domain="), "{cookie}");

    // A session that an attacker chose, or that is no session at all, is replaced by a new one.
    for planted in [
        "__Host-divinas=AAAAAAAAAAAAAAAAAAAAAA",
        "__Host-divinas=1",
        "__Host-divinas='; DROP TABLE session; --",
        "__Host-divinas=",
    ] {
        let answer = site.post("/en/bag/add", planted, &[("piece", "piece-0-1")]).await.is(303);
        let given = answer.cookie("__Host-divinas").expect("a session");
        assert!(given.len() > 30 && given != planted, "{given}");
    }
    let one = site.bag_with("piece-0-2").await;
    let other = site.bag_with("piece-1-0").await;
    assert_ne!(one, other);
    let bag = site.get_with("/es/bolsa", &[("cookie", &one)]).await.page(200, Es);
    assert_eq!(bag.header("cache-control"), "private, no-store");
    assert!(bag.text().contains("piece-0-2") && !bag.text().contains("piece-1-0"));
}

async fn an_orders_link_stays_secret(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with("piece-0-0").await;
    let mut form = super::bad_input::a_good_form();
    // Other fields of a form about prices and pieces are not read.
    form.extend([
        ("price", "1"),
        ("total_minor", "1"),
        ("piece", "piece-2-0"),
        ("attempt", "another-ones-attempt"),
    ]);
    let placed = site.post("/es/compra", &cookie, &form).await.is(303);
    assert!(placed.header("location").starts_with(PAYMENT_PAGE), "{placed:?}");
    let test_shop = site.test_shop.as_ref().unwrap();
    let charged: Vec<i64> =
        test_shop.provider.books().sessions.values().map(|session| session.amount_minor).collect();
    assert!(charged.len() == 1 && charged[0] > 38_000, "{charged:?}");
    let (secret,): (String,) =
        site.shop.db.query("SELECT secret FROM shop_order").fetch_one().await.unwrap();
    assert!(secret.len() >= 22, "not to be guessed");
    let path = format!("/es/pedido/{secret}");
    let order = site.get(&path).await.page(200, Es);
    assert_eq!(order.header("cache-control"), "private, no-store");
    assert!(order.text().contains("<meta name=\"robots\" content=\"noindex\""));
    assert!(!order.text().contains("rel=\"canonical\"") && !order.text().contains("og:url"));
    for public in
        ["/es", "/es/piezas/design-0", "/sitemap-1.xml", "/es/novedades.atom", "/es/bolsa"]
    {
        assert!(!site.get(public).await.text().contains(&secret), "{public}");
    }
    for near in [&secret[1..], &secret.to_uppercase(), "%25", "_", "'%20OR%20'1'='1"] {
        site.get(&format!("/es/pedido/{near}")).await.page(404, Es);
    }
    site.post(&format!("{path}/cancelar"), "", &[]).await.is(303);
    site.post_and_see("/es/pedido/no-such/cancelar", "", &[]).await.page(404, Es);
}

on_both_engines!(
    every_answer_is_guarded,
    only_pages_of_the_shop_write,
    who_writes_too_often_waits,
    the_form_of_one_who_writes_too_often_is_kept,
    the_bags_cookie_is_nobody_elses,
    an_orders_link_stays_secret,
);
