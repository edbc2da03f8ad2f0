//! The kinds of jobs and what each does.

use domain::order::OrderStatus;
use domain::payment::PaymentState;
use jiff::{SignedDuration, Timestamp};
use store::job::{JobRow, Kind};
use store::order;

use super::WorkerContext;
use crate::kernel::error::{ShopError, ShopResult};
use crate::mail;
use crate::sales::payment_page::{self, Closed};
use crate::sales::refund::{self, Carried, Followed};
use crate::sales::settle::Closing;
use crate::sales::webhook;

/// How often a job is tried. Pauses grow to between two and a half and five minutes.
pub(super) const fn attempts_max(kind: Kind) -> i64 {
    match kind {
        // A piece that is held for nobody, or money that is not given back: never let go silently.
        Kind::ExpireOrder | Kind::Refund | Kind::FollowRefunds => 10_000,
        Kind::ProcessEvent => 900,
        // A week at least: a mail server that was away over the holidays.
        Kind::SendMail => 4_100,
    }
}

/// What comes after a job that did not fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing: it is done.
    Done,
    /// It is done, and this became of the notification it was about.
    Processed {
        /// Key of the notification.
        event_id: String,
        /// What became of it.
        outcome: String,
    },
    /// It waits for something; run it again then.
    Again(Timestamp),
}

pub(super) async fn run(context: &WorkerContext, row: &JobRow, now: Timestamp) -> ShopResult<Next> {
    let kind = Kind::from_name(&row.kind)
        .ok_or_else(|| ShopError::Internal(format!("no such kind of job: {}", row.kind)))?;
    match kind {
        Kind::ProcessEvent => {
            Ok(match webhook::process(&context.shop, &row.payload, now).await? {
                Some(outcome) => Next::Processed { event_id: row.payload.clone(), outcome },
                None => Next::Done,
            })
        }
        Kind::ExpireOrder => expire(context, &row.payload, now).await,
        Kind::SendMail => mail::deliver(&context.shop, &context.mailer, &row.payload, now)
            .await
            .map(|()| Next::Done),
        Kind::Refund => match refund::carry_out(&context.shop, &row.payload, now).await? {
            Carried::Done | Carried::Refused => Ok(Next::Done),
            Carried::OnItsWay => Ok(Next::Again(later(now, 600))),
        },
        Kind::FollowRefunds => match refund::follow(&context.shop, &row.payload, now).await? {
            Followed::Known | Followed::Booked(_) | Followed::Told => Ok(Next::Done),
            Followed::Later => Ok(Next::Again(later(now, 3_600))),
        },
    }
}

/// The end of a hold. An order whose hold was prolonged meanwhile is looked at again then.
async fn expire(context: &WorkerContext, order_id: &str, now: Timestamp) -> ShopResult<Next> {
    let shop = &context.shop;
    let Some(order) = order::by_id(&shop.db, order_id).await? else {
        return Err(ShopError::Internal(format!("order {order_id} is missing")));
    };
    let pending = order.state == OrderStatus::PendingPayment;
    let early = pending && order.hold_until_us > now.as_microsecond();
    match payment_page::state_of(shop, order_id).await? {
        // A delayed payment: asked for again and again until the provider knows.
        Some(PaymentState::Processing) => {}
        _ if early => {
            let end = Timestamp::from_microsecond(order.hold_until_us)
                .map_err(|e| ShopError::Internal(e.to_string()))?;
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
