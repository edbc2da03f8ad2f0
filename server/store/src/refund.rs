//! Refunds, intended and done.

use domain::id::{MemberId, OrderId, OrderLineId, PaymentId, RefundId};
use domain::payment::{RefundCause, RefundState};

use super::{Value, insert_rows};
use crate::db::{Db, DbResult, Tx, touched};
use crate::text::Text;

/// A refund as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RefundRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: RefundId,
    /// Order.
    #[sqlx(try_from = "String")]
    pub order_id: OrderId,
    /// Payment it comes from.
    #[sqlx(try_from = "String")]
    pub payment_id: PaymentId,
    /// Currency.
    pub currency: String,
    /// How much.
    pub amount_minor: i64,
    /// Why it is given back.
    #[sqlx(try_from = "String")]
    pub reason: RefundCause,
    /// Its state.
    #[sqlx(try_from = "String")]
    pub state: RefundState,
    /// Idempotency key of the request to the provider.
    pub idempotency_key: String,
    /// Provider's id of it.
    pub provider_ref: Option<String>,
    /// When the intent was stored.
    pub created_at_us: i64,
    /// When it was booked as done. No two refunds of a payment have the same time, because what the
    /// next one takes back depends on the order in which the others were booked.
    pub done_at_us: Option<i64>,
    /// The line whose goods it gives back.
    pub order_line_id: Option<Text<OrderLineId>>,
    /// Whether it gives back the shipping. With neither line nor shipping it is taken from all that
    /// is left.
    pub of_shipping: bool,
    /// When its key was made.
    pub key_made_at_us: i64,
}

const COLUMNS: &str = "id, order_id, payment_id, currency, amount_minor, reason, state, idempotency_key, provider_ref, \
    created_at_us, done_at_us, order_line_id, of_shipping, COALESCE(key_made_at_us, created_at_us) AS key_made_at_us";

/// Stores the intent before the provider is asked.
pub async fn insert(tx: &mut Tx, row: &RefundRow) -> DbResult<()> {
    let rows = tx
        .query(
            "INSERT INTO refund (id, order_id, payment_id, currency, amount_minor, reason, state, idempotency_key, created_at_us, \
             key_made_at_us, order_line_id, of_shipping) VALUES ($1, $2, $3, $4, $5, $6, 'intended', $7, $8, $9, $10, $11)",
        )
        .bind_texts([&row.id, &row.order_id, &row.payment_id, &row.currency])
        .bind(row.amount_minor)
        .bind_texts([row.reason.as_str(), &row.idempotency_key])
        .bind_all([row.created_at_us, row.key_made_at_us])
        .bind(row.order_line_id.as_ref().map(|id| id.as_str()))
        .bind(row.of_shipping)
        .execute()
        .await?;
    touched(rows, 1, ("refund", &row.id))
}

/// The refund with this id.
pub async fn by_id(db: &Db, id: &RefundId) -> DbResult<Option<RefundRow>> {
    db.query(format!("SELECT {COLUMNS} FROM refund WHERE id = $1"))
        .bind_text(id)
        .fetch_optional()
        .await
}

/// Refunds of an order, oldest first.
pub async fn of_order(db: &Db, order_id: &OrderId) -> DbResult<Vec<RefundRow>> {
    db.query(format!("SELECT {COLUMNS} FROM refund WHERE order_id = $1 ORDER BY id"))
        .bind_text(order_id)
        .fetch_all()
        .await
}

/// The refund, locked until the transaction ends.
pub async fn locked(tx: &mut Tx, id: &RefundId) -> DbResult<Option<RefundRow>> {
    tx.query_locked(format!("SELECT {COLUMNS} FROM refund WHERE id = $1"))
        .bind_text(id)
        .fetch_optional()
        .await
}

/// Refunds of a payment in the order in which they were booked; those that are not done come last.
pub async fn of_payment(tx: &mut Tx, payment_id: &PaymentId) -> DbResult<Vec<RefundRow>> {
    tx.query(format!(
        "SELECT {COLUMNS} FROM refund WHERE payment_id = $1 \
         ORDER BY CASE WHEN done_at_us IS NULL THEN 1 ELSE 0 END, done_at_us, id"
    ))
    .bind_text(payment_id)
    .fetch_all()
    .await
}

/// What is written down when a refund is done.
#[derive(Debug, Clone, Copy)]
pub struct Done<'a> {
    /// Provider's id of it.
    pub provider_ref: &'a str,
    /// When it was booked; no two refunds of a payment have the same time.
    pub at_us: i64,
    /// Whether the courier had the parcel.
    pub handed_over: bool,
    /// Currency in which it left.
    pub currency: &'a str,
    /// What left, before any fee.
    pub amount_minor: i64,
    /// The fee that was kept for it.
    pub fee_minor: i64,
}

