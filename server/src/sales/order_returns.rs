//! The refunds of an order as its page and its mails show them: done, on the way or failed.

use domain::payment::{RefundCause, RefundState};
use store::order::OrderRow;
use store::refund::RefundRow;

use app::backend::shop::{TurnedBack, TurnedBackWhy, WayBack};
use domain::money::Money;

use super::refund::amount_of;
use crate::kernel::error::{ShopError, ShopResult};

/// Money that goes back to the payer of an order.
#[derive(Debug, Default)]
pub(super) struct Returns {
    /// What went back of the price of what was bought.
    pub(super) done: Option<Money>,
    /// What is on its way back of that price.
    pub(super) coming: Option<Money>,
    /// A payment that was turned back, because it could become no sale.
    pub(super) turned_back: Option<TurnedBack>,
}

/// The sums of the refunds of an order. They come oldest first.
pub(super) fn of(order: &OrderRow, refunds: &[RefundRow]) -> ShopResult<Returns> {
    let was_sold = order.paid_at_us.is_some();
    let (strays, asked): (Vec<&RefundRow>, Vec<&RefundRow>) =
        refunds.iter().partition(|row| row.reason.is_stray(was_sold));
    Ok(Returns {
        done: sum(&asked, RefundState::Done)?,
        coming: sum(&asked, RefundState::Intended)?,
        turned_back: turned_back(&strays)?,
    })
}

/// The sum of refunds in a state; `None` when there is none.
fn sum(refunds: &[&RefundRow], state: RefundState) -> ShopResult<Option<Money>> {
    let mut counted = refunds.iter().filter(|row| row.state == state).peekable();
    let Some(first) = counted.peek() else { return Ok(None) };
    let currency = amount_of(first)?.currency;
    Ok(Some(Money::new(counted.map(|row| row.amount_minor).sum(), currency)))
}

/// The first refund of a refused payment is of the whole payment. The others were requested again
/// or made by hand.
fn turned_back(strays: &[&RefundRow]) -> ShopResult<Option<TurnedBack>> {
    let Some(first) = strays.first() else { return Ok(None) };
    let received = amount_of(first)?;
    let done_minor = sum(strays, RefundState::Done)?.map_or(0, |done| done.amount_minor);
    let state = if done_minor >= received.amount_minor {
        WayBack::Done
    } else if strays.iter().any(|row| row.state == RefundState::Intended) {
        WayBack::OnItsWay
    } else {
        WayBack::Refused
    };
    let amount_minor = match state {
        WayBack::Done => received.amount_minor,
        WayBack::OnItsWay | WayBack::Refused => received.amount_minor - done_minor,
    };
    let amount = Money::new(amount_minor, received.currency);
    Ok(Some(TurnedBack { why: why(first)?, state, amount }))
}

fn why(refund: &RefundRow) -> ShopResult<TurnedBackWhy> {
    Ok(match refund.reason {
        RefundCause::PiecesTaken => TurnedBackWhy::PieceTaken,
        RefundCause::Mismatch => TurnedBackWhy::Mismatch,
        RefundCause::Duplicate => TurnedBackWhy::PaidTwice,
        RefundCause::Cancelled => TurnedBackWhy::Cancelled,
        RefundCause::Requested => {
            return Err(ShopError::Internal(
                format!("refund {}: turned back as requested", refund.id).into(),
            ));
        }
    })
}
