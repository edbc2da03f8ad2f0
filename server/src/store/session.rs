//! Sessions of visitors: the bag and nothing else.

use crate::db::{Db, DbResult};

/// Writes a session, whether it is there already or not.
pub async fn save(db: &Db, id: &str, data: &str, expires_at_us: i64) -> DbResult<()> {
    db.write(
        "INSERT INTO session (id, data, expires_at_us) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET data = EXCLUDED.data, expires_at_us = EXCLUDED.expires_at_us",
    )
    .bind(id)
    .bind(data)
    .bind(expires_at_us)
    .execute()
    .await?;
    Ok(())
}

/// Writes a new session; `false` when the id is taken.
pub async fn create(db: &Db, id: &str, data: &str, expires_at_us: i64) -> DbResult<bool> {
    let rows = db
        .write("INSERT INTO session (id, data, expires_at_us) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING")
        .bind(id)
        .bind(data)
        .bind(expires_at_us)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// A session that has not expired: its data and expiry.
pub async fn load(db: &Db, id: &str, now_us: i64) -> DbResult<Option<(String, i64)>> {
    db.query("SELECT data, expires_at_us FROM session WHERE id = $1 AND expires_at_us > $2")
        .bind(id)
        .bind(now_us)
        .fetch_optional()
        .await
}

/// Forgets a session.
pub async fn delete(db: &Db, id: &str) -> DbResult<()> {
    db.write("DELETE FROM session WHERE id = $1").bind(id).execute().await?;
    Ok(())
}

/// Forgets every expired session; how many.
pub async fn sweep(db: &Db, now_us: i64) -> DbResult<u64> {
    db.write("DELETE FROM session WHERE expires_at_us <= $1").bind(now_us).execute().await
}
