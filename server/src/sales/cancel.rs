//! Cancels an unpaid order for its shopper: the pieces are free at once.

use domain::order::OrderStatus;
use jiff::Timestamp;
use store::order;

use super::Shop;
use super::payment_page::{self, Closed};
use super::settle::{Closing, Settled};
use crate::kernel::error::{ShopError, ShopResult};

/// The result of cancelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelled {
    /// Nothing was charged, the pieces are free.
    Done,
    /// It was paid, or its payment is on its way, so it cannot be given up.
    Paid,
    /// It had ended before.
    Closed,
    /// The payment provider does not answer: nothing changed.
    Unavailable,
    /// No order has this secret.
    Unknown,
}

/// Cancels the order behind a secret link. The payment page is closed first, so that nobody pays
/// for pieces that are free again.
pub async fn cancel(shop: &Shop, secret: &str, now: Timestamp) -> ShopResult<Cancelled> {
    let Some(order) = order::by_secret(&shop.db, secret).await? else {
        return Ok(Cancelled::Unknown);
    };
    if order.state != OrderStatus::PendingPayment {
        return Ok(if order.paid_at_us.is_some() { Cancelled::Paid } else { Cancelled::Closed });
    }
    match payment_page::close(shop, &order.id, Closing::Cancelled, now).await {
        Ok(Closed::Settled(Settled::Released)) => Ok(Cancelled::Done),
        Ok(Closed::Settled(Settled::Returned(_)) | Closed::Nothing) => Ok(Cancelled::Closed),
        Ok(Closed::Settled(_) | Closed::UnderWay) => Ok(Cancelled::Paid),
        Err(ShopError::Unavailable(why)) => {
            tracing::warn!(order = %order.id, %why, "an order could not be given up");
            Ok(Cancelled::Unavailable)
        }
        Err(error) => Err(error),
    }
}
