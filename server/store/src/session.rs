//! Sessions of visitors: when each ends, the pieces in its bag, its running attempt at buying.
//!
//! What a session holds is in rows of its own and in columns that are compared before they are
//! changed; the record of `tower-sessions` holds nothing. [`draft`](super::draft) has what was
//! typed, and [`notice`](super::notice) what the visitor is told.

use crate::db::{Db, DbResult, Tx, placeholders, touched};
use domain::id::SessionId;

/// Writes a session, whether it is there already or not.
pub async fn save(db: &Db, id: &SessionId, data: &str, expires_at_us: i64) -> DbResult<()> {
    db.write(
        "INSERT INTO session (id, data, expires_at_us) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET data = EXCLUDED.data, expires_at_us = EXCLUDED.expires_at_us",
    )
    .bind_text(id)
    .bind(data)
    .bind(expires_at_us)
    .execute()
    .await?;
    Ok(())
}

/// Writes a new session inside the caller's transaction.
///
/// # Errors
/// [`DbError::Unique`](crate::db::DbError::Unique) when the id is taken.
pub async fn create(tx: &mut Tx, id: &SessionId, data: &str, expires_at_us: i64) -> DbResult<()> {
    let rows = tx
        .query("INSERT INTO session (id, data, expires_at_us) VALUES ($1, $2, $3)")
        .bind_texts([id, data])
        .bind(expires_at_us)
        .execute()
        .await?;
    touched(rows, 1, ("session", id))
}

/// A session that has not expired: its data and expiry.
pub async fn load(db: &Db, id: &SessionId, now_us: i64) -> DbResult<Option<(String, i64)>> {
    db.query("SELECT data, expires_at_us FROM session WHERE id = $1 AND expires_at_us > $2")
        .bind_text(id)
        .bind(now_us)
        .fetch_optional()
        .await
}

/// Forgets a session with all it holds.
pub async fn delete(db: &Db, id: &SessionId) -> DbResult<()> {
    db.write("DELETE FROM session WHERE id = $1").bind_text(id).execute().await?;
    Ok(())
}

/// Forgets every expired session. Returns how many.
pub async fn sweep(db: &Db, now_us: i64) -> DbResult<u64> {
    db.write("DELETE FROM session WHERE expires_at_us <= $1").bind(now_us).execute().await
}

/// What a session holds: its bag, the attempt at buying it, and whether a notice waits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// When the session ends, microseconds UTC.
    pub expires_at_us: i64,
    /// Whether a notice waits for one of its pages.
    pub is_notified: bool,
    /// Keys of the pieces in the bag, oldest first.
    pub bag: Vec<String>,
    /// The running attempt at buying, if one was begun.
    pub attempt: Option<String>,
}

/// What a session that has not expired holds.
pub async fn held(db: &Db, id: &SessionId, now_us: i64) -> DbResult<Option<Held>> {
    let rows: Vec<(i64, bool, Option<String>, Option<String>)> = db
        .query(
            "SELECT s.expires_at_us, EXISTS (SELECT 1 FROM session_notice n WHERE n.session_id = s.id),
               s.attempt, b.piece_id
             FROM session s LEFT JOIN bag_piece b ON b.session_id = s.id
             WHERE s.id = $1 AND s.expires_at_us > $2 ORDER BY b.position",
        )
        .bind_text(id)
        .bind(now_us)
        .fetch_all()
        .await?;
    let Some((expires_at_us, is_notified, attempt, _)) = rows.first().cloned() else {
        return Ok(None);
    };
    let bag = rows.into_iter().filter_map(|(.., piece)| piece).collect();
    Ok(Some(Held { expires_at_us, is_notified, bag, attempt }))
}

/// How many pieces are in the bag of a session that has not expired.
pub async fn bag_count(db: &Db, id: &SessionId, now_us: i64) -> DbResult<i64> {
    let (count,): (i64,) = db
        .query(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM bag_piece b JOIN session s ON s.id = b.session_id
             WHERE s.id = $1 AND s.expires_at_us > $2",
        )
        .bind_text(id)
        .bind(now_us)
        .fetch_one()
        .await?;
    Ok(count)
}

/// The result of putting a piece into a bag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It is in the bag now.
    In,
    /// It was in the bag already.
    Already,
    /// The bag holds as many pieces as it may.
    Full,
}

