//! Books refunds that were made at the provider without the shop, once the provider confirms them.
//! Nothing is ever sent from here.
//!
//! The provider's notification does not say reliably which refund it is about. So every look
//! compares all refunds of the payment with the books. A notification that comes twice finds
//! nothing new.

use domain::id::PaymentId;
use domain::money::Money;
use domain::payment::RefundState;
use jiff::Timestamp;
use store::db::{DbResult, Tx};
use store::job::{Kind, NewJob};
use store::{job, order, payment};

use super::already_done::{Noted, is_one_coming, note};
use super::request::RefundRequest;
use super::source::{self, Of, Source};
use crate::kernel::error::ShopResult;
use crate::sales::payment_page::of_payment;
use crate::sales::{Shop, board};

/// The result of comparing the provider's refunds of a payment with the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// All of them are booked, or none can be booked.
    Known,
    /// The refunds made there are booked now.
    Booked(Money),
    /// A refund is not done yet, or must wait for one that the shop started: look again later.
    Later,
    /// A refund does not fit what is left of the payment; the board was told.
    Told,
}

/// Enqueues another comparison of a payment's refunds, in the transaction that found it necessary.
pub(in crate::sales) async fn look_again(
    tx: &mut Tx,
    payment_id: &PaymentId,
    at_us: i64,
    now_us: i64,
) -> DbResult<()> {
    let (kind, key) = (Kind::FollowRefunds, format!("follow_refunds:{payment_id}:{at_us}"));
    let job = NewJob { kind, payload: payment_id, dedup_key: &key, run_at_us: at_us };
    job::enqueue(tx, job, now_us).await
}

/// Books the refunds of a payment that were made at the provider without the shop.
///
/// # Errors
/// [`ShopError::Unavailable`](crate::kernel::error::ShopError::Unavailable) when the provider or the
/// database does not answer.
pub async fn follow(shop: &Shop, payment_id: &PaymentId, now: Timestamp) -> ShopResult<Followed> {
    let Some(payment) = payment::by_id(&shop.db, payment_id).await? else {
        return Ok(Followed::Known);
    };
    let Some(payment_intent) = &payment.payment_intent else { return Ok(Followed::Known) };
    let there = shop.payments.refunds_of(payment_intent).await.map_err(of_payment)?;
    let now_us = now.as_microsecond();
    let mut tx = shop.db.begin().await?;
    let Some(source) = source::of_payment(&mut tx, &payment.order_id, payment_id).await? else {
        tx.rollback().await?;
        return Ok(Followed::Known);
    };
    if matches!(source.of, Of::Foreign) {
        tx.rollback().await?;
        return Ok(Followed::Known);
    }
    let followed = match note(&mut tx, &source, &there, &RefundRequest::default(), now_us).await? {
        Noted::Booked { amount } => Followed::Booked(amount),
        Noted::NotThere | Noted::Several if is_one_coming(&source, &there) => Followed::Later,
        Noted::NotThere | Noted::Several => Followed::Known,
        // A refund of ours may be on its way, and the provider will now refuse it.
        Noted::Refused(_)
            if source.refunds.iter().any(|row| row.state == RefundState::Intended) =>
        {
            Followed::Later
        }
        Noted::Refused(_) => Followed::Told,
    };
    match followed {
        Followed::Known | Followed::Later => {
            tx.rollback().await?;
            return Ok(followed);
        }
        Followed::Booked(amount) => tell(&mut tx, shop, &source, Some(amount), now_us).await?,
        Followed::Told => tell(&mut tx, shop, &source, None, now_us).await?,
    }
    tx.commit().await?;
    shop.wake.notify_one();
    tracing::info!(payment = %payment_id, ?followed, "refunds made outside the shop");
    Ok(followed)
}

async fn tell(
    tx: &mut Tx,
    shop: &Shop,
    source: &Source,
    booked: Option<Money>,
    now_us: i64,
) -> ShopResult<()> {
    let Some(order) = order::locked(tx, &source.payment.order_id).await? else { return Ok(()) };
    let refunded_minor = source.refunded_minor() + booked.map_or(0, |amount| amount.amount_minor);
    let notice = board::Notice::RefundedOutside {
        order: &order,
        payment: &source.payment,
        refunded_minor,
        booked,
    };
    board::tell(tx, shop, &notice, now_us).await?;
    Ok(())
}
