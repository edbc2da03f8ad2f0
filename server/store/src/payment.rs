//! Payments that were asked of a provider, and their results.

use domain::id::{OrderId, PaymentId};
use domain::payment::PaymentState;

use crate::db::{Db, DbResult, Tx, touched};

/// A payment as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PaymentRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: PaymentId,
    /// Order.
    #[sqlx(try_from = "String")]
    pub order_id: OrderId,
    /// `stripe` or `manual`.
    pub provider: String,
    /// Its state.
    #[sqlx(try_from = "String")]
    pub state: PaymentState,
    /// Currency asked for.
    pub currency: String,
    /// Amount asked for.
    pub amount_minor: i64,
    /// Idempotency key of the request to the provider.
    pub idempotency_key: String,
    /// Provider's id of the payment page.
    pub session_id: Option<String>,
    /// Where the shopper pays.
    pub payment_url: Option<String>,
    /// Provider's id of the payment.
    pub payment_intent: Option<String>,
    /// Provider's id of the charge.
    pub charge: Option<String>,
    /// What the provider kept, in the payment's currency.
    pub fee_minor: Option<i64>,
    /// When the intent was stored.
    pub created_at_us: i64,
    /// When the payment page closes by itself.
    pub expires_at_us: i64,
    /// When it was paid, as the provider says.
    pub paid_at_us: Option<i64>,
    /// What came in on the account where the money lies.
    #[sqlx(flatten)]
    pub settled: SettledRow,
}

/// What a payment or refund moved on the account where the money lies. When nothing is known, it is
/// the amount that was paid.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct SettledRow {
    /// Currency there.
    pub settled_currency: Option<String>,
    /// What came in or went out, before any fee.
    pub settled_minor: Option<i64>,
    /// The fee that was kept.
    pub settled_fee_minor: Option<i64>,
    /// The provider's rate, in thousand-millionths.
    pub settled_rate_nano: Option<i64>,
}

const COLUMNS: &str = "id, order_id, provider, state, currency, amount_minor, idempotency_key, session_id, payment_url, \
    payment_intent, charge, fee_minor, created_at_us, expires_at_us, paid_at_us, settled_currency, settled_minor, \
    settled_fee_minor, settled_rate_nano";

/// Stores the intent before the provider is asked.
pub async fn insert(tx: &mut Tx, row: &PaymentRow) -> DbResult<()> {
    let rows = tx
        .query(
            "INSERT INTO payment (id, order_id, provider, state, currency, amount_minor, idempotency_key, created_at_us, expires_at_us) \
             VALUES ($1, $2, $3, 'intended', $4, $5, $6, $7, $8)",
        )
        .bind_texts([&row.id, &row.order_id, &row.provider, &row.currency])
        .bind(row.amount_minor)
        .bind(&row.idempotency_key)
        .bind(row.created_at_us)
        .bind(row.expires_at_us)
        .execute()
        .await?;
    touched(rows, 1, ("payment", &row.id))
}

/// The newest payment of an order.
pub async fn of_order(db: &Db, order_id: &OrderId) -> DbResult<Option<PaymentRow>> {
    db.query(format!("SELECT {COLUMNS} FROM payment WHERE order_id = $1 ORDER BY id DESC LIMIT 1"))
        .bind_text(order_id)
        .fetch_optional()
        .await
}

/// Payments of an order that brought money, oldest first, locked until the transaction ends;
/// lock their order first.
pub async fn received_of(tx: &mut Tx, order_id: &OrderId) -> DbResult<Vec<PaymentRow>> {
    tx.query_locked(format!(
        "SELECT {COLUMNS} FROM payment WHERE order_id = $1 AND state IN ('paid', 'mismatched') ORDER BY id"
    ))
    .bind_text(order_id)
    .fetch_all()
    .await
}

