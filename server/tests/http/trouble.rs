//! When what the shop stands on is away, or the shop itself falls over.

use std::sync::Arc;

use domain::language::Language::{En, Es};
use server::shop::Shop;

use super::site::{Explosive, Setting, Site};
use crate::purchase::desk::Desk;
use crate::purchase::provider::Fault;
use crate::support::TestDb;

async fn without_the_database(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with("piece-0-0").await;
    site.get("/es").await.page(200, Es);
    site.get("/readyz").await.is(200);
    site.shop.db.close().await;

    for (path, language) in [
        ("/es", Es),
        ("/en/pieces", En),
        ("/es/piezas/design-0", Es),
        ("/en/order/abcdef", En),
        ("/es/no-such", Es),
        ("/en/privacy", En),
    ] {
        for cookie in ["", &cookie] {
            let page = site.get_with(path, &[("cookie", cookie)]).await.page(503, language);
            assert_eq!(
                (page.header("retry-after"), page.header("cache-control")),
                ("10", "private, no-store"),
                "{path}"
            );
            assert!(page.headers.get("set-cookie").is_none(), "{path}: a bag is not taken away");
        }
    }
    site.get_with("/es/bolsa", &[("cookie", &cookie)]).await.page(503, Es);
    site.post("/en/bag/add", &cookie, &[("piece", "piece-0-1")]).await.page(503, En);
    site.post("/en/bag/add", "", &[("piece", "piece-0-1")]).await.page(503, En);
    site.post("/es/compra", &cookie, &super::bad_input::a_good_form()).await.page(503, Es);
    site.post("/es/pedido/abcdef/cancelar", &cookie, &[]).await.page(503, Es);
    site.ask("POST", "/webhooks/stripe", &[("stripe-signature", "good")], "evt_1|a|b")
        .await
        .is(503);
    for machine in ["/sitemap.xml", "/sitemap-1.xml", "/es/novedades.atom", "/readyz"] {
        let answer = site.get(machine).await.is(503);
        assert!(!answer.text().contains("pool") && answer.bytes.len() < 60, "{}", answer.text());
    }
    site.get("/healthz").await.is(200);
    site.get("/robots.txt").await.is(200);
    site.get("/").await.is(303);
}

async fn a_node_that_stops_says_so(test: TestDb) {
    let site = Site::open(test).await;
    site.readiness.set(false);
    site.get("/readyz").await.is(503);
    site.get("/healthz").await.is(200);
    site.get("/es").await.page(200, Es);
}

async fn a_bag_that_cannot_be_written(test: TestDb) {
    let site = Site::open(test).await;
    let mut tx = site.shop.db.begin().await.unwrap();
    tx.query("DROP TABLE session").execute().await.unwrap();
    tx.commit().await.unwrap();
    let refused = site.post("/es/bolsa/agregar", "", &[("piece", "piece-0-0")]).await.page(503, Es);
    assert!(refused.cookie("__Host-divinas").is_none() && refused.header("location").is_empty());
    site.post("/en/bag/add", "__Host-divinas=AAAAAAAAAAAAAAAAAAAAAA", &[("piece", "piece-0-0")])
        .await
        .page(503, En);
    site.get("/es").await.page(200, Es);
}

async fn the_payment_page_is_away(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with("piece-0-0").await;
    let provider = &site.desk.as_ref().unwrap().provider;
    provider.fail_next(Fault::Away);
    let form = super::bad_input::a_good_form();
    let page = site.post("/en/checkout", &cookie, &form).await.page(503, En);
    assert!(page.text().contains("Av. Larco 123"), "what was typed is still there");
    provider.no_more_faults();
    // What the first try held does not stand in her own way.
    site.post("/en/checkout", &cookie, &form).await.is(303);
    assert_eq!(pending(&site).await, 1);
    assert_eq!(provider.books().sessions.len(), 1);
}

async fn pending(site: &Site) -> i64 {
    let row = site
        .shop
        .db
        .query("SELECT CAST(COUNT(*) AS BIGINT) FROM shop_order WHERE state = 'pending_payment'");
    row.fetch_one::<(i64,)>().await.unwrap().0
}

async fn a_panic_is_a_page_with_its_id(test: TestDb) {
    let desk = Desk::new(test).await;
    let shop = Shop { payments: Arc::new(Explosive), ..desk.shop.clone() };
    let site = Site::of(shop, Setting::default());
    let cookie = site.bag_with("piece-0-0").await;
    let form = super::bad_input::a_good_form();
    for (path, language) in [("/es/compra", Es), ("/en/checkout", En)] {
        let page = site.post(path, &cookie, &form).await.page(500, language);
        let id = page.header("x-request-id").to_owned();
        assert!(page.text().contains(&id), "the visitor can quote {id}");
        assert_eq!(page.header("cache-control"), "private, no-store");
    }
    // The session outlived both: the second try was the first one's order, not a stranger's.
    assert_eq!(pending(&site).await, 1);
    let webhook =
        site.ask("POST", "/webhooks/stripe", &[("stripe-signature", "good")], "x").await.is(500);
    assert!(webhook.bytes.is_empty());
    site.get_with("/es/bolsa", &[("cookie", &cookie)]).await.page(200, Es);
}

on_both_engines!(
    without_the_database,
    a_node_that_stops_says_so,
    a_bag_that_cannot_be_written,
    the_payment_page_is_away,
    a_panic_is_a_page_with_its_id,
);
