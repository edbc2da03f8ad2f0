//! Applies what the payment provider says of a payment, exactly once. The news may come from a
//! webhook, the thank-you page, a hold that ends or a shopper who cancels.
//!
//! **A payment arrives.** `http::machines::webhook` hands the raw body to [`webhook::receive`], which
//! verifies the signature, stores the event once and enqueues a job in the same transaction;
//! the provider gets the status 200. A worker takes the job: [`webhook::process`] does not trust
//! the event, looks the checkout up at the provider and calls [`settle`]. One transaction then locks
//! the order, its payment and its pieces, lets `domain::order::decide_payment` decide, and writes
//! everything that follows: pieces sold, order paid, the split frozen, the ledger posted and
//! sealed, the mail enqueued. The same news a second time finds the payment settled and changes
//! nothing. After a crash before the commit the job is still there and begins again.
//!
//! [`webhook::receive`]: super::webhook::receive
//! [`webhook::process`]: super::webhook::process

use domain::id::PaymentId;
use domain::ledger;
use domain::money::Money;
use domain::order::{
    ArrivedPayment, HoldState, OrderStatus, PaymentDecision, PaymentSeen, RefundReason,
    decide_payment,
};
use domain::payment::PaymentState;
use domain::piece::PieceState;
use jiff::Timestamp;
use store::db::{Tx, inconsistent, touched};
use store::job::{Kind, NewJob};
use store::order::OrderRow;
use store::payment::{PaymentRow, Received};
use store::piece::ClaimRow;
use store::{draft, job, order, payment, piece, policy};

use super::{Shop, board, refund};
use crate::kernel::error::{ShopError, ShopResult};
use crate::kernel::payments::{CheckoutFacts, CheckoutState, PaymentStatus};
use crate::treasury::sale::{self, Arrived};

/// For how long pieces are held while a delayed payment is on its way (vouchers, transfers).
const PROCESSING_HOLD_US: i64 = 10 * 86_400_000_000;

/// After how long the provider is asked about a delayed payment for the first time.
const ASK_AGAIN_US: i64 = 3_600_000_000;

/// How an unpaid order ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// Its time ran out.
    Expired,
    /// The shopper cancelled it.
    Cancelled,
}

impl Closing {
    /// The status that the order takes.
    const fn status(self) -> OrderStatus {
        match self {
            Self::Expired => OrderStatus::Expired,
            Self::Cancelled => OrderStatus::Cancelled,
        }
    }
}

/// The result of acting on a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The page is open, nothing was paid.
    Waiting,
    /// The shopper finished, the money is on its way.
    Processing,
    /// The order is paid.
    Accepted,
    /// Nothing was paid and nothing will be: the pieces are free.
    Released,
    /// The money goes back in full.
    Returned(RefundReason),
    /// It was settled before.
    Known,
}

/// The rows that one decision needs, locked.
struct LockedPayment<'a> {
    shop: &'a Shop,
    tx: Tx,
    order: OrderRow,
    payment: PaymentRow,
    claims: Vec<ClaimRow>,
    now: Timestamp,
}

impl<'a> LockedPayment<'a> {
    async fn open(shop: &'a Shop, payment_id: &PaymentId, now: Timestamp) -> ShopResult<Self> {
        let gone = || inconsistent("payment", payment_id, "missing");
        let mut tx = shop.db.begin().await?;
        let order = order::locked_of_payment(&mut tx, payment_id).await?.ok_or_else(gone)?;
        let payment = payment::locked(&mut tx, payment_id).await?.ok_or_else(gone)?;
        let claims = piece::claims(&mut tx, &order.id).await?;
        Ok(Self { shop, tx, order, payment, claims, now })
    }

    fn now_us(&self) -> i64 {
        self.now.as_microsecond()
    }

    /// Whether money was already received for this payment.
    fn is_settled(&self) -> bool {
        self.payment.state.is_received()
    }

    fn hold(&self) -> HoldState {
        let mine = |claim: &ClaimRow| {
            claim.state == PieceState::Checkout && claim.order_id.as_deref() == Some(&self.order.id)
        };
        if self.claims.iter().all(mine) {
            HoldState::Live
        } else if self.claims.iter().all(|claim| mine(claim) || claim.state == PieceState::Retail) {
            HoldState::LostButFree
        } else {
            HoldState::Taken
        }
    }

