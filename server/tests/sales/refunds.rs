//! Money that goes back: in parts, or not at all.

use store::db::DbError;

use app::backend::shop::ShownStatus;
use domain::order::OrderStatus;
use server::kernel::payments::RefundStatus;
use server::sales::refund::{self, Asked, Noted, RefundRequest, Returned};

use super::provider::Fault;
use super::test_shop::{TestShop, piece};
use crate::support::{TestDb, key};

on_both_engines!(
    refunds_unwind_the_sale_to_the_cent,
    one_piece_that_comes_back_costs_only_its_own_makers,
    a_piece_comes_back_after_part_of_the_order_did,
    what_was_given_back_by_hand_is_booked_once_it_is_seen,
    a_refund_that_nobody_answered_for_a_day_is_looked_for_first,
    a_refund_that_never_arrived_goes_under_a_fresh_key,
    somebody_elses_refund_does_not_stand_for_a_refused_one,
    a_refund_that_takes_its_time_is_done_when_it_is,
    a_refund_that_the_bank_sends_back_is_told_to_the_board,
    a_refund_keeps_what_it_is,
);

/// What each maker is owed.
async fn owed(test_shop: &TestShop) -> Vec<(String, i64)> {
    let sql = "SELECT account, CAST(-SUM(amount_minor) AS BIGINT) FROM ledger_posting \
        WHERE account LIKE 'member:%' GROUP BY account ORDER BY account";
    test_shop.shop.db.query(sql).fetch_all().await.unwrap()
}

async fn told_to_the_board(test_shop: &TestShop) -> Vec<String> {
    let sql = "SELECT body_text FROM mail WHERE to_address = 'junta@shop.example' ORDER BY id";
    let told: Vec<(String,)> = test_shop.shop.db.query(sql).fetch_all().await.unwrap();
    told.into_iter().map(|(text,)| text).collect()
}

/// An order that was paid.
async fn sold(test_shop: &TestShop, pieces: &[String]) -> String {
    let order = test_shop.order("sold", pieces).await;
    test_shop.pay(&order).await;
    test_shop.work().await;
    order
}

async fn ask(test_shop: &TestShop, order: &str, request: &RefundRequest) -> Asked {
    refund::ask(&test_shop.shop, &key(order), request, test_shop.now()).await.unwrap()
}

/// Asks for a refund that must be accepted.
async fn intend(test_shop: &TestShop, order: &str, request: RefundRequest) {
    let asked = ask(test_shop, order, &request).await;
    assert!(matches!(asked, Asked::Intended(_)), "{request:?}: {asked:?}");
}

async fn note(test_shop: &TestShop, request: &RefundRequest) -> Noted {
    let provider = &*test_shop.provider;
    let noted =
        refund::note_by_number(&test_shop.shop.db, provider, "D-000001", request, test_shop.now());
    noted.await.unwrap().unwrap()
}

async fn states(test_shop: &TestShop) -> Vec<(String, i64)> {
    let sql = "SELECT state, amount_minor FROM refund ORDER BY id";
    test_shop.shop.db.query(sql).fetch_all().await.unwrap()
}

async fn refunds_unwind_the_sale_to_the_cent(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = test_shop.order("back", &[piece(0, 0), piece(2, 1)]).await;
    assert_eq!(ask(&test_shop, &order, &RefundRequest::of(1)).await, Asked::NotPaid);
    test_shop.pay(&order).await;
    test_shop.work().await;
    let total = test_shop.see(&order).await.sums.total.amount_minor;
    for amount in [1, 99, 33_333] {
        intend(&test_shop, &order, RefundRequest::of(amount)).await;
    }
    for absurd in [0, -5, total, i64::MAX, i64::MIN] {
        let asked = ask(&test_shop, &order, &RefundRequest::of(absurd)).await;
        assert!(matches!(asked, Asked::TooMuch { .. }), "{absurd}");
    }
    test_shop.provider.fail_next(Fault::LostAnswer);
    test_shop.work().await;
    test_shop.pass(60);
    test_shop.work().await;
    let part = test_shop.see(&order).await;
    assert_eq!(part.refunded.map(|sum| sum.amount_minor), Some(33_433));
    assert_eq!(part.status, ShownStatus::Of(OrderStatus::Paid), "the rest was bought");
    // The rest.
    intend(&test_shop, &order, RefundRequest::default()).await;
    let coming = test_shop.see(&order).await;
    assert_eq!(coming.refund_coming.map(|sum| sum.amount_minor), Some(total - 33_433));
    assert_eq!(coming.status, ShownStatus::Refunded, "nothing is promised any more");
    assert!(matches!(
        ask(&test_shop, &order, &RefundRequest::default()).await,
        Asked::TooMuch { .. }
    ));
    test_shop.settle_down().await;
    assert_eq!(test_shop.see(&order).await.status, ShownStatus::Refunded);
    let told = "SELECT COUNT(*) FROM mail WHERE subject LIKE 'Te devolvimos S/%'";
    assert_eq!(test_shop.number(told).await, 4, "a mail for each that arrived, and no second one");
    only_the_fee_is_left(&test_shop).await;
    test_shop.audit().await;
}

