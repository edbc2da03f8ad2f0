//! The books of a sale and of what becomes of it: in which currency, by which rates, by which
//! policy, for whose work, and what goes back when.

use std::collections::BTreeMap;

use store::db::DbError;

use app::backend::shop::{CheckoutForm, CheckoutTrouble, ShopBackend as _};
use server::check;
use server::kernel::payments::PaymentStatus;
use server::sales::refund::{self, Asked, Noted, RefundRequest, Returned};

use super::test_shop::{TestShop, form, piece};
use crate::support::{TestDb, key};

on_both_engines!(
    a_sale_in_dollars_is_booked_where_it_lies_and_goes_back_at_its_own_rate,
    metal_is_owed_in_its_own_currency_at_the_rate_of_the_checkout,
    the_moment_the_provider_says_it_was_paid_decides_policy_work_and_month,
    a_piece_rate_weighs_as_many_minutes_as_it_is_worth,
    work_has_minutes_or_a_piece_rate,
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
async fn balances(test_shop: &TestShop) -> BTreeMap<String, i64> {
    let sql = "SELECT account || ' ' || currency, CAST(SUM(amount_minor) AS BIGINT) FROM ledger_posting \
        GROUP BY account, currency HAVING SUM(amount_minor) <> 0";
    let rows: Vec<(String, i64)> = test_shop.shop.db.query(sql).fetch_all().await.unwrap();
    rows.into_iter().collect()
}

fn told(expected: &[(&str, i64)]) -> BTreeMap<String, i64> {
    expected.iter().map(|(account, minor)| ((*account).to_owned(), *minor)).collect()
}

async fn run(test_shop: &TestShop, sql: &str) {
    let mut tx = test_shop.shop.db.begin().await.unwrap();
    tx.query(sql.to_owned()).execute().await.unwrap();
    tx.commit().await.unwrap();
}

async fn order_in(test_shop: &TestShop, currency: &str, pieces: &[String]) -> String {
    let typed = CheckoutForm { currency: currency.into(), ..form("books") };
    let placed = test_shop.place(typed, pieces).await.unwrap().expect("the order is placed");
    test_shop.order_of(&placed.secret).await
}

async fn intend(test_shop: &TestShop, order: &str, request: RefundRequest) {
    let asked = refund::ask(&test_shop.shop, &key(order), &request, test_shop.now()).await.unwrap();
    assert!(matches!(asked, Asked::Intended(_)), "{request:?}: {asked:?}");
    test_shop.work().await;
}

async fn comes_back(test_shop: &TestShop, serial: Option<&str>, for_sale: bool) -> Returned {
    let noted =
        refund::note_return(&test_shop.shop.db, "D-000001", serial, for_sale, test_shop.now())
            .await;
    noted.unwrap().unwrap()
}

/// `server check` finds nothing, the provider included.
async fn in_order(test_shop: &TestShop) {
    let report = check::reconcile(
        &test_shop.shop.db,
        Some(&*test_shop.provider as _),
        test_shop.now(),
        std::time::Duration::ZERO,
    );
    let report = report.await.unwrap();
    assert_eq!(report.differences, [""; 0], "{report}");
}

/// 1.28 g and 41 mg of gold: metal in soles and dollars, an order in dollars, an account in soles.
async fn a_sale_in_dollars_is_booked_where_it_lies_and_goes_back_at_its_own_rate(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    test_shop.provider.books().lies_in = Some(("PEN", 3_714_500_000));
    let order = order_in(&test_shop, "USD", &[piece(0, 1)]).await;
    test_shop.pay(&order).await;
    test_shop.work().await;
    in_order(&test_shop).await;
    let sale = balances(&test_shop).await;
    let (paid, fee): (i64, i64) = test_shop
        .shop
        .db
        .query("SELECT amount_minor, fee_minor FROM payment")
        .fetch_one()
        .await
        .unwrap();
    // 3.7145 soles for each dollar paid, and the fee in dollars at the same rate.
    let came = paid * 37_145 / 10_000;
    let kept = (paid * 42 / 1_000 + 30) * 37_145 / 10_000;
    assert_eq!(sale["stripe:balance PEN"], came - kept);
    assert_eq!(fee, (kept as f64 / 3.7145).round() as i64);
    // 3.714 g of fine silver at 4.10 soles; 31 mg of fine gold at 68.55 dollars.
    assert_eq!((sale["material:consigned PEN"], sale["material:own USD"]), (-1_523, -213));
    // Stones of 3.33 soles are of our own stock as well.
    assert_eq!(sale["material:own PEN"], -333);
    assert!(!sale.contains_key("fee:payment USD") && !sale.contains_key("stripe:balance USD"));
    // The payment goes back when a dollar costs more, and half a dollar of the fee goes back with
    // it (stripe-ruby-mock, issue 611: a refund's own fee may be negative).
    test_shop.provider.books().lies_in = Some(("PEN", 3_802_000_000));
    test_shop.provider.books().refund_fee_minor = -50;
    intend(&test_shop, &order, RefundRequest::default()).await;
    assert_eq!(comes_back(&test_shop, None, false).await, Returned::Noted(vec!["001".into()]));
    in_order(&test_shop).await;
    let mut left = balances(&test_shop).await;
    let gone = paid * 3_802 / 1_000 - 190;
    assert_eq!(left.remove("stripe:balance PEN"), Some(came - kept - gone));
    assert_eq!(left.remove("fund:refunds PEN"), Some(-190));
    assert_eq!(left.remove("fund:refunds USD"), Some(fee), "the reserve has borne the card fee");
    // The difference between the rates is on the exchange account and nowhere else.
    let exchange = (left.remove("exchange:converted PEN"), left.remove("exchange:converted USD"));
    assert_eq!(exchange, (Some(paid * 3_802 / 1_000 - came + kept), Some(-fee)));
    assert_eq!(left, told(&[]));
}

async fn metal_is_owed_in_its_own_currency_at_the_rate_of_the_checkout(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = order_in(&test_shop, "PEN", &[piece(0, 1)]).await;
    // Another rate takes effect a moment after the checkout: the order keeps its own.
    let later = test_shop.now().as_microsecond() + 1;
    run(&test_shop, &format!("INSERT INTO exchange_rate (id, currency, rate_micro, source, effective_from_us) VALUES ('r2', 'USD', 9999000, 'SBS', {later})")).await;
    test_shop.pass(60);
    test_shop.pay(&order).await;
    test_shop.work().await;
    let rows: Vec<(String, String, i64, i64)> = test_shop
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
    assert_eq!(
        test_shop.number(kept).await,
        3_752_000,
        "an order in soles keeps the dollar's rate too"
    );
    let sums = balances(&test_shop).await;
    assert_eq!((sums["material:own USD"], sums["exchange:converted USD"]), (-213, 213));
    assert_eq!(sums["exchange:converted PEN"], -799);
    assert_eq!((sums["material:consigned PEN"], sums["material:own PEN"]), (-1_523, -333));
    in_order(&test_shop).await;
}

/// What each member's work on the pieces of an order weighs.
async fn weights_of(test_shop: &TestShop, order: &str) -> Vec<(String, i64)> {
    test_shop.pay(order).await;
    test_shop.work().await;
    let sql = "SELECT h.member_id, h.weight FROM sale_share h \
        JOIN sale s ON s.id = h.sale_id JOIN order_line l ON l.id = s.order_line_id \
        WHERE l.order_id = $1 AND h.member_id IS NOT NULL ORDER BY h.member_id";
    test_shop.shop.db.query(sql).bind(order).fetch_all().await.unwrap()
}

async fn a_piece_rate_weighs_as_many_minutes_as_it_is_worth(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let by_the_minute = test_shop.order("minutes", &[piece(0, 0)]).await;
    let in_minutes = weights_of(&test_shop, &by_the_minute).await;
    let hers = "member_id = 'rosa' AND design_id = 'design-1'";
    let minutes = format!("SELECT minutes * 100 + steps FROM design_maker WHERE {hers}");
    let before = test_shop.number(minutes.clone().leak()).await;
    run(
        &test_shop,
        "UPDATE contribution SET minutes = NULL, \
         piece_rate_minor = 90 * (SELECT MAX(minute_rate_minor) FROM split_policy) \
         WHERE member_id = 'rosa' AND piece_id = 'piece-1-0'",
    )
    .await;
    assert_eq!(test_shop.number(minutes.leak()).await, before - 9_000, "her step stays");
    let by_the_piece = test_shop.order("rate", &[piece(1, 0)]).await;
    assert_eq!(weights_of(&test_shop, &by_the_piece).await, in_minutes);
    in_order(&test_shop).await;
}

async fn work_has_minutes_or_a_piece_rate(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    for wrong in [
        "minutes = NULL",
        "piece_rate_minor = 500",
        "minutes = NULL, piece_rate_minor = 0",
        "minutes = NULL, piece_rate_minor = -1",
        "minutes = 0",
        "minutes = 1000000001",
    ] {
        refused(&test_shop, &format!("UPDATE contribution SET {wrong}")).await;
    }
    // A woman who works only by the piece is a maker of the design until her last step is deleted.
    let works = "SELECT CAST(COUNT(*) AS BIGINT) FROM design_maker WHERE design_id = 'design-0' AND member_id = 'lidia'";
    run(
        &test_shop,
        "UPDATE contribution SET minutes = NULL, piece_rate_minor = 700 WHERE member_id = 'lidia'",
    )
    .await;
    assert_eq!(test_shop.number(works).await, 1);
    run(&test_shop, "DELETE FROM contribution WHERE member_id = 'lidia'").await;
    assert_eq!(test_shop.number(works).await, 0);
}

async fn the_moment_the_provider_says_it_was_paid_decides_policy_work_and_month(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    // Marta's work of an hour is open; only a later inspection closes it.
    run(&test_shop, "INSERT INTO contribution (id, piece_id, member_id, step, minutes, closed_at_us) VALUES ('late', 'piece-0-0', 'marta', 'polishing', 6000, NULL)").await;
    let page =
        test_shop.shop.catalogue.design(&test_shop.visit(), "design-0").await.unwrap().unwrap();
    let page = page.money.unwrap();
    assert!(page.still_open, "the page says that work is still open");
    assert_eq!(page.maker_count, 3);
    let order = test_shop.order("when", &[piece(0, 0)]).await;
    test_shop.pass(120);
    let paid_at = test_shop.now().as_microsecond();
    let session = test_shop.provider.session_of(&order).unwrap();
    assert!(test_shop.provider.pay(&session, PaymentStatus::Paid));
    // The payment is not reported for an hour. In that hour an assembly's new rule takes effect and
    // an inspection closes open work.
    test_shop.pass(600);
    let then = test_shop.now().as_microsecond();
    run(&test_shop, &format!("INSERT INTO split_policy (id, version, minute, adopted_on, effective_from_us, loss_fund, minute_rate_minor) VALUES ('second', 2, 'ACTA-2', '2026-01-11', {then}, 'association', 25)")).await;
    run(&test_shop, &format!("UPDATE contribution SET closed_at_us = {then} WHERE id = 'late'"))
        .await;
    test_shop.pass(600);
    test_shop.hear("checkout.session.completed", &session).await;
    test_shop.work().await;
    for sql in [
        "SELECT paid_at_us FROM shop_order",
        "SELECT paid_at_us FROM payment",
        "SELECT at_us FROM sale",
        "SELECT MIN(at_us) FROM ledger_entry",
        "SELECT MAX(at_us) FROM ledger_entry",
        "SELECT sold_at_us FROM piece WHERE state = 'sold'",
    ] {
        assert_eq!(test_shop.number(sql).await, paid_at, "{sql}");
    }
    assert_eq!(
        test_shop.text("SELECT policy_id FROM sale WHERE currency = $1", "PEN").await,
        "policy"
    );
    // A refund belongs to the month in which it was made, whenever the shop hears of it.
    test_shop.provider.give_back_by_hand(&session, 500);
    let back_at = test_shop.now().as_microsecond();
    test_shop.pass(3_000_000);
    let request = RefundRequest::default();
    let noted = refund::note_by_number(
        &test_shop.shop.db,
        &*test_shop.provider,
        "D-000001",
        &request,
        test_shop.now(),
    );
    assert!(matches!(noted.await.unwrap(), Some(Noted::Booked { .. })));
    assert_eq!(
        test_shop.number("SELECT at_us FROM ledger_entry WHERE kind = 'refund'").await,
        back_at
    );
    let marta = "SELECT weight FROM sale_share WHERE member_id = 'marta'";
    assert_eq!(test_shop.number(marta).await, 11 * 25, "what was closed later is not counted");
    in_order(&test_shop).await;
}

async fn nothing_is_sold_whose_metal_has_no_rate(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    run(&test_shop, "UPDATE material_lot SET price_currency = 'EUR' WHERE id = 'gold'").await;
    for attempt in ["euro", "again"] {
        let refused =
            test_shop.place(form(attempt), &[piece(0, 1)]).await.unwrap().expect_err("no rate");
        let no_rate = CheckoutTrouble::NoRate { currency: "EUR".to_owned() };
        assert_eq!(refused.view.trouble, Some(no_rate));
    }
    let told = "SELECT CAST(COUNT(*) AS BIGINT) FROM mail WHERE subject LIKE '%EUR%'";
    assert_eq!(test_shop.number(told).await, 1, "the board is told once a day");
    assert_eq!(test_shop.piece_state(&piece(0, 1)).await, "retail");
    assert!(test_shop.place(form("soles"), &[piece(0, 0)]).await.unwrap().is_ok());
}

async fn nothing_is_returned_of_an_order_that_was_refunded_by_other_rules(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = test_shop.order("before", &[piece(0, 0)]).await;
    test_shop.pay(&order).await;
    test_shop.work().await;
    // A refund of an earlier version does not say what it was for.
    run(
        &test_shop,
        "INSERT INTO refund (id, order_id, payment_id, currency, amount_minor, reason, state, idempotency_key, provider_ref, created_at_us)
         SELECT 'before', order_id, id, currency, 100, 'requested', 'done', 'before', 're_before', created_at_us FROM payment",
    )
    .await;
    assert_eq!(comes_back(&test_shop, None, true).await, Returned::OtherRules);
    assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "sold");
}

