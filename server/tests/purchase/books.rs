//! The books of a sale and of what becomes of it: in which currency, by which rates, by which
//! policy, for whose work, and what goes back when.

use std::collections::BTreeMap;

use store::db::DbError;

use app::backend::shop::{CheckoutForm, CheckoutTrouble, ShopBackend as _};
use server::check;
use server::payments::PaymentStatus;
use server::shop::refund::{self, Asked, Noted, Returned, Wish};

use super::desk::{Desk, form, piece};
use crate::support::TestDb;

on_both_engines!(
    a_sale_in_dollars_is_booked_where_it_lies_and_goes_back_at_its_own_rate,
    metal_is_owed_in_its_own_currency_at_the_rate_of_the_checkout,
    the_moment_the_provider_says_it_was_paid_decides_policy_work_and_month,
    nothing_is_sold_whose_metal_has_no_rate,
    nothing_is_returned_of_an_order_that_was_refunded_by_other_rules,
    half_the_price_of_a_kept_piece_leaves_metal_and_courier_owed,
    shipping_that_was_used_is_the_reserves,
    a_piece_comes_back_without_its_money_and_is_sold_again,
    a_refund_that_names_nothing_is_of_all_that_is_left,
    what_was_paid_of_a_share_is_not_taken_back,
    no_book_is_edited_and_nothing_gives_more_than_there_is,
    refunds_of_older_rules_are_not_built_upon,
);

/// What every account holds, by account and currency.
async fn balances(desk: &Desk) -> BTreeMap<String, i64> {
    let sql = "SELECT account || ' ' || currency, CAST(SUM(amount_minor) AS BIGINT) FROM ledger_posting \
        GROUP BY account, currency HAVING SUM(amount_minor) <> 0";
    let rows: Vec<(String, i64)> = desk.shop.db.query(sql).fetch_all().await.unwrap();
    rows.into_iter().collect()
}

fn told(expected: &[(&str, i64)]) -> BTreeMap<String, i64> {
    expected.iter().map(|(account, minor)| ((*account).to_owned(), *minor)).collect()
}

async fn run(desk: &Desk, sql: &str) {
    let mut tx = desk.shop.db.begin().await.unwrap();
    tx.query(sql.to_owned()).execute().await.unwrap();
    tx.commit().await.unwrap();
}

async fn order_in(desk: &Desk, currency: &str, pieces: &[String]) -> String {
    let typed = CheckoutForm { currency: currency.into(), ..form("books") };
    let placed = desk.place(typed, pieces).await.unwrap().expect("the order is placed");
    desk.order_of(&placed.secret).await
}

async fn intend(desk: &Desk, order: &str, wish: Wish) {
    let asked = refund::ask(&desk.shop, order, &wish, desk.now()).await.unwrap();
    assert!(matches!(asked, Asked::Intended(_)), "{wish:?}: {asked:?}");
    desk.work().await;
}

async fn comes_back(desk: &Desk, serial: Option<&str>, for_sale: bool) -> Returned {
    let noted = refund::note_return(&desk.shop.db, "D-000001", serial, for_sale, desk.now()).await;
    noted.unwrap().unwrap()
}

/// `server check` finds nothing, the provider included.
async fn in_order(desk: &Desk) {
    let report = check::reconcile(
        &desk.shop.db,
        Some(&*desk.provider as _),
        desk.now(),
        std::time::Duration::ZERO,
    );
    let report = report.await.unwrap();
    assert_eq!(report.differences, [""; 0], "{report}");
}

