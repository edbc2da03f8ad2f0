//! Notifications of the payment provider. They are accepted only with a valid signature, stored
//! once, and processed by a job that asks the provider what is true now. Their sequence and number
//! do not matter.

use domain::id::{EventId, OrderId};
use domain::payment::{PaymentState, RefundCause, RefundState};
use jiff::Timestamp;
use store::ids::new_key;
use store::job::{Kind, NewJob};
use store::payment::PaymentRow;
use store::webhook_event::{self, EventRow};
use store::{job, order, payment, refund};

use super::payment_page::of_payment;
use super::refund::Followed;
use super::settle::{self, Closing, Settled};
use super::{Shop, board};
use crate::kernel::error::{ShopError, ShopResult};
use crate::kernel::payments::{CheckoutFacts, DisputeFacts, ProviderEvent, WebhookError};

/// The only provider that sends notifications.
const PROVIDER: &str = "stripe";
/// After how long a refund that is not done is looked at again, in case its event is lost.
const LOOK_AGAIN_US: i64 = 3_600_000_000;

/// Why a notification was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Its signature is wrong, or it is too old.
    #[error("not believed: {0}")]
    NotBelieved(#[from] WebhookError),
    /// It could not be stored; the provider sends it again.
    #[error(transparent)]
    Shop(#[from] ShopError),
}

impl From<store::db::DbError> for Refusal {
    fn from(error: store::db::DbError) -> Self {
        Self::Shop(error.into())
    }
}

/// Verifies a notification over its raw bytes and stores it with the job that processes it.
/// A notification that is stored already is accepted again, and nothing happens.
pub async fn receive(
    shop: &Shop,
    raw: &[u8],
    signature: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    let event = shop.payments.verify_webhook(raw, signature, now)?;
    let now_us = now.as_microsecond();
    let row = row_of(event, now_us);
    let mut tx = shop.db.begin().await?;
    if !webhook_event::insert_once(&mut tx, &row).await? {
        tx.rollback().await?;
        metrics::counter!("webhooks_repeated_total").increment(1);
        return Ok(());
    }
    let to_do = row.processed_at_us.is_none();
    if to_do {
        let key = format!("event:{}", row.id);
        let kind = Kind::ProcessEvent;
        let job = NewJob { kind, payload: &row.id, dedup_key: &key, run_at_us: now_us };
        job::enqueue(&mut tx, job, now_us).await?;
    }
    tx.commit().await?;
    if to_do {
        shop.wake.notify_one();
    }
    metrics::counter!("webhooks_stored_total").increment(1);
    Ok(())
}

/// The row of a notification. A notification without consequences counts as processed at once.
fn row_of(event: ProviderEvent, now_us: i64) -> EventRow {
    let ignored = Subject::of(&event.kind).is_none();
    EventRow {
        id: new_key(),
        provider: PROVIDER.to_owned(),
        event_id: event.id,
        kind: event.kind,
        payload: event.payload,
        received_at_us: now_us,
        processed_at_us: ignored.then_some(now_us),
        outcome: ignored.then(|| OF_NO_CONCERN.to_owned()),
        session_id: event.session_id,
        payment_intent: event.payment_intent,
    }
}

/// Processes a stored notification and returns the outcome; `None` when it was processed before. The
/// job stores the outcome when it ends.
pub async fn process(shop: &Shop, id: &EventId, now: Timestamp) -> ShopResult<Option<String>> {
    let event = webhook_event::by_id(&shop.db, id)
        .await?
        .ok_or_else(|| ShopError::Internal(format!("event {id} is missing").into()))?;
    if event.processed_at_us.is_some() {
        return Ok(None);
    }
    let outcome = act(shop, &event, now).await?;
    tracing::info!(event = %event.event_id, kind = %event.kind, %outcome, "event processed");
    Ok(Some(outcome))
}

/// The outcome of a notification without consequences.
const OF_NO_CONCERN: &str = "ignored: of no concern";

/// The subjects of notifications that have consequences. The other events of a payment
/// (`payment_intent.*`, `charge.succeeded`, `charge.updated`) say nothing that the events of its
/// checkout do not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    /// A checkout ended, or its money arrived or failed.
    Checkout,
    /// Money was given back, or a refund failed.
    Refund,
    /// The payer's bank wants the money back.
    Dispute,
}