/// A paid order whose parcel is with the courier.
async fn shipped(test_shop: &TestShop, pieces: &[String]) -> String {
    let order = test_shop.order("shipped", pieces).await;
    test_shop.pay(&order).await;
    test_shop.work().await;
    for state in ["preparing", "shipped"] {
        run(test_shop, &format!("UPDATE shop_order SET state = '{state}'")).await;
    }
    order
}

async fn half_the_price_of_a_kept_piece_leaves_metal_and_courier_owed(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = shipped(&test_shop, &[piece(0, 0)]).await;
    let before = balances(&test_shop).await;
    let half = RefundRequest { amount_minor: Some(19_000), ..RefundRequest::piece("000") };
    intend(&test_shop, &order, half).await;
    let after = balances(&test_shop).await;
    for account in ["material:consigned PEN", "shipping:pass_through PEN"] {
        assert_eq!(before[account], after[account], "{account}");
    }
    let makers = |sums: &BTreeMap<String, i64>| -> i64 {
        sums.iter().filter(|(name, _)| name.starts_with("member:")).map(|(_, sum)| sum).sum()
    };
    // The makers together have half of what they had, within half a céntimo each.
    assert!((makers(&after) * 2 - makers(&before)).abs() <= 3);
    let (material, fee) = (
        1_523,
        -before["stripe:balance PEN"] + test_shop.number("SELECT amount_minor FROM payment").await,
    );
    assert!((after["fund:refunds PEN"] * 2 - material - fee).abs() <= 6, "{after:?}");
    in_order(&test_shop).await;
}

