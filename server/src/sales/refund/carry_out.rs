//! Carries out an intended refund, however often its job dies on the way.
//!
//! The provider has our key of a refund twice: as the idempotency key of the request (valid for a
//! day), and in the refund itself (for ever). Within the day the same request gives back once.
//! After that, the refunds at the provider are read first. Only a refund that it does not have is
//! requested again, with a new key, after an hour without a request.

use domain::id::RefundId;
use domain::payment::RefundState;
use jiff::Timestamp;
use store::db::{DbError, inconsistent};
use store::payment::PaymentRow;
use store::refund::RefundRow;
use store::{order, payment, refund};

use app::mail::board::RefusedBy;

use super::books;
use crate::kernel::error::ShopResult;
use crate::kernel::payments::{PaymentError, RefundFacts, RefundIntent, RefundStatus};
use crate::sales::payment_page::of_payment;
use crate::sales::{Shop, board};

const HOUR_US: i64 = 3_600_000_000;
/// How long the same key gives the same answer for certain [Stripe, "Idempotent requests": at
/// least 24 hours].
const KEY_LIFE_US: i64 = 23 * HOUR_US;
/// After this time a new key may be used: a refund with the old key is visible by then.
const KEY_REPLACED_US: i64 = 24 * HOUR_US;

/// The result of carrying out a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// The money went back and is booked.
    Done,
    /// The provider accepted it, or needs time to show it. Ask again later.
    OnItsWay,
    /// The provider refuses for good; the board was told.
    Refused,
}

/// Carries out an intended refund. A second call does not give the money back again.
///
/// # Errors
/// [`ShopError::Unavailable`](crate::kernel::error::ShopError::Unavailable) when it should be tried again.
pub async fn carry_out(shop: &Shop, refund_id: &RefundId, now: Timestamp) -> ShopResult<Carried> {
    let row =
        refund::by_id(&shop.db, refund_id).await?.ok_or_else(|| missing("refund", refund_id))?;
    match row.state {
        RefundState::Done => return Ok(Carried::Done),
        RefundState::Failed => return Ok(Carried::Refused),
        RefundState::Intended => {}
    }
    let payment = payment::by_id(&shop.db, &row.payment_id)
        .await?
        .ok_or_else(|| missing("payment", &row.payment_id))?;
    let intent = payment.payment_intent.clone().ok_or_else(|| missing("payment", &payment.id))?;
    let age_us = now.as_microsecond() - row.key_made_at_us;
    let errand = Errand { shop, row, payment, payment_intent: intent, now };
    if age_us <= KEY_LIFE_US {
        return errand.ask().await;
    }
    match errand.at_provider().await? {
        Some(facts) => errand.conclude(&facts).await,
        None if age_us <= KEY_REPLACED_US => Ok(Carried::OnItsWay),
        None => errand.under_a_fresh_key().await?.ask().await,
    }
}

fn missing(table: &'static str, id: &str) -> DbError {
    inconsistent(table, id, "missing")
}

/// One refund that is being carried out.
struct Errand<'a> {
    shop: &'a Shop,
    row: RefundRow,
    payment: PaymentRow,
    payment_intent: String,
    now: Timestamp,
}

impl Errand<'_> {
    async fn ask(&self) -> ShopResult<Carried> {
        let intent = RefundIntent {
            payment_intent: self.payment_intent.clone(),
            amount_minor: self.row.amount_minor,
            idempotency_key: self.row.idempotency_key.clone(),
            refund_id: self.row.id.to_string(),
        };
        match self.shop.payments.refund(&intent).await {
            // The same key gives the same answer for a day: the refund itself shows its state.
            Ok(facts) if facts.state == RefundStatus::OnItsWay => {
                let latest = self.at_provider().await?.unwrap_or(facts);
                self.conclude(&latest).await
            }
            Ok(facts) => self.conclude(&facts).await,
            Err(PaymentError::Refused { code, message, .. }) => match self.at_provider().await? {
                Some(facts) => self.conclude(&facts).await,
                None => self.refuse(RefusedBy::Provider(&format!("{code}: {message}"))).await,
            },
            Err(error) => Err(of_payment(error)),
        }
    }

    /// This refund at the provider. Other refunds of the payment say nothing of it.
    async fn at_provider(&self) -> ShopResult<Option<RefundFacts>> {
        let known =
            self.shop.payments.refunds_of(&self.payment_intent).await.map_err(of_payment)?;
        let ours =
            known.into_iter().filter(|facts| facts.refund_id.as_deref() == Some(&*self.row.id));
        Ok(ours.min_by_key(|facts| match facts.state {
            RefundStatus::Done => 0,
            RefundStatus::OnItsWay => 1,
            RefundStatus::Failed => 2,
        }))
    }

    async fn conclude(&self, facts: &RefundFacts) -> ShopResult<Carried> {
        match facts.state {
            RefundStatus::Done => self.complete(facts).await,
            RefundStatus::OnItsWay => Ok(Carried::OnItsWay),
            RefundStatus::Failed => self.refuse(RefusedBy::Bank).await,
        }
    }

    async fn under_a_fresh_key(mut self) -> ShopResult<Self> {
        let now_us = self.now.as_microsecond();
        let key = format!("refund-{}-{now_us}", self.row.id);
        let mut tx = self.shop.db.begin().await?;
        refund::renew_key(&mut tx, &self.row.id, &key, now_us).await?;
        tx.commit().await?;
        (self.row.idempotency_key, self.row.key_made_at_us) = (key, now_us);
        Ok(self)
    }

    async fn complete(&self, facts: &RefundFacts) -> ShopResult<Carried> {
        let (row, now_us) = (&self.row, self.now.as_microsecond());
        let mut tx = self.shop.db.begin().await?;
        order::locked(&mut tx, &row.order_id).await?;
        payment::locked(&mut tx, &row.payment_id).await?;
        if refund::locked(&mut tx, &row.id)
            .await?
            .is_none_or(|now| now.state != RefundState::Intended)
        {
            tx.rollback().await?;
            return Ok(Carried::Done);
        }
        books::book(&mut tx, row, &self.payment, facts, now_us).await?;
        tx.commit().await?;
        self.shop.wake.notify_one();
        metrics::counter!("refunds_done_total").increment(1);
        Ok(Carried::Done)
    }

    async fn refuse(&self, by: RefusedBy<'_>) -> ShopResult<Carried> {
        let (shop, row) = (self.shop, &self.row);
        tracing::error!(refund = %row.id, ?by, "a refund is refused");
        let mut tx = shop.db.begin().await?;
        let order = order::locked(&mut tx, &row.order_id).await?;
        refund::failed(&mut tx, &row.id).await?;
        if let Some(order) = &order {
            let notice = board::Notice::RefundRefused { order, refund: row, by };
            board::tell(&mut tx, shop, &notice, self.now.as_microsecond()).await?;
        }
        tx.commit().await?;
        shop.wake.notify_one();
        Ok(Carried::Refused)
    }
}
