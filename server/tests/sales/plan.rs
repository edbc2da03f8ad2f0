//! The plans of an order's and of a piece's life in `domain` agree with the guards of the schema.

use domain::order::OrderStatus;
use domain::piece::PieceState;
use store::db::{DbError, Tx};

use super::test_shop::{TestShop, piece};
use crate::support::TestDb;

on_both_engines!(
    an_order_goes_where_the_plan_lets_it_go_and_nowhere_else,
    a_piece_goes_where_the_plan_lets_it_go_and_nowhere_else,
);

/// The way from a new order to a status, by the plan.
fn way_to(wanted: OrderStatus) -> Vec<OrderStatus> {
    let mut ways = vec![vec![OrderStatus::PendingPayment]];
    loop {
        if let Some(way) = ways.iter().find(|way| way.last() == Some(&wanted)) {
            return way[1..].to_vec();
        }
        let longer = |way: &Vec<OrderStatus>| {
            let (way, last) = (way.clone(), *way.last().unwrap());
            let next = OrderStatus::ALL.into_iter().filter(move |next| last.may_become(*next));
            next.map(move |next| [way.clone(), vec![next]].concat()).collect::<Vec<_>>()
        };
        ways = ways.iter().flat_map(longer).collect();
        assert!(!ways.is_empty(), "{wanted:?} is never reached");
    }
}

async fn go(tx: &mut Tx, order_id: &str, status: OrderStatus) -> Result<u64, DbError> {
    tx.query("UPDATE shop_order SET state = $2, paid_at_us = 1, closed_at_us = 1 WHERE id = $1")
        .bind_all([order_id, status.as_str()])
        .execute()
        .await
}

async fn an_order_goes_where_the_plan_lets_it_go_and_nowhere_else(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = test_shop.order("plan", &[piece(0, 0)]).await;
    for from in OrderStatus::ALL {
        for to in OrderStatus::ALL.into_iter().filter(|to| *to != from) {
            let mut tx = test_shop.shop.db.begin().await.unwrap();
            for status in way_to(from) {
                assert_eq!(go(&mut tx, &order, status).await.unwrap(), 1);
            }
            let gone = go(&mut tx, &order, to).await;
            assert_eq!(gone.is_ok(), from.may_become(to), "{from:?} to {to:?}: {gone:?}");
            tx.rollback().await.unwrap();
        }
    }
}

/// The columns of a piece in this state.
fn columns(state: PieceState, order: &str) -> [(&'static str, String); 4] {
    let when = |is_set: bool, value: String| if is_set { value } else { "NULL".to_owned() };
    let (checkout, sold) = (state == PieceState::Checkout, state == PieceState::Sold);
    [
        ("state", format!("'{}'", state.as_str())),
        ("order_id", when(checkout || sold, format!("'{order}'"))),
        ("held_until_us", when(checkout, "1".to_owned())),
        ("sold_at_us", when(sold, "1".to_owned())),
    ]
}

async fn a_piece_goes_where_the_plan_lets_it_go_and_nowhere_else(test: TestDb) {
    let test_shop = TestShop::new(test).await;
    let order = test_shop.order("plan", &[piece(0, 0)]).await;
    for from in PieceState::ALL {
        for to in PieceState::ALL.into_iter().filter(|to| *to != from) {
            let mut tx = test_shop.shop.db.begin().await.unwrap();
            let (names, values): (Vec<_>, Vec<_>) = columns(from, &order).into_iter().unzip();
            tx.query(format!(
                "INSERT INTO piece (id, serial, design_id, weight_mg, inspected_on, {}) \
                 VALUES ('new', 'NEW-1', 'design-0', 1, '2026-11-01', {})",
                names.join(", "),
                values.join(", ")
            ))
            .execute()
            .await
            .unwrap();
            let set = columns(to, &order).map(|(name, value)| format!("{name} = {value}"));
            let gone = tx
                .query(format!("UPDATE piece SET {} WHERE id = 'new'", set.join(", ")))
                .execute()
                .await;
            assert_eq!(gone.is_ok(), from.may_become(to), "{from:?} to {to:?}: {gone:?}");
            tx.rollback().await.unwrap();
        }
    }
}
