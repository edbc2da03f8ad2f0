//! Money that somebody gives back on the provider's page: the books, the shopper's page and her mail
//! follow by themselves, once.

use app::backend::shop::ShownStatus;
use domain::order::OrderStatus;
use server::kernel::payments::{PaymentStatus, RefundStatus};
use server::sales::refund::{self, RefundRequest};

use super::provider::Fault;
use super::test_shop::{TestShop, piece};
use crate::support::{TestDb, key};

on_both_engines!(
    it_reaches_the_books_the_page_and_the_mail,
    several_and_repeated_news_are_booked_once_each,
    one_that_came_before_the_payment_was_seen_is_not_lost,
    one_that_takes_its_time_is_booked_when_it_is_done,
    one_of_the_second_payment_leaves_the_sale_alone,
    one_that_crosses_ours_is_booked_after_it,
    ours_whose_answer_was_lost_is_no_outside_one,
);

async fn sold(test_shop: &TestShop, pieces: &[String]) -> (String, String) {
    let order = test_shop.order("sold", pieces).await;
    test_shop.pay(&order).await;
    test_shop.work().await;
    let session = test_shop.provider.session_of(&order).unwrap();
    (order, session)
}

async fn states(test_shop: &TestShop) -> Vec<(String, i64)> {
    let sql = "SELECT state, amount_minor FROM refund ORDER BY id";
    test_shop.shop.db.query(sql).fetch_all().await.unwrap()
}

fn done(amounts: &[i64]) -> Vec<(String, i64)> {
    amounts.iter().map(|amount| ("done".to_owned(), *amount)).collect()
}

async fn mails(test_shop: &TestShop, to: &str, like: &str) -> i64 {
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM mail WHERE to_address = $1 AND subject || body_text LIKE $2";
    let row = test_shop.shop.db.query(sql).bind(to).bind(format!("%{like}%"));
    row.fetch_one::<(i64,)>().await.unwrap().0
}

