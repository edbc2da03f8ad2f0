//! Every mail ever written, and what became of it.

use crate::db::{Db, DbResult, Query, Tx};

/// A mail as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MailRow {
    /// Key; also the left half of its Message-ID.
    pub id: String,
    /// A second mail for the same reason is never written.
    pub dedup_key: String,
    /// Order it is about.
    pub order_id: Option<String>,
    /// Recipient.
    pub to_address: String,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub body_text: String,
    /// HTML.
    pub body_html: String,
    /// `queued`, `sending`, `sent`, `kept`, `failed`, `unsure`.
    pub state: String,
    /// Written.
    pub created_at_us: i64,
}

const COLUMNS: &str =
    "id, dedup_key, order_id, to_address, subject, body_text, body_html, state, created_at_us";

/// Stores a mail in the transaction that makes it due, unless one for the same reason is there.
pub async fn insert_once(tx: &mut Tx, row: &MailRow) -> DbResult<()> {
    insert(tx.query(INSERT), row).execute().await?;
    Ok(())
}

/// Stores a mail; `false` when one for the same reason is there.
pub async fn write_once(db: &Db, row: &MailRow) -> DbResult<bool> {
    Ok(insert(db.write(INSERT), row).execute().await? == 1)
}

const INSERT: &str = "INSERT INTO mail (id, dedup_key, order_id, to_address, subject, body_text, body_html, state, created_at_us) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (dedup_key) DO NOTHING";

fn insert<'q>(query: Query<'q>, row: &MailRow) -> Query<'q> {
    query
        .bind_all([&row.id, &row.dedup_key])
        .bind(&row.order_id)
        .bind_all([&row.to_address, &row.subject, &row.body_text, &row.body_html, &row.state])
        .bind(row.created_at_us)
}

/// The mail written for a reason.
pub async fn by_reason(db: &Db, dedup_key: &str) -> DbResult<Option<MailRow>> {
    db.query(format!("SELECT {COLUMNS} FROM mail WHERE dedup_key = $1"))
        .bind(dedup_key)
        .fetch_optional()
        .await
}

/// The state of the mail written for a reason.
pub async fn state(db: &Db, dedup_key: &str) -> DbResult<Option<String>> {
    let row: Option<(String,)> = db
        .query("SELECT state FROM mail WHERE dedup_key = $1")
        .bind(dedup_key)
        .fetch_optional()
        .await?;
    Ok(row.map(|(state,)| state))
}

/// The mail of a key.
pub async fn by_id(db: &Db, id: &str) -> DbResult<Option<MailRow>> {
    db.query(format!("SELECT {COLUMNS} FROM mail WHERE id = $1")).bind(id).fetch_optional().await
}

/// The newest mails, whatever became of them, at most so many.
pub async fn newest(db: &Db, count: i64) -> DbResult<Vec<MailRow>> {
    db.query(format!("SELECT {COLUMNS} FROM mail ORDER BY created_at_us DESC, id DESC LIMIT $1"))
        .bind(count)
        .fetch_all()
        .await
}

/// Moves a mail from one state to the next; `false` when it was not in `from`.
pub async fn advance(
    db: &Db,
    id: &str,
    from: &str,
    to: &str,
    error: Option<&str>,
    sent_at_us: Option<i64>,
) -> DbResult<bool> {
    let rows = db
        .write("UPDATE mail SET state = $3, last_error = $4, sent_at_us = $5 WHERE id = $1 AND state = $2")
        .bind_all([id, from, to])
        .bind(error)
        .bind(sent_at_us)
        .execute()
        .await?;
    Ok(rows == 1)
}
