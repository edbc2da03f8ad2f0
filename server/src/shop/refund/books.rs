//! A refund is done: the row says so and the books follow, in one transaction.

use domain::ledger;
use domain::money::Money;
use domain::refund::refund_after;
use domain::split::SaleSplit;

use super::source::{amount_of, history, is_stray, refunded};
use crate::db::Tx;
use crate::error::{ShopError, ShopResult};
use crate::jobs::ask_for_mail;
use crate::shop::settle::{header, place_of};
use crate::store::order::LineRow;
use crate::store::payment::PaymentRow;
use crate::store::refund::RefundRow;
use crate::store::{self, order, refund, sale};

/// Books an intended refund as done. Order, payment and refund are locked by the caller.
pub(super) async fn book(
    tx: &mut Tx,
    row: &RefundRow,
    payment: &PaymentRow,
    provider_ref: &str,
    now_us: i64,
) -> ShopResult<()> {
    let mut done = refund::of_payment(tx, &payment.id).await?;
    done.retain(|other| other.state == "done");
    // The next refund is spread by what was booked before it: no two have the same moment.
    let last_us = done.iter().filter_map(|other| other.done_at_us).max();
    let done_at_us = last_us.map_or(now_us, |last_us| now_us.max(last_us + 1));
    let split = sale::of_order(tx, &row.order_id).await?;
    let stray = is_stray(split.is_some(), &row.reason);
    match split.filter(|_| !stray) {
        Some(split) => {
            let lines = lines_of(tx, &row.order_id).await?;
            unwind(tx, row, payment, (&split, &lines), &done, done_at_us).await?;
        }
        None => let_go(tx, row, payment, done_at_us).await?,
    }
    refund::done(tx, &row.id, provider_ref, done_at_us).await?;
    if stray {
        tell_that_all_went_back(tx, row, now_us).await
    } else {
        ask_for_mail(tx, &format!("given_back:{}", row.id), now_us).await?;
        Ok(())
    }
}

async fn lines_of(tx: &mut Tx, order_id: &str) -> ShopResult<Vec<LineRow>> {
    match order::locked(tx, order_id).await? {
        Some(order) => Ok(order::lines_in(tx, order_id, &order.language).await?),
        None => Ok(Vec::new()),
    }
}

/// A sale's shares are unwound at its ratio; of a piece that came back, only its own.
async fn unwind(
    tx: &mut Tx,
    row: &RefundRow,
    payment: &PaymentRow,
    (split, lines): (&SaleSplit, &[LineRow]),
    done: &[RefundRow],
    at_us: i64,
) -> ShopResult<()> {
    let internal =
        |error: &dyn std::fmt::Display| ShopError::Internal(format!("refund {}: {error}", row.id));
    let before = history(done, lines)?;
    let next = refunded(row, lines)?;
    let unwound = refund_after(split, &before, &next).map_err(|e| internal(&e))?;
    let members: Vec<_> = unwound.by_member().into_iter().map(|(member, _)| member).collect();
    let owed = store::ledger::owed(tx, &members, &row.currency).await?;
    let header = header(format!("refund:{}", row.id), at_us)?;
    let entry = ledger::refund_entry(header, place_of(payment), &unwound, &owed)
        .map_err(|e| internal(&e))?;
    store::ledger::post(tx, &[entry], &row.order_id).await?;
    Ok(())
}

/// Money that was nobody's just leaves.
async fn let_go(tx: &mut Tx, row: &RefundRow, payment: &PaymentRow, at_us: i64) -> ShopResult<()> {
    let amount: Money = amount_of(row)?;
    let header = header(format!("refund:{}", row.id), at_us)?;
    let entry = ledger::stray_refund_entry(header, place_of(payment), amount)
        .map_err(|e| ShopError::Internal(format!("refund {}: {e}", row.id)))?;
    store::ledger::post(tx, &[entry], &row.order_id).await?;
    Ok(())
}

/// The mail that says that everything went back, once everything has.
async fn tell_that_all_went_back(tx: &mut Tx, row: &RefundRow, now_us: i64) -> ShopResult<()> {
    let refunds = refund::of_payment(tx, &row.payment_id).await?;
    let received_minor =
        refunds.iter().min_by(|one, other| one.id.cmp(&other.id)).map_or(0, |r| r.amount_minor);
    let done_minor: i64 =
        refunds.iter().filter(|r| r.state == "done").map(|r| r.amount_minor).sum();
    if done_minor < received_minor {
        return Ok(());
    }
    ask_for_mail(tx, &format!("refunded:{}", row.order_id), now_us).await?;
    Ok(())
}
