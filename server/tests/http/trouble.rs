//! When a service that the shop needs is away, or when the shop itself panics.

use std::sync::Arc;

use domain::language::Language::{En, Es};
use server::kernel::payments::{PaymentStatus, Refused};
use server::sales::Shop;
use store::db::{Db, Engine};

use super::site::{Explosive, Setting, Site};
use crate::sales::provider::Fault;
use crate::sales::test_shop::TestShop;
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
    who_may_have_paid_is_told_not_to_pay_again(&site, &cookie).await;
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

/// Without the database nobody can promise that nothing was charged.
async fn who_may_have_paid_is_told_not_to_pay_again(site: &Site, cookie: &str) {
    let form = super::bad_input::a_good_form();
    let asked = [
        (site.get("/es/pedido/abcdef").await.page(503, Es), Es),
        (site.get("/en/order/abcdef?session=1").await.page(503, En), En),
        (site.post("/es/pedido/abcdef/cancelar", cookie, &[]).await.page(503, Es), Es),
        (site.post("/en/checkout", cookie, &form).await.page(503, En), En),
        (site.get_with("/es/compra", &[("cookie", cookie)]).await.page(503, Es), Es),
    ];
    for (page, language) in asked {
        let (warning, promise) = match language {
            Es => ("no pagues otra vez", "No se ha perdido ni cobrado nada"),
            En => ("do not pay again", "Nothing was lost or charged"),
        };
        assert!(page.text().contains(warning) && !page.text().contains(promise), "{page:?}");
    }
    let elsewhere = site.get("/en/pieces").await.page(503, En);
    assert!(elsewhere.text().contains("Nothing was lost or charged"));
}

async fn a_node_that_stops_says_so(test: TestDb) {
    let site = Site::open(test).await;
    site.readiness.set(false);
    site.get("/readyz").await.is(503);
    site.get("/healthz").await.is(200);
    site.get("/es").await.page(200, Es);
}

/// Only a service that every page needs makes a node unready. For the rest the last use is
/// reported.
async fn a_node_is_ready_with_its_database_and_its_photographs(test: TestDb) {
    let site = Site::open(test).await;
    let ready = site.get("/readyz").await.is(200);
    assert_eq!(ready.text(), "ready\npayments: not used yet\nmail: kept here\n");
    // Stripe is away, and `/readyz` does not ask it.
    let cookie = site.bag_with("piece-0-0").await;
    let provider = &site.test_shop.as_ref().unwrap().provider;
    let form = super::bad_input::a_good_form();
    provider.fail_next(Fault::Away);
    let told = site.post_and_see("/es/compra", &cookie, &form).await.page(200, Es);
    assert!(told.text().contains("data-trouble=\"payment-unavailable\""));
    let away = site.get("/readyz").await.is(200);
    assert!(away.text().contains("payments: failed 0 s ago"), "{}", away.text());
    site.post("/es/compra", &cookie, &form).await.is(303);
    assert!(site.get("/readyz").await.is(200).text().contains("payments: worked"));
    // A provider that refuses an e-mail works.
    provider.fail_next(Fault::Refused(Refused::Email));
    let other = site.bag_with("piece-0-1").await;
    let told = site.post_and_see("/es/compra", &other, &form).await.page(200, Es);
    assert!(told.text().contains("id=\"email-error\""), "beside the e-mail");
    assert!(site.get("/readyz").await.is(200).text().contains("payments: worked"));
    // The folder of the photographs is gone, as when a disk is not mounted.
    let gone = site.photos.with_extension("gone");
    std::fs::rename(&site.photos, &gone).unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(5_100)).await;
    let not_ready = site.get("/readyz").await.is(503);
    assert_eq!(not_ready.text(), "the photographs' store does not answer\n");
    site.get("/healthz").await.is(200);
    site.get("/es").await.page(200, Es);
    std::fs::rename(&gone, &site.photos).unwrap();
}

async fn a_bag_that_cannot_be_written(test: TestDb) {
    let site = Site::open(test).await;
    let mut tx = site.shop.db.begin().await.unwrap();
    tx.query("ALTER TABLE session RENAME TO session_of_before").execute().await.unwrap();
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
    let provider = &site.test_shop.as_ref().unwrap().provider;
    provider.fail_next(Fault::Away);
    let form = super::bad_input::a_good_form();
    let page = site.post_and_see("/en/checkout", &cookie, &form).await.page(200, En);
    assert!(page.text().contains("data-trouble=\"payment-unavailable\""), "she is told");
    assert!(page.text().contains("Av. Larco 123"), "what was typed is still there");
    provider.no_more_faults();
    // The pieces that her first try held are not refused to herself.
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
    let test_shop = TestShop::new(test).await;
    let shop = Shop { payments: Arc::new(Explosive), ..test_shop.shop.clone() };
    let site = Site::of(shop, Setting::default());
    let form = super::bad_input::a_good_form();
    for (path, language, piece) in
        [("/es/compra", Es, "piece-0-0"), ("/en/checkout", En, "piece-0-1")]
    {
        let cookie = site.bag_with(piece).await;
        for _ in 0..2 {
            let page = site.post(path, &cookie, &form).await.page(500, language);
            let id = page.header("x-request-id").to_owned();
            assert!(page.text().contains(&id), "the visitor can quote {id}");
            assert_eq!(page.header("cache-control"), "private, no-store");
        }
        // The session is still there: the second try found the order of the first and not another
        // shopper's hold.
        let kept = site.get_with(path, &[("cookie", &cookie)]).await.page(200, language);
        assert!(kept.text().contains("Av. Larco 123"), "and what was typed is still there");
    }
    assert_eq!(pending(&site).await, 2);
    let webhook =
        site.ask("POST", "/webhooks/stripe", &[("stripe-signature", "good")], "x").await.is(500);
    assert!(webhook.bytes.is_empty());
}

