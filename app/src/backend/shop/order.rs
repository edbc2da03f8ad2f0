//! An order behind its secret link.

use domain::money::Money;
use domain::slug::Slugs;
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
    /// Sold, and then all of it went back or is on its way back, see [`OrderView::refunded`] and
    /// [`OrderView::refund_coming`].
    Refunded,
    Expired,
    Cancelled,
    /// Paid after the hold was lost, or paid wrongly: everything goes back, see
    /// [`OrderView::turned_back`].
    TurnedBack,
    /// Paid in a currency the books cannot hold: a person gives it back.
    ForeignMoney,
}

/// A payment that no sale could keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnedBack {
    /// Why it could not be kept.
    pub why: TurnedBackWhy,
    /// How far its way back is.
    pub state: WayBack,
    /// All that came when it is done, else what has not gone back yet.
    pub amount: Money,
}

/// Why a payment could not be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnedBackWhy {
    /// Somebody else had bought a piece by then.
    PieceTaken,
    /// Not the amount or not the currency of the order.
    Mismatch,
    /// The order was paid already.
    PaidTwice,
    /// The order was given up by then.
    Cancelled,
}

/// How far the way back of a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WayBack {
    /// Asked for, not confirmed.
    OnItsWay,
    /// All of it went back.
    Done,
    /// The provider refused; a person looks for another way.
    Refused,
}

/// What became of the mail that confirms a paid order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailedCopy {
    /// The mail server took it.
    Sent,
    /// It is being written or waits for the mail server.
    OnItsWay,
    /// It does not leave the shop by itself: the board reads it.
    Kept,
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
    /// What became of the confirmation.
    pub copy: MailedCopy,
    /// Address, ready as lines.
    pub address: Vec<String>,
    /// Way of delivery.
    pub delivery: DeliveryEstimate,
    /// Gift message.
    pub gift_message: Option<String>,
    /// Given back so far of what was bought.
    pub refunded: Option<Money>,
    /// On its way back of what was bought.
    pub refund_coming: Option<Money>,
    /// A payment that could not be kept.
    pub turned_back: Option<TurnedBack>,
    /// What was in fact posted, once paid: all pieces together.
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
    /// Makers, under consent.
    pub makers: Vec<MakerName>,
    /// Price in the order's currency.
    pub price: Money,
    /// First photograph.
    pub photo: Option<Photo>,
}
