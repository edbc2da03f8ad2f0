//! Cached pages: the same for everyone, and never older than the last write.

use std::io::Read as _;

use domain::language::Language::{En, Es};

use super::site::{Setting, Site};
use crate::catalogue::house::House;
use crate::support::TestDb;

async fn a_page_is_asked_again_and_not_sent_again(test: TestDb) {
    let site = Site::open(test).await;
    let first = site.get("/es/piezas/design-0").await.page(200, Es);
    let etag = first.header("etag").to_owned();
    assert_eq!(first.header("cache-control"), "private, no-cache");
    assert_eq!(first.header("vary"), "accept-encoding, accept-language, cookie");
    for known in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}")] {
        let same = site.get_with("/es/piezas/design-0", &[("if-none-match", &known)]).await.is(304);
        assert!(same.bytes.is_empty() && same.header("etag") == etag, "{known}");
    }
    site.get_with("/es/piezas/design-0", &[("if-none-match", "\"other\"")]).await.is(200);
    for (encoding, decoded) in [("br", unbrotli as fn(&[u8]) -> Vec<u8>), ("gzip", ungzip)] {
        let packed =
            site.get_with("/es/piezas/design-0", &[("accept-encoding", encoding)]).await.is(200);
        assert_eq!(packed.header("content-encoding"), encoding);
        assert_eq!(decoded(&packed.bytes), first.bytes, "{encoding}");
    }
    let head = site.ask("HEAD", "/es/piezas/design-0", &[], "").await.is(200);
    assert!(head.bytes.is_empty() && head.header("etag") == etag);
}

fn unbrotli(packed: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    brotli::BrotliDecompress(&mut &*packed, &mut out).unwrap();
    out
}

fn ungzip(packed: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut out).unwrap();
    out
}

async fn a_write_shows_in_the_very_next_answer(test: TestDb) {
    let site = Site::open(test).await;
    let before = site.get("/en/pieces/design-0").await.page(200, En);
    assert_eq!(site.get("/en/pieces/design-0").await.bytes, before.bytes);
    site.write("UPDATE design SET price_minor = 77700 WHERE id = 'design-0'").await;
    let after = site
        .get_with("/en/pieces/design-0", &[("if-none-match", before.header("etag"))])
        .await
        .page(200, En);
    assert!(after.text().contains("777") && !before.text().contains("777"));
    assert!(site.get("/es/piezas").await.text().contains("777"));
    site.write("UPDATE design SET status = 'withdrawn' WHERE id = 'design-0'").await;
    site.get_with("/en/pieces/design-0", &[("if-none-match", after.header("etag"))])
        .await
        .page(410, En);
    site.get("/en/pieces/no-such").await.page(404, En);
    site.write("UPDATE design SET status = 'published' WHERE id = 'design-0'").await;
    site.get("/en/pieces/design-0").await.page(200, En);
}

async fn a_withdrawn_name_is_gone_from_every_kept_page(test: TestDb) {
    let house = House::open(test).await;
    let site = Site::of(house.shop.clone(), Setting::default());
    let paths = [
        "/es",
        "/en/makers",
        "/en/makers/rosaura-m",
        "/es/piezas/anillo-batea",
        "/es/piezas?maker=rosaura-m",
        "/es/piezas",
    ];
    for path in paths {
        assert!(site.get(path).await.is(200).text().contains("osaura"), "{path}");
        site.get(path).await.is(200);
    }
    site.write(
        "UPDATE member_consent SET withdrawn_at_us = given_at_us + 1 WHERE withdrawn_at_us IS NULL AND subject = 'name' \
         AND member_id = (SELECT id FROM member WHERE slug = 'rosaura-m')",
    )
    .await;
    for path in paths {
        let page = site.get(path).await;
        // Her slug may still be in the address of the request, but her name is nowhere.
        assert!(!page.text().contains("Rosaura"), "{path}");
    }
    site.get("/en/makers/rosaura-m").await.page(404, En);
    for machine in ["/sitemap-1.xml", "/es/novedades.atom"] {
        assert!(
            !site.get(machine).await.is(200).text().to_lowercase().contains("rosaura"),
            "{machine}"
        );
    }
}

