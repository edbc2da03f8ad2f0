//! The treasurer's close sees every cent and every piece that is not where the books say.

use std::time::Duration;

use server::check::{self, Report};
use server::kernel::payments::{PaymentProvider, PaymentStatus};
use server::sales::refund::{self, Asked, RefundRequest};

use super::test_shop::{TestShop, piece};
use crate::support::TestDb;

on_both_engines!(
    books_in_order_have_no_differences,
    each_thing_out_of_place_is_told,
    money_moved_behind_our_back_is_told,
    refunds_by_number,
);

async fn look(test_shop: &TestShop) -> Report {
    let provider = Some(&*test_shop.provider as &dyn PaymentProvider);
    check::reconcile(&test_shop.shop.db, provider, test_shop.now(), Duration::ZERO).await.unwrap()
}

async fn change(test_shop: &TestShop, sql: &str) {
    let mut tx = test_shop.shop.db.begin().await.unwrap();
    assert_eq!(tx.query(sql.to_owned()).execute().await.unwrap(), 1, "{sql}");
    tx.commit().await.unwrap();
}

/// Checks that every difference in the report is about this.
fn only(report: &Report, what: &str) {
    assert!(!report.differences.is_empty(), "nobody missed: {what}");
    for difference in &report.differences {
        assert!(difference.contains(what), "{what}: {report}");
    }
}

async fn books_in_order_have_no_differences(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    assert_eq!(look(&test_shop).await.to_string().lines().last(), Some("no differences"));
    let bought = test_shop.order("a", &[piece(0, 0), piece(1, 0)]).await;
    let pending = test_shop.order("b", &[piece(2, 0)]).await;
    test_shop.pay(&bought).await;
    test_shop.work().await;
    let report = look(&test_shop).await;
    assert_eq!(report.differences, [""; 0], "{report}");
    assert_eq!((report.looked.orders, report.looked.at_provider), (2, 2));
    assert_eq!((report.looked.held, report.looked.sold), (1, 2));
    let sum: i64 = report.balances.iter().map(|(_, _, minor)| minor).sum();
    assert_eq!(sum, 0, "debits are credits");
    assert_eq!(test_shop.order_state(&pending).await, "pending_payment");
}

async fn each_thing_out_of_place_is_told(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let bought = test_shop.order("a", &[piece(0, 0)]).await;
    let pending = test_shop.order("b", &[piece(1, 0)]).await;
    test_shop.pay(&bought).await;
    test_shop.work().await;
    assert_eq!(look(&test_shop).await.differences, [""; 0]);
    let (sold, held) = (piece(0, 0), piece(1, 0));
    let until = test_shop
        .number("SELECT hold_until_us FROM shop_order WHERE state = 'pending_payment'")
        .await;
    let holds =
        |order: &str| format!("state = 'checkout', order_id = '{order}', held_until_us = {until}");
    let returned = "state = 'returned', order_id = NULL, sold_at_us = NULL".to_owned();
    let free = "state = 'retail', order_id = NULL, held_until_us = NULL".to_owned();
    let is_sold = "state = 'sold', sold_at_us = 1, held_until_us = NULL".to_owned();
    let way_back = vec![free.clone(), holds(&bought), is_sold];
    for (id, gone, back, what) in [
        (&sold, returned, way_back, "it was paid, but its piece"),
        (&held, free, vec![holds(&pending)], "it is pending, but its piece"),
    ] {
        change(&test_shop, &format!("UPDATE piece SET {gone} WHERE id = '{id}'")).await;
        only(&look(&test_shop).await, what);
        for step in back {
            change(&test_shop, &format!("UPDATE piece SET {step} WHERE id = '{id}'")).await;
        }
    }
    for (spoil, mend, what) in [
        (
            "UPDATE payment SET fee_minor = fee_minor + 1 WHERE state = 'paid'",
            "UPDATE payment SET fee_minor = fee_minor - 1 WHERE state = 'paid'",
            "fee",
        ),
        (
            "UPDATE counter SET value = 7 WHERE name = 'order'",
            "UPDATE counter SET value = 2 WHERE name = 'order'",
            "the counter stands at 7",
        ),
        (
            "UPDATE design SET pieces_held = 3 WHERE id = 'design-1'",
            "UPDATE design SET pieces_held = 1 WHERE id = 'design-1'",
            "design-1: counts",
        ),
        (
            "UPDATE payment SET state = 'expired' WHERE state = 'open'",
            "UPDATE payment SET state = 'open' WHERE state = 'expired'",
            "it is expired here, Unpaid there (page open)",
        ),
    ] {
        change(&test_shop, spoil).await;
        only(&look(&test_shop).await, what);
        change(&test_shop, mend).await;
    }
    assert_eq!(look(&test_shop).await.differences, [""; 0]);
    test_shop.pass(31 * 60 + 301);
    let late = look(&test_shop).await;
    assert!(late.differences.iter().any(|line| line.contains("still pending although")), "{late}");
}

async fn money_moved_behind_our_back_is_told(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let bought = test_shop.order("a", &[piece(0, 0)]).await;
    let quiet = test_shop.order("b", &[piece(1, 0)]).await;
    test_shop.pay(&bought).await;
    test_shop.work().await;
    // Somebody makes a refund at the provider.
    test_shop.provider.give_back_by_hand(&test_shop.provider.session_of(&bought).unwrap(), 500);
    only(&look(&test_shop).await, "0 went back here, 500 there");
    // A payment of which the shop was not notified.
    let session = test_shop.provider.session_of(&quiet).unwrap();
    assert!(test_shop.provider.pay(&session, PaymentStatus::Paid));
    let report = look(&test_shop).await;
    assert!(
        report.differences.iter().any(|line| line.contains("it is open here, Paid there")),
        "{report}"
    );
}

async fn refunds_by_number(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let bought = test_shop.order("a", &[piece(0, 0)]).await;
    let ask = |number: &'static str, amount_minor| {
        let (db, now) = (test_shop.shop.db.clone(), test_shop.now());
        let request = RefundRequest { amount_minor, ..RefundRequest::default() };
        async move { refund::ask_by_number(&db, number, &request, now).await }
    };
    assert_eq!(ask("D-000001", None).await.unwrap(), Some(Asked::NotPaid));
    test_shop.pay(&bought).await;
    test_shop.work().await;
    for unknown in ["D-000002", "D-", "", "x", "D-99999999999999999999"] {
        assert_eq!(ask(unknown, None).await.unwrap(), None, "{unknown}");
    }
    assert!(matches!(ask("1", Some(1_000_000)).await.unwrap(), Some(Asked::TooMuch { .. })));
    assert!(matches!(ask("D-000001", Some(1_234)).await.unwrap(), Some(Asked::Intended(_))));
    assert!(
        look(&test_shop).await.open.iter().any(|line| line.contains("of 1234 PEN is on its way"))
    );
    test_shop.work().await;
    assert!(matches!(ask("d-1", None).await.unwrap(), Some(Asked::Intended(_))));
    test_shop.work().await;
    assert!(
        matches!(ask("D-000001", None).await.unwrap(), Some(Asked::TooMuch { left }) if left.amount_minor == 0)
    );
    let report = look(&test_shop).await;
    assert_eq!(report.differences, [""; 0], "{report}");
    assert!(report.open.iter().any(|line| line.contains("did it come back?")), "{report}");
}