impl Subject {
    /// The subject of events of this kind (Stripe's `type`).
    fn of(kind: &str) -> Option<Self> {
        match kind {
            "charge.refunded" => Some(Self::Refund),
            _ if kind.starts_with("checkout.session.") => Some(Self::Checkout),
            _ if kind.starts_with("refund.") || kind.starts_with("charge.refund.") => {
                Some(Self::Refund)
            }
            _ if kind.starts_with("charge.dispute.") => Some(Self::Dispute),
            _ => None,
        }
    }
}

async fn act(shop: &Shop, event: &EventRow, now: Timestamp) -> ShopResult<String> {
    let Some(subject) = Subject::of(&event.kind) else { return Ok(OF_NO_CONCERN.into()) };
    let payment = match (&event.session_id, &event.payment_intent) {
        (Some(session_id), _) => match payment::by_session(&shop.db, session_id).await? {
            Some(payment) => Some(payment),
            None => return stranger(shop, session_id, now).await,
        },
        (None, Some(intent)) => payment::by_intent(&shop.db, intent).await?,
        (None, None) => None,
    };
    // Events of a payment that come before the event of its checkout can be ignored: the checkout's
    // event, the thank-you page or the end of the hold settles the payment.
    let Some(payment) = payment else { return Ok("ignored: no payment of ours yet".into()) };
    let Some(session_id) = &payment.session_id else { return Ok("ignored: no checkout".into()) };
    if subject == Subject::Dispute
        && let Some(dispute) = shop.payments.read_dispute(&event.payload)
    {
        return tell_of_dispute(shop, &payment, &dispute, now).await;
    }
    let settled = payment.state.is_received();
    if settled && subject == Subject::Checkout {
        return Ok("known".into());
    }
    let facts = shop.payments.look_up(session_id).await.map_err(of_payment)?;
    if settled {
        return compare_refunds(shop, &payment, facts.refunded_minor, now).await;
    }
    say(settle::settle(shop, &payment.id, &facts, Closing::Expired, now).await?)
}

/// Tells the board that the payer's bank wants the money back. Each state is told once.
async fn tell_of_dispute(
    shop: &Shop,
    payment: &PaymentRow,
    dispute: &DisputeFacts,
    now: Timestamp,
) -> ShopResult<String> {
    let mut tx = shop.db.begin().await?;
    let Some(order) = order::locked(&mut tx, &payment.order_id).await? else {
        tx.rollback().await?;
        return Ok("ignored: of no order".into());
    };
    let notice = board::Notice::Disputed { order: &order, dispute };
    board::tell(&mut tx, shop, &notice, now.as_microsecond()).await?;
    tx.commit().await?;
    shop.wake.notify_one();
    tracing::warn!(order = %order.id, dispute = %dispute.id, status = %dispute.status, "a payment is disputed");
    Ok(format!("disputed: {}", dispute.status))
}