async fn it_reaches_the_books_the_page_and_the_mail(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let (order, session) = sold(&test_shop, &[piece(0, 0), piece(1, 1)]).await;
    let total = test_shop.see(&order).await.sums.total.amount_minor;
    test_shop.provider.give_back_by_hand(&session, 500);
    for kind in ["charge.refunded", "refund.created", "charge.refunded", "refund.updated"] {
        test_shop.hear(kind, &session).await;
    }
    test_shop.work().await;
    assert_eq!(states(&test_shop).await, done(&[500]));
    let page = test_shop.see(&order).await;
    assert_eq!(page.refunded.map(|sum| sum.amount_minor), Some(500));
    assert_eq!(page.status, ShownStatus::Of(OrderStatus::Paid));
    assert_eq!(mails(&test_shop, "ana@example.com", "Te devolvimos").await, 1);
    assert_eq!(mails(&test_shop, "junta@shop.example", "Ya está en los libros").await, 1);
    // Then everything that is left.
    test_shop.provider.give_back_by_hand(&session, total - 500);
    test_shop.hear("charge.refunded", &session).await;
    test_shop.work().await;
    assert_eq!(states(&test_shop).await, done(&[500, total - 500]));
    assert_eq!(test_shop.see(&order).await.status, ShownStatus::Refunded);
    assert_eq!(mails(&test_shop, "ana@example.com", "Te devolvimos").await, 2);
    assert_eq!(test_shop.provider.refunds_made(), 2, "no money was sent");
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn several_and_repeated_news_are_booked_once_each(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let (_, session) = sold(&test_shop, &[piece(0, 0), piece(1, 1)]).await;
    // Three refunds before any notification arrives; the notification names none of them.
    for amount in [100, 200, 300] {
        test_shop.provider.give_back_by_hand(&session, amount);
    }
    test_shop.hear("charge.refunded", &session).await;
    test_shop.work().await;
    assert_eq!(states(&test_shop).await, done(&[100, 200, 300]), "in the order they were made");
    // The first notification is repeated late, after another one.
    test_shop.provider.give_back_by_hand(&session, 100);
    for _ in 0..3 {
        test_shop.hear("charge.refunded", &session).await;
    }
    test_shop.settle_down().await;
    assert_eq!(states(&test_shop).await, done(&[100, 200, 300, 100]));
    assert_eq!(mails(&test_shop, "ana@example.com", "Te devolvimos").await, 4);
    test_shop.audit().await;
}

async fn one_that_came_before_the_payment_was_seen_is_not_lost(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = test_shop.order("unseen", &[piece(0, 0)]).await;
    let session = test_shop.provider.session_of(&order).unwrap();
    assert!(test_shop.provider.pay(&session, PaymentStatus::Paid));
    test_shop.provider.give_back_by_hand(&session, 700);
    // Only the notification of the payment arrives, or none and the shopper opens her page.
    test_shop.see(&order).await;
    test_shop.work().await;
    assert_eq!(states(&test_shop).await, done(&[700]));
    assert_eq!(test_shop.see(&order).await.refunded.map(|sum| sum.amount_minor), Some(700));
    test_shop.hear("checkout.session.completed", &session).await;
    test_shop.hear("charge.refunded", &session).await;
    test_shop.settle_down().await;
    assert_eq!(states(&test_shop).await, done(&[700]));
    test_shop.audit().await;
}

async fn one_that_takes_its_time_is_booked_when_it_is_done(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let (order, session) = sold(&test_shop, &[piece(0, 0)]).await;
    test_shop.provider.books().refunds_pend = true;
    test_shop.provider.give_back_by_hand(&session, 500);
    test_shop.hear("refund.created", &session).await;
    test_shop.work().await;
    assert_eq!(states(&test_shop).await, [], "nothing went back yet");
    assert_eq!(test_shop.see(&order).await.refunded, None);
    // Its last notification gets lost, so the shop looks the refund up.
    test_shop.provider.end_refunds(RefundStatus::OnItsWay, RefundStatus::Done);
    test_shop.pass(3_700);
    test_shop.work().await;
    assert_eq!(states(&test_shop).await, done(&[500]));
    // A refund that never arrives is never booked.
    test_shop.provider.give_back_by_hand(&session, 900);
    test_shop.hear("refund.created", &session).await;
    test_shop.work().await;
    test_shop.provider.end_refunds(RefundStatus::OnItsWay, RefundStatus::Failed);
    test_shop.settle_down().await;
    assert_eq!(states(&test_shop).await, done(&[500]));
    test_shop.audit().await;
}

/// A shopper paid twice, and the second payment is given back by hand: her order stays bought.
async fn one_of_the_second_payment_leaves_the_sale_alone(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let (order, _) = sold(&test_shop, &[piece(0, 0)]).await;
    // A second payment of the same order, as after a page that was opened twice.
    let mut tx = test_shop.shop.db.begin().await.unwrap();
    tx.query(
        "INSERT INTO payment (id, order_id, provider, state, currency, amount_minor, idempotency_key, session_id, \
         created_at_us, expires_at_us) SELECT 'zz-second', order_id, provider, 'open', currency, amount_minor, 'second', \
         'cs_second', created_at_us, expires_at_us FROM payment",
    )
    .execute()
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let amount = test_shop.number("SELECT total_minor FROM shop_order").await;
    test_shop.provider.twin("cs_second", &order);
    test_shop.provider.books().refunds_refused = true;
    test_shop.hear("checkout.session.completed", "cs_second").await;
    test_shop.work().await;
    assert_eq!(
        states(&test_shop).await,
        [("failed".to_owned(), amount)],
        "the shop could not do it"
    );
    test_shop.provider.give_back_by_hand("cs_second", amount);
    test_shop.hear("charge.refunded", "cs_second").await;
    test_shop.settle_down().await;
    assert_eq!(states(&test_shop).await.last(), Some(&("done".to_owned(), amount)));
    assert_eq!(test_shop.order_state(&order).await, "paid");
    let page = test_shop.see(&order).await;
    assert_eq!(page.status, ShownStatus::Of(OrderStatus::Paid), "what she bought is hers");
    assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "sold");
    let unwound = "SELECT CAST(COUNT(*) AS BIGINT) FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id \
        WHERE e.kind LIKE '%refund%' AND p.account LIKE 'member:%'";
    assert_eq!(test_shop.number(unwound).await, 0, "no maker loses a share");
    test_shop.audit().await;
}

async fn one_that_crosses_ours_is_booked_after_it(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let (order, session) = sold(&test_shop, &[piece(0, 0)]).await;
    let total = test_shop.see(&order).await.sums.total.amount_minor;
    // The board asks the shop for a full refund. Before the job runs, somebody makes it at the
    // provider.
    refund::ask(&test_shop.shop, &key(&order), &RefundRequest::default(), test_shop.now())
        .await
        .unwrap();
    test_shop.provider.give_back_by_hand(&session, total);
    test_shop.hear("charge.refunded", &session).await;
    test_shop.settle_down().await;
    let mut states = states(&test_shop).await;
    states.sort();
    assert_eq!(states, [("done".to_owned(), total), ("failed".to_owned(), total)]);
    assert_eq!(test_shop.provider.refunds_made(), 1, "it went back once");
    assert_eq!(test_shop.see(&order).await.status, ShownStatus::Refunded);
    test_shop.audit().await;
}

async fn ours_whose_answer_was_lost_is_no_outside_one(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let (order, session) = sold(&test_shop, &[piece(0, 0)]).await;
    refund::ask(&test_shop.shop, &key(&order), &RefundRequest::of(500), test_shop.now())
        .await
        .unwrap();
    test_shop.provider.fail_next(Fault::LostAnswer);
    test_shop.work().await;
    test_shop.hear("charge.refunded", &session).await;
    test_shop.settle_down().await;
    assert_eq!(states(&test_shop).await, done(&[500]));
    assert_eq!(mails(&test_shop, "ana@example.com", "Te devolvimos").await, 1);
    assert_eq!(mails(&test_shop, "junta@shop.example", "").await, 0, "nobody is alarmed");
    test_shop.audit().await;
}
