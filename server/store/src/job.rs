//! Work to do later: enqueued in the business transaction, claimed with a lease.

use crate::db::{Db, DbResult, Engine, Tx, touched};
use crate::ids::new_id;
use domain::id::JobId;

/// A kind of job. A new kind needs a variant, its name, and its arm where the workers run jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Acts on a stored notification of the payment provider.
    ProcessEvent,
    /// Ends the hold of an order that was not paid in time.
    ExpireOrder,
    /// Writes a mail, if it is not written, and sends it.
    SendMail,
    /// Gives money back.
    Refund,
    /// Books refunds of a payment that were made at the provider without the shop.
    FollowRefunds,
}

impl Kind {
    const ALL: [Self; 5] =
        [Self::ProcessEvent, Self::ExpireOrder, Self::SendMail, Self::Refund, Self::FollowRefunds];

    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProcessEvent => "process_event",
            Self::ExpireOrder => "expire_order",
            Self::SendMail => "send_mail",
            Self::Refund => "refund",
            Self::FollowRefunds => "follow_refunds",
        }
    }

    /// The kind of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A claimed job.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct JobRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: JobId,
    /// Kind.
    pub kind: String,
    /// What it is about.
    pub payload: String,
    /// How often it was begun, this time included.
    pub attempts: i64,
    /// The number of this claim. The next claim of the job has another number.
    pub claims: i64,
}

/// Whether a worker still had its claim when it ended the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Lease {
    /// It had. The result of the job is written.
    Held,
    /// It had not: the lease ran out and another worker claimed the job. Nothing was written.
    Lost,
}

impl Lease {
    /// The result of a statement that changes the row of a claim, or no row.
    fn of(rows: u64, job: &JobRow) -> DbResult<Self> {
        match rows {
            0 => Ok(Self::Lost),
            rows => touched(rows, 1, ("job", &job.id)).map(|()| Self::Held),
        }
    }
}

/// A job to enqueue.
#[derive(Debug, Clone, Copy)]
pub struct NewJob<'a> {
    /// Kind.
    pub kind: Kind,
    /// What it is about.
    pub payload: &'a str,
    /// The key under which it is enqueued once and never again.
    pub dedup_key: &'a str,
    /// When it is due, microseconds UTC.
    pub run_at_us: i64,
}

/// Enqueues a job unless one with the same key was ever enqueued.
pub async fn enqueue(tx: &mut Tx, job: NewJob<'_>, now_us: i64) -> DbResult<()> {
    let NewJob { kind, payload, dedup_key, run_at_us } = job;
    tx.query(
        "INSERT INTO job (id, kind, payload, dedup_key, state, run_at_us, created_at_us) \
         VALUES ($1, $2, $3, $4, 'ready', $5, $6) ON CONFLICT (dedup_key) DO NOTHING",
    )
    .bind_all([new_id().as_str(), kind.as_str(), payload, dedup_key])
    .bind(run_at_us)
    .bind(now_us)
    .execute()
    .await?;
    Ok(())
}

/// Enqueues the mail of a reason, in the transaction that makes it due. The same reason enqueues it
/// once.
pub async fn enqueue_mail(tx: &mut Tx, reason: &str, now_us: i64) -> DbResult<()> {
    let dedup_key = format!("mail:{reason}");
    let kind = Kind::SendMail;
    let job = NewJob { kind, payload: reason, dedup_key: &dedup_key, run_at_us: now_us };
    enqueue(tx, job, now_us).await
}

/// The key of the job that ends an order's hold.
#[must_use]
pub fn expiry_key(order_id: &str) -> String {
    format!("expire_order:{order_id}")
}

/// Claims the job that is due longest, for as long as the lease lasts. A job whose worker
/// died is claimed again when its lease is over.
pub async fn claim(db: &Db, now_us: i64, lease_us: i64) -> DbResult<Option<JobRow>> {
    // SQLite has one writer: a read comes first, so that an idle shop writes nothing.
    if db.engine() == Engine::Sqlite && !is_any_due(db, now_us).await? {
        return Ok(None);
    }
    db.write(claim_statement(db.engine()))
        .bind(now_us)
        .bind(now_us + lease_us)
        .fetch_optional()
        .await
}

/// Claims the next job in the transaction that ends the one before.
pub async fn claim_next(tx: &mut Tx, now_us: i64, lease_us: i64) -> DbResult<Option<JobRow>> {
    let statement = claim_statement(tx.engine());
    tx.query(statement).bind(now_us).bind(now_us + lease_us).fetch_optional().await
}

