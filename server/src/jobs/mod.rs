//! Work to do later: enqueued inside business transactions, done by the workers of any node.
//!
//! A job is claimed with a lease. Whoever dies with it loses the lease, and another worker
//! takes it up; so every job can be begun again at any point. What fails is tried again later
//! and later; what keeps failing stays visible as `dead` with its last error.

mod kinds;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rand::Rng as _;
use tokio::sync::watch;
use tokio::task::JoinSet;

pub use kinds::{Kind, Next};

use crate::db::{DbResult, Tx};
use crate::mail::Mailer;
use crate::shop::{Shop, draft};
use crate::store::job::{self, JobRow};
use crate::store::{self, session, webhook_event};

/// For how long a worker may keep a job before others take it up.
const LEASE_US: i64 = 120_000_000;
/// A job that takes longer is given up for now; well inside its lease.
const TIME_LIMIT: Duration = Duration::from_secs(90);
/// How long an idle worker sleeps unless woken.
const POLL: Duration = Duration::from_secs(1);
/// The first pause after a failure, and the longest.
const BACKOFF_US: (i64, i64) = (1_000_000, 300_000_000);
/// How often more than its attempts a job may have ended with its worker.
const DEATHS_MAX: i64 = 3;
/// How often old jobs and sessions are forgotten, and how long a finished job stays visible.
const HOUSEKEEPING: Duration = Duration::from_secs(600);
const KEEP_DONE_US: i64 = 7 * 86_400_000_000;

/// What a worker works with.
#[derive(Debug)]
pub struct Bench {
    /// The shop.
    pub shop: Shop,
    /// Whoever carries the mail.
    pub mailer: Mailer,
}

/// Asks for the mail of a reason, see [`crate::mail::deliver`], in the transaction that makes it
/// due; asked for again, it is the same mail.
pub(crate) async fn ask_for_mail(tx: &mut Tx, reason: &str, now_us: i64) -> DbResult<()> {
    let (kind, key) = (Kind::SendMail.as_str(), format!("mail:{reason}"));
    job::enqueue(tx, kind, reason, &key, now_us, now_us).await
}

/// Starts the workers of this node. The future ends once they have stopped: every job that
/// was begun is finished first.
pub fn start(
    shop: Shop,
    mailer: Mailer,
    workers: u32,
    stopping: watch::Receiver<bool>,
) -> impl Future<Output = ()> + Send {
    let bench = Arc::new(Bench { shop, mailer });
    let mut running = JoinSet::new();
    for _ in 0..workers {
        running.spawn(work(Arc::clone(&bench), stopping.clone()));
    }
    running.spawn(keep_house(Arc::clone(&bench), stopping));
    async move { while running.join_next().await.is_some() {} }
}

#[expect(clippy::disallowed_methods, reason = "the runner asks the clock and passes the time on")]
async fn work(bench: Arc<Bench>, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        let woken = bench.shop.wake.notified();
        match run_one(&bench, Timestamp::now()).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "jobs cannot be read"),
        }
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = woken => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// Claims a job that is due and does it; `false` when none is.
pub async fn run_one(bench: &Arc<Bench>, now: Timestamp) -> DbResult<bool> {
    let Some(row) = job::claim(&bench.shop.db, now.as_microsecond(), LEASE_US).await? else {
        return Ok(false);
    };
    if Kind::from_name(&row.kind)
        .is_some_and(|kind| row.attempts > kind.attempts_max() + DEATHS_MAX)
    {
        // Failures are counted when they are noted; these were not: the process died each time.
        note(&bench.shop, &row, Err("no worker survived it".into()), now).await?;
        return Ok(true);
    }
    // One more may be waiting: let a sleeping colleague look.
    bench.shop.wake.notify_one();
    let (at, task) = (row.clone(), Arc::clone(bench));
    // In a task of its own, so that a panic is a failed job and not a lost worker.
    let doing =
        tokio::spawn(
            async move { tokio::time::timeout(TIME_LIMIT, kinds::run(&task, &at, now)).await },
        );
    let result = match doing.await {
        Ok(Ok(Ok(next))) => Ok(next),
        Ok(Ok(Err(error))) => Err(error.to_string()),
        Ok(Err(_)) => Err(format!("not finished within {} s", TIME_LIMIT.as_secs())),
        Err(panic) => Err(format!("panicked: {panic}")),
    };
    note(&bench.shop, &row, result, now).await?;
    Ok(true)
}

async fn note(
    shop: &Shop,
    row: &JobRow,
    result: Result<Next, String>,
    now: Timestamp,
) -> DbResult<()> {
    let kind = row.kind.clone();
    match result {
        Ok(Next::Done) => {
            metrics::counter!("jobs_done_total", "kind" => kind).increment(1);
            job::done(&shop.db, &row.id).await
        }
        Ok(Next::Processed { event_id, outcome }) => {
            metrics::counter!("jobs_done_total", "kind" => kind).increment(1);
            let mut tx = shop.db.begin().await?;
            webhook_event::processed(&mut tx, &event_id, &outcome, now.as_microsecond()).await?;
            job::done_in(&mut tx, &row.id).await?;
            tx.commit().await
        }
        Ok(Next::Again(at)) => job::postpone(&shop.db, &row.id, at.as_microsecond()).await,
        Err(error) => {
            let dead =
                Kind::from_name(&row.kind).is_none_or(|known| row.attempts >= known.attempts_max());
            metrics::counter!("jobs_failed_total", "kind" => kind, "dead" => dead.to_string())
                .increment(1);
            if dead {
                tracing::error!(job = %row.id, kind = %row.kind, payload = %row.payload, %error, "a job gave up");
            } else {
                tracing::warn!(job = %row.id, kind = %row.kind, attempts = row.attempts, %error, "a job failed and is tried again");
            }
            #[expect(
                clippy::disallowed_methods,
                reason = "failed jobs come back at random moments"
            )]
            let pause_us = backoff_us(row.attempts, rand::rng().random_range(0.0..1.0));
            job::failed(&shop.db, &row.id, dead, now.as_microsecond() + pause_us, &error).await
        }
    }
}

/// The pause after so many attempts: doubled each time up to a limit, and shortened by up to a
/// half by `jitter` (0 to 1), so that many who failed together do not come back together.
fn backoff_us(attempts: i64, jitter: f64) -> i64 {
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
async fn keep_house(bench: Arc<Bench>, mut stopping: watch::Receiver<bool>) {
    loop {
        if let Err(error) = tidy_up(&bench.shop, Timestamp::now()).await {
            tracing::warn!(%error, "old sessions and jobs could not be forgotten");
        }
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(HOUSEKEEPING) => {}
        }
    }
}

async fn tidy_up(shop: &Shop, now: Timestamp) -> DbResult<()> {
    let now_us = now.as_microsecond();
    job::forget_done(&shop.db, now_us - KEEP_DONE_US).await?;
    session::sweep(&shop.db, now_us).await?;
    store::draft::sweep(&shop.db, now_us - draft::KEEP_US).await?;
    store::notice::sweep(&shop.db, now_us - draft::KEEP_US).await?;
    for (state, count) in job::counts(&shop.db).await? {
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
        metrics::gauge!("jobs", "state" => state).set(count as f64);
    }
    Ok(())
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

    #[test]
    fn a_mail_is_tried_for_a_week() {
        let shortest: i64 =
            (1..Kind::SendMail.attempts_max()).map(|attempt| backoff_us(attempt, 1.0)).sum();
        assert!(shortest > 7 * 86_400_000_000, "{} s", shortest / 1_000_000);
    }
}
