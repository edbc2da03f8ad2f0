//! The language of an answer, and how the choice is remembered.

use domain::language::Language::{En, Es};

use super::site::{OURS, Site};
use crate::support::TestDb;

async fn the_door_opens_in_her_language(test: TestDb) {
    let site = Site::open(test).await;
    let cases: [(&[(&str, &str)], &str); 8] = [
        (&[], "/es"),
        (&[("accept-language", "en-GB,en;q=0.9")], "/en"),
        (&[("accept-language", "de, es;q=0.3, en;q=0.7")], "/en"),
        (&[("accept-language", "zh;q=1")], "/es"),
        (&[("accept-language", "en;q=NaN, ;;;, q=, \u{ff}")], "/es"),
        (&[("accept-language", "en"), ("cookie", "language=es")], "/es"),
        (&[("accept-language", "es"), ("cookie", "a=b; language=en; c")], "/en"),
        (&[("accept-language", "en"), ("cookie", "language=//evil.example")], "/en"),
    ];
    for (headers, home) in cases {
        let answer = site.get_with("/", headers).await.is(303);
        assert_eq!(answer.header("location"), home, "{headers:?}");
        assert_eq!(answer.header("vary"), "accept-language, cookie");
    }
}

async fn a_choice_is_remembered_once(test: TestDb) {
    let site = Site::open(test).await;
    assert!(
        site.get("/es/piezas").await.page(200, Es).cookie("language").is_none(),
        "nothing to remember"
    );
    let chosen = site.get("/en/pieces").await.page(200, En);
    assert_eq!(chosen.cookie("language").as_deref(), Some("language=en"));
    let cookie = chosen.header("set-cookie");
    for part in ["Secure", "SameSite=Lax", "Path=/", "HttpOnly"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let again = site.get_with("/en/pieces", &[("cookie", "language=en")]).await.is(200);
    assert!(again.headers.get("set-cookie").is_none());
    let back = site.get_with("/es", &[("cookie", "language=en")]).await.page(200, Es);
    assert_eq!(back.cookie("language").as_deref(), Some("language=es"));
}

async fn every_page_names_its_other_language(test: TestDb) {
    let site = Site::open(test).await;
    for (es, en) in [
        ("/es", "/en"),
        ("/es/piezas", "/en/pieces"),
        ("/es/piezas/design-1", "/en/pieces/design-1"),
        ("/es/socias", "/en/makers"),
        ("/es/origen", "/en/origin"),
        ("/es/privacidad", "/en/privacy"),
    ] {
        for (path, language) in [(es, Es), (en, En)] {
            // The host that the request names is never trusted.
            let page = site
                .get_with(path, &[("host", "evil.example"), ("x-forwarded-host", "evil.example")])
                .await
                .page(200, language);
            let text = page.text();
            for (code, other) in [("es", es), ("en", en), ("x-default", es)] {
                let link = format!("hreflang=\"{code}\" href=\"{OURS}{other}\"");
                assert!(text.contains(&link), "{path}: {link}");
            }
            assert!(
                text.contains(&format!("<link rel=\"canonical\" href=\"{OURS}{path}\"")),
                "{path}"
            );
            assert!(!text.contains("evil.example"), "{path}");
        }
    }
    let filtered =
        site.get("/en/pieces?zzz9=%22%3E%3Cb&type=ring&x=//evil.example").await.page(200, En);
    assert!(
        filtered.text().contains("href=\"/es/piezas?type=ring\""),
        "the switch keeps what means something"
    );
    assert!(!filtered.text().contains("zzz9") && !filtered.text().contains("evil.example"));
}

async fn a_ring_size_of_any_keyboard_is_told_in_millimetres(test: TestDb) {
    let site = Site::open(test).await;
    for (query, status, words) in [
        ("?size=l%C2%BD&scale=uk", 200, "51.9 mm"),
        ("?size=%EF%BC%91%EF%BC%97.%EF%BC%95&scale=diameter", 200, "55 mm"),
        ("?size=6%201/2&scale=us", 200, "53.1 mm"),
        // The same address again, and one that differs in its scale only.
        ("?size=l%C2%BD&scale=uk", 200, "51.9 mm"),
        ("?size=l%C2%BD&scale=us", 422, "Sizes of that kind are not written like this"),
        ("?size=%3Cb%3E&scale=us", 422, "value=\"&lt;b&gt;\""),
    ] {
        let page = site.get(&format!("/en/ring-sizes{query}")).await.is(status);
        assert!(page.text().contains(words), "{query}");
    }
    site.get("/en/ring-sizes").await.page(200, En);
}

on_both_engines!(
    a_ring_size_of_any_keyboard_is_told_in_millimetres,
    the_door_opens_in_her_language,
    a_choice_is_remembered_once,
    every_page_names_its_other_language
);
