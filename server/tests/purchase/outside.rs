//! Money that somebody gives back on the provider's page: the books, the shopper's page and her mail
//! follow by themselves, once.

use app::backend::shop::OrderStatus;
use server::payments::{PaymentStatus, RefundState};
use server::shop::refund::{self, Wish};

use super::desk::{Desk, piece};
use super::provider::Fault;
use crate::support::TestDb;

on_both_engines!(
    it_reaches_the_books_the_page_and_the_mail,
    several_and_repeated_news_are_booked_once_each,
    one_that_came_before_the_payment_was_seen_is_not_lost,
    one_that_takes_its_time_is_booked_when_it_is_done,
    one_of_the_second_payment_leaves_the_sale_alone,
    one_that_crosses_ours_is_booked_after_it,
    ours_whose_answer_was_lost_is_no_outside_one,
);

async fn sold(desk: &Desk, pieces: &[String]) -> (String, String) {
    let order = desk.order("sold", pieces).await;
    desk.pay(&order).await;
    desk.work().await;
    let session = desk.provider.session_of(&order).unwrap();
    (order, session)
}

async fn states(desk: &Desk) -> Vec<(String, i64)> {
    let sql = "SELECT state, amount_minor FROM refund ORDER BY id";
    desk.shop.db.query(sql).fetch_all().await.unwrap()
}

fn done(amounts: &[i64]) -> Vec<(String, i64)> {
    amounts.iter().map(|amount| ("done".to_owned(), *amount)).collect()
}

async fn mails(desk: &Desk, to: &str, like: &str) -> i64 {
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM mail WHERE to_address = $1 AND subject || body_text LIKE $2";
    let row = desk.shop.db.query(sql).bind(to).bind(format!("%{like}%"));
    row.fetch_one::<(i64,)>().await.unwrap().0
}

async fn it_reaches_the_books_the_page_and_the_mail(test: TestDb) {
    let desk = Desk::new(test).await;
    let (order, session) = sold(&desk, &[piece(0, 0), piece(1, 1)]).await;
    let total = desk.see(&order).await.sums.total.amount_minor;
    desk.provider.give_back_by_hand(&session, 500);
    for kind in ["charge.refunded", "refund.created", "charge.refunded", "refund.updated"] {
        desk.hear(kind, &session).await;
    }
    desk.work().await;
    assert_eq!(states(&desk).await, done(&[500]));
    let page = desk.see(&order).await;
    assert_eq!(page.refunded.map(|sum| sum.amount_minor), Some(500));
    assert_eq!(page.status, OrderStatus::Paid);
    assert_eq!(mails(&desk, "ana@example.com", "Te devolvimos").await, 1);
    assert_eq!(mails(&desk, "junta@shop.example", "Ya está en los libros").await, 1);
    // All that is left.
    desk.provider.give_back_by_hand(&session, total - 500);
    desk.hear("charge.refunded", &session).await;
    desk.work().await;
    assert_eq!(states(&desk).await, done(&[500, total - 500]));
    assert_eq!(desk.see(&order).await.status, OrderStatus::Refunded);
    assert_eq!(mails(&desk, "ana@example.com", "Te devolvimos").await, 2);
    assert_eq!(desk.provider.refunds_made(), 2, "no money was sent");
    desk.settle_down().await;
    desk.audit().await;
}

async fn several_and_repeated_news_are_booked_once_each(test: TestDb) {
    let desk = Desk::new(test).await;
    let (_, session) = sold(&desk, &[piece(0, 0), piece(1, 1)]).await;
    // Three in a row before any news arrives; the news names none of them.
    for amount in [100, 200, 300] {
        desk.provider.give_back_by_hand(&session, amount);
    }
    desk.hear("charge.refunded", &session).await;
    desk.work().await;
    assert_eq!(states(&desk).await, done(&[100, 200, 300]), "in the order they were made");
    // A late repetition of the first news, after another one.
    desk.provider.give_back_by_hand(&session, 100);
    for _ in 0..3 {
        desk.hear("charge.refunded", &session).await;
    }
    desk.settle_down().await;
    assert_eq!(states(&desk).await, done(&[100, 200, 300, 100]));
    assert_eq!(mails(&desk, "ana@example.com", "Te devolvimos").await, 4);
    desk.audit().await;
}

async fn one_that_came_before_the_payment_was_seen_is_not_lost(test: TestDb) {
    let desk = Desk::new(test).await;
    let order = desk.order("unseen", &[piece(0, 0)]).await;
    let session = desk.provider.session_of(&order).unwrap();
    assert!(desk.provider.pay(&session, PaymentStatus::Paid));
    desk.provider.give_back_by_hand(&session, 700);
    // Only the news of the payment arrives, or nothing but the shopper's look at her page.
    desk.see(&order).await;
    desk.work().await;
    assert_eq!(states(&desk).await, done(&[700]));
    assert_eq!(desk.see(&order).await.refunded.map(|sum| sum.amount_minor), Some(700));
    desk.hear("checkout.session.completed", &session).await;
    desk.hear("charge.refunded", &session).await;
    desk.settle_down().await;
    assert_eq!(states(&desk).await, done(&[700]));
    desk.audit().await;
}

