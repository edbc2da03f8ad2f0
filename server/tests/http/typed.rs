//! What is typed into the purchase form is kept whatever happens on the way to paying, and is
//! deleted when the order is paid.

use domain::language::Language::{self, En, Es};
use server::kernel::payments::PaymentStatus;

use super::bad_input::{a_good_form, field};
use super::site::{Answer, PAYMENT_PAGE, Site};
use crate::sales::provider::Fault;
use crate::support::{TestDb, key};

on_both_engines!(
    every_form_leads_on_refused_or_not,
    what_was_typed_survives_language_reload_and_the_payment_page,
    what_was_wrong_stays_beside_its_field_until_it_is_sent_again,
    an_address_is_corrected_and_the_order_replaced,
    what_was_typed_is_forgotten_when_it_is_paid,
    what_was_typed_is_forgotten_after_a_day,
    drafts_are_nobody_elses,
    whoever_changes_the_language_pays_in_it,
    an_order_that_cannot_be_given_up_says_so_on_its_page,
);

fn with<'f>(changes: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let change = |name: &str| changes.iter().find(|(changed, _)| *changed == name);
    a_good_form().into_iter().map(|(name, value)| *change(name).unwrap_or(&(name, value))).collect()
}

async fn form_page(site: &Site, cookie: &str, language: Language) -> Answer {
    let path = if language == Es { "/es/compra" } else { "/en/checkout" };
    site.get_with(path, &[("cookie", cookie)]).await.page(200, language)
}

/// The page of the newest order.
async fn newest_order(site: &Site, language: Language) -> String {
    let newest = site.shop.db.query("SELECT secret FROM shop_order ORDER BY number DESC LIMIT 1");
    let (secret,): (String,) = newest.fetch_one().await.unwrap();
    if language == Es { format!("/es/pedido/{secret}") } else { format!("/en/order/{secret}") }
}

async fn every_form_leads_on_refused_or_not(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with("piece-0-0").await;
    let sold = site.bag_with("piece-0-0").await;
    // Each reason for a refusal, and the words of the page to which it leads.
    for (changes, words) in [
        (vec![("name", "")], "aria-invalid"),
        (vec![("shown", "PEN courier=1")], "data-trouble=\"total-changed\""),
        (vec![("delivery", "post")], "delivery-error"),
        (vec![("action", "update")], "value=\"Av. Larco 123\""),
        (vec![("action", "keep")], "value=\"Av. Larco 123\""),
    ] {
        let page = site.post_and_see("/es/compra", &cookie, &with(&changes)).await.page(200, Es);
        assert!(page.text().contains(words), "{changes:?}");
    }
    let update = site.post("/en/checkout", &cookie, &with(&[("action", "update")])).await.is(303);
    assert_eq!(update.header("location"), "/en/checkout#delivery");
    let placed = site.post("/es/compra", &cookie, &with(&[])).await.is(303);
    assert!(placed.header("location").starts_with(PAYMENT_PAGE));
    // Another shopper was first. The next page says so once, though nothing is left to buy.
    let told = site.post_and_see("/es/compra", &sold, &with(&[])).await.page(200, Es);
    assert!(told.text().contains("data-trouble=\"taken\"") && told.text().contains("00"));
    site.get_with("/es/compra", &[("cookie", &sold)]).await.is(303);
    for path in [("/es/bolsa/quitar", "/es/bolsa"), ("/en/bag/remove", "/en/bag")] {
        let answer = site.post(path.0, &cookie, &[("piece", "piece-0-0")]).await.is(303);
        assert_eq!(answer.header("location"), path.1);
    }
}