async fn shipping_that_was_used_is_the_reserves(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = shipped(&test_shop, &[piece(0, 0)]).await;
    intend(&test_shop, &order, RefundRequest::default()).await;
    comes_back(&test_shop, None, true).await;
    let mut left = balances(&test_shop).await;
    let fee = test_shop.number("SELECT fee_minor FROM payment").await;
    let used = test_shop.number("SELECT CAST(SUM(shipping_minor) AS BIGINT) FROM sale").await;
    assert!(used > 0);
    assert_eq!(left.remove("shipping:pass_through PEN"), Some(-used), "the courier stays owed");
    assert_eq!(left.remove("fund:refunds PEN"), Some(fee + used));
    assert_eq!(left.remove("stripe:balance PEN"), Some(-fee));
    assert_eq!(left, told(&[]));
    assert_eq!(test_shop.piece_state(&piece(0, 0)).await, "retail");
    in_order(&test_shop).await;
}

async fn a_piece_comes_back_without_its_money_and_is_sold_again(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    assert_eq!(
        refund::note_return(&test_shop.shop.db, "D-000009", None, true, test_shop.now())
            .await
            .unwrap(),
        None
    );
    let order = test_shop.order("first", &[piece(0, 0), piece(1, 0)]).await;
    assert_eq!(comes_back(&test_shop, None, true).await, Returned::NotSold);
    test_shop.pay(&order).await;
    test_shop.work().await;
    assert_eq!(comes_back(&test_shop, Some("999"), true).await, Returned::NoSuchPiece);
    assert_eq!(
        comes_back(&test_shop, Some("000"), true).await,
        Returned::Noted(vec!["000".into()])
    );
    assert_eq!(comes_back(&test_shop, Some("000"), true).await, Returned::Known);
    // The metal belongs to its owner again, and the makers keep their pay.
    let sums = balances(&test_shop).await;
    assert_eq!((sums["material:consigned PEN"], sums["fund:refunds PEN"]), (-1_523, -1_523));
    in_order(&test_shop).await;
    // Another shopper buys it. The first payment goes back only now.
    let again = test_shop.order("second", &[piece(0, 0)]).await;
    test_shop.pay(&again).await;
    test_shop.work().await;
    assert_eq!(balances(&test_shop).await["material:consigned PEN"], -2 * 1_523);
    intend(&test_shop, &order, RefundRequest::piece("000")).await;
    in_order(&test_shop).await;
    // The rest of the first order comes back and waits to be inspected.
    assert_eq!(comes_back(&test_shop, None, false).await, Returned::Noted(vec!["010".into()]));
    assert_eq!(test_shop.piece_state(&piece(1, 0)).await, "returned");
    intend(&test_shop, &order, RefundRequest::default()).await;
    test_shop.settle_down().await;
    in_order(&test_shop).await;
    test_shop.audit().await;
    let events = "SELECT CAST(COUNT(*) AS BIGINT) FROM piece_event WHERE kind = 'unsold'";
    assert_eq!(test_shop.number(events).await, 2);
}