/// 1.28 g and 41 mg of gold: metal in soles and dollars, an order in dollars, an account in soles.
async fn a_sale_in_dollars_is_booked_where_it_lies_and_goes_back_at_its_own_rate(test: TestDb) {
    let desk = Desk::new(test).await;
    desk.provider.books().lies_in = Some(("PEN", 3_714_500_000));
    let order = order_in(&desk, "USD", &[piece(0, 1)]).await;
    desk.pay(&order).await;
    desk.work().await;
    in_order(&desk).await;
    let sale = balances(&desk).await;
    let (paid, fee): (i64, i64) = desk
        .shop
        .db
        .query("SELECT amount_minor, fee_minor FROM payment")
        .fetch_one()
        .await
        .unwrap();
    // 3.7145 soles for each dollar paid, and the fee in dollars at that very rate.
    let came = paid * 37_145 / 10_000;
    let kept = (paid * 42 / 1_000 + 30) * 37_145 / 10_000;
    assert_eq!(sale["stripe:balance PEN"], came - kept);
    assert_eq!(fee, (kept as f64 / 3.7145).round() as i64);
    // 3.714 g of fine silver at 4.10 soles; 31 mg of fine gold at 68.55 dollars.
    assert_eq!((sale["material:consigned PEN"], sale["material:own USD"]), (-1_523, -213));
    // Stones of 3.33 soles are of our own stock as well.
    assert_eq!(sale["material:own PEN"], -333);
    assert!(!sale.contains_key("fee:payment USD") && !sale.contains_key("stripe:balance USD"));
    // It goes back when a dollar costs more, and half a dollar of the fee goes back with it
    // (stripe-ruby-mock, issue 611: a refund's own fee may be negative).
    desk.provider.books().lies_in = Some(("PEN", 3_802_000_000));
    desk.provider.books().refund_fee_minor = -50;
    intend(&desk, &order, Wish::default()).await;
    assert_eq!(comes_back(&desk, None, false).await, Returned::Noted(vec!["001".into()]));
    in_order(&desk).await;
    let mut left = balances(&desk).await;
    let gone = paid * 3_802 / 1_000 - 190;
    assert_eq!(left.remove("stripe:balance PEN"), Some(came - kept - gone));
    assert_eq!(left.remove("fund:refunds PEN"), Some(-190));
    assert_eq!(left.remove("fund:refunds USD"), Some(fee), "the reserve has borne the card fee");
    // What the rates made of it is on the exchange account and nowhere else.
    let exchange = (left.remove("exchange:converted PEN"), left.remove("exchange:converted USD"));
    assert_eq!(exchange, (Some(paid * 3_802 / 1_000 - came + kept), Some(-fee)));
    assert_eq!(left, told(&[]));
}

async fn metal_is_owed_in_its_own_currency_at_the_rate_of_the_checkout(test: TestDb) {
    let desk = Desk::new(test).await;
    let order = order_in(&desk, "PEN", &[piece(0, 1)]).await;
    // Another rate counts from a moment after the checkout on: the order keeps its own.
    let later = desk.now().as_microsecond() + 1;
    run(&desk, &format!("INSERT INTO exchange_rate (id, currency, rate_micro, source, effective_from_us) VALUES ('r2', 'USD', 9999000, 'SBS', {later})")).await;
    desk.pass(60);
    desk.pay(&order).await;
    desk.work().await;
    let rows: Vec<(String, String, i64, i64)> = desk
        .shop
        .db
        .query("SELECT source, currency, cost_minor, deducted_minor FROM sale_material ORDER BY position")
        .fetch_all()
        .await
        .unwrap();
    let row = |source: &str, currency: &str, cost, deducted| {
        (source.to_owned(), currency.to_owned(), cost, deducted)
    };
    // Lots in the order of their keys: 2.13 dollars at 3.752 are 7.99 soles.
    let gold = row("own", "USD", 213, 799);
    let silver = row("consigned", "PEN", 1_523, 1_523);
    assert_eq!(rows, [gold, silver, row("own", "PEN", 333, 333)]);
    let kept = "SELECT rate_micro FROM order_rate WHERE currency = 'USD'";
    assert_eq!(desk.number(kept).await, 3_752_000, "an order in soles keeps the dollar's rate too");
    let sums = balances(&desk).await;
    assert_eq!((sums["material:own USD"], sums["exchange:converted USD"]), (-213, 213));
    assert_eq!(sums["exchange:converted PEN"], -799);
    assert_eq!((sums["material:consigned PEN"], sums["material:own PEN"]), (-1_523, -333));
    in_order(&desk).await;
}

