//! The split of a sale: where every cent of what the shopper paid belongs.
//!
//! ```text
//! gross = price + shipping charged
//!   − IGV (contained in both)
//!   − shipping charged (without its IGV: that is already in the line above)
//!   − payment fee
//!   − material (consigned metal at its agreed price; own metal, stones, findings)
//!   = net
//!     → funds, by the policy's basis points
//!     → makers, by their contributions
//! ```
//!
//! Every piece of an order is split separately, because it has makers and material of its own. Tax,
//! shipping and fee belong to the whole order and are first divided among the pieces by price.
//! All divisions are by largest remainder, so for each piece, and therefore for the order,
//! `gross = igv + shipping + fee + material + funds + makers` **to the cent**, always.
//!
//! **When the net is negative.** Fee and material may cost more than the price brings. Members are never
//! charged for having worked: the makers get 0, all funds but one get 0, and the policy's *loss fund*
//! (the association) bears the whole difference as a negative share.
//!
//! **When no work is recorded.** A payment must be posted even if a piece has no contribution with
//! weight. The makers' part is then kept in [`PieceSplit::held_for_makers_minor`] until the board
//! records who made the piece.

use serde::{Deserialize, Serialize};

use crate::contribution::{Contribution, weights_by_member};
use crate::id::{FundCode, MemberId, PieceId, PolicyId};
use crate::money::{Currency, Money, MoneyError};
use crate::policy::{BPS_WHOLE, PolicyError, SplitPolicy};
use crate::rounding::scale_half_even;
use crate::shares::{SharesError, allocate};
use crate::tax::{Destination, TaxPolicy, tax_of};

/// Who owned the material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaterialSource {
    /// The supplier, who left it in consignment and is paid the agreed price when it is used.
    Consigned,
    /// The association, which bought it: metal, stones, findings.
    Own,
}

/// The cost of one material in one piece.
///
/// It is owed in the currency of its cost and deducted in the currency of the sale. The exchange
/// account balances the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaterialCost {
    /// Who owned it.
    pub source: MaterialSource,
    /// What it cost, in the currency in which it was priced; not negative.
    pub cost: Money,
    /// The same in the currency of the sale, at the order's rate; not negative.
    pub deducted_minor: i64,
}

impl MaterialCost {
    /// Whether it costs nothing in either currency.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.cost.amount_minor == 0 && self.deducted_minor == 0
    }
}

/// A piece as it was sold. Other crates make it only by
/// [`Making::sold_for`](crate::making::Making::sold_for), so that page and books cannot differ.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PieceSale {
    /// Which piece.
    pub piece_id: PieceId,
    /// The price paid for it, tax included where tax applies, not negative.
    pub price_minor: i64,
    /// Its material.
    pub material: Vec<MaterialCost>,
    /// Who made it.
    pub contributions: Vec<Contribution>,
}

/// A paid order, as far as the split needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleInput {
    /// The currency of all amounts.
    pub currency: Currency,
    /// At least one piece.
    pub pieces: Vec<PieceSale>,
    /// What the shopper paid for delivery, tax included where tax applies, not negative.
    pub shipping_charged_minor: i64,
    /// What the payment provider kept, not negative.
    pub fee_minor: i64,
    /// Where the parcel goes.
    pub destination: Destination,
    /// The tax rules at the moment of the sale.
    pub tax_policy: TaxPolicy,
}

/// A fund's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FundPart {
    /// The fund.
    pub fund: FundCode,
    /// Its part in minor units; negative only for the loss fund.
    pub amount_minor: i64,
}

/// A maker's part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MakerPart {
    /// The member.
    pub member_id: MemberId,
    /// Her part in minor units, never negative.
    pub amount_minor: i64,
}

/// Where the money of one piece went. Stored with the sale and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PieceSplit {
    /// The piece.
    pub piece_id: PieceId,
    /// The price plus its part of the shipping: the sum of all parts below.
    pub gross_minor: i64,
    /// The price alone, as shown.
    pub price_minor: i64,
    /// Tax contained in the gross.
    pub igv_minor: i64,
    /// Shipping charged, without its tax.
    pub shipping_minor: i64,
    /// The part of the payment fee.
    pub fee_minor: i64,
    /// Its material, with the metal of each lot separately.
    pub material: Vec<MaterialCost>,
    /// The funds, in the policy's order, without zero parts.
    pub funds: Vec<FundPart>,
    /// The makers, in the order of their first contribution, without zero parts.
    pub makers: Vec<MakerPart>,
    /// The makers' part if no contribution is recorded.
    pub held_for_makers_minor: i64,
    /// The fund that bears losses.
    pub loss_fund: FundCode,
}

impl PieceSplit {
    /// What is left after tax, shipping, fee and material; may be negative.
    #[must_use]
    pub fn net_minor(&self) -> i64 {
        self.gross_minor
            - self.igv_minor
            - self.shipping_minor
            - self.fee_minor
            - self.material_minor()
    }

    /// All material, as it was deducted.
    #[must_use]
    pub fn material_minor(&self) -> i64 {
        self.material.iter().map(|cost| cost.deducted_minor).sum()
    }

