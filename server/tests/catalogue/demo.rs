//! Loading the demonstration.

use super::house::{load, now};
use crate::support::TestDb;

async fn a_second_run_changes_nothing(test: TestDb) {
    let first = load(&test).await;
    assert_eq!((first.designs, first.members, first.lots), (15, 21, 12));
    assert!(first.pieces >= 30);
    let version = store::version::current(&test.db).await.unwrap();
    let second = load(&test).await;
    assert_eq!((second.designs, second.members, second.pieces), (0, 0, 0));
    assert_eq!(store::version::current(&test.db).await.unwrap(), version);
}

async fn every_entry_of_the_past_sales_sums_to_zero(test: TestDb) {
    load(&test).await;
    let rows: Vec<(String, i64)> = test
        .db
        .query(
            "SELECT p.entry_id, CAST(SUM(p.amount_minor) AS BIGINT) FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id
             WHERE e.sealed GROUP BY p.entry_id, p.currency",
        )
        .fetch_all()
        .await
        .unwrap();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|(_, sum)| *sum == 0));
    let (sold,): (i64,) = test
        .db
        .query("SELECT CAST(COUNT(*) AS BIGINT) FROM piece WHERE state = 'sold' AND order_id IS NOT NULL")
        .fetch_one()
        .await
        .unwrap();
    assert_eq!(sold, 3);
}

async fn every_lot_balances(test: TestDb) {
    load(&test).await;
    // No lot lost more metal than it received, and no piece holds more than was issued for it.
    let over: Vec<(String,)> = test
        .db
        .query(
            "SELECT l.code FROM material_lot l JOIN metal_movement m ON m.lot_id = l.id
             WHERE m.kind IN ('into_piece', 'scrap', 'loss', 'return', 'melt')
             GROUP BY l.code, l.received_mg HAVING SUM(m.amount_mg) > l.received_mg",
        )
        .fetch_all()
        .await
        .unwrap();
    assert!(over.is_empty(), "{over:?}");
    let heavier: Vec<(String,)> = test
        .db
        .query(
            "SELECT p.serial FROM piece p JOIN metal_movement m ON m.piece_id = p.id GROUP BY p.serial, p.weight_mg, p.stones_mg, p.findings_mg
             HAVING SUM(CASE WHEN m.kind = 'into_piece' THEN m.amount_mg ELSE 0 END) > SUM(CASE WHEN m.kind = 'issue' THEN m.amount_mg ELSE 0 END)
             OR SUM(CASE WHEN m.kind = 'into_piece' THEN m.amount_mg ELSE 0 END) NOT IN (0, p.weight_mg - p.stones_mg - p.findings_mg)",
        )
        .fetch_all()
        .await
        .unwrap();
    assert!(heavier.is_empty(), "{heavier:?}");
}

/// The treasurer's close finds nothing: orders, pieces, shares and ledger agree from the start.
async fn the_books_agree(test: TestDb) {
    load(&test).await;
    let report =
        server::check::reconcile(&test.db, None, now(), std::time::Duration::ZERO).await.unwrap();
    assert!(report.differences.is_empty(), "{report}");
}

on_both_engines!(
    the_books_agree,
    a_second_run_changes_nothing,
    every_entry_of_the_past_sales_sums_to_zero,
    every_lot_balances
);