async fn a_refund_that_names_nothing_is_of_all_that_is_left(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = test_shop.order("all", &[piece(0, 0), piece(1, 0)]).await;
    test_shop.pay(&order).await;
    test_shop.work().await;
    intend(
        &test_shop,
        &order,
        RefundRequest { amount_minor: Some(8_000), ..RefundRequest::piece("000") },
    )
    .await;
    // Somebody refunds a tenth of what is left in the provider's dashboard.
    let shipping = test_shop.number("SELECT shipping_minor FROM shop_order").await;
    let left = [30_000, 34_050, shipping];
    let tenth = left.iter().sum::<i64>() / 10;
    let session = test_shop.provider.session_of(&order).unwrap();
    test_shop.provider.give_back_by_hand(&session, tenth);
    let request = RefundRequest::default();
    let noted = refund::note_by_number(
        &test_shop.shop.db,
        &*test_shop.provider,
        "D-000001",
        &request,
        test_shop.now(),
    );
    assert!(matches!(noted.await.unwrap(), Some(Noted::Booked { .. })));
    let rows: Vec<(i64,)> = test_shop
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
    in_order(&test_shop).await;
    // The named parts are refunded in full, and the books agree without a notification.
    for request in [
        RefundRequest { amount_minor: Some(200), shipping: true, ..RefundRequest::piece("010") },
        RefundRequest::shipping(),
        RefundRequest::default(),
    ] {
        intend(&test_shop, &order, request).await;
        in_order(&test_shop).await;
    }
    test_shop.settle_down().await;
    test_shop.audit().await;
}

