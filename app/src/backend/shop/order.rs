//! An order behind its secret link.

use domain::money::Money;
use jiff::Timestamp;

use super::{DeliveryEstimate, MakerName, MoneyBreakdown, Photo};

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

/// State of an order as its page tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the states of domain::order")]
pub enum OrderStatus {
    PendingPayment,
    Paid,
    Preparing,
    Shipped,
    Delivered,
    Expired,
    Cancelled,
    /// Paid after the hold was lost, or paid wrongly: everything is given back.
    RefundedInFull,
}

/// The order's own page.
#[derive(Debug, Clone)]
pub struct OrderView {
    /// Number the shopper quotes, e.g. `D-000147`.
    pub number: String,
    /// Secret of the link.
    pub secret: String,
    /// State.
    pub status: OrderStatus,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// Until when the pieces are held, while unpaid.
    pub held_until: Option<Timestamp>,
    /// Where to go on paying, while unpaid.
    pub payment_url: Option<String>,
    /// Lines.
    pub lines: Vec<OrderLineView>,
    /// Sums.
    pub sums: OrderSums,
    /// Name of the recipient.
    pub name: String,
    /// E-mail the confirmation goes to.
    pub email: String,
    /// Address, ready as lines.
    pub address: Vec<String>,
    /// Way of delivery.
    pub delivery: DeliveryEstimate,
    /// Gift message.
    pub gift_message: Option<String>,
    /// Given back so far.
    pub refunded: Option<Money>,
    /// What was in fact posted, once paid: all pieces together.
    pub money: Option<MoneyBreakdown>,
}

/// A line of an order.
#[derive(Debug, Clone)]
pub struct OrderLineView {
    /// Slug of the design.
    pub slug: String,
    /// Name of the design.
    pub name: String,
    /// Serial of the piece.
    pub serial: String,
    /// Weight in mg.
    pub weight_mg: i64,
    /// Inner circumference in tenths of a mm, for rings.
    pub inner_circumference_tenths_mm: Option<u32>,
    /// Makers, under consent.
    pub makers: Vec<MakerName>,
    /// Price in the order's currency.
    pub price: Money,
    /// First photograph.
    pub photo: Option<Photo>,
}