async fn what_was_typed_survives_language_reload_and_the_payment_page(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with("piece-0-0").await;
    let typed = [
        ("name", "Ana Ñáñez"),
        ("email", "ana@example.org"),
        ("phone", "912345678"),
        ("city", "Barranco"),
        ("street", "Jr. Unión 45"),
        ("postal_code", "15063"),
        ("gift_message", "Para mamá"),
    ];
    let form = |action| with(&[&typed[..], &[("action", action)]].concat());
    let assert_there = async |language| {
        let page = form_page(&site, &cookie, language).await;
        for (name, value) in typed {
            assert_eq!(field(page.text(), name), value, "{name} in {language:?}");
        }
        assert!(page.text().contains("value=\"LIM\" selected"), "the departamento");
    };
    // The language switch also sends what was not sent yet, to the page in the other language.
    let english = site.post("/en/checkout", &cookie, &form("keep")).await.is(303);
    assert_eq!(english.header("location"), "/en/checkout");
    for language in [En, Es, En, En] {
        assert_there(language).await;
    }
    // To the payment page and back: by the browser, by the order's page, after cancelling.
    let placed = site.post("/en/checkout", &cookie, &form("pay")).await.is(303);
    assert!(placed.header("location").starts_with(PAYMENT_PAGE));
    assert_there(En).await;
    let order = newest_order(&site, En).await;
    let shown = site.get_with(&order, &[("cookie", &cookie)]).await.page(200, En);
    assert!(shown.text().contains("href=\"/en/checkout\""), "a way to correct what was typed");
    site.post(&format!("{order}/cancel"), &cookie, &[]).await.is(303);
    assert_there(Es).await;
    // The payment provider is away.
    site.test_shop.as_ref().unwrap().provider.fail_next(Fault::Away);
    site.post("/es/compra", &cookie, &form("pay")).await.is(303);
    assert_there(Es).await;
}

async fn what_was_wrong_stays_beside_its_field_until_it_is_sent_again(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with("piece-0-0").await;
    site.post("/es/compra", &cookie, &with(&[("email", "a@b"), ("street", "")])).await.is(303);
    for (language, words) in [(Es, "Error:"), (En, "Error:"), (Es, "Error:")] {
        let page = form_page(&site, &cookie, language).await;
        assert_eq!(page.text().matches("aria-invalid=\"true\"").count(), 2, "{language:?}");
        assert!(page.text().contains(words) && page.text().contains("id=\"email-error\""));
    }
    // The language is changed after one of the two errors was corrected. The other error is still
    // beside its field.
    let mended = with(&[("email", "ana@example.com"), ("street", ""), ("action", "keep")]);
    let page = site.post_and_see("/en/checkout", &cookie, &mended).await.page(200, En);
    assert_eq!(field(page.text(), "email"), "ana@example.com");
    assert!(page.text().contains("id=\"street-error\""));
    let page = site.post_and_see("/en/checkout", &cookie, &with(&[("action", "update")])).await;
    assert!(!page.page(200, En).text().contains("aria-invalid"));
}

async fn an_address_is_corrected_and_the_order_replaced(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with("piece-0-0").await;
    let first = site.post("/es/compra", &cookie, &with(&[])).await.is(303);
    let first_order = newest_order(&site, Es).await;
    let page = form_page(&site, &cookie, Es).await;
    assert_eq!(field(page.text(), "street"), "Av. Larco 123");
    let corrected = with(&[("street", "Av. Larco 124")]);
    let second = site.post("/es/compra", &cookie, &corrected).await.is(303);
    assert!(second.header("location").starts_with(PAYMENT_PAGE));
    assert_ne!(first.header("location"), second.header("location"));
    let again = site.post("/es/compra", &cookie, &corrected).await.is(303);
    assert_eq!(again.header("location"), second.header("location"), "the same form, the same page");
    let given_up = site.get_with(&first_order, &[("cookie", &cookie)]).await.page(200, Es);
    assert!(given_up.text().contains("Dejaste este pedido"));
    // A visitor who has only the link of an order cannot correct it.
    let order = newest_order(&site, Es).await;
    assert!(!site.get(&order).await.page(200, Es).text().contains("href=\"/es/compra\""));
}

/// She pays the page of the newest order, and the shop is notified.
async fn pay(site: &Site, location: &str) {
    let test_shop = site.test_shop.as_ref().unwrap();
    let session = location.rsplit('/').next().unwrap();
    assert!(test_shop.provider.pay(session, PaymentStatus::Paid), "{location}");
    test_shop.hear("checkout.session.completed", session).await;
    test_shop.work().await;
}

async fn drafts(site: &Site) -> i64 {
    let count = site.shop.db.query("SELECT CAST(COUNT(*) AS BIGINT) FROM checkout_draft");
    count.fetch_one::<(i64,)>().await.unwrap().0
}

async fn what_was_typed_is_forgotten_when_it_is_paid(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with("piece-0-0").await;
    let placed = site.post("/es/compra", &cookie, &with(&[])).await.is(303);
    assert_eq!(drafts(&site).await, 1);
    // She closes the window on the payment page: nobody opens the order's own page.
    pay(&site, placed.header("location")).await;
    assert_eq!(drafts(&site).await, 0);
    site.post("/es/bolsa/agregar", &cookie, &[("piece", "piece-1-0")]).await.is(303);
    let next = form_page(&site, &cookie, Es).await;
    assert_eq!(field(next.text(), "street"), "", "the next purchase begins empty");
}

