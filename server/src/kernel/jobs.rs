//! Work to do later: enqueued inside business transactions, done by the workers of any node.
//!
//! A worker claims a job with a lease. When the worker dies, the lease runs out and another worker
//! claims the job; so every job must be able to begin again at any point. A job that fails is tried
//! again after longer and longer pauses. A job that keeps failing stays visible as `dead` with its
//! last error.
//!
//! The program gives the runner the handlers of each kind of job: [`Handlers`].

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use domain::id::EventId;
use jiff::Timestamp;
use rand::Rng as _;
use store::db::{Db, DbResult};
use store::job::{self, JobRow, Kind, Lease};
use store::webhook_event;
use tokio::sync::{Notify, watch};
use tokio::task::{JoinError, JoinHandle, JoinSet};

use super::error::{ShopError, ShopResult};

/// How long a claim lasts before other workers may claim the job.
const LEASE_US: i64 = 120_000_000;
/// How often a worker prolongs the lease while its job runs.
const PROLONG: Duration = Duration::from_secs(40);
/// A job that takes longer is stopped and tried again later.
const TIME_LIMIT: Duration = Duration::from_secs(90);
/// How long an idle worker sleeps unless woken.
const POLL: Duration = Duration::from_secs(1);
/// The first pause after a failure, and the longest.
const BACKOFF_US: (i64, i64) = (1_000_000, 300_000_000);
/// How many claims beyond its attempts a job may have: those whose worker died.
const DEATHS_MAX: i64 = 3;
/// How often old jobs and sessions are deleted, and how long a finished job is kept.
const HOUSEKEEPING: Duration = Duration::from_secs(600);
const KEEP_DONE_US: i64 = 7 * 86_400_000_000;

/// What comes after a job that did not fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing: it is done.
    Done,
    /// It is done, with this outcome of its notification.
    Processed {
        /// Key of the notification.
        event_id: EventId,
        /// The outcome.
        outcome: String,
    },
    /// It waits for something; run it again at this time.
    Again(Timestamp),
}

/// What the jobs of the program do, and what they work with.
pub trait Handlers: Send + Sync + 'static {
    /// Where the jobs are stored.
    fn db(&self) -> &Db;

    /// Notified when a job was enqueued.
    fn wake(&self) -> &Notify;

    /// How often a job of this kind is tried.
    fn attempts_max(&self, kind: Kind) -> i64;

    /// Does a job: `payload` is what it is about.
    fn run(
        &self,
        kind: Kind,
        payload: &str,
        now: Timestamp,
    ) -> impl Future<Output = ShopResult<Next>> + Send;

    /// Deletes old data other than jobs.
    fn tidy_up(&self, now: Timestamp) -> impl Future<Output = DbResult<()>> + Send;
}

/// Starts the workers of this node. The future ends once they have stopped: every job that
/// was begun is finished first.
pub fn start(
    context: Arc<impl Handlers>,
    workers: u32,
    stopping: watch::Receiver<bool>,
) -> impl Future<Output = ()> + Send {
    let mut running = JoinSet::new();
    for _ in 0..workers {
        running.spawn(work(Arc::clone(&context), stopping.clone()));
    }
    running.spawn(keep_house(Arc::clone(&context), stopping));
    async move { while running.join_next().await.is_some() {} }
}

async fn work(context: Arc<impl Handlers>, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        let woken = context.wake().notified();
        match run_until_none_is_due(&context, &stopping).await {
            Ok(()) => {}
            Err(error) => tracing::warn!(%error, "jobs cannot be read"),
        }
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = woken => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// Does one job after the other. One transaction notes that a job is done and claims the next one:
/// one write to the disk instead of two.
#[expect(clippy::disallowed_methods, reason = "the runner asks the clock and passes the time on")]
async fn run_until_none_is_due(
    context: &Arc<impl Handlers>,
    stopping: &watch::Receiver<bool>,
) -> DbResult<()> {
    let mut claimed = None;
    loop {
        let row = match claimed.take() {
            Some(row) => row,
            None if *stopping.borrow() => return Ok(()),
            None => {
                let now_us = Timestamp::now().as_microsecond();
                match job::claim(context.db(), now_us, LEASE_US).await? {
                    Some(row) => row,
                    None => return Ok(()),
                }
            }
        };
        let then = match *stopping.borrow() {
            true => Then::Stop,
            false => Then::ClaimNext,
        };
        claimed = run(context, &row, Timestamp::now(), then).await?;
    }
}

/// Claims a job that is due and does it; `false` when none is.
pub async fn run_one(context: &Arc<impl Handlers>, now: Timestamp) -> DbResult<bool> {
    let Some(row) = job::claim(context.db(), now.as_microsecond(), LEASE_US).await? else {
        return Ok(false);
    };
    run(context, &row, now, Then::Stop).await?;
    Ok(true)
}

/// What a worker does after a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// Nothing.
    Stop,
    /// It claims the next one that is due.
    ClaimNext,
}