/// Puts a piece into a bag that may hold `most` pieces.
pub async fn put_in(tx: &mut Tx, id: &SessionId, piece_id: &str, most: usize) -> DbResult<Put> {
    // Of two requests at the same time, the second one waits and then counts the piece of the
    // first.
    if !tx.is_alone() {
        let lock = tx.query_locked("SELECT id FROM session WHERE id = $1");
        let _: Option<(String,)> = lock.bind_text(id).fetch_optional().await?;
    }
    let bag: Vec<(String, i64)> = tx
        .query("SELECT piece_id, position FROM bag_piece WHERE session_id = $1")
        .bind_text(id)
        .fetch_all()
        .await?;
    if bag.iter().any(|(in_it, _)| in_it == piece_id) {
        return Ok(Put::Already);
    }
    if bag.len() >= most {
        return Ok(Put::Full);
    }
    let last = bag.iter().map(|(_, position)| *position).max().unwrap_or(0);
    tx.query("INSERT INTO bag_piece (session_id, piece_id, position) VALUES ($1, $2, $3)")
        .bind_texts([id, piece_id])
        .bind(last + 1)
        .execute()
        .await?;
    Ok(Put::In)
}

/// Moves the bag and the notices of another session into a session whose bag may hold `most`
/// pieces, and forgets the other session. Does nothing if a purchase was begun in the other
/// session.
pub async fn merge(tx: &mut Tx, id: &SessionId, other: &SessionId, most: usize) -> DbResult<()> {
    let open: Option<(String,)> = tx
        .query_locked("SELECT id FROM session WHERE id = $1 AND attempt IS NULL")
        .bind_text(other)
        .fetch_optional()
        .await?;
    if open.is_none() {
        return Ok(());
    }
    let pieces: Vec<(String,)> = tx
        .query("SELECT piece_id FROM bag_piece WHERE session_id = $1 ORDER BY position")
        .bind_text(other)
        .fetch_all()
        .await?;
    for (piece,) in pieces {
        put_in(tx, id, &piece, most).await?;
    }
    tx.query("UPDATE session_notice SET session_id = $1 WHERE session_id = $2")
        .bind_texts([id, other])
        .execute()
        .await?;
    tx.query("DELETE FROM session WHERE id = $1").bind_text(other).execute().await?;
    Ok(())
}

/// Takes pieces out of a bag. Returns how many of them were in it.
pub async fn take_out(tx: &mut Tx, id: &SessionId, piece_ids: &[String]) -> DbResult<u64> {
    if piece_ids.is_empty() {
        return Ok(0);
    }
    let marks = placeholders(2, piece_ids.len());
    tx.query(format!("DELETE FROM bag_piece WHERE session_id = $1 AND piece_id IN ({marks})"))
        .bind_text(id)
        .bind_all(piece_ids)
        .execute()
        .await
}

/// Begins the attempt `new` unless one is running. Returns the attempt that is running now, or
/// `None` when the session is gone.
pub async fn begin_attempt(tx: &mut Tx, id: &SessionId, new: &str) -> DbResult<Option<String>> {
    let row: Option<(String,)> = tx
        .query("UPDATE session SET attempt = COALESCE(attempt, $2) WHERE id = $1 RETURNING attempt")
        .bind_texts([id, new])
        .fetch_optional()
        .await?;
    Ok(row.map(|(attempt,)| attempt))
}

/// The attempt at buying that a session is in.
pub async fn running_attempt(db: &Db, id: &SessionId) -> DbResult<Option<String>> {
    let row: Option<(Option<String>,)> = db
        .query("SELECT attempt FROM session WHERE id = $1")
        .bind_text(id)
        .fetch_optional()
        .await?;
    Ok(row.and_then(|(attempt,)| attempt))
}

/// Begins the attempt `new` in the place of `used_up`, unless another request did so already.
/// Returns the attempt that is running now, or `None` when the session is gone.
pub async fn replace_attempt(
    db: &Db,
    id: &SessionId,
    used_up: &str,
    new: &str,
) -> DbResult<Option<String>> {
    let row: Option<(String,)> = db
        .write(
            "UPDATE session SET attempt = CASE WHEN attempt = $2 OR attempt IS NULL THEN $3 ELSE attempt END
             WHERE id = $1 RETURNING attempt",
        )
        .bind_texts([id, used_up, new])
        .fetch_optional()
        .await?;
    Ok(row.map(|(attempt,)| attempt))
}

/// Ends this attempt, if it is still the running one.
pub async fn end_attempt(tx: &mut Tx, id: &SessionId, attempt: &str) -> DbResult<()> {
    tx.query("UPDATE session SET attempt = NULL WHERE id = $1 AND attempt = $2")
        .bind_texts([id, attempt])
        .execute()
        .await?;
    Ok(())
}