async fn the_moment_the_provider_says_it_was_paid_decides_policy_work_and_month(test: TestDb) {
    let desk = Desk::new(test).await;
    // Marta's work of an hour is open; only a later inspection closes it.
    run(&desk, "INSERT INTO contribution (id, piece_id, member_id, step, minutes, closed_at_us) VALUES ('late', 'piece-0-0', 'marta', 'polishing', 6000, NULL)").await;
    let page = desk.shop.design(&desk.visit(), "design-0").await.unwrap().unwrap();
    let page = page.money.unwrap();
    assert!(page.still_open, "the page says that work is still open");
    assert_eq!(page.maker_count, 3);
    let order = desk.order("when", &[piece(0, 0)]).await;
    desk.pass(120);
    let paid_at = desk.now().as_microsecond();
    let session = desk.provider.session_of(&order).unwrap();
    assert!(desk.provider.pay(&session, PaymentStatus::Paid));
    // Nobody tells us for an hour, in which an assembly's new rule takes effect and an inspection
    // closes what was open.
    desk.pass(600);
    let then = desk.now().as_microsecond();
    run(&desk, &format!("INSERT INTO split_policy (id, version, minute, adopted_on, effective_from_us, loss_fund, minute_rate_minor) VALUES ('second', 2, 'ACTA-2', '2026-01-11', {then}, 'association', 25)")).await;
    run(&desk, &format!("UPDATE contribution SET closed_at_us = {then} WHERE id = 'late'")).await;
    desk.pass(600);
    desk.hear("checkout.session.completed", &session).await;
    desk.work().await;
    for sql in [
        "SELECT paid_at_us FROM shop_order",
        "SELECT paid_at_us FROM payment",
        "SELECT at_us FROM sale",
        "SELECT MIN(at_us) FROM ledger_entry",
        "SELECT MAX(at_us) FROM ledger_entry",
        "SELECT sold_at_us FROM piece WHERE state = 'sold'",
    ] {
        assert_eq!(desk.number(sql).await, paid_at, "{sql}");
    }
    assert_eq!(desk.text("SELECT policy_id FROM sale WHERE currency = $1", "PEN").await, "policy");
    // What goes back is of the month in which it went back, whenever we hear of it.
    desk.provider.give_back_by_hand(&session, 500);
    let back_at = desk.now().as_microsecond();
    desk.pass(3_000_000);
    let wish = Wish::default();
    let noted =
        refund::note_by_number(&desk.shop.db, &*desk.provider, "D-000001", &wish, desk.now());
    assert!(matches!(noted.await.unwrap(), Some(Noted::Booked { .. })));
    assert_eq!(desk.number("SELECT at_us FROM ledger_entry WHERE kind = 'refund'").await, back_at);
    let marta = "SELECT weight FROM sale_share WHERE member_id = 'marta'";
    assert_eq!(desk.number(marta).await, 11 * 25, "what was closed later is not counted");
    in_order(&desk).await;
}

async fn nothing_is_sold_whose_metal_has_no_rate(test: TestDb) {
    let desk = Desk::new(test).await;
    run(&desk, "UPDATE material_lot SET price_currency = 'EUR' WHERE id = 'gold'").await;
    for attempt in ["euro", "again"] {
        let refused =
            desk.place(form(attempt), &[piece(0, 1)]).await.unwrap().expect_err("no rate");
        let no_rate = CheckoutTrouble::NoRate { currency: "EUR".to_owned() };
        assert_eq!(refused.view.trouble, Some(no_rate));
    }
    let told = "SELECT CAST(COUNT(*) AS BIGINT) FROM mail WHERE subject LIKE '%EUR%'";
    assert_eq!(desk.number(told).await, 1, "the board is told once a day");
    assert_eq!(desk.piece_state(&piece(0, 1)).await, "retail");
    assert!(desk.place(form("soles"), &[piece(0, 0)]).await.unwrap().is_ok());
}

async fn nothing_is_returned_of_an_order_that_was_refunded_by_other_rules(test: TestDb) {
    let desk = Desk::new(test).await;
    let order = desk.order("before", &[piece(0, 0)]).await;
    desk.pay(&order).await;
    desk.work().await;
    // A refund of an earlier version: what it was of is not known.
    run(
        &desk,
        "INSERT INTO refund (id, order_id, payment_id, currency, amount_minor, reason, state, idempotency_key, provider_ref, created_at_us)
         SELECT 'before', order_id, id, currency, 100, 'requested', 'done', 'before', 're_before', created_at_us FROM payment",
    )
    .await;
    assert_eq!(comes_back(&desk, None, true).await, Returned::OtherRules);
    assert_eq!(desk.piece_state(&piece(0, 0)).await, "sold");
}