/// Does a claimed job. Returns the next job, if one should be claimed and is due.
async fn run(
    context: &Arc<impl Handlers>,
    row: &JobRow,
    now: Timestamp,
    then: Then,
) -> DbResult<Option<JobRow>> {
    if Kind::from_name(&row.kind)
        .is_some_and(|kind| row.attempts > context.attempts_max(kind) + DEATHS_MAX)
    {
        // These failures were never noted, because the process died each time.
        return note(&**context, row, Err("no worker survived it".into()), now, then).await;
    }
    // Another job may be due: a sleeping worker looks.
    context.wake().notify_one();
    let (at, task) = (row.clone(), Arc::clone(context));
    // In a task of its own, so that a panic is a failed job and not a lost worker.
    let doing =
        tokio::spawn(
            async move { tokio::time::timeout(TIME_LIMIT, do_job(&*task, &at, now)).await },
        );
    let Some(ended) = while_leased(&**context, row, doing).await else {
        tracing::warn!(job = %row.id, kind = %row.kind, "another worker has the job now");
        return Ok(None);
    };
    let result = match ended {
        Ok(Ok(Ok(next))) => Ok(next),
        Ok(Ok(Err(error))) => Err(error.to_string()),
        Ok(Err(_)) => Err(format!("not finished within {} s", TIME_LIMIT.as_secs())),
        Err(panic) => Err(format!("panicked: {panic}")),
    };
    note(&**context, row, result, now, then).await
}

/// Waits for the end of a job and prolongs its lease meanwhile; `None` when the lease is lost.
#[expect(clippy::disallowed_methods, reason = "a lease ends by the real clock")]
async fn while_leased<T>(
    context: &impl Handlers,
    row: &JobRow,
    mut doing: JoinHandle<T>,
) -> Option<Result<T, JoinError>> {
    loop {
        tokio::select! {
            ended = &mut doing => return Some(ended),
            () = tokio::time::sleep(PROLONG) => {
                let until_us = Timestamp::now().as_microsecond() + LEASE_US;
                match job::prolong(context.db(), row, until_us).await {
                    Ok(Lease::Held) => {}
                    Ok(Lease::Lost) => {
                        doing.abort();
                        return None;
                    }
                    Err(error) => tracing::warn!(job = %row.id, %error, "a lease was not prolonged"),
                }
            }
        }
    }
}

/// Notes the result of a job, unless another worker claimed it meanwhile. Returns the job that was
/// claimed with it.
async fn note(
    context: &impl Handlers,
    row: &JobRow,
    result: Result<Next, String>,
    now: Timestamp,
    then: Then,
) -> DbResult<Option<JobRow>> {
    let (lease, next) = match result {
        Ok(Next::Done) => finish(context, row, None, now, then).await?,
        Ok(Next::Processed { event_id, outcome }) => {
            finish(context, row, Some((&event_id, &outcome)), now, then).await?
        }
        Ok(Next::Again(at)) => (job::postpone(context.db(), row, at.as_microsecond()).await?, None),
        Err(error) => (fail(context, row, error, now).await?, None),
    };
    if lease == Lease::Lost {
        tracing::warn!(job = %row.id, kind = %row.kind, "another worker has the job now");
    }
    Ok(next)
}

