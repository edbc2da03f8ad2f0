//! Notifications of providers. Each is stored once, with its outcome.

use crate::db::{Db, DbResult, Tx, touched};
use domain::id::EventId;

/// A stored notification.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct EventRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: EventId,
    /// Provider.
    pub provider: String,
    /// Provider's id of it.
    pub event_id: String,
    /// Kind.
    pub kind: String,
    /// Body as it was received.
    pub payload: String,
    /// When it was received.
    pub received_at_us: i64,
    /// When it was processed.
    pub processed_at_us: Option<i64>,
    /// The outcome of processing it.
    pub outcome: Option<String>,
    /// The checkout it is about.
    pub session_id: Option<String>,
    /// The payment it is about.
    pub payment_intent: Option<String>,
}

/// Stores a notification; `false` when it is known already.
pub async fn insert_once(tx: &mut Tx, row: &EventRow) -> DbResult<bool> {
    let rows = tx
        .query(
            "INSERT INTO webhook_event (id, provider, event_id, kind, payload, received_at_us, processed_at_us, outcome, session_id, payment_intent) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (provider, event_id) DO NOTHING",
        )
        .bind_texts([&row.id, &row.provider, &row.event_id, &row.kind, &row.payload])
        .bind(row.received_at_us)
        .bind(row.processed_at_us)
        .bind(&row.outcome)
        .bind(&row.session_id)
        .bind(&row.payment_intent)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// The notification with this id.
pub async fn by_id(db: &Db, id: &EventId) -> DbResult<Option<EventRow>> {
    db.query(
        "SELECT id, provider, event_id, kind, payload, received_at_us, processed_at_us, outcome, session_id, payment_intent \
         FROM webhook_event WHERE id = $1",
    )
    .bind_text(id)
    .fetch_optional()
    .await
}

/// Stores the outcome of a notification.
pub async fn processed(tx: &mut Tx, id: &EventId, outcome: &str, at_us: i64) -> DbResult<()> {
    let rows = tx
        .query("UPDATE webhook_event SET processed_at_us = $2, outcome = $3 WHERE id = $1")
        .bind_text(id)
        .bind(at_us)
        .bind(outcome)
        .execute()
        .await?;
    touched(rows, 1, ("webhook_event", id))
}
