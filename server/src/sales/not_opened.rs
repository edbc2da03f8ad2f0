//! Why the provider opened no payment page, and who can change that.

use jiff::Timestamp;
use store::order::OrderRow;

use super::{Shop, board};
use crate::kernel::error::ShopResult;
use crate::kernel::payments::{PaymentError, Refused};

/// Why there is no payment page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotOpened {
    /// The provider does not answer.
    Unavailable,
    /// Our account may not take payments now.
    NotAllowed,
    /// The provider refuses this payment.
    Refused(Refused),
}

impl NotOpened {
    const fn of(error: &PaymentError) -> Self {
        match error {
            PaymentError::Refused { what, .. } => Self::Refused(*what),
            PaymentError::NotAllowed(_) => Self::NotAllowed,
            PaymentError::Unexpected(_) => Self::Refused(Refused::Other),
            PaymentError::Unavailable(_) | PaymentError::Busy => Self::Unavailable,
        }
    }

    /// Whether only the association can correct it.
    const fn is_ours_to_mend(self) -> bool {
        matches!(
            self,
            Self::NotAllowed | Self::Refused(Refused::Currency | Refused::Unknown | Refused::Other)
        )
    }
}

/// Why the provider opened no page for an order. The board gets a notice, once a day for each
/// reason, when nobody can pay until the association corrects it.
pub(super) async fn told(
    shop: &Shop,
    order: &OrderRow,
    error: &PaymentError,
    now: Timestamp,
) -> ShopResult<NotOpened> {
    let why = NotOpened::of(error);
    if !why.is_ours_to_mend() {
        return Ok(why);
    }
    let code = match error {
        PaymentError::Refused { code, .. } => code.as_str(),
        PaymentError::NotAllowed(_) => "not_allowed",
        _ => "odd_answer",
    };
    let words = error.to_string();
    let mut tx = shop.db.begin().await?;
    let notice = board::Notice::PaymentsRefused { order, code, why: &words, now };
    board::tell(&mut tx, shop, &notice, now.as_microsecond()).await?;
    tx.commit().await?;
    shop.wake.notify_one();
    Ok(why)
}
