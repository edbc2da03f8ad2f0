//! Work to do later: enqueued in the business transaction, claimed with a lease.

use crate::db::{Db, DbResult, Engine, Tx, touched};
use crate::ids::new_id;

/// A claimed job.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct JobRow {
    /// Key.
    pub id: String,
    /// Kind.
    pub kind: String,
    /// What it is about.
    pub payload: String,
    /// How often it was begun, this time included.
    pub attempts: i64,
}

/// Enqueues a job unless one with the same key was ever enqueued.
pub async fn enqueue(
    tx: &mut Tx,
    kind: &str,
    payload: &str,
    dedup_key: &str,
    run_at_us: i64,
    now_us: i64,
) -> DbResult<()> {
    tx.query(
        "INSERT INTO job (id, kind, payload, dedup_key, state, run_at_us, created_at_us) \
         VALUES ($1, $2, $3, $4, 'ready', $5, $6) ON CONFLICT (dedup_key) DO NOTHING",
    )
    .bind_all([new_id().as_str(), kind, payload, dedup_key])
    .bind(run_at_us)
    .bind(now_us)
    .execute()
    .await?;
    Ok(())
}

/// Claims the job that is due longest, for as long as the lease lasts. A job whose worker
/// died is claimed again when its lease is over.
pub async fn claim(db: &Db, now_us: i64, lease_us: i64) -> DbResult<Option<JobRow>> {
    // Where writers wait for each other, a look first: an idle shop writes nothing.
    if db.engine() == Engine::Sqlite && !is_any_due(db, now_us).await? {
        return Ok(None);
    }
    db.write(format!(
        "UPDATE job SET leased_until_us = $2, attempts = attempts + 1 WHERE id = (SELECT id FROM job WHERE {DUE}{}) \
         RETURNING id, kind, payload, attempts",
        db.skip_locked()
    ))
    .bind(now_us)
    .bind(now_us + lease_us)
    .fetch_optional()
    .await
}

const DUE: &str =
    "state = 'ready' AND run_at_us <= $1 AND leased_until_us <= $1 ORDER BY run_at_us LIMIT 1";

async fn is_any_due(db: &Db, now_us: i64) -> DbResult<bool> {
    let due: Option<(String,)> =
        db.query(format!("SELECT id FROM job WHERE {DUE}")).bind(now_us).fetch_optional().await?;
    Ok(due.is_some())
}

/// The job did its work.
pub async fn done(db: &Db, id: &str) -> DbResult<()> {
    touched(db.write(DONE).bind(id).execute().await?, 1, "job")
}

/// The job did its work, noted together with what came of it.
pub async fn done_in(tx: &mut Tx, id: &str) -> DbResult<()> {
    touched(tx.query(DONE).bind(id).execute().await?, 1, "job")
}

const DONE: &str =
    "UPDATE job SET state = 'done', leased_until_us = 0, last_error = NULL WHERE id = $1";

/// The job is to run again at `run_at_us`, or never (`dead`), and why.
pub async fn failed(db: &Db, id: &str, dead: bool, run_at_us: i64, error: &str) -> DbResult<()> {
    let rows = db
        .write("UPDATE job SET state = $2, run_at_us = $3, leased_until_us = 0, last_error = $4 WHERE id = $1")
        .bind_all([id, if dead { "dead" } else { "ready" }])
        .bind(run_at_us)
        .bind(error)
        .execute()
        .await?;
    touched(rows, 1, "job")
}

/// The job waits for something and runs again later; that is no failure.
pub async fn postpone(db: &Db, id: &str, run_at_us: i64) -> DbResult<()> {
    let rows = db
        .write("UPDATE job SET run_at_us = $2, leased_until_us = 0, attempts = 0, last_error = NULL WHERE id = $1")
        .bind(id)
        .bind(run_at_us)
        .execute()
        .await?;
    touched(rows, 1, "job")
}

/// A waiting job runs at `run_at_us` already.
pub async fn hasten(tx: &mut Tx, dedup_key: &str, run_at_us: i64) -> DbResult<()> {
    tx.query(
        "UPDATE job SET run_at_us = $2 WHERE dedup_key = $1 AND state = 'ready' AND run_at_us > $2",
    )
    .bind(dedup_key)
    .bind(run_at_us)
    .execute()
    .await?;
    Ok(())
}

/// A waiting job has nothing left to do; one that is being done just now finds that out itself.
pub async fn spare(tx: &mut Tx, dedup_key: &str, now_us: i64) -> DbResult<()> {
    tx.query("UPDATE job SET state = 'done' WHERE dedup_key = $1 AND state = 'ready' AND leased_until_us <= $2")
        .bind(dedup_key)
        .bind(now_us)
        .execute()
        .await?;
    Ok(())
}

/// A job that gave up.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct DeadRow {
    /// Key.
    pub id: String,
    /// Kind.
    pub kind: String,
    /// What it is about.
    pub payload: String,
    /// How often it was begun.
    pub attempts: i64,
    /// What happened the last time.
    pub last_error: Option<String>,
    /// Enqueued.
    pub created_at_us: i64,
}

/// Every job that gave up, oldest first.
pub async fn dead(db: &Db) -> DbResult<Vec<DeadRow>> {
    db.query(
        "SELECT id, kind, payload, attempts, last_error, created_at_us FROM job \
         WHERE state = 'dead' ORDER BY created_at_us, id",
    )
    .fetch_all()
    .await
}

/// A job that gave up runs again now.
pub async fn revive(tx: &mut Tx, id: &str, now_us: i64) -> DbResult<bool> {
    let rows = tx
        .query("UPDATE job SET state = 'ready', run_at_us = $2, leased_until_us = 0, attempts = 0 WHERE id = $1 AND state = 'dead'")
        .bind(id)
        .bind(now_us)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// When the next job is due, if any waits.
pub async fn next_due_us(db: &Db) -> DbResult<Option<i64>> {
    let row: Option<(i64,)> = db
        .query("SELECT run_at_us FROM job WHERE state = 'ready' ORDER BY run_at_us LIMIT 1")
        .fetch_optional()
        .await?;
    Ok(row.map(|(at,)| at))
}

/// How many jobs are in each state, for the metrics and the board.
pub async fn counts(db: &Db) -> DbResult<Vec<(String, i64)>> {
    db.query("SELECT state, CAST(COUNT(*) AS BIGINT) FROM job GROUP BY state ORDER BY state")
        .fetch_all()
        .await
}

/// Removes what was done before `before_us`.
pub async fn forget_done(db: &Db, before_us: i64) -> DbResult<u64> {
    db.write("DELETE FROM job WHERE state = 'done' AND run_at_us < $1")
        .bind(before_us)
        .execute()
        .await
}