    fn expected(&self) -> ShopResult<Money> {
        Money::from_code(self.payment.amount_minor, &self.payment.currency)
            .map_err(|e| ShopError::Internal(e.into()))
    }

    async fn let_go(&mut self, closing: Closing) -> ShopResult<()> {
        let now_us = self.now_us();
        for claim in &self.claims {
            piece::release(&mut self.tx, &claim.id, &self.order.id, now_us).await?;
        }
        if self.order.state == OrderStatus::PendingPayment {
            order::close(&mut self.tx, &self.order, closing.status(), now_us).await?;
        }
        Ok(())
    }

    /// Ends without a change. What was read is stored.
    async fn leave(self, settled: Settled) -> ShopResult<Settled> {
        self.tx.rollback().await?;
        Ok(settled)
    }

    /// Commits and wakes the workers for the enqueued jobs.
    async fn commit(self) -> ShopResult<()> {
        self.tx.commit().await?;
        self.shop.wake.notify_one();
        Ok(())
    }
}

/// Applies what the provider says of a checkout. The same news twice changes nothing.
///
/// # Errors
/// [`ShopError::Unavailable`] when it should be tried again: the database does not answer, or the
/// provider does not know its fee yet.
pub async fn settle(
    shop: &Shop,
    payment_id: &PaymentId,
    facts: &CheckoutFacts,
    closing: Closing,
    now: Timestamp,
) -> ShopResult<Settled> {
    match (facts.payment, &facts.state) {
        (PaymentStatus::Paid, _) => apply_payment(shop, payment_id, facts, now).await,
        (PaymentStatus::Processing, _) => await_money(shop, payment_id, now).await,
        (PaymentStatus::Failed, _) => {
            release(shop, payment_id, PaymentState::Failed, closing, now).await
        }
        (PaymentStatus::Unpaid, CheckoutState::Expired) => {
            release(shop, payment_id, PaymentState::Expired, closing, now).await
        }
        (PaymentStatus::Unpaid, CheckoutState::Open { .. } | CheckoutState::Complete) => {
            Ok(Settled::Waiting)
        }
    }
}

/// Nothing was paid and nothing will be paid: the pieces are freed and the order ends unpaid.
pub(super) async fn release(
    shop: &Shop,
    payment_id: &PaymentId,
    state: PaymentState,
    closing: Closing,
    now: Timestamp,
) -> ShopResult<Settled> {
    let mut locked = LockedPayment::open(shop, payment_id, now).await?;
    if locked.is_settled() {
        return locked.leave(Settled::Known).await;
    }
    locked.let_go(closing).await?;
    if locked.payment.state != state {
        payment::set_state(&mut locked.tx, payment_id, state).await?;
    }
    locked.commit().await?;
    metrics::counter!("orders_released_total").increment(1);
    Ok(Settled::Released)
}

/// Prolongs the hold of an order whose delayed payment is on its way.
async fn await_money(shop: &Shop, payment_id: &PaymentId, now: Timestamp) -> ShopResult<Settled> {
    let mut locked = LockedPayment::open(shop, payment_id, now).await?;
    if locked.is_settled() {
        return locked.leave(Settled::Known).await;
    }
    if locked.payment.state == PaymentState::Processing {
        return locked.leave(Settled::Processing).await;
    }
    payment::set_state(&mut locked.tx, payment_id, PaymentState::Processing).await?;
    if locked.order.state == OrderStatus::PendingPayment {
        let until_us = locked.now_us() + PROCESSING_HOLD_US;
        order::extend_hold(&mut locked.tx, &locked.order.id, until_us).await?;
        piece::extend_hold(&mut locked.tx, &locked.order.id, until_us).await?;
    }
    // If the final event of the provider is lost, this job asks for it.
    let (key, now_us) = (format!("await_money:{payment_id}"), locked.now_us());
    let kind = Kind::ExpireOrder;
    let order_id = locked.order.id.clone();
    let run_at_us = now_us + ASK_AGAIN_US;
    let job = NewJob { kind, payload: &order_id, dedup_key: &key, run_at_us };
    job::enqueue(&mut locked.tx, job, now_us).await?;
    locked.commit().await?;
    Ok(Settled::Processing)
}

