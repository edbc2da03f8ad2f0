//! Buying through the site itself: what the session remembers, and what one network may begin.

use domain::language::Language::{En, Es};
use server::kernel::payments::PaymentStatus;

use super::bad_input::a_good_form;
use super::site::{Answer, OURS, PAYMENT_PAGE, Setting, Site, encoded};
use crate::support::TestDb;

on_both_engines!(
    a_second_purchase_is_still_hers_when_she_comes_back,
    a_network_does_not_hold_more_than_its_share,
);

/// Another purchase in the session of one that is paid and whose thank-you page she never saw.
async fn a_second_purchase_is_still_hers_when_she_comes_back(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with("piece-0-0").await;
    let form = a_good_form();
    site.post("/es/compra", &cookie, &form).await.is(303);
    let test_shop = site.test_shop.as_ref().unwrap();
    let session = test_shop.provider.books().sessions.keys().next().unwrap().clone();
    assert!(test_shop.provider.pay(&session, PaymentStatus::Paid));
    test_shop.hear("checkout.session.completed", &session).await;
    test_shop.work().await;
    assert_eq!(test_shop.piece_state("piece-0-0").await, "sold");

    site.post("/es/bolsa/quitar", &cookie, &[("piece", "piece-0-0")]).await.is(303);
    site.post("/es/bolsa/agregar", &cookie, &[("piece", "piece-1-0")]).await.is(303);
    let second = site.post("/es/compra", &cookie, &form).await.is(303);
    assert_eq!(test_shop.piece_state("piece-1-0").await, "checkout");

    let back = site.get_with("/es/compra", &[("cookie", &cookie)]).await.page(200, Es);
    assert!(back.text().contains("value=\"pay\""), "her own hold does not stand in her way");
    let again = site.post("/es/compra", &cookie, &form).await.is(303);
    assert_eq!(again.header("location"), second.header("location"), "the same payment page");
    let bag = site.get_with("/es/bolsa", &[("cookie", &cookie)]).await.page(200, Es);
    assert!(bag.text().contains("piece-1-0"), "her bag is as it was");
    assert_eq!(test_shop.provider.books().sessions.len(), 2);
}

async fn a_network_does_not_hold_more_than_its_share(test: TestDb) {
    // Two of the twelve pieces.
    let setting = Setting { held_per_network_percent: 17, proxies: 1, ..Setting::default() };
    let site = Site::with(test, setting).await;
    let buy = async |piece: &str, address: &str, name: &'static str| {
        let cookie = site.bag_with(piece).await;
        let mut form = a_good_form();
        form[0] = ("name", name);
        let headers = [
            ("origin", OURS),
            ("cookie", cookie.as_str()),
            ("x-forwarded-for", address),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        (site.ask("POST", "/en/checkout", &headers, encoded(&form)).await.is(303), cookie)
    };
    let placed = |(answer, _): (Answer, String)| {
        let there = answer.header("location");
        assert!(there.starts_with(PAYMENT_PAGE), "{there}");
    };
    // One visitor of IPv6 may use every address of a whole network.
    placed(buy("piece-0-0", "2001:db8::1", "Ana").await);
    // A form that must be corrected first holds nothing.
    let (unread, cookie) = buy("piece-0-1", "2001:db8::2", "").await;
    assert!(site.follow(unread, &cookie).await.page(200, En).text().contains("aria-invalid"));
    placed(buy("piece-0-1", "2001:db8::2", "Ana").await);
    let (refused, cookie) = buy("piece-0-2", "2001:db8::3", "Ana").await;
    let refused = site.follow(refused, &cookie).await.page(200, En);
    assert!(refused.text().contains("at most 2 pieces at a time"));
    assert!(refused.text().contains("Av. Larco 123"), "what was typed is still there");
    assert_eq!(site.test_shop.as_ref().unwrap().piece_state("piece-0-2").await, "retail");
    placed(buy("piece-0-2", "2001:db8:0:1::1", "Ana").await);
}