/// A paid order whose parcel is with the courier.
async fn shipped(desk: &Desk, pieces: &[String]) -> String {
    let order = desk.order("shipped", pieces).await;
    desk.pay(&order).await;
    desk.work().await;
    for state in ["preparing", "shipped"] {
        run(desk, &format!("UPDATE shop_order SET state = '{state}'")).await;
    }
    order
}

async fn half_the_price_of_a_kept_piece_leaves_metal_and_courier_owed(test: TestDb) {
    let desk = Desk::new(test).await;
    let order = shipped(&desk, &[piece(0, 0)]).await;
    let before = balances(&desk).await;
    let half = Wish { amount_minor: Some(19_000), ..Wish::piece("000") };
    intend(&desk, &order, half).await;
    let after = balances(&desk).await;
    for account in ["material:consigned PEN", "shipping:pass_through PEN"] {
        assert_eq!(before[account], after[account], "{account}");
    }
    let makers = |sums: &BTreeMap<String, i64>| -> i64 {
        sums.iter().filter(|(name, _)| name.starts_with("member:")).map(|(_, sum)| sum).sum()
    };
    // Half of what each got, by half a céntimo at most.
    assert!((makers(&after) * 2 - makers(&before)).abs() <= 3);
    let (material, fee) = (
        1_523,
        -before["stripe:balance PEN"] + desk.number("SELECT amount_minor FROM payment").await,
    );
    assert!((after["fund:refunds PEN"] * 2 - material - fee).abs() <= 6, "{after:?}");
    in_order(&desk).await;
}

async fn shipping_that_was_used_is_the_reserves(test: TestDb) {
    let desk = Desk::new(test).await;
    let order = shipped(&desk, &[piece(0, 0)]).await;
    intend(&desk, &order, Wish::default()).await;
    comes_back(&desk, None, true).await;
    let mut left = balances(&desk).await;
    let fee = desk.number("SELECT fee_minor FROM payment").await;
    let used = desk.number("SELECT CAST(SUM(shipping_minor) AS BIGINT) FROM sale").await;
    assert!(used > 0);
    assert_eq!(left.remove("shipping:pass_through PEN"), Some(-used), "the courier stays owed");
    assert_eq!(left.remove("fund:refunds PEN"), Some(fee + used));
    assert_eq!(left.remove("stripe:balance PEN"), Some(-fee));
    assert_eq!(left, told(&[]));
    assert_eq!(desk.piece_state(&piece(0, 0)).await, "retail");
    in_order(&desk).await;
}

async fn a_piece_comes_back_without_its_money_and_is_sold_again(test: TestDb) {
    let desk = Desk::new(test).await;
    assert_eq!(
        refund::note_return(&desk.shop.db, "D-000009", None, true, desk.now()).await.unwrap(),
        None
    );
    let order = desk.order("first", &[piece(0, 0), piece(1, 0)]).await;
    assert_eq!(comes_back(&desk, None, true).await, Returned::NotSold);
    desk.pay(&order).await;
    desk.work().await;
    assert_eq!(comes_back(&desk, Some("999"), true).await, Returned::NoSuchPiece);
    assert_eq!(comes_back(&desk, Some("000"), true).await, Returned::Noted(vec!["000".into()]));
    assert_eq!(comes_back(&desk, Some("000"), true).await, Returned::Known);
    // Its metal is its owner's again, its makers keep their pay.
    let sums = balances(&desk).await;
    assert_eq!((sums["material:consigned PEN"], sums["fund:refunds PEN"]), (-1_523, -1_523));
    in_order(&desk).await;
    // Somebody else buys it; the first money goes back only now.
    let again = desk.order("second", &[piece(0, 0)]).await;
    desk.pay(&again).await;
    desk.work().await;
    assert_eq!(balances(&desk).await["material:consigned PEN"], -2 * 1_523);
    intend(&desk, &order, Wish::piece("000")).await;
    in_order(&desk).await;
    // The rest of the first order comes back and waits to be looked over.
    assert_eq!(comes_back(&desk, None, false).await, Returned::Noted(vec!["010".into()]));
    assert_eq!(desk.piece_state(&piece(1, 0)).await, "returned");
    intend(&desk, &order, Wish::default()).await;
    desk.settle_down().await;
    in_order(&desk).await;
    desk.audit().await;
    let events = "SELECT CAST(COUNT(*) AS BIGINT) FROM piece_event WHERE kind = 'unsold'";
    assert_eq!(desk.number(events).await, 2);
}