    /// The material of one source, as it was deducted.
    #[must_use]
    pub fn material_of(&self, source: MaterialSource) -> i64 {
        let costs = self.material.iter().filter(|cost| cost.source == source);
        costs.map(|cost| cost.deducted_minor).sum()
    }

    /// The shipping charged with this piece, its tax included.
    #[must_use]
    pub const fn shipping_charged_minor(&self) -> i64 {
        self.gross_minor - self.price_minor
    }

    /// The tax contained in that shipping.
    #[must_use]
    pub const fn igv_of_shipping_minor(&self) -> i64 {
        self.shipping_charged_minor() - self.shipping_minor
    }

    /// The tax contained in the price.
    #[must_use]
    pub const fn igv_of_goods_minor(&self) -> i64 {
        self.igv_minor - self.igv_of_shipping_minor()
    }

    /// The makers' part together.
    #[must_use]
    pub fn makers_minor(&self) -> i64 {
        self.held_for_makers_minor + self.makers.iter().map(|part| part.amount_minor).sum::<i64>()
    }

    /// The funds' part together.
    #[must_use]
    pub fn funds_minor(&self) -> i64 {
        self.funds.iter().map(|part| part.amount_minor).sum()
    }
}

/// Where the money of an order went. Stored with the sale and its policy, and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SaleSplit {
    /// The currency of all amounts.
    pub currency: Currency,
    /// The policy that was in force when it was paid.
    pub policy_id: PolicyId,
    /// Its version.
    pub policy_version: u32,
    /// The fund that balances refunds of this sale.
    pub reserve: FundCode,
    /// Every piece, in the sequence of the order's lines.
    pub pieces: Vec<PieceSplit>,
}

impl SaleSplit {
    /// What the shopper paid.
    #[must_use]
    pub fn gross(&self) -> Money {
        Money::new(self.pieces.iter().map(|piece| piece.gross_minor).sum(), self.currency)
    }

    /// What each member gets from the whole order: every member once, in the sequence of the pieces.
    #[must_use]
    pub fn by_member(&self) -> Vec<MakerPart> {
        let mut parts: Vec<MakerPart> = Vec::new();
        for part in self.pieces.iter().flat_map(|piece| &piece.makers) {
            match parts.iter_mut().find(|known| known.member_id == part.member_id) {
                Some(known) => known.amount_minor += part.amount_minor,
                None => parts.push(part.clone()),
            }
        }
        parts
    }
}

