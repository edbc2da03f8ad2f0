//! Books a refund that is done: its row and the ledger change in one transaction.

use domain::ledger::{self, Settlement};
use domain::money::Money;
use domain::payment::RefundState;
use domain::refund::{self as rules, OfShares, RefundParts, Unpaid};
use store::db::{Cause, Tx};
use store::order::OrderRow;
use store::payment::PaymentRow;
use store::refund::{Done, RefundRow};
use store::{job, order, policy, refund};

use super::source::{Sold, amount_of};
use crate::kernel::error::{ShopError, ShopResult};
use crate::kernel::payments::RefundFacts;
use crate::treasury::sale;
use crate::treasury::sale::{header, place_of};

/// Books a refund that the provider carried out. The caller has locked order, payment and refund. A
/// refund that names neither a piece nor the shipping is taken from all that is left of the order.
pub(super) async fn book(
    tx: &mut Tx,
    row: &RefundRow,
    payment: &PaymentRow,
    facts: &RefundFacts,
    now_us: i64,
) -> ShopResult<()> {
    let order = order::locked(tx, &row.order_id)
        .await?
        .ok_or_else(|| ShopError::Internal(format!("refund {}: of no order", row.id).into()))?;
    let booking = Booking {
        row,
        order: &order,
        amount: amount_of(row)?,
        left: settlement_of(row, payment, facts)?,
        // The refund counts in the month in which the money went back.
        at_us: facts.settled.as_ref().map_or(now_us, |settled| settled.at.as_microsecond()),
        handed_over: order.state.is_handed_over(),
    };
    let stray = row.reason.is_stray(order.paid_at_us.is_some());
    if stray {
        booking.let_go(tx).await?;
    } else {
        booking.unwind(tx).await?;
    }
    booking.done(tx, &facts.provider_ref, now_us).await?;
    if stray {
        tell_that_all_went_back(tx, row, now_us).await
    } else {
        job::enqueue_mail(tx, &format!("given_back:{}", row.id), now_us).await?;
        Ok(())
    }
}

/// What left the account where the money lies. If the provider has not told it yet, it is the
/// refunded amount, provided that the payment was settled in the same currency.
fn settlement_of(
    row: &RefundRow,
    payment: &PaymentRow,
    facts: &RefundFacts,
) -> ShopResult<Settlement> {
    if let Some(settled) = &facts.settled {
        return sale::settlement(payment, -settled.amount_minor, settled);
    }
    match &payment.settled.settled_currency {
        Some(currency) if *currency != row.currency => Err(ShopError::Unavailable(
            "the provider does not know the refund's balance transaction yet".into(),
        )),
        _ => Ok(Settlement::plain(place_of(payment), amount_of(row)?)),
    }
}

/// One refund being booked.
struct Booking<'a> {
    row: &'a RefundRow,
    order: &'a OrderRow,
    /// What goes back to the shopper.
    amount: Money,
    /// What left the account where the money lay.
    left: Settlement,
    at_us: i64,
    handed_over: bool,
}