async fn one_that_takes_its_time_is_booked_when_it_is_done(test: TestDb) {
    let desk = Desk::new(test).await;
    let (order, session) = sold(&desk, &[piece(0, 0)]).await;
    desk.provider.books().refunds_pend = true;
    desk.provider.give_back_by_hand(&session, 500);
    desk.hear("refund.created", &session).await;
    desk.work().await;
    assert_eq!(states(&desk).await, [], "nothing went back yet");
    assert_eq!(desk.see(&order).await.refunded, None);
    // Its last news gets lost: it is looked for.
    desk.provider.end_refunds(RefundState::OnItsWay, RefundState::Done);
    desk.pass(3_700);
    desk.work().await;
    assert_eq!(states(&desk).await, done(&[500]));
    // One that never arrives is never booked.
    desk.provider.give_back_by_hand(&session, 900);
    desk.hear("refund.created", &session).await;
    desk.work().await;
    desk.provider.end_refunds(RefundState::OnItsWay, RefundState::Failed);
    desk.settle_down().await;
    assert_eq!(states(&desk).await, done(&[500]));
    desk.audit().await;
}

/// Whoever paid twice has the second payment given back by hand: her order stays bought.
async fn one_of_the_second_payment_leaves_the_sale_alone(test: TestDb) {
    let desk = Desk::new(test).await;
    let (order, _) = sold(&desk, &[piece(0, 0)]).await;
    // As a page that was opened twice leaves it: a second payment of the same order.
    let mut tx = desk.shop.db.begin().await.unwrap();
    tx.query(
        "INSERT INTO payment (id, order_id, provider, state, currency, amount_minor, idempotency_key, session_id, \
         created_at_us, expires_at_us) SELECT 'zz-second', order_id, provider, 'open', currency, amount_minor, 'second', \
         'cs_second', created_at_us, expires_at_us FROM payment",
    )
    .execute()
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let amount = desk.number("SELECT total_minor FROM shop_order").await;
    desk.provider.twin("cs_second", &order);
    desk.provider.books().refunds_refused = true;
    desk.hear("checkout.session.completed", "cs_second").await;
    desk.work().await;
    assert_eq!(states(&desk).await, [("failed".to_owned(), amount)], "the shop could not do it");
    desk.provider.give_back_by_hand("cs_second", amount);
    desk.hear("charge.refunded", "cs_second").await;
    desk.settle_down().await;
    assert_eq!(states(&desk).await.last(), Some(&("done".to_owned(), amount)));
    assert_eq!(desk.order_state(&order).await, "paid");
    let page = desk.see(&order).await;
    assert_eq!(page.status, OrderStatus::Paid, "what she bought is hers");
    assert_eq!(desk.piece_state(&piece(0, 0)).await, "sold");
    let unwound = "SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id \
        WHERE e.kind LIKE '%refund%' AND p.account LIKE 'member:%'";
    assert_eq!(desk.number(unwound).await, 0, "no maker loses a share");
    desk.audit().await;
}

async fn one_that_crosses_ours_is_booked_after_it(test: TestDb) {
    let desk = Desk::new(test).await;
    let (order, session) = sold(&desk, &[piece(0, 0)]).await;
    let total = desk.see(&order).await.sums.total.amount_minor;
    // The board asks here for all of it; before the job runs, somebody gives it back there.
    refund::ask(&desk.shop, &order, &Wish::default(), desk.now()).await.unwrap();
    desk.provider.give_back_by_hand(&session, total);
    desk.hear("charge.refunded", &session).await;
    desk.settle_down().await;
    let mut states = states(&desk).await;
    states.sort();
    assert_eq!(states, [("done".to_owned(), total), ("failed".to_owned(), total)]);
    assert_eq!(desk.provider.refunds_made(), 1, "it went back once");
    assert_eq!(desk.see(&order).await.status, OrderStatus::Refunded);
    desk.audit().await;
}

async fn ours_whose_answer_was_lost_is_no_outside_one(test: TestDb) {
    let desk = Desk::new(test).await;
    let (order, session) = sold(&desk, &[piece(0, 0)]).await;
    refund::ask(&desk.shop, &order, &Wish::of(500), desk.now()).await.unwrap();
    desk.provider.fail_next(Fault::LostAnswer);
    desk.work().await;
    desk.hear("charge.refunded", &session).await;
    desk.settle_down().await;
    assert_eq!(states(&desk).await, done(&[500]));
    assert_eq!(mails(&desk, "ana@example.com", "Te devolvimos").await, 1);
    assert_eq!(mails(&desk, "junta@shop.example", "").await, 0, "nobody is alarmed");
    desk.audit().await;
}