fn claim_statement(engine: Engine) -> String {
    format!(
        "UPDATE job SET leased_until_us = $2, attempts = attempts + 1, claims = claims + 1 WHERE id = (SELECT id FROM job WHERE {DUE}{}) \
         RETURNING id, kind, payload, attempts, claims",
        engine.skip_locked()
    )
}

const DUE: &str =
    "state = 'ready' AND run_at_us <= $1 AND leased_until_us <= $1 ORDER BY run_at_us LIMIT 1";

async fn is_any_due(db: &Db, now_us: i64) -> DbResult<bool> {
    let due: Option<(String,)> =
        db.query(format!("SELECT id FROM job WHERE {DUE}")).bind(now_us).fetch_optional().await?;
    Ok(due.is_some())
}

/// Notes that the job is done, in the transaction of its result.
pub async fn done(tx: &mut Tx, job: &JobRow) -> DbResult<Lease> {
    let rows = tx
        .query(
            "UPDATE job SET state = 'done', leased_until_us = 0, last_error = NULL
             WHERE id = $1 AND claims = $2",
        )
        .bind_text(&job.id)
        .bind(job.claims)
        .execute()
        .await?;
    Lease::of(rows, job)
}

/// Notes why the job failed. It runs again at `run_at_us`, or never (`dead`).
pub async fn failed(
    db: &Db,
    job: &JobRow,
    dead: bool,
    run_at_us: i64,
    error: &str,
) -> DbResult<Lease> {
    let rows = db
        .write(
            "UPDATE job SET state = $3, run_at_us = $4, leased_until_us = 0, last_error = $5
             WHERE id = $1 AND claims = $2",
        )
        .bind_text(&job.id)
        .bind(job.claims)
        .bind(if dead { "dead" } else { "ready" })
        .bind(run_at_us)
        .bind(error)
        .execute()
        .await?;
    Lease::of(rows, job)
}

/// Lets the job run again later without counting a failure.
pub async fn postpone(db: &Db, job: &JobRow, run_at_us: i64) -> DbResult<Lease> {
    let rows = db
        .write(
            "UPDATE job SET run_at_us = $3, leased_until_us = 0, attempts = 0, last_error = NULL
             WHERE id = $1 AND claims = $2",
        )
        .bind_text(&job.id)
        .bind(job.claims)
        .bind(run_at_us)
        .execute()
        .await?;
    Lease::of(rows, job)
}

/// Prolongs the lease of a job that takes long.
pub async fn prolong(db: &Db, job: &JobRow, leased_until_us: i64) -> DbResult<Lease> {
    let rows = db
        .write(
            "UPDATE job SET leased_until_us = $3 WHERE id = $1 AND claims = $2 AND state = 'ready'",
        )
        .bind_text(&job.id)
        .bind(job.claims)
        .bind(leased_until_us)
        .execute()
        .await?;
    Lease::of(rows, job)
}

/// Lets a waiting job run at `run_at_us` already.
pub async fn run_earlier(tx: &mut Tx, dedup_key: &str, run_at_us: i64) -> DbResult<()> {
    tx.query(
        "UPDATE job SET run_at_us = $2 WHERE dedup_key = $1 AND state = 'ready' AND run_at_us > $2",
    )
    .bind(dedup_key)
    .bind(run_at_us)
    .execute()
    .await?;
    Ok(())
}

/// Cancels a waiting job. A job that is running now finds out by itself that nothing is left to do.
pub async fn cancel_pending(tx: &mut Tx, dedup_key: &str, now_us: i64) -> DbResult<()> {
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
    #[sqlx(try_from = "String")]
    pub id: JobId,
    /// Kind.
    pub kind: String,
    /// What it is about.
    pub payload: String,
    /// How often it was begun.
    pub attempts: i64,
    /// The error of its last run.
    pub last_error: Option<String>,
    /// When it was enqueued.
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

/// Lets a job that gave up run again now.
pub async fn revive(tx: &mut Tx, id: &str, now_us: i64) -> DbResult<bool> {
    let rows = tx
        .query("UPDATE job SET state = 'ready', run_at_us = $2, leased_until_us = 0, attempts = 0 WHERE id = $1 AND state = 'dead'")
        .bind_text(id)
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

/// Removes jobs that were done before `before_us`.
pub async fn forget_done(db: &Db, before_us: i64) -> DbResult<u64> {
    db.write("DELETE FROM job WHERE state = 'done' AND run_at_us < $1")
        .bind(before_us)
        .execute()
        .await
}