/// Compares the refunded amount at the provider with the books. When the provider refunded more, the
/// refunds are booked. When it refunded less (a bank returned a refund), the board must act.
async fn compare_refunds(
    shop: &Shop,
    payment: &PaymentRow,
    refunded_minor: i64,
    now: Timestamp,
) -> ShopResult<String> {
    let mut tx = shop.db.begin().await?;
    let order = order::locked(&mut tx, &payment.order_id).await?;
    let refunds = refund::of_payment(&mut tx, &payment.id).await?;
    let done_minor: i64 = refunds
        .iter()
        .filter(|row| row.state == RefundState::Done)
        .map(|row| row.amount_minor)
        .sum();
    // Money in a currency that the books cannot hold is given back by hand and never booked.
    let bookable = payment.state == PaymentState::Paid || !refunds.is_empty();
    let Some(order) = order.filter(|_| bookable && refunded_minor != done_minor) else {
        tx.rollback().await?;
        return Ok("known".into());
    };
    if refunded_minor > done_minor {
        tx.rollback().await?;
        return follow(shop, payment, now).await;
    }
    let currency = refunds.first().map_or(payment.currency.as_str(), |row| row.currency.as_str());
    let gap = board::Gap { order: &order, payment, currency, there_minor: refunded_minor };
    let notice = board::Notice::RefundCameBack { gap, done_minor };
    board::tell(&mut tx, shop, &notice, now.as_microsecond()).await?;
    tx.commit().await?;
    shop.wake.notify_one();
    Ok(format!("less went back than booked: {refunded_minor} of {done_minor}"))
}

async fn follow(shop: &Shop, payment: &PaymentRow, now: Timestamp) -> ShopResult<String> {
    let now_us = now.as_microsecond();
    Ok(match super::refund::follow(shop, &payment.id, now).await? {
        Followed::Known => "known".to_owned(),
        Followed::Booked(amount) => {
            format!("refunded outside the shop: {} {}", amount.amount_minor, amount.currency.code())
        }
        Followed::Later => {
            let mut tx = shop.db.begin().await?;
            super::refund::look_again(&mut tx, &payment.id, now_us + LOOK_AGAIN_US, now_us).await?;
            tx.commit().await?;
            "waiting: a refund is not done yet".to_owned()
        }
        Followed::Told => "refunded outside the shop: more than was left".to_owned(),
    })
}

/// Settles a checkout whose session we do not know, because its answer was lost: the provider says
/// which order it is of.
async fn stranger(shop: &Shop, session_id: &str, now: Timestamp) -> ShopResult<String> {
    let facts = match shop.payments.look_up(session_id).await {
        Ok(facts) => facts,
        Err(crate::kernel::payments::PaymentError::Refused { code, .. }) => {
            return Ok(format!("ignored: unknown checkout ({code})"));
        }
        Err(error) => return Err(of_payment(error)),
    };
    let Some(payment) = adopt(shop, &facts).await? else {
        return Ok("ignored: a checkout of no order of ours".into());
    };
    say(settle::settle(shop, &payment.id, &facts, Closing::Expired, now).await?)
}

async fn adopt(shop: &Shop, facts: &CheckoutFacts) -> ShopResult<Option<PaymentRow>> {
    let order_id = facts.client_reference_id.clone().and_then(|id| OrderId::parse(id).ok());
    let Some(order_id) = order_id else { return Ok(None) };
    let Some(found) = payment::of_order(&shop.db, &order_id).await? else { return Ok(None) };
    let mut tx = shop.db.begin().await?;
    order::locked(&mut tx, &order_id).await?;
    let Some(payment) = payment::locked(&mut tx, &found.id).await? else { return Ok(None) };
    if payment.session_id.as_deref() == Some(facts.session_id.as_str()) {
        tx.rollback().await?;
        return Ok(Some(payment));
    }
    if payment.session_id.is_some() || payment.state != PaymentState::Intended {
        tx.rollback().await?;
        return Ok(None);
    }
    let url = match &facts.state {
        crate::kernel::payments::CheckoutState::Open { url } => url.clone().unwrap_or_default(),
        _ => String::new(),
    };
    payment::opened(&mut tx, &payment.id, &facts.session_id, &url).await?;
    tx.commit().await?;
    Ok(Some(payment))
}

fn say(settled: Settled) -> ShopResult<String> {
    Ok(match settled {
        Settled::Waiting => "waiting: not paid yet".to_owned(),
        Settled::Processing => "waiting: the money is on its way".to_owned(),
        Settled::Accepted => "paid".to_owned(),
        Settled::Released => "released".to_owned(),
        Settled::Returned(reason) => {
            format!("returned in full: {}", RefundCause::from(reason).as_str())
        }
        Settled::Known => "known".to_owned(),
    })
}
