//! What crawlers, feed readers and the payment provider see.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::site::{OURS, Setting, Site};
use crate::catalogue::house::House;
use crate::support::TestDb;

/// The texts of an element, if the whole is well-formed XML with one root.
fn texts(xml: &str, element: &str) -> Vec<String> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_comments = true;
    let (mut depth, mut roots, mut inside, mut found) = (0, 0, false, Vec::new());
    loop {
        match reader.read_event().unwrap_or_else(|e| panic!("{e} at {}", reader.error_position())) {
            Event::Start(start) => {
                roots += i32::from(depth == 0);
                depth += 1;
                inside = start.name().as_ref() == element.as_bytes();
                if inside {
                    found.push(String::new());
                }
                start.attributes().for_each(|attribute| drop(attribute.unwrap()));
            }
            Event::Empty(empty) => {
                empty.attributes().for_each(|attribute| drop(attribute.unwrap()))
            }
            Event::Text(text) if inside => {
                found.last_mut().unwrap().push_str(&text.decode().unwrap())
            }
            Event::End(_) => {
                depth -= 1;
                inside = false;
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!((depth, roots), (0, 1), "one root, closed");
    found
}

async fn feeds_and_sitemaps_are_well_formed(test: TestDb) {
    let house = House::open(test).await;
    // A name with characters that would end an element.
    house.write("UPDATE design_text SET name = $1 WHERE language = 'es' AND design_id = (SELECT id FROM design WHERE slug = 'batea-ring')", &["Anillo <b>&\"]]>\u{1}"]).await;
    let site = Site::of(house.shop.clone(), Setting::default());
    let robots = site.get("/robots.txt").await.is(200);
    assert!(robots.header("content-type").starts_with("text/plain"));
    assert!(robots.text().contains(&format!("Sitemap: {OURS}/sitemap.xml")));
    for private in ["/es/bolsa", "/en/bag", "/es/compra", "/en/checkout", "/es/pedido", "/en/order"]
    {
        assert!(robots.text().contains(private), "{private}");
    }
    let index = site.get("/sitemap.xml").await.is(200);
    let parts = texts(index.text(), "loc");
    assert_eq!(parts, [format!("{OURS}/sitemap-1.xml")]);
    let part = site.get("/sitemap-1.xml").await.is(200);
    let pages = texts(part.text(), "loc");
    assert!(pages.len() > 30, "{}", pages.len());
    for page in &pages {
        let path = page.strip_prefix(OURS).expect("an address of ours");
        site.get(path).await.is(200);
    }
    for nowhere in [
        "/sitemap-0.xml",
        "/sitemap-2.xml",
        "/sitemap-18446744073709551615.xml",
        "/sitemap--1.xml",
        "/sitemap-x.xml",
        "/sitemap-1",
        "/sitemap-%00.xml",
    ] {
        site.get(nowhere).await.is(404);
    }
    for path in ["/es/novedades.atom", "/en/new.atom"] {
        let feed = site.get(path).await.is(200);
        let again = site.get_with(path, &[("if-none-match", feed.header("etag"))]).await.is(304);
        assert_eq!(again.header("cache-control"), "public, no-cache", "names go when she says so");
        assert!(feed.header("content-type").starts_with("application/atom+xml"));
        assert_eq!(texts(feed.text(), "id").len(), 16, "the feed's own and one of each entry");
    }
    texts(site.get("/patterns/%3Cscript%3E.svg").await.is(200).text(), "path");
    site.get(&format!("/patterns/{}.svg", "x".repeat(100))).await.is(404);
}

async fn the_provider_is_believed_by_its_signature_only(test: TestDb) {
    let site = Site::open(test).await;
    let send = async |signature: &str, body: Vec<u8>| {
        let headers = [("stripe-signature", signature), ("content-type", "application/json")];
        site.ask("POST", "/webhooks/stripe", &headers[usize::from(signature.is_empty())..], body)
            .await
    };
    for signature in ["", "bad", "old", "t=1,v1=00"] {
        let answer =
            send(signature, b"evt_1|checkout.session.completed|cs_1".to_vec()).await.is(400);
        assert_eq!(answer.text(), "not believed\n");
    }
    for body in [&b"\xff\xfe"[..], b"", b"{}", b"evt_1"] {
        send("good", body.to_vec()).await.is(400);
    }
    send("good", vec![b'x'; 2 << 20]).await.is(413);
    let count = async || {
        let row = site.shop.db.query("SELECT CAST(COUNT(*) AS BIGINT) FROM webhook_event");
        row.fetch_one::<(i64,)>().await.unwrap().0
    };
    assert_eq!(count().await, 0);
    for _ in 0..3 {
        let stored = send("good", b"evt_7|some.unknown.kind|cs_7".to_vec()).await.is(200);
        assert!(stored.headers.get("set-cookie").is_none());
    }
    assert_eq!(count().await, 1, "stored once");
    site.get("/webhooks/stripe").await.is(405);
    site.get("/webhooks/other").await.is(404);
}

on_both_engines!(
    feeds_and_sitemaps_are_well_formed,
    the_provider_is_believed_by_its_signature_only
);