/// Once all pieces are with us again, every account but the reserve is as before the sale, and the
/// reserve has borne the card fee.
async fn only_the_fee_is_left(test_shop: &TestShop) {
    let noted =
        refund::note_return(&test_shop.shop.db, "D-000001", None, false, test_shop.now()).await;
    assert!(matches!(noted.unwrap(), Some(Returned::Noted(_))));
    let fee = test_shop.number("SELECT fee_minor FROM payment").await;
    let left: Vec<(String, i64)> = test_shop
        .shop
        .db
        .query("SELECT account, CAST(SUM(amount_minor) AS BIGINT) FROM ledger_posting GROUP BY account, currency HAVING SUM(amount_minor) <> 0 AND account <> 'exchange:converted' ORDER BY account")
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(left, [("fund:refunds".to_owned(), fee), ("stripe:balance".to_owned(), -fee)]);
}

async fn a_refund_keeps_what_it_is(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = sold(&test_shop, &[piece(0, 0)]).await;
    let other = test_shop.order("other", &[piece(1, 0)]).await;
    intend(&test_shop, &order, RefundRequest::piece("000")).await;
    test_shop.work().await;
    let foreign_line = format!(
        "INSERT INTO refund (id, order_id, payment_id, currency, amount_minor, reason, state, idempotency_key, created_at_us, \
         order_line_id) SELECT 'x', order_id, payment_id, currency, 1, 'requested', 'intended', 'x', 1, \
         (SELECT id FROM order_line WHERE order_id = '{other}') FROM refund"
    );
    for statement in [
        "UPDATE refund SET amount_minor = 1".to_owned(),
        "UPDATE refund SET order_line_id = NULL".to_owned(),
        "UPDATE refund SET of_shipping = TRUE".to_owned(),
        "UPDATE refund SET handed_over = TRUE".to_owned(),
        "UPDATE refund SET state = 'failed'".to_owned(),
        foreign_line,
    ] {
        let mut tx = test_shop.shop.db.begin().await.unwrap();
        let refused = tx.query(statement.clone()).execute().await;
        assert!(matches!(refused, Err(DbError::Constraint(_))), "{statement}: {refused:?}");
        tx.rollback().await.unwrap();
    }
}

async fn one_piece_that_comes_back_costs_only_its_own_makers(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    // The last piece of a design has no recorded maker; this is the piece that the shopper keeps.
    let (kept, back) = (piece(0, 3), piece(2, 1));
    let order = sold(&test_shop, &[kept, back]).await;
    let before = owed(&test_shop).await;
    assert!(before.iter().all(|(_, minor)| *minor > 0) && before.len() == 3);
    let unknown = ask(&test_shop, &order, &RefundRequest::piece("0999")).await;
    assert_eq!(unknown, Asked::NoSuchPiece);
    // A refund of a piece cannot be one céntimo more than its price.
    let dear = RefundRequest { amount_minor: Some(150_000), ..RefundRequest::piece("021") };
    let most = ask(&test_shop, &order, &dear).await;
    assert!(matches!(most, Asked::TooMuch { left } if left.amount_minor == 149_999), "{most:?}");
    intend(&test_shop, &order, RefundRequest::piece("021")).await;
    test_shop.work().await;
    assert_eq!(states(&test_shop).await, [("done".to_owned(), 149_999)]);
    let held = "SELECT CAST(-SUM(amount_minor) AS BIGINT) FROM ledger_posting WHERE account = 'makers:held'";
    let of_sale = "SELECT CAST(SUM(held_minor) AS BIGINT) FROM sale";
    assert_eq!(
        test_shop.number(held).await,
        test_shop.number(of_sale).await,
        "the kept piece is untouched"
    );
    let again = ask(&test_shop, &order, &RefundRequest::piece("021")).await;
    assert!(matches!(again, Asked::TooMuch { left } if left.amount_minor == 0), "{again:?}");
    intend(&test_shop, &order, RefundRequest::shipping()).await;
    intend(
        &test_shop,
        &order,
        RefundRequest { amount_minor: Some(1_000), ..RefundRequest::piece("003") },
    )
    .await;
    intend(&test_shop, &order, RefundRequest::default()).await;
    test_shop.settle_down().await;
    only_the_fee_is_left(&test_shop).await;
    test_shop.audit().await;
}

