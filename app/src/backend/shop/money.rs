//! Where the money of a price goes.

use domain::money::Money;
use jiff::civil::Date;

use super::catalogue::DesignCard;

/// The breakdown of a price. The parts sum to `total` exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyBreakdown {
    /// What the shopper pays: for the piece before a sale, for the whole order after it.
    pub total: Money,
    /// The parts in the order of the bar.
    pub parts: Vec<MoneyPart>,
    /// How many makers share the pay.
    pub maker_count: u32,
    /// Date of the assembly that adopted the policy.
    pub adopted_on: Date,
    /// Version of the policy.
    pub policy_version: u32,
    /// Whether the payment fee is an estimate (before the sale it is).
    pub estimate: bool,
    /// Whether recorded work on the piece is not closed by an inspection yet: a sale now would not pay
    /// for it.
    pub still_open: bool,
}

/// One part of a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoneyPart {
    /// What it is for.
    pub kind: MoneyPartKind,
    /// How much.
    pub amount: Money,
}

/// What a part of a price is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoneyPartKind {
    /// Pay for work of all makers together, two or more.
    Makers,
    /// Pay for the work of one maker together with the funds. Shown separately, the page would tell the
    /// pay of a maker whom it names.
    WorkAndFunds,
    /// Metal, stones and findings.
    Material,
    /// IGV.
    Tax,
    /// A fund by its code: `workshop`, `association`, …
    Fund(String),
    /// What the carrier gets, without tax.
    Shipping,
    /// What the payment provider keeps.
    PaymentFee,
}

/// The policy in force and totals of the ledger.
#[derive(Debug, Clone)]
pub struct MoneyPolicyView {
    /// Version.
    pub version: u32,
    /// Name of the minute that adopted it.
    pub minute: String,
    /// Date of the assembly.
    pub adopted_on: Date,
    /// Funds with their share in basis points of the net.
    pub funds: Vec<(String, u32)>,
    /// An example.
    pub example: Option<(DesignCard, MoneyBreakdown)>,
    /// What makers together received from sales so far, per currency.
    pub makers_received: Vec<Money>,
    /// Pieces sold so far.
    pub pieces_sold: u32,
}
