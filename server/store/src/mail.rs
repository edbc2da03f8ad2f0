//! Every mail ever written, and its state.

use crate::text::Text;
use domain::id::{MailId, OrderId};
use domain::stored_name::UnknownName;

use crate::db::{Db, DbResult, Query, Tx, inconsistent};

/// The state of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailState {
    /// It is written and waits to be sent.
    Queued,
    /// It is being handed over to the mail server.
    Sending,
    /// The server took it.
    Sent,
    /// Without a mail server it is kept for the board to read.
    Kept,
    /// It cannot be put together, or the server refused it.
    Failed,
    /// The connection broke while it was handed over: the server may have taken it.
    Unsure,
}

impl MailState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Sending, Self::Sent, Self::Kept, Self::Failed, Self::Unsure];

    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Kept => "kept",
            Self::Failed => "failed",
            Self::Unsure => "unsure",
        }
    }
}

impl TryFrom<String> for MailState {
    type Error = UnknownName;

    fn try_from(name: String) -> Result<Self, UnknownName> {
        let known = Self::ALL.into_iter().find(|state| state.as_str() == name);
        known.ok_or(UnknownName { of: "MailState", name })
    }
}

/// A mail as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MailRow {
    /// Key; also the left half of its Message-ID.
    #[sqlx(try_from = "String")]
    pub id: MailId,
    /// Its reason; a second mail for the same reason is never written.
    pub dedup_key: String,
    /// Order it is about.
    pub order_id: Option<Text<OrderId>>,
    /// Recipient.
    pub to_address: String,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub body_text: String,
    /// HTML.
    pub body_html: String,
    /// Its state.
    #[sqlx(try_from = "String")]
    pub state: MailState,
    /// When it was written.
    pub created_at_us: i64,
}

const COLUMNS: &str =
    "id, dedup_key, order_id, to_address, subject, body_text, body_html, state, created_at_us";

/// Stores a mail in the transaction that makes it due, unless one for the same reason exists.
pub async fn insert_once(tx: &mut Tx, row: &MailRow) -> DbResult<()> {
    insert(tx.query(INSERT), row).execute().await?;
    Ok(())
}

/// Stores a mail; `false` when one for the same reason exists.
pub async fn write_once(db: &Db, row: &MailRow) -> DbResult<bool> {
    Ok(insert(db.write(INSERT), row).execute().await? == 1)
}

const INSERT: &str = "INSERT INTO mail (id, dedup_key, order_id, to_address, subject, body_text, body_html, state, created_at_us) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (dedup_key) DO NOTHING";

fn insert<'q>(query: Query<'q>, row: &MailRow) -> Query<'q> {
    query
        .bind_texts([&row.id, &row.dedup_key])
        .bind(row.order_id.as_ref().map(|id| id.as_str()))
        .bind_all([&row.to_address, &row.subject, &row.body_text, &row.body_html])
        .bind(row.state.as_str())
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
pub async fn state(db: &Db, dedup_key: &str) -> DbResult<Option<MailState>> {
    let row: Option<(String,)> = db
        .query("SELECT state FROM mail WHERE dedup_key = $1")
        .bind(dedup_key)
        .fetch_optional()
        .await?;
    let known = |(name,): (String,)| MailState::try_from(name);
    row.map(known).transpose().map_err(|error| inconsistent("mail", dedup_key, &error.to_string()))
}

/// The mail with this key.
pub async fn by_id(db: &Db, id: &MailId) -> DbResult<Option<MailRow>> {
    db.query(format!("SELECT {COLUMNS} FROM mail WHERE id = $1"))
        .bind_text(id)
        .fetch_optional()
        .await
}

/// The newest mails in any state, at most `count`.
pub async fn newest(db: &Db, count: i64) -> DbResult<Vec<MailRow>> {
    db.query(format!("SELECT {COLUMNS} FROM mail ORDER BY created_at_us DESC, id DESC LIMIT $1"))
        .bind(count)
        .fetch_all()
        .await
}

/// A mail's change of state.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// The state it must be in.
    pub from: MailState,
    /// The state it takes.
    pub to: MailState,
    /// Why it could not be sent.
    pub error: Option<&'a str>,
    /// When the mail server took it, microseconds UTC.
    pub sent_at_us: Option<i64>,
}

impl<'a> Change<'a> {
    /// From one state to another.
    #[must_use]
    pub const fn between(from: MailState, to: MailState) -> Self {
        Self { from, to, error: None, sent_at_us: None }
    }

    /// The same because of an error.
    #[must_use]
    pub const fn because(self, error: &'a str) -> Self {
        Self { error: Some(error), ..self }
    }
}

/// Moves a mail from one state to the next; `false` when it was not in the first.
pub async fn advance(db: &Db, id: &MailId, change: Change<'_>) -> DbResult<bool> {
    let Change { from, to, error, sent_at_us } = change;
    let rows = db
        .write("UPDATE mail SET state = $3, last_error = $4, sent_at_us = $5 WHERE id = $1 AND state = $2")
        .bind_texts([id, from.as_str(), to.as_str()])
        .bind(error)
        .bind(sent_at_us)
        .execute()
        .await?;
    Ok(rows == 1)
}
