//! Payments and refunds as the books know them: how far each is, and what a refund is for.

use crate::order::RefundReason;

/// How far a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentState {
    /// The order is stored, the provider was not asked for a page yet.
    Intended,
    /// Its payment page is open.
    Open,
    /// Paid by a way that takes days (a voucher, a transfer); the provider waits for the money.
    Processing,
    /// The money came.
    Paid,
    /// Its page closed unpaid.
    Expired,
    /// The provider or the bank refused it.
    Failed,
    /// Money came that is not the order's amount or currency.
    Mismatched,
}

impl PaymentState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Intended,
        Self::Open,
        Self::Processing,
        Self::Paid,
        Self::Expired,
        Self::Failed,
        Self::Mismatched,
    ];

    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intended => "intended",
            Self::Open => "open",
            Self::Processing => "processing",
            Self::Paid => "paid",
            Self::Expired => "expired",
            Self::Failed => "failed",
            Self::Mismatched => "mismatched",
        }
    }

    /// The state of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether money came, be it the right amount or not.
    #[must_use]
    pub const fn is_received(self) -> bool {
        matches!(self, Self::Paid | Self::Mismatched)
    }
}

/// How far a refund is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefundState {
    /// It is to be carried out.
    Intended,
    /// The provider gave the money back, and the books say so.
    Done,
    /// The provider refused it.
    Failed,
}

impl RefundState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Intended, Self::Done, Self::Failed];

    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Intended => "intended",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// The state of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// What a refund is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefundCause {
    /// The board gives money of a sale back.
    Requested,
    /// The order was cancelled.
    Cancelled,
    /// A piece was sold to somebody else after the hold was lost.
    PiecesTaken,
    /// The payment is not of the order's amount or currency.
    Mismatch,
    /// The order was already paid by another payment.
    Duplicate,
}

impl RefundCause {
    /// Every cause.
    pub const ALL: [Self; 5] =
        [Self::Requested, Self::Cancelled, Self::PiecesTaken, Self::Mismatch, Self::Duplicate];

    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Cancelled => "cancelled",
            Self::PiecesTaken => "pieces_taken",
            Self::Mismatch => "mismatch",
            Self::Duplicate => "duplicate",
        }
    }

    /// The cause of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == name)
    }

    /// Whether the refund gives back money that never was the price of anything. A refund is of a
    /// sale when it was asked for or the order was cancelled; every other one, and every one of an
    /// order that was never sold, is not.
    #[must_use]
    pub const fn is_stray(self, was_sold: bool) -> bool {
        !was_sold || !matches!(self, Self::Requested | Self::Cancelled)
    }
}

impl From<RefundReason> for RefundCause {
    fn from(reason: RefundReason) -> Self {
        match reason {
            RefundReason::PieceTaken => Self::PiecesTaken,
            RefundReason::OrderCancelled => Self::Cancelled,
            RefundReason::PaidTwice => Self::Duplicate,
            RefundReason::AmountMismatch | RefundReason::CurrencyMismatch => Self::Mismatch,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for state in PaymentState::ALL {
            assert_eq!(PaymentState::from_name(state.as_str()), Some(state));
        }
        for state in RefundState::ALL {
            assert_eq!(RefundState::from_name(state.as_str()), Some(state));
        }
        for cause in RefundCause::ALL {
            assert_eq!(RefundCause::from_name(cause.as_str()), Some(cause));
        }
        assert_eq!(PaymentState::from_name("PAID"), None);
    }

    #[test]
    fn only_what_was_asked_for_or_cancelled_is_of_a_sale() {
        let of_a_sale: Vec<_> =
            RefundCause::ALL.into_iter().filter(|cause| !cause.is_stray(true)).collect();
        assert_eq!(of_a_sale, [RefundCause::Requested, RefundCause::Cancelled]);
        assert!(RefundCause::ALL.into_iter().all(|cause| cause.is_stray(false)));
    }
}
