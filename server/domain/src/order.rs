//! An order's life: states that carry their data, transitions that consume the old state.
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
}

/// Why a transition is refused, or a stored order cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// The transition is not in [`OrderStatus::may_become`].
    #[error("an order that is {} cannot become {}", from.as_str(), to.as_str())]
    Illegal {
        /// The status it has.
        from: OrderStatus,
        /// The status it was asked to take.
        to: OrderStatus,
    },
    /// The transition would be earlier than the one before it.
    #[error("the transition is earlier than the one before it")]
    BackInTime,
    /// A stored row contradicts itself.
    #[error("stored order is {} but lacks {missing}", status.as_str())]
    Inconsistent {
        /// The stored status.
        status: OrderStatus,
        /// What is missing.
        missing: &'static str,
    },
}

/// The pieces are held and the payment has not arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingPayment {
    /// When checkout began, microseconds UTC.
    pub placed_at_us: i64,
    /// When the hold on the pieces ends, microseconds UTC.
    pub hold_expires_at_us: i64,
    /// What must be paid.
    pub expected: Money,
}

/// Paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// The order as it was placed.
    pub placed: PendingPayment,
    /// When the payment was accepted, microseconds UTC.
    pub paid_at_us: i64,
}

/// Being packed or made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preparing {
    /// The order as it was paid.
    pub paid: Paid,
    /// Since when, microseconds UTC.
    pub preparing_at_us: i64,
}

/// On its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipped {
    /// The order as it was prepared.
    pub prepared: Preparing,
    /// Since when, microseconds UTC.
    pub shipped_at_us: i64,
}

/// Arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// The order as it was shipped.
    pub shipped: Shipped,
    /// When, microseconds UTC.
    pub delivered_at_us: i64,
}

/// Not paid in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expired {
    /// The order as it was placed.
    pub placed: PendingPayment,
    /// When it expired, microseconds UTC.
    pub expired_at_us: i64,
}

/// Cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// The order as it was placed.
    pub placed: PendingPayment,
    /// When it was paid, if it was: then a full refund is owed.
    pub paid_at_us: Option<i64>,
    /// When it was cancelled, microseconds UTC.
    pub cancelled_at_us: i64,
}

impl Cancelled {
    /// Whether the shopper's money must go back.
    #[must_use]
    pub const fn owes_refund(&self) -> bool {
        self.paid_at_us.is_some()
    }
}

/// An order in one of its states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum OrderState {
    /// See [`PendingPayment`].
    PendingPayment(PendingPayment),
    /// See [`Paid`].
    Paid(Paid),
    /// See [`Preparing`].
    Preparing(Preparing),
    /// See [`Shipped`].
    Shipped(Shipped),
    /// See [`Delivered`].
    Delivered(Delivered),
    /// See [`Expired`].
    Expired(Expired),
    /// See [`Cancelled`].
    Cancelled(Cancelled),
}

/// The columns of a stored order that make up its state. All times are microseconds UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredOrder {
    /// The stored status.
    pub status: OrderStatus,
    /// What must be paid.
    pub expected: Money,
    /// When checkout began.
    pub placed_at_us: i64,
    /// When the hold ends.
    pub hold_expires_at_us: i64,
    /// When it was paid.
    pub paid_at_us: Option<i64>,
    /// When preparation began.
    pub preparing_at_us: Option<i64>,
    /// When it was shipped.
    pub shipped_at_us: Option<i64>,
    /// When it arrived.
    pub delivered_at_us: Option<i64>,
    /// When it expired or was cancelled.
    pub closed_at_us: Option<i64>,
}

impl TryFrom<StoredOrder> for OrderState {
    type Error = OrderError;

    /// Reads a stored order. A status without its time is an [`OrderError::Inconsistent`].
    fn try_from(row: StoredOrder) -> Result<Self, OrderError> {
        let need = |time: Option<i64>, missing| {
            time.ok_or(OrderError::Inconsistent { status: row.status, missing })
        };
        let placed = PendingPayment {
            placed_at_us: row.placed_at_us,
            hold_expires_at_us: row.hold_expires_at_us,
            expected: row.expected,
        };
        let paid = || Ok(Paid { placed, paid_at_us: need(row.paid_at_us, "paid_at")? });
        let preparing = || {
            Ok(Preparing {
                paid: paid()?,
                preparing_at_us: need(row.preparing_at_us, "preparing_at")?,
            })
        };
        let shipped = || {
            Ok(Shipped {
                prepared: preparing()?,
                shipped_at_us: need(row.shipped_at_us, "shipped_at")?,
            })
        };
        Ok(match row.status {
            OrderStatus::PendingPayment => Self::PendingPayment(placed),
            OrderStatus::Paid => Self::Paid(paid()?),
            OrderStatus::Preparing => Self::Preparing(preparing()?),
            OrderStatus::Shipped => Self::Shipped(shipped()?),
            OrderStatus::Delivered => Self::Delivered(Delivered {
                shipped: shipped()?,
                delivered_at_us: need(row.delivered_at_us, "delivered_at")?,
            }),
            OrderStatus::Expired => Self::Expired(Expired {
                placed,
                expired_at_us: need(row.closed_at_us, "closed_at")?,
            }),
            OrderStatus::Cancelled => Self::Cancelled(Cancelled {
                placed,
                paid_at_us: row.paid_at_us,
                cancelled_at_us: need(row.closed_at_us, "closed_at")?,
            }),
        })
    }
}

