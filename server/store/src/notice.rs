//! Notices that a visitor is told once. Reading a notice removes it.

use domain::id::SessionId;

use crate::db::{Db, DbResult, Tx};
use crate::text::Text;

/// A notice: key, and what is told, as JSON.
type Row = (String, String);

/// Leaves a notice for a page of a session.
pub async fn leave(
    tx: &mut Tx,
    id: &str,
    session_id: &SessionId,
    page: &str,
    notice: &str,
    now_us: i64,
) -> DbResult<()> {
    tx.query(
        "INSERT INTO session_notice (id, session_id, page, notice, written_at_us) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind_texts([id, session_id, page, notice])
    .bind(now_us)
    .execute()
    .await?;
    Ok(())
}

/// The notices that wait for a page, oldest first; they are not removed.
pub async fn waiting(db: &Db, session_id: &SessionId, page: &str) -> DbResult<Vec<String>> {
    let rows: Vec<Row> = db
        .query("SELECT id, notice FROM session_notice WHERE session_id = $1 AND page = $2")
        .bind_texts([session_id, page])
        .fetch_all()
        .await?;
    Ok(in_order(rows))
}

/// Takes the notices that wait for a page, oldest first. Of two requests at the same time, only one
/// gets each notice. After a power cut in that moment the visitor may be told again.
pub async fn take(db: &Db, session_id: &SessionId, page: &str) -> DbResult<Vec<String>> {
    let rows: Vec<Row> = db
        .write_soon(
            "DELETE FROM session_notice WHERE session_id = $1 AND page = $2 RETURNING id, notice",
        )
        .bind_texts([session_id, page])
        .fetch_all()
        .await?;
    Ok(in_order(rows))
}

fn in_order(mut rows: Vec<Row>) -> Vec<String> {
    rows.sort();
    rows.into_iter().map(|(_, notice)| notice).collect()
}

/// Takes one notice by its key, if it was left after `since_us`. Returns the session it was left
/// for.
pub async fn take_one(
    db: &Db,
    id: &str,
    since_us: i64,
) -> DbResult<Option<(Text<SessionId>, String)>> {
    db.write(
        "DELETE FROM session_notice WHERE id = $1 AND written_at_us > $2 RETURNING session_id, notice",
    )
    .bind(id)
    .bind(since_us)
    .fetch_optional()
    .await
}

/// Forgets every notice that was not left after `since_us`. Returns how many.
pub async fn sweep(db: &Db, since_us: i64) -> DbResult<u64> {
    db.write("DELETE FROM session_notice WHERE written_at_us <= $1").bind(since_us).execute().await
}