/// Money arrived. It is compared with the order before anything counts as paid.
async fn apply_payment(
    shop: &Shop,
    payment_id: &PaymentId,
    facts: &CheckoutFacts,
    now: Timestamp,
) -> ShopResult<Settled> {
    let mut locked = LockedPayment::open(shop, payment_id, now).await?;
    if locked.is_settled() {
        return locked.leave(Settled::Known).await;
    }
    if facts.client_reference_id.as_deref().is_some_and(|id| *id != *locked.order.id) {
        return Err(ShopError::Internal(
            format!("checkout {} is not of order {}", facts.session_id, locked.order.id).into(),
        ));
    }
    let Ok(received) = Money::from_code(facts.amount_total_minor, &facts.currency) else {
        return foreign_money(locked, facts).await;
    };
    let seen = match payment::others_paid(&mut locked.tx, &locked.order.id, payment_id).await? {
        0 => PaymentSeen::First,
        _ => PaymentSeen::Another,
    };
    let payment = ArrivedPayment {
        order: locked.order.state,
        hold: locked.hold(),
        expected: locked.expected()?,
        received,
        seen,
    };
    match decide_payment(payment) {
        PaymentDecision::Accept | PaymentDecision::ReclaimAndAccept => {
            accept(locked, facts, received).await
        }
        PaymentDecision::RefundInFull(reason) => turn_back(locked, facts, received, reason).await,
        PaymentDecision::NothingReceived => locked.leave(Settled::Waiting).await,
    }
}

/// What arrived, where the money is, and when it was paid. A payment is never older than its order.
fn arrived(
    locked: &LockedPayment<'_>,
    facts: &CheckoutFacts,
    received: Money,
) -> ShopResult<Arrived> {
    let settled = facts.settled.as_ref().ok_or_else(|| {
        ShopError::Unavailable("the provider does not know its balance transaction yet".into())
    })?;
    let arrived = Arrived::of(&locked.payment, received, settled)?;
    Ok(Arrived { at_us: arrived.at_us.max(locked.order.created_at_us), ..arrived })
}

async fn accept(
    mut locked: LockedPayment<'_>,
    facts: &CheckoutFacts,
    received: Money,
) -> ShopResult<Settled> {
    let arrived = arrived(&locked, facts, received)?;
    let now_us = locked.now_us();
    for claim in &locked.claims {
        if claim.state == PieceState::Retail {
            let (id, order_id) = (&claim.id, &locked.order.id);
            let held = piece::reclaim(&mut locked.tx, id, order_id, arrived.at_us).await?;
            touched(u64::from(held), 1, ("piece", id))?;
        }
        let sold = piece::sell(&mut locked.tx, &claim.id, &locked.order.id, arrived.at_us).await?;
        touched(u64::from(sold), 1, ("piece", &claim.id))?;
    }
    order::mark_paid(&mut locked.tx, &locked.order, arrived.at_us).await?;
    draft::forget_of_attempt(&mut locked.tx, &locked.order.attempt).await?;
    record(&mut locked, facts, PaymentState::Paid, Some(&arrived)).await?;
    sale::book(&mut locked.tx, locked.shop.settings.tax, &locked.order, &locked.payment, &arrived)
        .await?;
    job::cancel_pending(&mut locked.tx, &job::expiry_key(&locked.order.id), now_us).await?;
    let reason = format!("received:{}", locked.order.id);
    job::enqueue_mail(&mut locked.tx, &reason, now_us).await?;
    tracing::info!(order = %locked.order.id, number = locked.order.number, "order paid");
    locked.commit().await?;
    metrics::counter!("orders_paid_total").increment(1);
    Ok(Settled::Accepted)
}

async fn record(
    locked: &mut LockedPayment<'_>,
    facts: &CheckoutFacts,
    state: PaymentState,
    arrived: Option<&Arrived>,
) -> ShopResult<()> {
    let now_us = locked.now_us();
    // The refund event came before the payment was known here, and was ignored then.
    if facts.refunded_minor > 0 {
        refund::look_again(&mut locked.tx, &locked.payment.id, now_us, now_us).await?;
    }
    let at_us = arrived.map_or_else(|| locked.now_us(), |arrived| arrived.at_us);
    if locked.payment.session_id.is_none() {
        return Err(ShopError::Internal(
            format!("payment {} was paid before it was opened", locked.payment.id).into(),
        ));
    }
    let settled = arrived.map(Arrived::row).unwrap_or_default();
    let received = Received {
        state,
        payment_intent: facts.payment_intent.as_deref(),
        charge: facts.charge.as_deref(),
        fee_minor: arrived.map_or(0, |arrived| arrived.fee.amount_minor),
        settled: &settled,
        at_us,
    };
    payment::received(&mut locked.tx, &locked.payment.id, received).await?;
    Ok(())
}