/// Why a sale could not be split.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// An order without pieces.
    #[error("nothing was sold")]
    NoPieces,
    /// An amount is negative.
    #[error("negative {what}")]
    Negative {
        /// Which amount.
        what: &'static str,
    },
    /// An amount is too large.
    #[error("amount out of range")]
    OutOfRange,
    /// The policy is invalid.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// An amount could not be divided.
    #[error(transparent)]
    Shares(#[from] SharesError),
    /// Amounts of two currencies.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// The greatest amount of a sale (ten thousand million units), so that no sum can overflow.
pub const AMOUNT_LIMIT_MINOR: i64 = 1_000_000_000_000;

/// Splits a paid order by a policy.
///
/// # Errors
/// [`SplitError`] for an order without pieces, negative or too large amounts, or an invalid policy.
pub fn split_sale(sale: &SaleInput, policy: &SplitPolicy) -> Result<SaleSplit, SplitError> {
    policy.validate()?;
    check(sale)?;
    let prices: Vec<i64> = sale.pieces.iter().map(|piece| piece.price_minor).collect();
    let weights = price_weights(&prices);
    let shipping_charged = allocate(sale.shipping_charged_minor, &weights)?;
    let fees = allocate(sale.fee_minor, &weights)?;
    let (igv_of_pieces, igv_of_shipping) = divide_tax(sale, &prices, &weights)?;

    let mut pieces = Vec::with_capacity(sale.pieces.len());
    for (index, piece) in sale.pieces.iter().enumerate() {
        let mut split = PieceSplit {
            piece_id: piece.piece_id.clone(),
            gross_minor: piece.price_minor + shipping_charged[index],
            price_minor: piece.price_minor,
            igv_minor: igv_of_pieces[index] + igv_of_shipping[index],
            shipping_minor: shipping_charged[index] - igv_of_shipping[index],
            fee_minor: fees[index],
            material: piece.material.iter().filter(|cost| !cost.is_nothing()).copied().collect(),
            funds: Vec::new(),
            makers: Vec::new(),
            held_for_makers_minor: 0,
            loss_fund: policy.loss_fund.clone(),
        };
        divide_net(&mut split, piece, policy)?;
        pieces.push(split);
    }
    Ok(SaleSplit {
        currency: sale.currency,
        policy_id: policy.id.clone(),
        policy_version: policy.version,
        reserve: policy.reserve().clone(),
        pieces,
    })
}

/// The tax of the whole order, divided between prices and shipping, then among the pieces.
///
/// The tax on shipping is divided by the shipping of each piece, so that it is never larger than that
/// shipping.
fn divide_tax(
    sale: &SaleInput,
    prices: &[i64],
    weights: &[u64],
) -> Result<(Vec<i64>, Vec<i64>), SplitError> {
    let goods: i64 = prices.iter().sum();
    let gross = goods + sale.shipping_charged_minor;
    let tax = tax_of(gross, sale.destination, sale.tax_policy).igv_minor;
    let sides = allocate(tax, &price_weights(&[goods, sale.shipping_charged_minor]))?;
    let shipping = allocate(sale.shipping_charged_minor, weights)?;
    let of_pieces = allocate(sides[0], weights)?;
    let of_shipping = allocate(sides[1], &price_weights(&shipping))?;
    Ok((of_pieces, of_shipping))
}

/// Prices as weights. If all are zero (a gift order) the weights are equal, so that shipping can still
/// be divided.
fn price_weights(prices: &[i64]) -> Vec<u64> {
    if prices.iter().all(|&price| price == 0) {
        return vec![1; prices.len()];
    }
    prices.iter().map(|price| price.unsigned_abs()).collect()
}

fn check(sale: &SaleInput) -> Result<(), SplitError> {
    if sale.pieces.is_empty() {
        return Err(SplitError::NoPieces);
    }
    let within = |amount: i64, what| match amount {
        ..0 => Err(SplitError::Negative { what }),
        0..=AMOUNT_LIMIT_MINOR => Ok(()),
        _ => Err(SplitError::OutOfRange),
    };
    within(sale.shipping_charged_minor, "shipping")?;
    within(sale.fee_minor, "payment fee")?;
    for piece in &sale.pieces {
        within(piece.price_minor, "price")?;
        for cost in &piece.material {
            within(cost.cost.amount_minor, "material")?;
            within(cost.deducted_minor, "material")?;
        }
        if piece.material.len() > 1_000 {
            return Err(SplitError::OutOfRange);
        }
    }
    if sale.pieces.len() > 1_000 { Err(SplitError::OutOfRange) } else { Ok(()) }
}

fn divide_net(
    split: &mut PieceSplit,
    piece: &PieceSale,
    policy: &SplitPolicy,
) -> Result<(), SplitError> {
    let net = split.net_minor();
    if net < 0 {
        split.funds = vec![FundPart { fund: policy.loss_fund.clone(), amount_minor: net }];
        return Ok(());
    }
    // Funds and makers are divided together, so that the sum is the net.
    let mut weights: Vec<u64> = policy.funds.iter().map(|share| u64::from(share.bps)).collect();
    weights.push(u64::from(policy.makers_bps()));
    let parts = allocate(net, &weights)?;
    split.funds = policy
        .funds
        .iter()
        .zip(&parts)
        .filter(|(_, amount)| **amount != 0)
        .map(|(share, &amount_minor)| FundPart { fund: share.fund.clone(), amount_minor })
        .collect();
    let for_makers = parts.last().copied().unwrap_or(0);
    let work = piece.contributions.iter().map(Contribution::effort_of_member);
    let by_member = weights_by_member(work, policy.minute_rate_minor);
    let weights: Vec<u64> = by_member.iter().map(|(_, weight)| *weight).collect();
    match allocate(for_makers, &weights) {
        Ok(amounts) => {
            split.makers = by_member
                .into_iter()
                .zip(amounts)
                .filter(|(_, amount)| *amount != 0)
                .map(|((member_id, _), amount_minor)| MakerPart {
                    member_id: member_id.clone(),
                    amount_minor,
                })
                .collect();
        }
        Err(SharesError::Empty | SharesError::AllZero) => split.held_for_makers_minor = for_makers,
    }
    Ok(())
}

/// The fee that the payment provider is expected to keep, from configuration. A sale uses the real fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeSchedule {
    /// The part in proportion to the amount, in basis points.
    pub bps: u32,
    /// The part per payment, in minor units of the sale's currency.
    pub fixed_minor: i64,
}

impl FeeSchedule {
    /// The expected fee for a gross amount, rounded half to even. It is never negative and never more
    /// than the amount.
    #[must_use]
    pub fn estimate(self, gross_minor: i64) -> i64 {
        let gross = gross_minor.max(0);
        scale_half_even(gross, i64::from(self.bps), i64::from(BPS_WHOLE))
            .and_then(|part| part.checked_add(self.fixed_minor))
            .unwrap_or(gross)
            .clamp(0, gross)
    }
}

/// The breakdown on the page of a piece before it is sold. It is computed by the function of the sale,
/// with an expected fee and without shipping.
///
/// # Errors
/// As [`split_sale`].
pub fn estimate_split(
    piece: PieceSale,
    currency: Currency,
    destination: Destination,
    tax_policy: TaxPolicy,
    fees: FeeSchedule,
    policy: &SplitPolicy,
) -> Result<SaleSplit, SplitError> {
    let fee_minor = fees.estimate(piece.price_minor);
    let sale = SaleInput {
        currency,
        pieces: vec![piece],
        shipping_charged_minor: 0,
        fee_minor,
        destination,
        tax_policy,
    };
    split_sale(&sale, policy)
}

#[cfg(test)]
#[path = "split_tests.rs"]
mod tests;