/// A share of this sale was paid out, and she is owed much more for other pieces: only the unpaid
/// part of this sale's share is taken back. Payouts do not exist yet: the rule is
/// `domain::refund::Unpaid`, and the schema keeps every refund within the share.
async fn what_was_paid_of_a_share_is_not_taken_back(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let first = test_shop.order("first", &[piece(0, 0)]).await;
    test_shop.pay(&first).await;
    let second = test_shop.order("second", &[piece(2, 0)]).await;
    test_shop.pay(&second).await;
    test_shop.work().await;
    intend(&test_shop, &first, RefundRequest::default()).await;
    let rows: Vec<(String, i64, i64)> = test_shop
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
    let line = test_shop.text("SELECT l.id FROM order_line l WHERE l.order_id = $1", &first).await;
    let more = format!(
        "INSERT INTO refund_share (refund_id, order_line_id, member_id, amount_minor) \
         SELECT 'other', '{line}', 'rosa', 1 FROM refund"
    );
    run(&test_shop, "INSERT INTO refund (id, order_id, payment_id, currency, amount_minor, reason, state, idempotency_key, created_at_us) \
        SELECT 'other', order_id, id, 'PEN', 1, 'requested', 'intended', 'other', 1 FROM payment WHERE order_id = (SELECT id FROM shop_order WHERE number = 2)").await;
    refused(&test_shop, &more).await;
}