async fn an_announced_rate_counts_from_its_moment_on(test: TestDb) {
    let house = House::open(test).await;
    let site = Site::of(house.shop.clone(), Setting::default());
    let soon_us = jiff::Timestamp::now().as_microsecond() + 1_500_000;
    let mut tx = site.shop.db.begin().await.unwrap();
    tx.query(
        "INSERT INTO exchange_rate (id, currency, rate_micro, source, effective_from_us)
         VALUES ('announced', 'USD', 1000000, 'test', $1)",
    )
    .bind(soon_us)
    .execute()
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let in_dollars = [("cookie", "currency=usd")];
    let list_before = site.get_with("/es/piezas", &in_dollars).await.page(200, Es);
    let before = site.get("/es/piezas/anillo-batea").await.page(200, Es);
    let kept = site.get("/es/piezas/anillo-batea").await.page(200, Es);
    assert_eq!(before.header("etag"), kept.header("etag"));
    while jiff::Timestamp::now().as_microsecond() <= soon_us {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let after = site.get("/es/piezas/anillo-batea").await.page(200, Es);
    assert!(after.text().contains("US$\u{a0}380"), "one sol a dollar");
    assert!(!before.text().contains("US$\u{a0}380"));
    let list_after = site.get_with("/es/piezas", &in_dollars).await.page(200, Es);
    assert!(list_after.text().contains("US$\u{a0}380<"), "in lists too");
    assert!(!list_before.text().contains("US$\u{a0}380<"));
}

async fn a_kept_page_is_everyones(test: TestDb) {
    let site = Site::open(test).await;
    let mine = site.bag_with("piece-0-0").await;
    let hers = site.bag_with("piece-1-1").await;
    for path in ["/es", "/es/piezas", "/es/piezas/design-0"] {
        let one = site.get_with(path, &[("cookie", &mine)]).await.page(200, Es);
        let two = site.get_with(path, &[("cookie", &hers)]).await.page(200, Es);
        assert_eq!(one.bytes, two.bytes, "{path}");
        assert!(
            one.headers.get("set-cookie").is_none() && two.headers.get("set-cookie").is_none(),
            "{path}"
        );
        let stranger = site.get(path).await.page(200, Es);
        assert_ne!(
            stranger.header("etag"),
            one.header("etag"),
            "{path}: the header counts her bag"
        );
        assert!(!stranger.text().contains("divinas="), "{path}");
    }
    // Parameters that a visitor adds to an address are on no page and make no other page.
    let plain = site.get("/es/piezas/design-0").await;
    for noise in ["?utm_source=x", "?fbclid=%3Cscript%3E", "?", "?a=1&a=1", "?q=%00%FF"] {
        let same = site.get(&format!("/es/piezas/design-0{noise}")).await.page(200, Es);
        assert_eq!(same.bytes, plain.bytes, "{noise}");
    }
    let canonical = site.get("/es/piezas?type=ring&available=1").await;
    let shuffled =
        site.get("/es/piezas?available=1&page=1&zzz=1&type=ring&type=ring&sort=newest").await;
    assert_eq!(canonical.bytes, shuffled.bytes);
}

async fn a_bought_piece_is_gone_for_the_next_visitor(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with("piece-2-0").await;
    site.get("/es/piezas/design-2").await.page(200, Es);
    let form = super::bad_input::a_good_form();
    site.post("/es/compra", &cookie, &form).await.is(303);
    let (state,): (String,) = site
        .shop
        .db
        .query("SELECT state FROM piece WHERE id = 'piece-2-0'")
        .fetch_one()
        .await
        .unwrap();
    assert_eq!(state, "checkout");
    let refused = site.post("/en/bag/add", "", &[("piece", "piece-2-0")]).await.page(409, En);
    assert!(refused.cookie("__Host-divinas").is_none());
    let page = site.get("/es/piezas/design-2").await;
    let choice = page
        .text()
        .split("<input")
        .find(|tag| tag.contains("value=\"piece-2-0\""))
        .expect("it is still shown");
    assert!(
        choice.split('>').next().unwrap().contains("disabled"),
        "and cannot be chosen: {choice:.100}"
    );
}

on_both_engines!(
    a_page_is_asked_again_and_not_sent_again,
    a_write_shows_in_the_very_next_answer,
    a_withdrawn_name_is_gone_from_every_kept_page,
    an_announced_rate_counts_from_its_moment_on,
    a_kept_page_is_everyones,
    a_bought_piece_is_gone_for_the_next_visitor,
);