/// Marks the refund as done.
pub async fn done(tx: &mut Tx, id: &RefundId, done: Done<'_>) -> DbResult<()> {
    let rows = tx
        .query(
            "UPDATE refund SET state = 'done', provider_ref = $2, settled_currency = $3, done_at_us = $4, settled_minor = $5, \
             settled_fee_minor = $6, handed_over = $7 WHERE id = $1 AND state <> 'done'",
        )
        .bind_texts([id, done.provider_ref, done.currency])
        .bind_all([done.at_us, done.amount_minor, done.fee_minor])
        .bind(done.handed_over)
        .execute()
        .await?;
    touched(rows, 1, ("refund", id))
}

/// What a booked refund paid back for one line or for the shipping.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PartRow {
    /// Refund.
    #[sqlx(try_from = "String")]
    pub refund_id: RefundId,
    /// The line whose goods it paid back; `None` for the shipping.
    pub order_line_id: Option<Text<OrderLineId>>,
    /// How much.
    pub amount_minor: i64,
}

/// What the booked refunds of an order paid back.
pub async fn parts(tx: &mut Tx, order_id: &OrderId) -> DbResult<Vec<PartRow>> {
    tx.query(
        "SELECT p.refund_id, p.order_line_id, p.amount_minor FROM refund_part p JOIN refund r ON r.id = p.refund_id \
         WHERE r.order_id = $1 ORDER BY p.refund_id, p.position",
    )
    .bind_text(order_id)
    .fetch_all()
    .await
}

/// Writes down what a booked refund paid back by line, and for the shipping (`None`).
pub async fn insert_parts(
    tx: &mut Tx,
    id: &RefundId,
    parts: impl Iterator<Item = (Option<OrderLineId>, i64)>,
) -> DbResult<()> {
    let rows: Vec<Vec<Value>> = (1_i64..)
        .zip(parts)
        .map(|(n, (line, minor))| {
            vec![id.into(), n.into(), line.map(String::from).into(), minor.into()]
        })
        .collect();
    let count = rows.len() as u64;
    let into = "refund_part (refund_id, position, order_line_id, amount_minor)";
    touched(insert_rows(tx, into, "", rows).await?, count, ("refund_part", id))
}

/// What the booked refunds of an order took from each member's share of each line.
pub async fn shares_taken(
    tx: &mut Tx,
    order_id: &OrderId,
) -> DbResult<Vec<(Text<OrderLineId>, Text<MemberId>, i64)>> {
    tx.query(
        "SELECT h.order_line_id, h.member_id, CAST(SUM(h.amount_minor) AS BIGINT) FROM refund_share h \
         JOIN refund r ON r.id = h.refund_id WHERE r.order_id = $1 GROUP BY h.order_line_id, h.member_id",
    )
    .bind_text(order_id)
    .fetch_all()
    .await
}

/// Writes down what a booked refund took from members' shares: line, member, how much.
pub async fn insert_shares<'s>(
    tx: &mut Tx,
    id: &RefundId,
    shares: impl Iterator<Item = (&'s OrderLineId, &'s MemberId, i64)>,
) -> DbResult<()> {
    let rows: Vec<Vec<Value>> = shares
        .map(|(line, member, minor)| vec![id.into(), line.into(), member.into(), minor.into()])
        .collect();
    let count = rows.len() as u64;
    let into = "refund_share (refund_id, order_line_id, member_id, amount_minor)";
    touched(insert_rows(tx, into, "", rows).await?, count, ("refund_share", id))
}

/// Replaces a key that the provider has forgotten with a new one.
pub async fn renew_key(tx: &mut Tx, id: &RefundId, key: &str, at_us: i64) -> DbResult<()> {
    let rows = tx
        .query("UPDATE refund SET idempotency_key = $2, key_made_at_us = $3 WHERE id = $1 AND state = 'intended'")
        .bind_texts([id, key])
        .bind(at_us)
        .execute()
        .await?;
    touched(rows, 1, ("refund", id))
}

/// Marks the refund as failed: the provider refuses for good, and the board must act.
pub async fn failed(tx: &mut Tx, id: &RefundId) -> DbResult<()> {
    let rows = tx
        .query("UPDATE refund SET state = 'failed' WHERE id = $1 AND state = 'intended'")
        .bind_text(id)
        .execute()
        .await?;
    touched(rows, 1, ("refund", id))
}