async fn refused(test_shop: &TestShop, statement: &str) {
    let mut tx = test_shop.shop.db.begin().await.unwrap();
    let refused = tx.query(statement.to_owned()).execute().await;
    assert!(matches!(refused, Err(DbError::Constraint(_))), "{statement}: {refused:?}");
    tx.rollback().await.unwrap();
}

async fn no_book_is_edited_and_nothing_gives_more_than_there_is(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = test_shop.order("books", &[piece(0, 0)]).await;
    let pending = test_shop.order("pending", &[piece(1, 0)]).await;
    test_shop.pay(&order).await;
    test_shop.work().await;
    intend(
        &test_shop,
        &order,
        RefundRequest { amount_minor: Some(10_000), shipping: true, ..RefundRequest::piece("000") },
    )
    .await;
    comes_back(&test_shop, None, false).await;
    for table in ["order_rate", "sale_material", "refund_part", "refund_share", "piece_return"] {
        refused(&test_shop, &format!("DELETE FROM {table}")).await;
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
        refused(&test_shop, edit).await;
    }
    // A line of another order, and one that was never sold.
    let foreign = format!(
        "INSERT INTO refund_part (refund_id, position, order_line_id, amount_minor) \
         SELECT r.id, 9, l.id, 1 FROM refund r, order_line l WHERE l.order_id = '{pending}'"
    );
    refused(&test_shop, &foreign).await;
    let unsold = format!(
        "INSERT INTO piece_return (order_line_id, at_us) SELECT id, 1 FROM order_line WHERE order_id = '{pending}'"
    );
    refused(&test_shop, &unsold).await;
}

/// Refunds that were booked before their parts were stored followed other rules: nothing is booked
/// on top of them, and the close says so.
async fn refunds_of_older_rules_are_not_built_upon(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = test_shop.order("old", &[piece(0, 0)]).await;
    test_shop.pay(&order).await;
    test_shop.work().await;
    let session = test_shop.provider.session_of(&order).unwrap();
    test_shop.provider.give_back_by_hand(&session, 500);
    run(&test_shop, "INSERT INTO refund (id, order_id, payment_id, currency, amount_minor, reason, state, idempotency_key, created_at_us, \
        done_at_us, provider_ref) SELECT 'old', order_id, id, 'PEN', 500, 'requested', 'done', 'old', 1, 2, 're_000000' FROM payment").await;
    let asked =
        refund::ask(&test_shop.shop, &key(&order), &RefundRequest::of(100), test_shop.now())
            .await
            .unwrap();
    assert!(matches!(asked, Asked::Intended(_)));
    for _ in 0..30 {
        test_shop.work().await;
        test_shop.pass(3_000);
    }
    let booked = "SELECT CAST(COUNT(*) AS BIGINT) FROM refund_part";
    assert_eq!(test_shop.number(booked).await, 0);
    let report =
        check::reconcile(&test_shop.shop.db, None, test_shop.now(), std::time::Duration::ZERO);
    let report = report.await.unwrap().to_string();
    assert!(report.contains("refund old cannot be what it says"), "{report}");
}