/// Another transaction locks what the order needs (the whole file, or the piece's row).
async fn the_books_are_locked_for_too_long(test: TestDb) {
    let other = Db::open(&test.url, 1).await.unwrap();
    let site = Site::open(test).await;
    let test_shop = site.test_shop.as_ref().unwrap();
    let cookie = site.bag_with("piece-0-0").await;
    let form = super::bad_input::a_good_form();
    site.get_with("/en/checkout", &[("cookie", &cookie)]).await.page(200, En);
    let mut lock = other.begin().await.unwrap();
    let rows = lock.query_locked("SELECT id FROM piece WHERE id = 'piece-0-0'");
    rows.fetch_one::<(String,)>().await.unwrap();

    let refused = site.post("/en/checkout", &cookie, &form).await.page(503, En);
    assert!(refused.text().contains("do not pay again"));
    site.get("/es/piezas/design-0").await.page(200, Es);
    lock.rollback().await.unwrap();
    other.close().await;

    assert_eq!((pending(&site).await, test_shop.provider.books().sessions.len()), (0, 0));
    assert_eq!(test_shop.piece_state("piece-0-0").await, "retail");
    site.post("/en/checkout", &cookie, &form).await.is(303);
    assert_eq!(pending(&site).await, 1);
}

/// No order and no notification can be written, but pages are still shown.
async fn the_disk_is_full_for_a_while(test: TestDb) {
    let site = Site::open(test).await;
    let test_shop = site.test_shop.as_ref().unwrap();
    let form = super::bad_input::a_good_form();
    let cookie = site.bag_with("piece-0-0").await;
    site.get_with("/es/compra", &[("cookie", &cookie)]).await.page(200, Es);
    fill_the_disk(&site.shop.db).await;
    let refused = site.post("/es/compra", &cookie, &form).await.page(503, Es);
    assert!(refused.text().contains("no pagues otra vez"));
    site.get_with("/es/bolsa", &[("cookie", &cookie)]).await.page(200, Es);
    assert_eq!((pending(&site).await, test_shop.provider.books().sessions.len()), (0, 0));
    assert_eq!(test_shop.piece_state("piece-0-0").await, "retail");
    make_room(&site.shop.db).await;
    site.post("/es/compra", &cookie, &form).await.is(303);

    // She pays. Stripe's notification cannot be stored, so Stripe is told to send it again.
    let session = test_shop.provider.books().sessions.keys().next().unwrap().clone();
    assert!(test_shop.provider.pay(&session, PaymentStatus::Paid));
    let event = test_shop.provider.event("checkout.session.completed", &session);
    let tell = async || {
        let headers = [("stripe-signature", "good")];
        site.ask("POST", "/webhooks/stripe", &headers, event.clone()).await
    };
    fill_the_disk(&site.shop.db).await;
    tell().await.is(503);
    make_room(&site.shop.db).await;
    tell().await.is(200);
    test_shop.pass(jiff::Timestamp::now().as_second() - test_shop.now().as_second() + 1);
    test_shop.work().await;
    assert_eq!(test_shop.piece_state("piece-0-0").await, "sold");
}

/// From now on there is no room for an order or a notification.
async fn fill_the_disk(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let statements: &[&str] = match tx.engine() {
        Engine::Sqlite => &[
            "CREATE TABLE IF NOT EXISTS ballast (weight BLOB)",
            "CREATE TRIGGER heavy_order AFTER INSERT ON shop_order \
             BEGIN INSERT INTO ballast VALUES (zeroblob(4000000)); END",
            "CREATE TRIGGER heavy_event AFTER INSERT ON webhook_event \
             BEGIN INSERT INTO ballast VALUES (zeroblob(4000000)); END",
        ],
        Engine::Postgres => &[
            "CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full'; END $$",
            "CREATE TRIGGER heavy_order AFTER INSERT ON shop_order \
             FOR EACH ROW EXECUTE FUNCTION full_disk()",
            "CREATE TRIGGER heavy_event AFTER INSERT ON webhook_event \
             FOR EACH ROW EXECUTE FUNCTION full_disk()",
        ],
    };
    for statement in statements {
        tx.query(*statement).execute().await.unwrap();
    }
    tx.commit().await.unwrap();
    limit_pages(db, "PRAGMA max_page_count = 1").await;
}

async fn make_room(db: &Db) {
    limit_pages(db, "PRAGMA max_page_count = 1000000").await;
    let mut tx = db.begin().await.unwrap();
    let at = |table: &str| match tx.engine() {
        Engine::Sqlite => String::new(),
        Engine::Postgres => format!(" ON {table}"),
    };
    let (order, event) = (at("shop_order"), at("webhook_event"));
    for statement in
        [format!("DROP TRIGGER heavy_order{order}"), format!("DROP TRIGGER heavy_event{event}")]
    {
        tx.query(statement).execute().await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Sets a limit on the one writing connection. SQLite never sets it below the pages in use.
async fn limit_pages(db: &Db, limit: &'static str) {
    if db.engine() == Engine::Sqlite {
        let mut tx = db.begin().await.unwrap();
        tx.query(limit).fetch_one::<(i64,)>().await.unwrap();
        tx.commit().await.unwrap();
    }
}

on_both_engines!(
    without_the_database,
    a_node_that_stops_says_so,
    a_node_is_ready_with_its_database_and_its_photographs,
    a_bag_that_cannot_be_written,
    the_payment_page_is_away,
    a_panic_is_a_page_with_its_id,
    the_books_are_locked_for_too_long,
    the_disk_is_full_for_a_while,
);