/// The money goes back in full. Until then the books hold it in an account of its own.
async fn turn_back(
    mut locked: LockedPayment<'_>,
    facts: &CheckoutFacts,
    received: Money,
    reason: RefundReason,
) -> ShopResult<Settled> {
    let arrived = arrived(&locked, facts, received)?;
    let mismatch = matches!(reason, RefundReason::AmountMismatch | RefundReason::CurrencyMismatch);
    record(
        &mut locked,
        facts,
        if mismatch { PaymentState::Mismatched } else { PaymentState::Paid },
        Some(&arrived),
    )
    .await?;
    // A second payment leaves the order as it is. Every other refused payment ends the order.
    if reason != RefundReason::PaidTwice {
        locked.let_go(if mismatch { Closing::Cancelled } else { Closing::Expired }).await?;
    }
    post_stray(&mut locked, &arrived).await?;
    let (now_us, order_id, payment_id) =
        (locked.now_us(), locked.order.id.clone(), locked.payment.id.clone());
    let intent = refund::Intent {
        order_id: &order_id,
        payment_id: &payment_id,
        line_id: None,
        shipping: false,
        amount: received,
        reason: reason.into(),
    };
    let refund_id = refund::intend(&mut locked.tx, intent, now_us).await?;
    board::tell(
        &mut locked.tx,
        locked.shop,
        &board::Notice::TurnedBack {
            order: &locked.order,
            received,
            reason,
            refund_id: &refund_id,
        },
        now_us,
    )
    .await?;
    tracing::warn!(order = %order_id, ?reason, "a payment goes back in full");
    locked.commit().await?;
    metrics::counter!("payments_turned_back_total").increment(1);
    Ok(Settled::Returned(reason))
}

async fn post_stray(locked: &mut LockedPayment<'_>, arrived: &Arrived) -> ShopResult<()> {
    let (at_us, settlement) = (arrived.at_us, &arrived.settlement);
    let came = sale::header(format!("payment:{}", locked.payment.id), at_us)?;
    let entry = ledger::stray_payment_entry(came, settlement, arrived.paid)
        .map_err(|e| ShopError::Internal(e.into()))?;
    let mut entries = vec![entry];
    if settlement.fee_minor > 0 {
        let policy = policy::in_force(&mut locked.tx, at_us).await?.ok_or_else(sale::no_policy)?;
        let kept = sale::header(format!("payment:{}:fee", locked.payment.id), at_us)?;
        let entry = ledger::stray_fee_entry(kept, settlement, &policy.loss_fund)
            .map_err(|e| ShopError::Internal(e.into()))?;
        entries.push(entry);
    }
    store::ledger::post(&mut locked.tx, &entries, &locked.order.id).await?;
    Ok(())
}

/// Notes money in a currency the books cannot hold: nothing is sold, and a person must act.
async fn foreign_money(
    mut locked: LockedPayment<'_>,
    facts: &CheckoutFacts,
) -> ShopResult<Settled> {
    let now_us = locked.now_us();
    record(&mut locked, facts, PaymentState::Mismatched, None).await?;
    locked.let_go(Closing::Cancelled).await?;
    let notice = board::Notice::ForeignMoney {
        order: &locked.order,
        amount_minor: facts.amount_total_minor,
        currency: &facts.currency,
    };
    board::tell(&mut locked.tx, locked.shop, &notice, now_us).await?;
    let reason = format!("foreign:{}", locked.order.id);
    job::enqueue_mail(&mut locked.tx, &reason, now_us).await?;
    tracing::error!(order = %locked.order.id, currency = %facts.currency, "a payment in a currency the shop cannot hold");
    locked.commit().await?;
    Ok(Settled::Returned(RefundReason::CurrencyMismatch))
}