impl Booking<'_> {
    fn internal(&self, error: impl Into<Cause>) -> ShopError {
        ShopError::about(format!("refund {}", self.row.id), error)
    }

    /// Takes the refund out of the shares of a sale: from what the refund names, in proportion to
    /// what is left of each.
    async fn unwind(&self, tx: &mut Tx) -> ShopResult<()> {
        let sold = Sold::read(tx, self.order).await?;
        let sold = sold.ok_or_else(|| self.internal("of nothing that was sold"))?;
        let booked = refund::of_payment(tx, &self.row.payment_id).await?;
        if !sold.knows_parts_of(&booked) {
            return Err(self.internal("earlier refunds of the order were booked by other rules"));
        }
        let of = sold.named_by(self.row)?;
        let left = rules::left_of(&sold.split, &sold.refunded).map_err(|e| self.internal(e))?;
        let parts = rules::divide(&sold.split, &left, &of, self.amount.amount_minor)
            .map_err(|e| self.internal(e))?;
        let unwound = rules::unwind(&sold.split, &sold.refunded, &parts, self.handed_over)
            .map_err(|e| self.internal(e))?;
        // There are no payouts yet, so nothing was paid out of any share.
        let paid = OfShares::new();
        let before = self.taken_before(tx, &sold).await?;
        let taken = Unpaid::of(&sold.split, &paid, &before).taken_by(&unwound);
        let header = header(format!("refund:{}", self.row.id), self.at_us)?;
        let entry = ledger::refund_entry(header, &self.left, &unwound, &taken)
            .map_err(|e| self.internal(e))?;
        store::ledger::post(tx, &[entry], &self.order.id).await?;
        self.write_down(tx, &sold, &parts, &taken).await
    }

    async fn taken_before(&self, tx: &mut Tx, sold: &Sold) -> ShopResult<OfShares> {
        let mut taken = OfShares::new();
        for (line_id, member, minor) in refund::shares_taken(tx, &self.order.id).await? {
            let line = sold.lines.iter().find(|line| line.id == *line_id);
            let line = line.ok_or_else(|| self.internal("a share of another order"))?;
            taken.insert((line.piece_id.clone(), member.0), minor);
        }
        Ok(taken)
    }

    async fn write_down(
        &self,
        tx: &mut Tx,
        sold: &Sold,
        parts: &RefundParts,
        taken: &OfShares,
    ) -> ShopResult<()> {
        let goods = sold.lines.iter().zip(&parts.goods_minor);
        let goods = goods.map(|(line, minor)| (Some(line.id.clone()), *minor));
        let all = goods.chain([(None, parts.shipping_minor)]);
        let paid_back = all.filter(|(_, minor)| *minor > 0);
        refund::insert_parts(tx, &self.row.id, paid_back).await?;
        let mut shares = Vec::new();
        for ((piece, member), minor) in taken.iter().filter(|(_, minor)| **minor > 0) {
            let line = sold.lines.iter().find(|line| line.piece_id == *piece);
            let line = line.ok_or_else(|| self.internal("a share of another order's piece"))?;
            shares.push((&line.id, member, *minor));
        }
        refund::insert_shares(tx, &self.row.id, shares.into_iter()).await?;
        Ok(())
    }

    /// Books the refund of a payment that belongs to no sale.
    async fn let_go(&self, tx: &mut Tx) -> ShopResult<()> {
        let header = header(format!("refund:{}", self.row.id), self.at_us)?;
        let policy = policy::in_force(tx, self.at_us).await?.ok_or_else(sale::no_policy)?;
        let entry = ledger::stray_refund_entry(header, &self.left, self.amount, &policy.loss_fund)
            .map_err(|e| self.internal(e))?;
        store::ledger::post(tx, &[entry], &self.order.id).await?;
        Ok(())
    }

    /// Marks the row as done. Refunds of a payment are unwound in the order of their times, so no
    /// two of them have the same time.
    async fn done(&self, tx: &mut Tx, provider_ref: &str, now_us: i64) -> ShopResult<()> {
        let others = refund::of_payment(tx, &self.row.payment_id).await?;
        let last_us = others.iter().filter_map(|other| other.done_at_us).max();
        let done = Done {
            provider_ref,
            at_us: last_us.map_or(now_us, |last_us| now_us.max(last_us + 1)),
            handed_over: self.handed_over,
            currency: self.left.amount.currency.code(),
            amount_minor: self.left.amount.amount_minor,
            fee_minor: self.left.fee_minor,
        };
        refund::done(tx, &self.row.id, done).await?;
        Ok(())
    }
}

/// Enqueues the mail that says that everything went back, once everything has.
async fn tell_that_all_went_back(tx: &mut Tx, row: &RefundRow, now_us: i64) -> ShopResult<()> {
    let refunds = refund::of_payment(tx, &row.payment_id).await?;
    let received_minor =
        refunds.iter().min_by(|one, other| one.id.cmp(&other.id)).map_or(0, |r| r.amount_minor);
    let done_minor: i64 =
        refunds.iter().filter(|r| r.state == RefundState::Done).map(|r| r.amount_minor).sum();
    if done_minor < received_minor {
        return Ok(());
    }
    job::enqueue_mail(tx, &format!("refunded:{}", row.order_id), now_us).await?;
    Ok(())
}
