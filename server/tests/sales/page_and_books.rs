//! The breakdown that a page shows before a sale is what the books post for the sale.

use std::collections::BTreeMap;
use std::time::Duration;

use app::backend::shop::{
    CheckoutForm, DesignView, MoneyBreakdown, MoneyPartKind, PieceAvailability, ShopBackend as _,
    Visit,
};
use domain::contribution::Step;
use domain::language::Language;
use domain::money::Currency;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use server::check;
use store::db::Tx;

use super::test_shop::{DESIGNS, TestShop, form};
use crate::support::TestDb;

on_both_engines!(for_the_same_fee_the_page_divides_a_price_as_the_books_do);

/// How many pieces are made at random, each of them looked at and sold.
const PIECES: usize = 40;
const MEMBERS: [&str; 3] = ["rosa", "lidia", "marta"];

async fn for_the_same_fee_the_page_divides_a_price_as_the_books_do(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let mut rng = StdRng::seed_from_u64(8);
    only_pieces_made_here(&test_shop).await;
    let mut divided = 0;
    for number in 0..PIECES {
        let id = format!("random-{number}");
        let mut tx = test_shop.shop.db.begin().await.unwrap();
        let design = rng.random_range(0..DESIGNS);
        make_piece(&mut tx, &id, design, test_shop.now().as_microsecond(), &mut rng).await;
        tx.commit().await.unwrap();

        let currency = [Currency::Pen, Currency::Usd][rng.random_range(0..2)];
        let visit = Visit { currency, ..test_shop.visit() };
        let page = page_of(&test_shop, &visit, design).await;
        let offered = page.pieces.iter().find(|p| p.availability == PieceAvailability::Available);
        assert_eq!(offered.unwrap().id, id, "the page takes the price of this piece apart");
        let told = page.money.expect("a policy is in force");

        let posted = sold(&test_shop, &id, currency, fee_of(&told)).await;
        assert_eq!(told.total, posted.total, "{id}");
        if told.maker_count == posted.maker_count {
            assert_eq!(parts(&told), parts(&posted), "{id}");
            divided += 1;
        }
        // Work that is open at the sale waits: until it is closed the books know of no maker.
        else {
            assert_eq!(posted.maker_count, 0, "{id}");
        }
    }
    assert!(divided > PIECES / 2, "{divided} of {PIECES} pieces had work that counts");
    test_shop.settle_down().await;
    let provider = Some(&*test_shop.provider as _);
    let report = check::reconcile(&test_shop.shop.db, provider, test_shop.now(), Duration::ZERO);
    assert_eq!(report.await.unwrap().differences, [""; 0]);
}

/// Retires the pieces of the small catalogue.
async fn only_pieces_made_here(test_shop: &TestShop) {
    let mut tx = test_shop.shop.db.begin().await.unwrap();
    tx.query("UPDATE piece SET state = 'retired'").execute().await.unwrap();
    tx.commit().await.unwrap();
}

/// A piece of one or two lots, with stones and findings or without, on which up to five steps of
/// work were recorded, by the minute or by the piece, some closed, some open, some to be closed later.
async fn make_piece(tx: &mut Tx, id: &str, design: usize, now_us: i64, rng: &mut StdRng) {
    let mut cost = |most: i64| if rng.random_bool(0.5) { rng.random_range(1..most) } else { 0 };
    let (stones, findings) = (cost(9_000), cost(900));
    let silver_mg = rng.random_range(1_i64..9_000);
    let gold_mg = if rng.random_bool(0.5) { rng.random_range(1..400) } else { 0 };
    tx.query(
        "INSERT INTO piece (id, serial, design_id, state, weight_mg, stones_cost_minor, findings_cost_minor, inspected_on) \
         VALUES ($1, $1, $2, 'retail', $3, $4, $5, '2026-11-01')",
    )
    .bind(id)
    .bind(format!("design-{design}"))
    .bind_all([silver_mg + gold_mg, stones, findings])
    .execute()
    .await
    .unwrap();
    for (lot, amount_mg) in [("lot", silver_mg), ("gold", gold_mg)] {
        if amount_mg > 0 {
            tx.query(
                "INSERT INTO metal_movement (id, lot_id, kind, amount_mg, piece_id, at_us) VALUES ($1, $2, 'into_piece', $3, $4, 1)",
            )
            .bind(format!("{lot}-{id}"))
            .bind(lot)
            .bind(amount_mg)
            .bind(id)
            .execute()
            .await
            .unwrap();
        }
    }
    for number in 0..rng.random_range(0..6) {
        let closed_at_us = match rng.random_range(0..4) {
            0 => None,
            1 => Some(now_us + 86_400_000_000),
            _ => Some(now_us - rng.random_range(0..3)),
        };
        let (minutes, piece_rate_minor) = match rng.random_bool(0.7) {
            true => (Some(rng.random_range(1_i64..400)), None),
            false => (None, Some(rng.random_range(1_i64..9_000))),
        };
        tx.query(
            "INSERT INTO contribution (id, piece_id, member_id, step, minutes, piece_rate_minor, closed_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(format!("work-{id}-{number}"))
        .bind(id)
        .bind(MEMBERS[rng.random_range(0..MEMBERS.len())])
        .bind(Step::ALL[rng.random_range(0..Step::ALL.len())].as_str())
        .bind(minutes)
        .bind(piece_rate_minor)
        .bind(closed_at_us)
        .execute()
        .await
        .unwrap();
    }
}

async fn page_of(test_shop: &TestShop, visit: &Visit, design: usize) -> DesignView {
    let slug = test_shop
        .text(
            "SELECT slug FROM design_slug WHERE design_id = $1 AND language = 'es' AND in_use = TRUE",
            &format!("design-{design}"),
        )
        .await;
    assert_eq!(visit.language, Language::Es);
    test_shop.shop.catalogue.design(visit, &slug).await.unwrap().expect("the design is published")
}

fn fee_of(told: &MoneyBreakdown) -> i64 {
    let fee = told.parts.iter().find(|part| part.kind == MoneyPartKind::PaymentFee);
    fee.map_or(0, |part| part.amount.amount_minor)
}

/// Sells the piece, picked up, for this fee. Returns how the books divided it.
async fn sold(
    test_shop: &TestShop,
    id: &str,
    currency: Currency,
    fee_minor: i64,
) -> MoneyBreakdown {
    let typed = CheckoutForm {
        delivery: "pickup".into(),
        currency: currency.code().into(),
        ..form(&format!("of-{id}"))
    };
    let placed = test_shop.place(typed, &[id.to_owned()]).await.unwrap().expect("it is placed");
    let order = test_shop.order_of(&placed.secret).await;
    let session = test_shop.provider.session_of(&order).unwrap();
    test_shop.provider.books().sessions.get_mut(&session).unwrap().fee_minor = fee_minor;
    test_shop.pay(&order).await;
    test_shop.work().await;
    test_shop.see(&order).await.money.expect("it was sold")
}

fn parts(money: &MoneyBreakdown) -> BTreeMap<String, i64> {
    let named = |part: &app::backend::shop::MoneyPart| {
        (format!("{:?}", part.kind), part.amount.amount_minor)
    };
    money.parts.iter().map(named).collect()
}