async fn a_refund_that_names_nothing_is_of_all_that_is_left(test: TestDb) {
    let desk = Desk::new(test).await;
    let order = desk.order("all", &[piece(0, 0), piece(1, 0)]).await;
    desk.pay(&order).await;
    desk.work().await;
    intend(&desk, &order, Wish { amount_minor: Some(8_000), ..Wish::piece("000") }).await;
    // Somebody presses the button in the provider's dashboard for a tenth of what is left.
    let shipping = desk.number("SELECT shipping_minor FROM shop_order").await;
    let left = [30_000, 34_050, shipping];
    let tenth = left.iter().sum::<i64>() / 10;
    let session = desk.provider.session_of(&order).unwrap();
    desk.provider.give_back_by_hand(&session, tenth);
    let wish = Wish::default();
    let noted =
        refund::note_by_number(&desk.shop.db, &*desk.provider, "D-000001", &wish, desk.now());
    assert!(matches!(noted.await.unwrap(), Some(Noted::Booked { .. })));
    let rows: Vec<(i64,)> = desk
        .shop
        .db
        .query(
            "SELECT p.amount_minor FROM refund_part p JOIN refund r ON r.id = p.refund_id \
             WHERE r.order_line_id IS NULL ORDER BY p.position",
        )
        .fetch_all()
        .await
        .unwrap();
    let parts: Vec<i64> = rows.into_iter().map(|(minor,)| minor).collect();
    assert_eq!(parts.iter().sum::<i64>(), tenth);
    for (part, left) in parts.iter().zip(left) {
        assert!((part * 10 - left).abs() <= 10, "{parts:?} of {left:?}");
    }
    in_order(&desk).await;
    // What is named goes back whole, and the webhook tells the same by itself.
    for wish in [
        Wish { amount_minor: Some(200), shipping: true, ..Wish::piece("010") },
        Wish::shipping(),
        Wish::default(),
    ] {
        intend(&desk, &order, wish).await;
        in_order(&desk).await;
    }
    desk.settle_down().await;
    desk.audit().await;
}

/// A share of this sale was paid out, and she is owed much more for other pieces: only what is
/// unpaid of this very sale is taken. Payouts do not exist yet: the rule is `domain::refund::Unpaid`, and the
/// schema keeps every refund within the share.
async fn what_was_paid_of_a_share_is_not_taken_back(test: TestDb) {
    let desk = Desk::new(test).await;
    let first = desk.order("first", &[piece(0, 0)]).await;
    desk.pay(&first).await;
    let second = desk.order("second", &[piece(2, 0)]).await;
    desk.pay(&second).await;
    desk.work().await;
    intend(&desk, &first, Wish::default()).await;
    let rows: Vec<(String, i64, i64)> = desk
        .shop
        .db
        .query(
            "SELECT h.member_id, h.amount_minor, s.amount_minor FROM refund_share h JOIN sale x ON x.order_line_id = h.order_line_id \
             JOIN sale_share s ON s.sale_id = x.id AND s.member_id = h.member_id ORDER BY h.member_id",
        )
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|(_, taken, share)| taken == share), "{rows:?}");
    let line = desk.text("SELECT l.id FROM order_line l WHERE l.order_id = $1", &first).await;
    let more = format!(
        "INSERT INTO refund_share (refund_id, order_line_id, member_id, amount_minor) \
         SELECT 'other', '{line}', 'rosa', 1 FROM refund"
    );
    run(&desk, "INSERT INTO refund (id, order_id, payment_id, currency, amount_minor, reason, state, idempotency_key, created_at_us) \
        SELECT 'other', order_id, id, 'PEN', 1, 'requested', 'intended', 'other', 1 FROM payment WHERE order_id = (SELECT id FROM shop_order WHERE number = 2)").await;
    refused(&desk, &more).await;
}

