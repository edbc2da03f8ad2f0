//! An order behind its secret link.

use domain::money::Money;
use domain::order::OrderStatus;
use domain::slug::Slugs;
use jiff::Timestamp;

use super::catalogue::{MakerName, Photo};
use super::money::MoneyBreakdown;
use super::shipping::DeliveryEstimate;

/// Sums of an order in its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderSums {
    /// Pieces.
    pub items: Money,
    /// Delivery, once chosen.
    pub shipping: Option<Money>,
    /// IGV contained in the total; `None` for exports (zero-rated).
    pub tax_included: Option<Money>,
    /// Total.
    pub total: Money,
}

/// What an order's page says of it: its status, or how its money went back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownStatus {
    /// The order's own status.
    Of(OrderStatus),
    /// Sold, and then refunded in full, see [`OrderView::refunded`] and [`OrderView::refund_coming`].
    Refunded,
    /// Paid after the hold ended, or with a wrong payment: everything is refunded, see
    /// [`OrderView::turned_back`].
    TurnedBack,
    /// Paid in a currency that the books do not have: a person refunds it.
    ForeignMoney,
}

impl ShownStatus {
    /// Whether the association has the money and owes the pieces.
    #[must_use]
    pub const fn is_paid(self) -> bool {
        matches!(self, Self::Of(status) if status.is_paid())
    }
}

/// A payment that could not be accepted and is refunded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnedBack {
    /// Why it could not be accepted.
    pub why: TurnedBackWhy,
    /// The state of its refund.
    pub state: WayBack,
    /// The whole payment when the refund is done, else the part that is not refunded yet.
    pub amount: Money,
}

/// Why a payment could not be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnedBackWhy {
    /// Somebody else had bought a piece before it arrived.
    PieceTaken,
    /// It has not the order's amount or currency.
    Mismatch,
    /// The order was paid already.
    PaidTwice,
    /// The order was cancelled before it arrived.
    Cancelled,
}

/// The state of the refund of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WayBack {
    /// Requested, not confirmed.
    OnItsWay,
    /// Refunded in full.
    Done,
    /// The provider refused it; a person finds another way.
    Refused,
}

/// The state of the mail that confirms a paid order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailedCopy {
    /// The mail server accepted it.
    Sent,
    /// It is not accepted by the mail server yet.
    OnItsWay,
    /// The shop does not send mail by itself: the board reads it.
    Kept,
}

/// The order's own page.
#[derive(Debug, Clone)]
pub struct OrderView {
    /// Number for the shopper, e.g. `D-000147`.
    pub number: String,
    /// Secret of the link.
    pub secret: String,
    /// State.
    pub status: ShownStatus,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// Until when the pieces are held, while unpaid.
    pub held_until: Option<Timestamp>,
    /// URL of the payment page, while unpaid.
    pub payment_url: Option<String>,
    /// Lines.
    pub lines: Vec<OrderLineView>,
    /// Sums.
    pub sums: OrderSums,
    /// Name of the recipient.
    pub name: String,
    /// E-mail the confirmation goes to.
    pub email: String,
    /// The state of the confirmation.
    pub copy: MailedCopy,
    /// The lines of the address.
    pub address: Vec<String>,
    /// Way of delivery.
    pub delivery: DeliveryEstimate,
    /// Gift message.
    pub gift_message: Option<String>,
    /// Refunded so far of what was bought.
    pub refunded: Option<Money>,
    /// Requested refunds of what was bought.
    pub refund_coming: Option<Money>,
    /// A payment that could not be accepted.
    pub turned_back: Option<TurnedBack>,
    /// What was posted for all pieces together, once paid.
    pub money: Option<MoneyBreakdown>,
}

/// A line of an order.
#[derive(Debug, Clone)]
pub struct OrderLineView {
    /// Address of the design.
    pub slug: Slugs,
    /// Name of the design.
    pub name: String,
    /// Serial of the piece.
    pub serial: String,
    /// Weight in mg.
    pub weight_mg: i64,
    /// Inner circumference in tenths of a mm, for rings.
    pub inner_circumference_tenths_mm: Option<u32>,
    /// Makers who consent to be named.
    pub makers: Vec<MakerName>,
    /// Price in the order's currency.
    pub price: Money,
    /// First photograph.
    pub photo: Option<Photo>,
}