async fn what_was_typed_is_forgotten_after_a_day(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with("piece-0-0").await;
    site.post("/es/compra", &cookie, &with(&[("action", "update")])).await.is(303);
    let hours = async |hours: i64| {
        let then_us = jiff::Timestamp::now().as_microsecond() - hours * 3_600_000_000;
        let mut tx = site.shop.db.begin().await.unwrap();
        let aged = tx.query("UPDATE checkout_draft SET written_at_us = $1").bind(then_us);
        assert_eq!(aged.execute().await.unwrap(), 1);
        tx.commit().await.unwrap();
        field(form_page(&site, &cookie, Es).await.text(), "street")
    };
    assert_eq!(hours(23).await, "Av. Larco 123");
    assert_eq!(hours(25).await, "");
    let since_us = jiff::Timestamp::now().as_microsecond() - server::sales::draft::KEEP_US;
    assert_eq!(store::draft::sweep(&site.shop.db, since_us).await.unwrap(), 1);
    assert_eq!(drafts(&site).await, 0);
}

async fn drafts_are_nobody_elses(test: TestDb) {
    let site = Site::open(test).await;
    let mine = site.bag_with("piece-0-0").await;
    let hers = site.bag_with("piece-0-1").await;
    site.post("/es/compra", &mine, &with(&[("street", "Calle Secreta 1")])).await.is(303);
    for cookie in ["", &hers, "__Host-divinas=AAAAAAAAAAAAAAAAAAAAAA"] {
        for path in ["/es/compra", "/en/checkout", "/es/bolsa"] {
            let page = site.get_with(path, &[("cookie", cookie)]).await;
            assert!(!page.text().contains("Calle Secreta"), "{cookie} {path}");
        }
    }
    // When a session ends, what was typed is deleted with it.
    site.write("UPDATE session SET expires_at_us = 1").await;
    store::session::sweep(&site.shop.db, 2).await.unwrap();
    assert_eq!(drafts(&site).await, 0);
    assert_eq!(store::session::held(&site.shop.db, &key("x"), 1).await.unwrap(), None);
}

async fn whoever_changes_the_language_pays_in_it(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with("piece-0-0").await;
    let spanish = site.post("/es/compra", &cookie, &with(&[])).await.is(303);
    let english = site.post("/en/checkout", &cookie, &with(&[])).await.is(303);
    assert_ne!(spanish.header("location"), english.header("location"));
    let test_shop = site.test_shop.as_ref().unwrap();
    let old = spanish.header("location").rsplit('/').next().unwrap();
    assert!(!test_shop.provider.pay(old, PaymentStatus::Paid), "the Spanish page is closed");
    let language = async || {
        let newest =
            site.shop.db.query("SELECT language FROM shop_order ORDER BY number DESC LIMIT 1");
        newest.fetch_one::<(String,)>().await.unwrap().0
    };
    assert_eq!(language().await, "en");
    let same = site.post("/en/checkout", &cookie, &with(&[])).await.is(303);
    assert_eq!(same.header("location"), english.header("location"));
    pay(&site, english.header("location")).await;
    let mail = site.shop.db.query("SELECT subject FROM mail ORDER BY created_at_us DESC LIMIT 1");
    let (subject,): (String,) = mail.fetch_one().await.unwrap();
    assert!(subject.to_lowercase().contains("your order"), "{subject}");
}

async fn an_order_that_cannot_be_given_up_says_so_on_its_page(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with("piece-0-0").await;
    site.post("/es/compra", &cookie, &with(&[])).await.is(303);
    let order = newest_order(&site, Es).await;
    let provider = &site.test_shop.as_ref().unwrap().provider;
    provider.fail_next(Fault::Away);
    let told = site.post(&format!("{order}/cancelar"), &cookie, &[]).await.is(303);
    provider.no_more_faults();
    let told = site.follow(told, &cookie).await.page(200, Es);
    assert!(
        told.text().contains("no pudimos dejar el pedido")
            && told.text().contains("Seguir pagando")
    );
    let again = site.get_with(&order, &[("cookie", &cookie)]).await.page(200, Es);
    assert!(!again.text().contains("no pudimos dejar"));
    // A visitor without a session is told at once.
    provider.fail_next(Fault::Away);
    site.post(&format!("{order}/cancelar"), "", &[]).await.page(503, Es);
}