async fn a_piece_comes_back_after_part_of_the_order_did(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = sold(&test_shop, &[piece(0, 3), piece(2, 1), piece(1, 0)]).await;
    let held = "SELECT CAST(-SUM(amount_minor) AS BIGINT) FROM ledger_posting WHERE account = 'makers:held'";
    for amount in [7_777, 1, 333] {
        intend(&test_shop, &order, RefundRequest::of(amount)).await;
    }
    // This one is asked for while the others are on their way, and the amounts of the others are
    // counted.
    intend(&test_shop, &order, RefundRequest::piece("021")).await;
    test_shop.work().await;
    let untouched = test_shop.number(held).await;
    let back =
        test_shop.number("SELECT amount_minor FROM refund WHERE order_line_id IS NOT NULL").await;
    assert!(back < 149_999 && back > 140_000, "part of its price had gone back: {back}");
    let more = RefundRequest { amount_minor: Some(1), ..RefundRequest::piece("021") };
    assert!(
        matches!(ask(&test_shop, &order, &more).await, Asked::TooMuch { .. }),
        "all of it went back"
    );
    test_shop.work().await;
    assert_eq!(test_shop.number(held).await, untouched);
    intend(&test_shop, &order, RefundRequest::of(20_000)).await;
    intend(&test_shop, &order, RefundRequest::default()).await;
    test_shop.settle_down().await;
    only_the_fee_is_left(&test_shop).await;
    test_shop.audit().await;
}

async fn what_was_given_back_by_hand_is_booked_once_it_is_seen(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = sold(&test_shop, &[piece(0, 3), piece(2, 1)]).await;
    let session = test_shop.provider.session_of(&order).unwrap();
    assert_eq!(note(&test_shop, &RefundRequest::default()).await, Noted::NotThere);
    // A refund that the shop itself asked for and has not heard of is not taken for one made by
    // hand.
    intend(&test_shop, &order, RefundRequest::of(200)).await;
    test_shop.provider.fail_next(Fault::LostAnswer);
    test_shop.work().await;
    assert_eq!(note(&test_shop, &RefundRequest::default()).await, Noted::NotThere);
    test_shop.provider.give_back_by_hand(&session, 500);
    test_shop.provider.give_back_by_hand(&session, 149_000);
    assert_eq!(note(&test_shop, &RefundRequest::of(400)).await, Noted::NotThere);
    assert_eq!(note(&test_shop, &RefundRequest::piece("021")).await, Noted::Several);
    let by_hand = RefundRequest { amount_minor: Some(149_000), ..RefundRequest::piece("021") };
    assert!(
        matches!(note(&test_shop, &by_hand).await, Noted::Booked { amount } if amount.amount_minor == 149_000)
    );
    assert_eq!(note(&test_shop, &by_hand).await, Noted::NotThere, "nothing is booked twice");
    assert!(
        matches!(note(&test_shop, &RefundRequest::default()).await, Noted::Booked { amount } if amount.amount_minor == 500)
    );
    let made = test_shop.provider.refunds_made();
    test_shop.settle_down().await;
    assert_eq!(test_shop.provider.refunds_made(), made, "no money was sent");
    assert_eq!(test_shop.see(&order).await.refunded.map(|sum| sum.amount_minor), Some(149_700));
    test_shop.audit().await;
}

/// A refund of 5.00 that the provider did not answer for this number of hours.
async fn unanswered(test_shop: &TestShop, fault: Fault, hours: usize) -> String {
    let order = sold(test_shop, &[piece(0, 0)]).await;
    intend(test_shop, &order, RefundRequest::of(500)).await;
    for _ in 0..hours {
        test_shop.provider.fail_next(fault);
        test_shop.work().await;
        test_shop.pass(3_600);
        test_shop.provider.no_more_faults();
    }
    order
}