/// The job is done. The outcome of a notification and the next claim are noted with it.
#[expect(clippy::disallowed_methods, reason = "a lease begins by the real clock")]
async fn finish(
    context: &impl Handlers,
    row: &JobRow,
    processed: Option<(&EventId, &str)>,
    now: Timestamp,
    then: Then,
) -> DbResult<(Lease, Option<JobRow>)> {
    let mut tx = context.db().begin().await?;
    let lease = job::done(&mut tx, row).await?;
    if lease == Lease::Lost {
        tx.rollback().await?;
        return Ok((lease, None));
    }
    if let Some((event_id, outcome)) = processed {
        webhook_event::processed(&mut tx, event_id, outcome, now.as_microsecond()).await?;
    }
    let next = match then {
        Then::Stop => None,
        Then::ClaimNext => {
            let now_us = Timestamp::now().as_microsecond();
            job::claim_next(&mut tx, now_us, LEASE_US).await?
        }
    };
    tx.commit().await?;
    metrics::counter!("jobs_done_total", "kind" => row.kind.clone()).increment(1);
    Ok((lease, next))
}

/// The job failed: it is tried again later, or never.
async fn fail(
    context: &impl Handlers,
    row: &JobRow,
    error: String,
    now: Timestamp,
) -> DbResult<Lease> {
    let kind = row.kind.clone();
    let dead =
        Kind::from_name(&row.kind).is_none_or(|known| row.attempts >= context.attempts_max(known));
    metrics::counter!("jobs_failed_total", "kind" => kind, "dead" => dead.to_string()).increment(1);
    if dead {
        tracing::error!(job = %row.id, kind = %row.kind, payload = %row.payload, %error, "a job gave up");
    } else {
        tracing::warn!(job = %row.id, kind = %row.kind, attempts = row.attempts, %error, "a job failed and is tried again");
    }
    #[expect(clippy::disallowed_methods, reason = "failed jobs come back at random moments")]
    let pause_us = backoff_us(row.attempts, rand::rng().random_range(0.0..1.0));
    job::failed(context.db(), row, dead, now.as_microsecond() + pause_us, &error).await
}

/// The pause after this number of attempts. It doubles each time up to a limit, and `jitter` (0 to
/// 1) shortens it by up to a half, so that jobs that failed together do not run again together.
pub(crate) fn backoff_us(attempts: i64, jitter: f64) -> i64 {
    let (first, longest) = BACKOFF_US;
    let doublings = u32::try_from(attempts.saturating_sub(1).clamp(0, 20)).unwrap_or(20);
    let pause = first.saturating_mul(1 << doublings).min(longest);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a pause of minutes fits and needs no precision"
    )]
    let cut = (pause as f64 * 0.5 * jitter.clamp(0.0, 1.0)) as i64;
    pause - cut
}

#[expect(clippy::disallowed_methods, reason = "the runner asks the clock and passes the time on")]
async fn keep_house(context: Arc<impl Handlers>, mut stopping: watch::Receiver<bool>) {
    loop {
        if let Err(error) = tidy_up(&*context, Timestamp::now()).await {
            tracing::warn!(%error, "old sessions and jobs could not be forgotten");
        }
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(HOUSEKEEPING) => {}
        }
    }
}

async fn tidy_up(context: &impl Handlers, now: Timestamp) -> DbResult<()> {
    job::forget_done(context.db(), now.as_microsecond() - KEEP_DONE_US).await?;
    context.tidy_up(now).await?;
    for (state, count) in job::counts(context.db()).await? {
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
        metrics::gauge!("jobs", "state" => state).set(count as f64);
    }
    Ok(())
}

async fn do_job(context: &impl Handlers, row: &JobRow, now: Timestamp) -> ShopResult<Next> {
    let kind = Kind::from_name(&row.kind)
        .ok_or_else(|| ShopError::Internal(format!("no such kind of job: {}", row.kind).into()))?;
    context.run(kind, &row.payload, now).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_limit() {
        assert_eq!(backoff_us(1, 0.0), 1_000_000);
        assert_eq!(backoff_us(4, 0.0), 8_000_000);
        assert_eq!(backoff_us(4, 1.0), 4_000_000);
        assert_eq!(backoff_us(500, 0.0), 300_000_000);
        assert_eq!(backoff_us(i64::MIN, 7.0), 500_000);
    }
}
