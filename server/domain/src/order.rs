//! An order's life, and what to do with a payment that arrives.
//!
//! ```text
//! PendingPayment ──paid──▶ Paid ──▶ Preparing ──▶ Shipped ──▶ Delivered
//!   ├─ the hold ran out ──▶ Expired ──paid late, every piece re-claimed──▶ Paid
//!   └─ cancelled ─────────▶ Cancelled ◀── Paid or Preparing (late or on request, with a full refund)
//! ```
//!
//! Refunds and returns are records of their own and change no state.

use serde::{Deserialize, Serialize};

use crate::money::Money;

/// The name of a state, as the database and pages know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// The pieces are held, the payment has not arrived.
    PendingPayment,
    /// The payment arrived and has the order's amount and currency.
    Paid,
    /// Being packed, or made.
    Preparing,
    /// Handed to the courier.
    Shipped,
    /// Arrived.
    Delivered,
    /// Not paid in time; the pieces are free again.
    Expired,
    /// Cancelled by the shopper or by the association.
    Cancelled,
}

impl OrderStatus {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::PendingPayment,
        Self::Paid,
        Self::Preparing,
        Self::Shipped,
        Self::Delivered,
        Self::Expired,
        Self::Cancelled,
    ];

    /// Whether the parcel has left the workshop, so that its shipping was used.
    #[must_use]
    pub const fn is_handed_over(self) -> bool {
        matches!(self, Self::Shipped | Self::Delivered)
    }

    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PendingPayment => "pending_payment",
            Self::Paid => "paid",
            Self::Preparing => "preparing",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Whether the shopper's money has been accepted.
    #[must_use]
    pub const fn is_paid(self) -> bool {
        matches!(self, Self::Paid | Self::Preparing | Self::Shipped | Self::Delivered)
    }

    /// Whether an order may go from this status to that.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::PendingPayment, Self::Paid | Self::Expired | Self::Cancelled)
                | (Self::Expired, Self::Paid)
                | (Self::Paid, Self::Preparing | Self::Cancelled)
                | (Self::Preparing, Self::Shipped | Self::Cancelled)
                | (Self::Shipped, Self::Delivered)
        )
    }

    /// The status of an order that goes from this one to `next`.
    ///
    /// # Errors
    /// [`IllegalOrderChange`].
    pub const fn become_status(self, next: Self) -> Result<Self, IllegalOrderChange> {
        if self.may_become(next) {
            Ok(next)
        } else {
            Err(IllegalOrderChange { from: self, to: next })
        }
    }
}

/// A change of an order's status that [`OrderStatus::may_become`] does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an order that is {} cannot become {}", from.as_str(), to.as_str())]
pub struct IllegalOrderChange {
    /// The status it has.
    pub from: OrderStatus,
    /// The status it was asked to take.
    pub to: OrderStatus,
}

/// The hold on an order's pieces at the moment when a payment arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// Every piece is still this order's.
    Live,
    /// The hold ended, but every piece is free and can be claimed again.
    LostButFree,
    /// At least one piece belongs to another order now.
    Taken,
}

/// Whether another payment of this order was accepted already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentSeen {
    /// None was.
    First,
    /// One was: the order would be paid twice.
    Another,
}

/// Why a payment goes back in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundReason {
    /// A piece was sold to somebody else after the hold ended.
    PieceTaken,
    /// The order had been cancelled.
    OrderCancelled,
    /// The order was already paid by another payment.
    PaidTwice,
    /// Not the order's amount.
    AmountMismatch,
    /// Not the order's currency.
    CurrencyMismatch,
}

/// What to do with a payment that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentDecision {
    /// The order is paid.
    Accept,
    /// The hold ended but the pieces are free: claim them again in the same transaction. If another
    /// order claims one first, decide again with [`HoldState::Taken`].
    ReclaimAndAccept,
    /// Refund everything and tell both sides.
    RefundInFull(RefundReason),
    /// The amount is zero or less: there is nothing to accept or to refund.
    NothingReceived,
}

/// What is known of a payment that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArrivedPayment {
    /// The status of its order.
    pub order: OrderStatus,
    /// The hold on the order's pieces.
    pub hold: HoldState,
    /// The amount of the order.
    pub expected: Money,
    /// The amount of the payment.
    pub received: Money,
    /// Whether another payment of the order was accepted.
    pub seen: PaymentSeen,
}

/// Decides what to do with a payment. Pure: the caller reads the facts and writes the result.
///
/// A wrong amount or currency is never accepted in part, whatever the order's state.
#[must_use]
pub fn decide_payment(payment: ArrivedPayment) -> PaymentDecision {
    let ArrivedPayment { order, hold, expected, received, seen } = payment;
    use PaymentDecision::{Accept, NothingReceived, ReclaimAndAccept, RefundInFull};
    if received.amount_minor <= 0 {
        return NothingReceived;
    }
    if seen == PaymentSeen::Another {
        return RefundInFull(RefundReason::PaidTwice);
    }
    if received.currency != expected.currency {
        return RefundInFull(RefundReason::CurrencyMismatch);
    }
    if received.amount_minor != expected.amount_minor {
        return RefundInFull(RefundReason::AmountMismatch);
    }
    match order {
        OrderStatus::Cancelled => RefundInFull(RefundReason::OrderCancelled),
        OrderStatus::PendingPayment | OrderStatus::Expired => match hold {
            HoldState::Live => Accept,
            HoldState::LostButFree => ReclaimAndAccept,
            HoldState::Taken => RefundInFull(RefundReason::PieceTaken),
        },
        // The order is paid, but not by this payment: it would be paid twice.
        OrderStatus::Paid
        | OrderStatus::Preparing
        | OrderStatus::Shipped
        | OrderStatus::Delivered => RefundInFull(RefundReason::PaidTwice),
    }
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