async fn a_refund_that_nobody_answered_for_a_day_is_looked_for_first(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = unanswered(&test_shop, Fault::LostAnswer, 30).await;
    test_shop.settle_down().await;
    assert_eq!(states(&test_shop).await, [("done".to_owned(), 500)]);
    assert_eq!(test_shop.provider.refunds_made(), 1, "it was given back once");
    assert_eq!(test_shop.see(&order).await.refunded.map(|sum| sum.amount_minor), Some(500));
    test_shop.audit().await;
}

async fn a_refund_that_never_arrived_goes_under_a_fresh_key(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = unanswered(&test_shop, Fault::Away, 23).await;
    // For an hour the shop only asks whether the refund is there.
    test_shop.pass(600);
    test_shop.work().await;
    assert_eq!(test_shop.provider.refunds_made(), 0);
    assert_eq!(states(&test_shop).await, [("intended".to_owned(), 500)]);
    test_shop.pass(3_600);
    test_shop.settle_down().await;
    assert_eq!(states(&test_shop).await, [("done".to_owned(), 500)]);
    assert_eq!(test_shop.provider.refunds_made(), 1);
    let fresh = "SELECT CAST(COUNT(*) AS BIGINT) FROM refund WHERE key_made_at_us > created_at_us";
    assert_eq!(test_shop.number(fresh).await, 1);
    assert_eq!(told_to_the_board(&test_shop).await, [""; 0]);
    assert_eq!(test_shop.see(&order).await.refunded.map(|sum| sum.amount_minor), Some(500));
    test_shop.audit().await;
}

async fn somebody_elses_refund_does_not_stand_for_a_refused_one(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = sold(&test_shop, &[piece(0, 0)]).await;
    let session = test_shop.provider.session_of(&order).unwrap();
    test_shop.provider.give_back_by_hand(&session, 500);
    intend(&test_shop, &order, RefundRequest::of(500)).await;
    test_shop.provider.books().refunds_refused = true;
    test_shop.work().await;
    assert_eq!(states(&test_shop).await, [("failed".to_owned(), 500)]);
    let told = told_to_the_board(&test_shop).await;
    assert!(
        matches!(told.as_slice(), [once] if once.contains("server refund D-000001 --already-done"))
    );
    assert_eq!(test_shop.see(&order).await.refunded, None);
    // The board finds that it was given back by hand, for another reason or for this one.
    assert!(matches!(note(&test_shop, &RefundRequest::default()).await, Noted::Booked { .. }));
    assert_eq!(test_shop.see(&order).await.refunded.map(|sum| sum.amount_minor), Some(500));
    test_shop.settle_down().await;
    test_shop.audit().await;
}

async fn a_refund_that_takes_its_time_is_done_when_it_is(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    test_shop.provider.books().refunds_pend = true;
    let order = sold(&test_shop, &[piece(0, 0), piece(0, 1)]).await;
    for amount in [500, 700] {
        intend(&test_shop, &order, RefundRequest::of(amount)).await;
        test_shop.work().await;
        test_shop.pass(700);
        test_shop.work().await;
        assert_eq!(states(&test_shop).await.last(), Some(&("intended".to_owned(), amount)));
        let state = if amount == 500 { RefundStatus::Done } else { RefundStatus::Failed };
        test_shop.provider.end_refunds(RefundStatus::OnItsWay, state);
        test_shop.pass(700);
        test_shop.work().await;
    }
    assert_eq!(states(&test_shop).await, [("done".to_owned(), 500), ("failed".to_owned(), 700)]);
}

async fn a_refund_that_the_bank_sends_back_is_told_to_the_board(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = sold(&test_shop, &[piece(0, 0)]).await;
    intend(&test_shop, &order, RefundRequest::of(500)).await;
    test_shop.work().await;
    let session = test_shop.provider.session_of(&order).unwrap();
    test_shop.hear("refund.updated", &session).await;
    test_shop.work().await;
    assert_eq!(told_to_the_board(&test_shop).await, [""; 0], "all is as the books say");
    test_shop.provider.end_refunds(RefundStatus::Done, RefundStatus::Failed);
    for kind in ["refund.failed", "charge.refund.updated"] {
        test_shop.hear(kind, &session).await;
    }
    test_shop.settle_down().await;
    let told = told_to_the_board(&test_shop).await;
    assert!(
        matches!(told.as_slice(), [once] if once.contains("el banco no los recibió")),
        "{told:?}"
    );
}
