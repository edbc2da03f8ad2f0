//! Money that goes back: in parts, behind the shop's back, or not at all.

use server::shop::refund::{self, Asked};

use super::desk::{Desk, piece};
use super::provider::Fault;
use crate::support::TestDb;

on_both_engines!(
    refunds_unwind_the_sale_to_the_cent,
    money_given_back_behind_our_back_is_told_to_the_board,
    a_refund_that_nobody_answers_for_a_day_is_the_boards,
);

async fn refunds_unwind_the_sale_to_the_cent(test: TestDb) {
    let desk = Desk::new(test).await;
    let order = desk.order("back", &[piece(0, 0), piece(2, 1)]).await;
    assert_eq!(refund::ask(&desk.shop, &order, Some(1), desk.now()).await.unwrap(), Asked::NotPaid);
    desk.pay(&order).await;
    desk.work().await;
    let total = desk.see(&order).await.sums.total.amount_minor;
    for amount in [1, 99, 33_333] {
        assert!(matches!(
            refund::ask(&desk.shop, &order, Some(amount), desk.now()).await.unwrap(),
            Asked::Intended(_)
        ));
    }
    for absurd in [0, -5, total, i64::MAX, i64::MIN] {
        assert!(
            matches!(
                refund::ask(&desk.shop, &order, Some(absurd), desk.now()).await.unwrap(),
                Asked::TooMuch { .. }
            ),
            "{absurd}"
        );
    }
    desk.provider.fail_next(Fault::LostAnswer);
    desk.work().await;
    desk.pass(60);
    desk.work().await;
    assert_eq!(desk.see(&order).await.refunded.map(|sum| sum.amount_minor), Some(33_433));
    // The rest: every account but the lost fee's is as before the sale.
    assert!(matches!(
        refund::ask(&desk.shop, &order, None, desk.now()).await.unwrap(),
        Asked::Intended(_)
    ));
    assert!(matches!(
        refund::ask(&desk.shop, &order, None, desk.now()).await.unwrap(),
        Asked::TooMuch { .. }
    ));
    desk.settle_down().await;
    let fee = desk.number("SELECT fee_minor FROM payment").await;
    let left: Vec<(String, i64)> = desk
        .shop
        .db
        .query("SELECT account, CAST(SUM(amount_minor) AS BIGINT) FROM ledger_posting GROUP BY account HAVING SUM(amount_minor) <> 0 ORDER BY account")
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(left, [("fund:association".to_owned(), fee), ("stripe:balance".to_owned(), -fee)]);
    desk.audit().await;
}

async fn money_given_back_behind_our_back_is_told_to_the_board(test: TestDb) {
    let desk = Desk::new(test).await;
    let order = desk.order("behind", &[piece(0, 0)]).await;
    desk.pay(&order).await;
    desk.work().await;
    let session = desk.provider.session_of(&order).unwrap();
    desk.provider.books().sessions.get_mut(&session).unwrap().refunded_minor = 500;
    for _ in 0..2 {
        desk.hear("charge.refunded", &session).await;
    }
    desk.settle_down().await;
    let told = "SELECT body_text FROM mail WHERE to_address = $1";
    assert!(desk.text(told, "junta@shop.example").await.contains("S/ 5.00"));
    assert_eq!(desk.number("SELECT CAST(COUNT(*) AS BIGINT) FROM mail").await, 2);
}

async fn a_refund_that_nobody_answers_for_a_day_is_the_boards(test: TestDb) {
    let desk = Desk::new(test).await;
    let order = desk.order("day", &[piece(0, 0)]).await;
    desk.pay(&order).await;
    desk.work().await;
    assert!(matches!(
        refund::ask(&desk.shop, &order, Some(500), desk.now()).await.unwrap(),
        Asked::Intended(_)
    ));
    for _ in 0..24 {
        desk.provider.fail_next(Fault::Away);
        desk.work().await;
        desk.pass(3_600);
    }
    desk.provider.no_more_faults();
    desk.work().await;
    assert_eq!(
        desk.number("SELECT CAST(COUNT(*) AS BIGINT) FROM refund WHERE state = 'failed'").await,
        1
    );
    let told = "SELECT body_text FROM mail WHERE to_address = $1";
    assert!(desk.text(told, "junta@shop.example").await.contains("D-000001"));
    // The board looked: nothing had gone back. Asked again, it goes under another key.
    assert!(matches!(
        refund::ask(&desk.shop, &order, Some(500), desk.now()).await.unwrap(),
        Asked::Intended(_)
    ));
    desk.settle_down().await;
    assert_eq!(desk.see(&order).await.refunded.map(|sum| sum.amount_minor), Some(500));
    desk.audit().await;
}