async fn refused(desk: &Desk, statement: &str) {
    let mut tx = desk.shop.db.begin().await.unwrap();
    let refused = tx.query(statement.to_owned()).execute().await;
    assert!(matches!(refused, Err(DbError::Constraint(_))), "{statement}: {refused:?}");
    tx.rollback().await.unwrap();
}

async fn no_book_is_edited_and_nothing_gives_more_than_there_is(test: TestDb) {
    let desk = Desk::new(test).await;
    let order = desk.order("books", &[piece(0, 0)]).await;
    let pending = desk.order("pending", &[piece(1, 0)]).await;
    desk.pay(&order).await;
    desk.work().await;
    intend(
        &desk,
        &order,
        Wish { amount_minor: Some(10_000), shipping: true, ..Wish::piece("000") },
    )
    .await;
    comes_back(&desk, None, false).await;
    for table in ["order_rate", "sale_material", "refund_part", "refund_share", "piece_return"] {
        refused(&desk, &format!("DELETE FROM {table}")).await;
    }
    for edit in [
        "UPDATE order_rate SET rate_micro = 1",
        "UPDATE sale_material SET cost_minor = 0",
        "UPDATE refund_part SET amount_minor = 1",
        "UPDATE refund_share SET amount_minor = 1",
        "UPDATE piece_return SET at_us = 1",
        // More of the goods, or of the shipping, than was paid and is left.
        "INSERT INTO refund_part (refund_id, position, order_line_id, amount_minor) SELECT refund_id, 9, order_line_id, 38000 FROM refund_part WHERE order_line_id IS NOT NULL",
        "INSERT INTO refund_part (refund_id, position, order_line_id, amount_minor) SELECT refund_id, 9, NULL, 99999 FROM refund_part WHERE order_line_id IS NULL",
    ] {
        refused(&desk, edit).await;
    }
    // A line of another order, and one that was never sold.
    let foreign = format!(
        "INSERT INTO refund_part (refund_id, position, order_line_id, amount_minor) \
         SELECT r.id, 9, l.id, 1 FROM refund r, order_line l WHERE l.order_id = '{pending}'"
    );
    refused(&desk, &foreign).await;
    let unsold = format!(
        "INSERT INTO piece_return (order_line_id, at_us) SELECT id, 1 FROM order_line WHERE order_id = '{pending}'"
    );
    refused(&desk, &unsold).await;
}

/// Refunds that were booked before their parts were kept went by other rules: nothing is booked on
/// top of them, and the close says so.
async fn refunds_of_older_rules_are_not_built_upon(test: TestDb) {
    let desk = Desk::new(test).await;
    let order = desk.order("old", &[piece(0, 0)]).await;
    desk.pay(&order).await;
    desk.work().await;
    let session = desk.provider.session_of(&order).unwrap();
    desk.provider.give_back_by_hand(&session, 500);
    run(&desk, "INSERT INTO refund (id, order_id, payment_id, currency, amount_minor, reason, state, idempotency_key, created_at_us, \
        done_at_us, provider_ref) SELECT 'old', order_id, id, 'PEN', 500, 'requested', 'done', 'old', 1, 2, 're_000000' FROM payment").await;
    let asked = refund::ask(&desk.shop, &order, &Wish::of(100), desk.now()).await.unwrap();
    assert!(matches!(asked, Asked::Intended(_)));
    for _ in 0..30 {
        desk.work().await;
        desk.pass(3_000);
    }
    let booked = "SELECT CAST(COUNT(*) AS BIGINT) FROM refund_part";
    assert_eq!(desk.number(booked).await, 0);
    let report = check::reconcile(&desk.shop.db, None, desk.now(), std::time::Duration::ZERO);
    let report = report.await.unwrap().to_string();
    assert!(report.contains("refund old cannot be what it says"), "{report}");
}
