//! An order's life: states that carry their data, transitions that consume the old state.
//!
//! ```text
//! PendingPayment ──paid──▶ Paid ──▶ Preparing ──▶ Shipped ──▶ Delivered
//!   ├─ the hold ran out ──▶ Expired ──paid late, every piece re-claimed──▶ Paid
//!   └─ given up ──────────▶ Cancelled ◀── Paid or Preparing (late or on request, with a full refund)
//! ```
//!
//! Refunds and returns are records of their own and change no state.

use serde::{Deserialize, Serialize};

use crate::money::Money;

/// The name of a state, as the database and pages know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// Pieces are held, the payment has not come.
    PendingPayment,
    /// The money came and was compared with the order.
    Paid,
    /// Being packed, or made.
    Preparing,
    /// Handed to the courier.
    Shipped,
    /// Arrived.
    Delivered,
    /// Not paid in time; the pieces are free again.
    Expired,
    /// Given up by either side.
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

    /// Whether the parcel left the workshop: its shipping was used.
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

/// A transition that is not in the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OrderError {
    /// This status never becomes that one.
    #[error("an order that is {} cannot become {}", from.as_str(), to.as_str())]
    Illegal {
        /// The status it has.
        from: OrderStatus,
        /// The status it was asked to take.
        to: OrderStatus,
    },
    /// Time would run backwards.
    #[error("the transition lies before the one it follows")]
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

/// Pieces held, payment awaited.
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
    /// How it began.
    pub placed: PendingPayment,
    /// When the payment was accepted, microseconds UTC.
    pub paid_at_us: i64,
}

/// Being packed or made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preparing {
    /// How it was paid.
    pub paid: Paid,
    /// Since when, microseconds UTC.
    pub preparing_at_us: i64,
}

/// On its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipped {
    /// How it was prepared.
    pub prepared: Preparing,
    /// Since when, microseconds UTC.
    pub shipped_at_us: i64,
}

/// Arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// How it travelled.
    pub shipped: Shipped,
    /// When, microseconds UTC.
    pub delivered_at_us: i64,
}

/// Not paid in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expired {
    /// How it began.
    pub placed: PendingPayment,
    /// When it was let go, microseconds UTC.
    pub expired_at_us: i64,
}

/// Given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// How it began.
    pub placed: PendingPayment,
    /// When it had been paid, if it had: then a full refund is owed.
    pub paid_at_us: Option<i64>,
    /// When it was given up, microseconds UTC.
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

    /// Reads a stored order; a status without its time is a named inconsistency.
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

    /// The payment was accepted (see [`decide_payment`]), in time or after the hold was won back.
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

    /// The hold ran out. Only from its expiry on; the clock of the payment provider may be a little
    /// ahead, so a caller with the provider's own word passes that expiry as `at_us`.
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

    /// Given up before it was shipped. If it was paid, a full refund is owed
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

/// What became of the hold on an order's pieces by the time a payment arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// Every piece is still this order's.
    Live,
    /// The hold is lost, but every piece is free and can be claimed again.
    LostButFree,
    /// At least one piece is somebody else's now.
    Taken,
}

/// Whether this payment was met before on this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentSeen {
    /// No payment was accepted on this order yet.
    First,
    /// The very payment that was accepted (a repeated event).
    Same,
    /// Another payment was accepted: this one pays twice.
    Another,
}

/// Why a payment goes back in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundReason {
    /// A piece was sold to somebody else after the hold was lost.
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
    /// The hold was lost but the pieces are free: claim them again in the same transaction; if that
    /// loses a race, decide again with [`HoldState::Taken`].
    ReclaimAndAccept,
    /// Return everything and tell both sides.
    RefundInFull(RefundReason),
    /// Nothing to do: this payment was dealt with.
    AlreadyPaid,
    /// Nothing arrived (an amount of zero or less): no payment at all, nothing to return.
    NothingReceived,
}

/// Decides about a payment. Pure: the caller looks, this decides, the caller writes.
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
        // Paid, yet no accepted payment is known as this one: it pays twice.
        OrderStatus::Paid
        | OrderStatus::Preparing
        | OrderStatus::Shipped
        | OrderStatus::Delivered => RefundInFull(RefundReason::PaidTwice),
    }
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
