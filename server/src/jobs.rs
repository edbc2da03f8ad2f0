//! What each kind of job does. The runner ([`crate::kernel::jobs`]) knows none of them.

use domain::id::{BadId, OrderId};
use std::future::Future;
use std::str::FromStr;
use std::sync::Arc;

use domain::order::OrderStatus;
use domain::payment::PaymentState;
use jiff::{SignedDuration, Timestamp};
use store::db::{Db, DbResult};
use store::job::Kind;
use store::order;
use tokio::sync::{Notify, watch};

use crate::kernel::error::{ShopError, ShopResult};
use crate::kernel::jobs::{self, Handlers, Next};
use crate::kernel::mailer::Mailer;
use crate::mail;
use crate::sales::payment_page::{self, Closed};
use crate::sales::refund::{self, Carried, Followed};
use crate::sales::settle::Closing;
use crate::sales::{Shop, draft, webhook};

/// What the jobs work with.
#[derive(Debug)]
pub struct WorkerContext {
    /// The shop.
    pub shop: Shop,
    /// Sends the mail.
    pub mailer: Mailer,
}

/// Starts the workers of this node, see [`jobs::start`].
pub fn start(
    shop: Shop,
    mailer: Mailer,
    workers: u32,
    stopping: watch::Receiver<bool>,
) -> impl Future<Output = ()> + Send {
    jobs::start(Arc::new(WorkerContext { shop, mailer }), workers, stopping)
}

/// Claims a job that is due and does it, see [`jobs::run_one`].
pub async fn run_one(context: &Arc<WorkerContext>, now: Timestamp) -> DbResult<bool> {
    jobs::run_one(context, now).await
}

impl Handlers for WorkerContext {
    fn db(&self) -> &Db {
        &self.shop.db
    }

    fn wake(&self) -> &Notify {
        &self.shop.wake
    }

    fn attempts_max(&self, kind: Kind) -> i64 {
        attempts_max(kind)
    }

    async fn run(&self, kind: Kind, payload: &str, now: Timestamp) -> ShopResult<Next> {
        let shop = &self.shop;
        match kind {
            Kind::ProcessEvent => {
                let event_id = key_of(payload)?;
                Ok(match webhook::process(shop, &event_id, now).await? {
                    Some(outcome) => Next::Processed { event_id, outcome },
                    None => Next::Done,
                })
            }
            Kind::ExpireOrder => expire(shop, &key_of(payload)?, now).await,
            Kind::SendMail => {
                mail::deliver(shop, &self.mailer, payload, now).await.map(|()| Next::Done)
            }
            Kind::Refund => match refund::carry_out(shop, &key_of(payload)?, now).await? {
                Carried::Done | Carried::Refused => Ok(Next::Done),
                Carried::OnItsWay => Ok(Next::Again(later(now, 600))),
            },
            Kind::FollowRefunds => match refund::follow(shop, &key_of(payload)?, now).await? {
                Followed::Known | Followed::Booked(_) | Followed::Told => Ok(Next::Done),
                Followed::Later => Ok(Next::Again(later(now, 3_600))),
            },
        }
    }

    async fn tidy_up(&self, now: Timestamp) -> DbResult<()> {
        let (db, now_us) = (&self.shop.db, now.as_microsecond());
        store::session::sweep(db, now_us).await?;
        store::draft::sweep(db, now_us - draft::KEEP_US).await?;
        store::notice::sweep(db, now_us - draft::KEEP_US).await.map(drop)
    }
}

/// How often a job is tried. Pauses grow to between two and a half and five minutes.
const fn attempts_max(kind: Kind) -> i64 {
    match kind {
        // A job that frees pieces or gives money back must not give up silently.
        Kind::ExpireOrder | Kind::Refund | Kind::FollowRefunds => 10_000,
        Kind::ProcessEvent => 900,
        // At least a week, because a mail server may be down over the holidays.
        Kind::SendMail => 4_100,
    }
}

/// The key that is the payload of a job.
fn key_of<T: FromStr<Err = BadId>>(payload: &str) -> ShopResult<T> {
    payload.parse().map_err(|error: BadId| ShopError::about(format!("a job of {payload:?}"), error))
}

/// Ends a hold. If the hold was prolonged meanwhile, the job runs again at its new end.
async fn expire(shop: &Shop, order_id: &OrderId, now: Timestamp) -> ShopResult<Next> {
    let Some(order) = order::by_id(&shop.db, order_id).await? else {
        return Err(ShopError::Internal(format!("order {order_id} is missing").into()));
    };
    let pending = order.state == OrderStatus::PendingPayment;
    let early = pending && order.hold_until_us > now.as_microsecond();
    match payment_page::state_of(shop, order_id).await? {
        // The provider is asked about a delayed payment again and again until it knows the result.
        Some(PaymentState::Processing) => {}
        _ if early => {
            let end = Timestamp::from_microsecond(order.hold_until_us)
                .map_err(|e| ShopError::Internal(e.into()))?;
            return Ok(Next::Again(later(end, 2)));
        }
        _ => {}
    }
    match payment_page::close(shop, order_id, Closing::Expired, now).await? {
        Closed::UnderWay => Ok(Next::Again(later(now, 3_600))),
        Closed::Settled(_) | Closed::Nothing => Ok(Next::Done),
    }
}

fn later(now: Timestamp, seconds: i64) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::jobs::backoff_us;

    #[test]
    fn a_mail_is_tried_for_a_week() {
        let shortest: i64 =
            (1..attempts_max(Kind::SendMail)).map(|attempt| backoff_us(attempt, 1.0)).sum();
        assert!(shortest > 7 * 86_400_000_000, "{} s", shortest / 1_000_000);
    }
}
