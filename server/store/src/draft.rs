//! What was typed into the purchase form, one draft for each session.

use crate::db::{Db, DbResult, Tx};
use domain::id::SessionId;

/// A draft: the form and its errors, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct DraftRow {
    /// The form.
    pub form: String,
    /// What was wrong with it when it was last sent.
    pub errors: String,
}

/// Nothing is kept for a session that has just ended.
const KEEP: &str = "INSERT INTO checkout_draft (session_id, form, errors, written_at_us)
    SELECT id, CAST($2 AS TEXT), COALESCE($3, '[]'), CAST($4 AS BIGINT) FROM session WHERE id = $1
    ON CONFLICT (session_id) DO UPDATE SET form = EXCLUDED.form,
      errors = COALESCE($3, checkout_draft.errors), written_at_us = EXCLUDED.written_at_us";

/// Keeps a form; its errors stay what they were when none are given.
pub async fn keep(
    db: &Db,
    session_id: &SessionId,
    form: &str,
    errors: Option<&str>,
    now_us: i64,
) -> DbResult<()> {
    let kept = db.write(KEEP).bind_texts([session_id, form]).bind(errors).bind(now_us);
    kept.execute().await?;
    Ok(())
}

/// Keeps a form with its errors, inside a transaction.
pub async fn keep_in(
    tx: &mut Tx,
    session_id: &SessionId,
    form: &str,
    errors: &str,
    now_us: i64,
) -> DbResult<()> {
    let kept = tx.query(KEEP).bind_texts([session_id, form]).bind(Some(errors)).bind(now_us);
    kept.execute().await?;
    Ok(())
}

/// A session's draft that was written after `since_us`.
pub async fn of_session(
    db: &Db,
    session_id: &SessionId,
    since_us: i64,
) -> DbResult<Option<DraftRow>> {
    db.query("SELECT form, errors FROM checkout_draft WHERE session_id = $1 AND written_at_us > $2")
        .bind_text(session_id)
        .bind(since_us)
        .fetch_optional()
        .await
}

/// Forgets the draft of an attempt at buying, because its order is paid.
pub async fn forget_of_attempt(tx: &mut Tx, attempt: &str) -> DbResult<()> {
    tx.query(
        "DELETE FROM checkout_draft WHERE session_id IN (SELECT id FROM session WHERE attempt = $1)",
    )
    .bind(attempt)
    .execute()
    .await?;
    Ok(())
}

/// Forgets every draft that was not written after `since_us`. Returns how many.
pub async fn sweep(db: &Db, since_us: i64) -> DbResult<u64> {
    db.write("DELETE FROM checkout_draft WHERE written_at_us <= $1").bind(since_us).execute().await
}