/// The payment with this id.
pub async fn by_id(db: &Db, id: &PaymentId) -> DbResult<Option<PaymentRow>> {
    db.query(format!("SELECT {COLUMNS} FROM payment WHERE id = $1"))
        .bind_text(id)
        .fetch_optional()
        .await
}

/// The payment whose page has this session id.
pub async fn by_session(db: &Db, session_id: &str) -> DbResult<Option<PaymentRow>> {
    db.query(format!("SELECT {COLUMNS} FROM payment WHERE session_id = $1"))
        .bind(session_id)
        .fetch_optional()
        .await
}

/// The payment with this id at the provider.
pub async fn by_intent(db: &Db, payment_intent: &str) -> DbResult<Option<PaymentRow>> {
    db.query(format!("SELECT {COLUMNS} FROM payment WHERE payment_intent = $1"))
        .bind(payment_intent)
        .fetch_optional()
        .await
}

/// The payment, locked until the transaction ends; lock its order first.
pub async fn locked(tx: &mut Tx, id: &PaymentId) -> DbResult<Option<PaymentRow>> {
    tx.query_locked(format!("SELECT {COLUMNS} FROM payment WHERE id = $1"))
        .bind_text(id)
        .fetch_optional()
        .await
}

/// How many other payments of the order were received.
pub async fn others_paid(tx: &mut Tx, order_id: &OrderId, id: &PaymentId) -> DbResult<i64> {
    let (count,): (i64,) = tx
        .query("SELECT CAST(COUNT(*) AS BIGINT) FROM payment WHERE order_id = $1 AND id <> $2 AND state = 'paid'")
        .bind_texts([order_id, id])
        .fetch_one()
        .await?;
    Ok(count)
}

/// Marks the payment page as open.
pub async fn opened(tx: &mut Tx, id: &PaymentId, session_id: &str, url: &str) -> DbResult<()> {
    let rows = tx
        .query("UPDATE payment SET state = 'open', session_id = $2, payment_url = $3 WHERE id = $1 AND state = 'intended'")
        .bind_texts([id, session_id, url])
        .execute()
        .await?;
    touched(rows, 1, ("payment", id))
}

/// Sets the state of a payment without money: `expired`, `failed` or `processing`.
pub async fn set_state(tx: &mut Tx, id: &PaymentId, state: PaymentState) -> DbResult<()> {
    let rows = tx
        .query("UPDATE payment SET state = $2 WHERE id = $1")
        .bind_texts([id, state.as_str()])
        .execute()
        .await?;
    touched(rows, 1, ("payment", id))
}

/// Money that was received for a payment.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// How far the payment is then.
    pub state: PaymentState,
    /// Provider's name of the payment.
    pub payment_intent: Option<&'a str>,
    /// Provider's name of the charge.
    pub charge: Option<&'a str>,
    /// What the provider kept, in minor units of the payment's currency.
    pub fee_minor: i64,
    /// What came in where the money lies.
    pub settled: &'a SettledRow,
    /// When it was paid, microseconds UTC.
    pub at_us: i64,
}

/// Money was received: `paid`, or `mismatched` when it is not what was asked for.
pub async fn received(tx: &mut Tx, id: &PaymentId, received: Received<'_>) -> DbResult<()> {
    let Received { state, payment_intent, charge, fee_minor, settled, at_us } = received;
    let rows = tx
        .query(
            "UPDATE payment SET state = $2, payment_intent = $3, charge = $4, fee_minor = $5, paid_at_us = $6, \
             settled_currency = $7, settled_minor = $8, settled_fee_minor = $9, settled_rate_nano = $10 WHERE id = $1",
        )
        .bind_texts([id, state.as_str()])
        .bind(payment_intent)
        .bind(charge)
        .bind(fee_minor)
        .bind(at_us)
        .bind(&settled.settled_currency)
        .bind(settled.settled_minor)
        .bind(settled.settled_fee_minor)
        .bind(settled.settled_rate_nano)
        .execute()
        .await?;
    touched(rows, 1, ("payment", id))
}
