//! Books a refund that was made by hand at the provider, once the provider confirms it. Nothing is
//! ever sent from here.

use domain::id::OrderLineId;
use std::collections::HashSet;

use domain::money::Money;
use domain::payment::RefundState;
use jiff::Timestamp;
use store::db::{Db, Tx};
use store::{order, refund};

use super::books;
use super::request::{Asked, Intent, RefundRequest, choose};
use super::source::{self, Of, Source};
use crate::kernel::error::{ShopError, ShopResult};
use crate::kernel::payments::{PaymentProvider, RefundFacts, RefundStatus};
use crate::sales::parse_order_number;
use crate::sales::payment_page::of_payment;

/// The result of noting refunds that were made by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Noted {
    /// They are booked now.
    Booked {
        /// How much went back.
        amount: Money,
    },
    /// The provider has no refund, or none of this amount, that is not booked yet.
    NotThere,
    /// Several refunds fit: the amount must say which one.
    Several,
    /// It cannot be a refund of this order or piece.
    Refused(Asked),
}

/// Books what was given back by hand for an order, by its number. With an amount, it books one
/// refund of exactly that amount; without, all refunds that the books lack. `None` when there is no
/// such order.
///
/// # Errors
/// [`ShopError::Unavailable`] when the provider or the database does not answer.
pub async fn note_by_number(
    db: &Db,
    provider: &dyn PaymentProvider,
    number: &str,
    request: &RefundRequest,
    now: Timestamp,
) -> ShopResult<Option<Noted>> {
    let Some(number) = parse_order_number(number) else { return Ok(None) };
    let Some(order_id) = order::id_of_number(db, number).await? else { return Ok(None) };
    let mut tx = db.begin().await?;
    let found = source::find(&mut tx, &order_id).await?;
    tx.rollback().await?;
    let Some(payment_intent) = found.and_then(|source| source.payment.payment_intent) else {
        return Ok(Some(Noted::Refused(Asked::NotPaid)));
    };
    let there = provider.refunds_of(&payment_intent).await.map_err(of_payment)?;
    let mut tx = db.begin().await?;
    let noted = match source::find(&mut tx, &order_id).await? {
        Some(source) if source.payment.payment_intent.as_ref() == Some(&payment_intent) => {
            note(&mut tx, &source, &there, request, now.as_microsecond()).await?
        }
        _ => return Err(ShopError::Unavailable("the order changed meanwhile".into())),
    };
    match noted {
        Noted::Booked { .. } => tx.commit().await?,
        _ => tx.rollback().await?,
    }
    Ok(Some(noted))
}

pub(super) async fn note(
    tx: &mut Tx,
    source: &Source,
    there: &[RefundFacts],
    request: &RefundRequest,
    now_us: i64,
) -> ShopResult<Noted> {
    let mut lacking = lacking(source, there);
    if let Some(wanted) = request.amount_minor {
        lacking.retain(|facts| facts.amount_minor == wanted);
        lacking.truncate(1);
    }
    if (request.piece.is_some() || request.shipping) && lacking.len() > 1 {
        return Ok(Noted::Several);
    }
    let sum_minor: i64 = lacking.iter().map(|facts| facts.amount_minor).sum();
    if lacking.is_empty() || sum_minor > proven_minor(source, there) {
        return Ok(Noted::NotThere);
    }
    let line_id = match line_of(source, request, sum_minor)? {
        Ok(line_id) => line_id,
        Err(refused) => return Ok(Noted::Refused(refused)),
    };
    for facts in lacking {
        let intent = Intent {
            order_id: &source.payment.order_id,
            payment_id: &source.payment.id,
            line_id: line_id.as_ref(),
            shipping: request.shipping,
            amount: source.money(facts.amount_minor)?,
            reason: source.reason(),
        };
        let row = intent.row(now_us);
        refund::insert(tx, &row).await?;
        books::book(tx, &row, &source.payment, facts, now_us).await?;
    }
    Ok(Noted::Booked { amount: source.money(sum_minor)? })
}

/// The line on which the amount is booked, if any, or why it cannot be booked.
fn line_of(
    source: &Source,
    request: &RefundRequest,
    sum_minor: i64,
) -> ShopResult<Result<Option<OrderLineId>, Asked>> {
    let left_minor = source.left_minor();
    // A refused payment is requested as a whole. A part that went back already is a fact.
    let unnamed = request.piece.is_none() && !request.shipping;
    if matches!(source.of, Of::Stray { .. }) && unnamed && sum_minor <= left_minor {
        return Ok(Ok(None));
    }
    let request = RefundRequest { amount_minor: Some(sum_minor), ..request.clone() };
    Ok(choose(source, &request)?.map(|chosen| chosen.line_id))
}

/// Whether a refund that the shop did not start is still on its way at the provider.
pub(super) fn is_one_coming(source: &Source, there: &[RefundFacts]) -> bool {
    let ours = |id: &String| source.refunds.iter().any(|row| *row.id == **id);
    there.iter().any(|facts| {
        facts.state == RefundStatus::OnItsWay && !facts.refund_id.as_ref().is_some_and(ours)
    })
}

/// Refunds done at the provider that are not booked and that no refund of ours will book, oldest
/// first. The provider lists the newest first.
fn lacking<'a>(source: &Source, there: &'a [RefundFacts]) -> Vec<&'a RefundFacts> {
    let booked: HashSet<&str> =
        source.refunds.iter().filter_map(|row| row.provider_ref.as_deref()).collect();
    let coming: HashSet<&str> = source
        .refunds
        .iter()
        .filter(|row| row.state != RefundState::Failed)
        .map(|row| row.id.as_str())
        .collect();
    there
        .iter()
        .rev()
        .filter(|facts| facts.state == RefundStatus::Done)
        .filter(|facts| !booked.contains(facts.provider_ref.as_str()))
        .filter(|facts| facts.refund_id.as_deref().is_none_or(|id| !coming.contains(id)))
        .collect()
}

/// The amount that went back at the provider beyond what the books call done. No more can be
/// booked, whatever the names of the refunds are.
fn proven_minor(source: &Source, there: &[RefundFacts]) -> i64 {
    let done = there.iter().filter(|facts| facts.state == RefundStatus::Done);
    let booked = source.refunds.iter().filter(|row| row.state == RefundState::Done);
    done.map(|facts| facts.amount_minor).sum::<i64>()
        - booked.map(|row| row.amount_minor).sum::<i64>()
}