impl OrderState {
    /// The name of the state.
    #[must_use]
    pub const fn status(&self) -> OrderStatus {
        match self {
            Self::PendingPayment(_) => OrderStatus::PendingPayment,
            Self::Paid(_) => OrderStatus::Paid,
            Self::Preparing(_) => OrderStatus::Preparing,
            Self::Shipped(_) => OrderStatus::Shipped,
            Self::Delivered(_) => OrderStatus::Delivered,
            Self::Expired(_) => OrderStatus::Expired,
            Self::Cancelled(_) => OrderStatus::Cancelled,
        }
    }

    /// The payment was accepted (see [`decide_payment`]), in time or after the pieces were claimed again.
    ///
    /// # Errors
    /// [`OrderError::Illegal`] or [`OrderError::BackInTime`].
    pub fn pay(self, at_us: i64) -> Result<Self, OrderError> {
        let (placed, since) = match self {
            Self::PendingPayment(placed) => (placed, placed.placed_at_us),
            Self::Expired(expired) => (expired.placed, expired.placed.placed_at_us),
            other => return Err(other.illegal(OrderStatus::Paid)),
        };
        not_before(since, at_us)?;
        Ok(Self::Paid(Paid { placed, paid_at_us: at_us }))
    }

    /// The hold ran out. `at_us` must not be before the end of the hold. The clock of the payment
    /// provider may be a little ahead: a caller that was told by the provider passes the end of the hold.
    ///
    /// # Errors
    /// [`OrderError::Illegal`] or [`OrderError::BackInTime`].
    pub fn expire(self, at_us: i64) -> Result<Self, OrderError> {
        match self {
            Self::PendingPayment(placed) => {
                not_before(placed.hold_expires_at_us, at_us)?;
                Ok(Self::Expired(Expired { placed, expired_at_us: at_us }))
            }
            other => Err(other.illegal(OrderStatus::Expired)),
        }
    }

    /// Somebody began to pack or make it.
    ///
    /// # Errors
    /// [`OrderError::Illegal`] or [`OrderError::BackInTime`].
    pub fn prepare(self, at_us: i64) -> Result<Self, OrderError> {
        match self {
            Self::Paid(paid) => {
                not_before(paid.paid_at_us, at_us)?;
                Ok(Self::Preparing(Preparing { paid, preparing_at_us: at_us }))
            }
            other => Err(other.illegal(OrderStatus::Preparing)),
        }
    }

    /// The courier has it.
    ///
    /// # Errors
    /// [`OrderError::Illegal`] or [`OrderError::BackInTime`].
    pub fn ship(self, at_us: i64) -> Result<Self, OrderError> {
        match self {
            Self::Preparing(prepared) => {
                not_before(prepared.preparing_at_us, at_us)?;
                Ok(Self::Shipped(Shipped { prepared, shipped_at_us: at_us }))
            }
            other => Err(other.illegal(OrderStatus::Shipped)),
        }
    }

    /// It arrived.
    ///
    /// # Errors
    /// [`OrderError::Illegal`] or [`OrderError::BackInTime`].
    pub fn deliver(self, at_us: i64) -> Result<Self, OrderError> {
        match self {
            Self::Shipped(shipped) => {
                not_before(shipped.shipped_at_us, at_us)?;
                Ok(Self::Delivered(Delivered { shipped, delivered_at_us: at_us }))
            }
            other => Err(other.illegal(OrderStatus::Delivered)),
        }
    }

    /// The order is cancelled before it is shipped. If it was paid, a full refund is owed
    /// ([`Cancelled::owes_refund`]).
    ///
    /// # Errors
    /// [`OrderError::Illegal`] or [`OrderError::BackInTime`].
    pub fn cancel(self, at_us: i64) -> Result<Self, OrderError> {
        let (placed, paid_at_us, since) = match self {
            Self::PendingPayment(placed) => (placed, None, placed.placed_at_us),
            Self::Paid(paid) => (paid.placed, Some(paid.paid_at_us), paid.paid_at_us),
            Self::Preparing(work) => {
                (work.paid.placed, Some(work.paid.paid_at_us), work.preparing_at_us)
            }
            other => return Err(other.illegal(OrderStatus::Cancelled)),
        };
        not_before(since, at_us)?;
        Ok(Self::Cancelled(Cancelled { placed, paid_at_us, cancelled_at_us: at_us }))
    }

    const fn illegal(&self, to: OrderStatus) -> OrderError {
        OrderError::Illegal { from: self.status(), to }
    }
}

const fn not_before(earlier_us: i64, later_us: i64) -> Result<(), OrderError> {
    if later_us < earlier_us { Err(OrderError::BackInTime) } else { Ok(()) }
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

/// Whether this order has an accepted payment already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentSeen {
    /// No payment was accepted on this order yet.
    First,
    /// This payment was accepted before (a repeated event).
    Same,
    /// Another payment was accepted: the order would be paid twice.
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
    /// Nothing to do: this payment was accepted before.
    AlreadyPaid,
    /// The amount is zero or less: there is nothing to accept or to refund.
    NothingReceived,
}

/// Decides what to do with a payment. Pure: the caller reads the facts and writes the result.
///
/// A wrong amount or currency is never accepted in part, whatever the order's state.
#[must_use]
pub fn decide_payment(
    order: OrderStatus,
    hold: HoldState,
    expected: Money,
    received: Money,
    seen: PaymentSeen,
) -> PaymentDecision {
    use PaymentDecision::{Accept, AlreadyPaid, NothingReceived, ReclaimAndAccept, RefundInFull};
    match seen {
        PaymentSeen::Same => return AlreadyPaid,
        PaymentSeen::Another if received.amount_minor > 0 => {
            return RefundInFull(RefundReason::PaidTwice);
        }
        PaymentSeen::Another | PaymentSeen::First => {}
    }
    if received.amount_minor <= 0 {
        return NothingReceived;
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
