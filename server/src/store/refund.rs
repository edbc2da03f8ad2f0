//! Money to be given back, and given back.

use crate::db::{Db, DbResult, Tx, touched};

/// A refund as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RefundRow {
    /// Key.
    pub id: String,
    /// Order.
    pub order_id: String,
    /// Payment it comes from.
    pub payment_id: String,
    /// Currency.
    pub currency: String,
    /// How much.
    pub amount_minor: i64,
    /// `pieces_taken`, `mismatch`, `cancelled`, `requested`, `duplicate`.
    pub reason: String,
    /// `intended`, `done`, `failed`.
    pub state: String,
    /// Key of the question to the provider.
    pub idempotency_key: String,
    /// Provider's name.
    pub provider_ref: Option<String>,
    /// Intended.
    pub created_at_us: i64,
    /// Booked as done. No two refunds of a payment have the same moment: what the next takes
    /// back depends on the order in which the others were booked.
    pub done_at_us: Option<i64>,
    /// The line whose piece came back; `None`: it is of the order as a whole.
    pub order_line_id: Option<String>,
    /// Since when its key stands.
    pub key_made_at_us: i64,
}

const COLUMNS: &str = "id, order_id, payment_id, currency, amount_minor, reason, state, idempotency_key, provider_ref, \
    created_at_us, done_at_us, order_line_id, COALESCE(key_made_at_us, created_at_us) AS key_made_at_us";

/// Stores the intent before the provider is asked.
pub async fn insert(tx: &mut Tx, row: &RefundRow) -> DbResult<()> {
    let rows = tx
        .query(
            "INSERT INTO refund (id, order_id, payment_id, currency, amount_minor, reason, state, idempotency_key, created_at_us, \
             key_made_at_us, order_line_id) VALUES ($1, $2, $3, $4, $5, $6, 'intended', $7, $8, $9, $10)",
        )
        .bind_all([&row.id, &row.order_id, &row.payment_id, &row.currency])
        .bind(row.amount_minor)
        .bind_all([&row.reason, &row.idempotency_key])
        .bind_all([row.created_at_us, row.key_made_at_us])
        .bind(&row.order_line_id)
        .execute()
        .await?;
    touched(rows, 1, "refund")
}

/// The refund of an id.
pub async fn by_id(db: &Db, id: &str) -> DbResult<Option<RefundRow>> {
    db.query(format!("SELECT {COLUMNS} FROM refund WHERE id = $1")).bind(id).fetch_optional().await
}

/// Refunds of an order, oldest first.
pub async fn of_order(db: &Db, order_id: &str) -> DbResult<Vec<RefundRow>> {
    db.query(format!("SELECT {COLUMNS} FROM refund WHERE order_id = $1 ORDER BY id"))
        .bind(order_id)
        .fetch_all()
        .await
}

/// The refund, locked until the transaction ends.
pub async fn locked(tx: &mut Tx, id: &str) -> DbResult<Option<RefundRow>> {
    tx.query_locked(format!("SELECT {COLUMNS} FROM refund WHERE id = $1"))
        .bind(id)
        .fetch_optional()
        .await
}

/// Refunds of a payment in the order they were booked, those that are not done last.
pub async fn of_payment(tx: &mut Tx, payment_id: &str) -> DbResult<Vec<RefundRow>> {
    tx.query(format!(
        "SELECT {COLUMNS} FROM refund WHERE payment_id = $1 \
         ORDER BY CASE WHEN done_at_us IS NULL THEN 1 ELSE 0 END, done_at_us, id"
    ))
    .bind(payment_id)
    .fetch_all()
    .await
}

/// The provider gave it back.
pub async fn done(tx: &mut Tx, id: &str, provider_ref: &str, at_us: i64) -> DbResult<()> {
    let rows = tx
        .query("UPDATE refund SET state = 'done', provider_ref = $2, done_at_us = $3 WHERE id = $1 AND state <> 'done'")
        .bind_all([id, provider_ref])
        .bind(at_us)
        .execute()
        .await?;
    touched(rows, 1, "refund")
}

/// The provider forgot the key; the next question goes under a fresh one.
pub async fn renew_key(tx: &mut Tx, id: &str, key: &str, at_us: i64) -> DbResult<()> {
    let rows = tx
        .query("UPDATE refund SET idempotency_key = $2, key_made_at_us = $3 WHERE id = $1 AND state = 'intended'")
        .bind_all([id, key])
        .bind(at_us)
        .execute()
        .await?;
    touched(rows, 1, "refund")
}

/// The provider refuses for good; the board must act.
pub async fn failed(tx: &mut Tx, id: &str) -> DbResult<()> {
    let rows = tx
        .query("UPDATE refund SET state = 'failed' WHERE id = $1 AND state = 'intended'")
        .bind(id)
        .execute()
        .await?;
    touched(rows, 1, "refund")
}
