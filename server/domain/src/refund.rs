//! Refunds and returned pieces: how a sale is reversed, whole or in parts.
//!
//! **What a refund is for**: the goods of one piece, the shipping, or both. A refund that names nothing
//! (one made in the provider's dashboard, for example) is for all that is left of the order. The amount
//! is divided among the named parts in proportion to what is left of each ([`divide`]).
//!
//! **Reversed at once** ([`unwind`]), by the ratio *refunded ÷ price* of the piece, or
//! *refunded ÷ shipping charged*, tax included:
//! - the IGV;
//! - for goods with a net of zero or more: the parts of funds and makers, and the part held for makers;
//! - for shipping: the part without IGV, but only before the parcel was handed to the courier.
//!
//! **Reversed whole, on the day when the piece came back** ([`come_back`]), with a refund or without:
//! its material, and a net below zero. For a piece that was kept or lost nothing is reversed: the
//! owner of the metal must still be paid.
//!
//! **The reserve for refunds** balances each of these entries, by a debit or a credit. When everything
//! was refunded and came back, it has borne the card fee and the shipping that was used.
//!
//! **Several refunds**: after each refund, the sum taken from a share is *share × refunded ÷ whole*,
//! rounded half to even; the refund takes the difference to the sum before. So a refund never adds to
//! a share, a share is never more than one unit from its ratio, and all refunds together take exactly
//! the share.
//!
//! **Shares that were paid out**: a refund takes from a member only what is still unpaid of her share of
//! this sale ([`Unpaid`]), whatever else she is owed. The reserve bears the rest. Nothing is ever taken
//! back silently.

use std::collections::BTreeMap;

use crate::id::{FundCode, MemberId, PieceId};
use crate::money::{Currency, Money};
use crate::rounding::scale_half_even;
use crate::shares::{SharesError, allocate};
use crate::split::{FundPart, MakerPart, MaterialCost, PieceSplit, SaleSplit};

/// Why a refund cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefundError {
    /// The amount is not positive.
    #[error("a refund must be positive")]
    NotPositive,
    /// More than what is left of the payment.
    #[error("only {left_minor} minor units are left to refund")]
    ExceedsPaid {
        /// What could still be refunded.
        left_minor: i64,
    },
    /// The refunds so far are negative, exceed the sale, or belong to another sale.
    #[error("the refunds so far contradict the sale")]
    Inconsistent,
}

/// What a refund is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundOf {
    /// All that is left of the order, because nothing was named.
    Everything,
    /// The goods of one piece.
    Goods(PieceId),
    /// The shipping.
    Shipping,
    /// The goods of one piece and the shipping.
    GoodsAndShipping(PieceId),
}

impl RefundOf {
    /// The variant for an optional piece and whether the shipping is named.
    #[must_use]
    pub fn named(piece: Option<PieceId>, shipping: bool) -> Self {
        match (piece, shipping) {
            (None, false) => Self::Everything,
            (None, true) => Self::Shipping,
            (Some(piece), false) => Self::Goods(piece),
            (Some(piece), true) => Self::GoodsAndShipping(piece),
        }
    }

    /// The piece that it names.
    #[must_use]
    pub const fn piece(&self) -> Option<&PieceId> {
        match self {
            Self::Goods(piece) | Self::GoodsAndShipping(piece) => Some(piece),
            Self::Everything | Self::Shipping => None,
        }
    }

    const fn names_shipping(&self) -> bool {
        matches!(self, Self::Shipping | Self::GoodsAndShipping(_))
    }
}

/// An amount for each thing that was paid: the goods of each piece, in the order of
/// [`SaleSplit::pieces`], and the shipping, tax included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundParts {
    /// For the goods of each piece.
    pub goods_minor: Vec<i64>,
    /// For the shipping.
    pub shipping_minor: i64,
}

impl RefundParts {
    /// Zero for each thing.
    #[must_use]
    pub fn nothing(sale: &SaleSplit) -> Self {
        Self { goods_minor: vec![0; sale.pieces.len()], shipping_minor: 0 }
    }

    /// What was paid for each thing.
    #[must_use]
    pub fn paid(sale: &SaleSplit) -> Self {
        Self {
            goods_minor: sale.pieces.iter().map(|piece| piece.price_minor).collect(),
            shipping_minor: sale.pieces.iter().map(PieceSplit::shipping_charged_minor).sum(),
        }
    }

    /// The sum of all parts.
    #[must_use]
    pub fn sum(&self) -> i64 {
        self.goods_minor.iter().sum::<i64>() + self.shipping_minor
    }

    /// Adds the parts of another amount of the same sale.
    pub fn add(&mut self, other: &Self) {
        for (sum, part) in self.goods_minor.iter_mut().zip(&other.goods_minor) {
            *sum += part;
        }
        self.shipping_minor += other.shipping_minor;
    }

    /// Subtracts the parts of another amount of the same sale.
    pub fn take(&mut self, other: &Self) {
        for (left, part) in self.goods_minor.iter_mut().zip(&other.goods_minor) {
            *left -= part;
        }
        self.shipping_minor -= other.shipping_minor;
    }

    fn each(&self) -> impl Iterator<Item = i64> {
        self.goods_minor.iter().copied().chain([self.shipping_minor])
    }

    /// Divides an amount, at most the sum of these parts, in proportion to them. No part is exceeded.
    fn divide(&self, amount_minor: i64) -> Result<Self, RefundError> {
        let weights: Vec<u64> = self.each().map(|part| part.max(0).unsigned_abs()).collect();
        let mut divided = allocate(amount_minor, &weights).map_err(inconsistent)?;
        let shipping_minor = divided.pop().unwrap_or(0);
        Ok(Self { goods_minor: divided, shipping_minor })
    }

    /// These parts with zero for everything that the refund does not name.
    fn named(&self, sale: &SaleSplit, of: &RefundOf) -> Result<Self, RefundError> {
        if *of == RefundOf::Everything {
            return Ok(self.clone());
        }
        let mut named = Self::nothing(sale);
        if let Some(piece) = of.piece() {
            let at = sale.pieces.iter().position(|known| known.piece_id == *piece);
            let at = at.ok_or(RefundError::Inconsistent)?;
            named.goods_minor[at] = self.goods_minor[at];
        }
        if of.names_shipping() {
            named.shipping_minor = self.shipping_minor;
        }
        Ok(named)
    }
}

/// What is left of an order after the refunds so far.
///
/// # Errors
/// [`RefundError::Inconsistent`] if more was refunded of something than was paid for it.
pub fn left_of(sale: &SaleSplit, refunded: &RefundParts) -> Result<RefundParts, RefundError> {
    if refunded.goods_minor.len() != sale.pieces.len() || refunded.each().any(|part| part < 0) {
        return Err(RefundError::Inconsistent);
    }
    let mut left = RefundParts::paid(sale);
    left.take(refunded);
    if left.each().any(|part| part < 0) { Err(RefundError::Inconsistent) } else { Ok(left) }
}

/// How much is left of what a refund names.
///
/// # Errors
/// [`RefundError::Inconsistent`] for a piece of another sale.
pub fn left_of_named(
    sale: &SaleSplit,
    left: &RefundParts,
    of: &RefundOf,
) -> Result<i64, RefundError> {
    Ok(left.named(sale, of)?.sum())
}

/// Divides a refund among the things it names, in proportion to what is left of each.
///
/// The money of the refund has been paid back already, so an amount within what is left can always be
/// divided. If the named things cannot bear it (they were refunded in the meantime), the rest is
/// divided among all others.
///
/// # Errors
/// [`RefundError`].
pub fn divide(
    sale: &SaleSplit,
    left: &RefundParts,
    of: &RefundOf,
    amount_minor: i64,
) -> Result<RefundParts, RefundError> {
    if amount_minor <= 0 {
        return Err(RefundError::NotPositive);
    }
    let left_minor = left.sum();
    if amount_minor > left_minor {
        return Err(RefundError::ExceedsPaid { left_minor });
    }
    let named = left.named(sale, of)?;
    let of_named = amount_minor.min(named.sum());
    let mut parts = if of_named > 0 { named.divide(of_named)? } else { RefundParts::nothing(sale) };
    if of_named < amount_minor {
        let mut others = left.clone();
        others.take(&parts);
        parts.add(&others.divide(amount_minor - of_named)?);
    }
    Ok(parts)
}

/// What one refund takes from the shares of one piece. No amount is negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PieceRefund {
    /// The piece.
    pub piece_id: PieceId,
    /// The refunded part of its price.
    pub goods_minor: i64,
    /// Tax no longer owed.
    pub igv_minor: i64,
    /// The funds.
    pub funds: Vec<FundPart>,
    /// The makers.
    pub makers: Vec<MakerPart>,
    /// The part that was held for makers.
    pub held_for_makers_minor: i64,
}

/// What one refund takes from the shares of a sale. The reserve bears what they do not cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundSplit {
    /// The sale's currency.
    pub currency: Currency,
    /// What goes back to the shopper.
    pub amount_minor: i64,
    /// Tax on the shipping, no longer owed.
    pub shipping_igv_minor: i64,
    /// Shipping that the courier will not get.
    pub shipping_minor: i64,
    /// The pieces whose price is refunded.
    pub pieces: Vec<PieceRefund>,
    /// The fund that balances it.
    pub reserve: FundCode,
}

impl RefundSplit {
    /// What goes back to the shopper.
    #[must_use]
    pub const fn gross(&self) -> Money {
        Money::new(self.amount_minor, self.currency)
    }
}

/// Reverses `parts` of a sale after the refunds so far (`refunded`). `handed_over` says whether the
/// courier has the parcel.
///
/// # Errors
/// [`RefundError`].
pub fn unwind(
    sale: &SaleSplit,
    refunded: &RefundParts,
    parts: &RefundParts,
    handed_over: bool,
) -> Result<RefundSplit, RefundError> {
    let left = left_of(sale, refunded)?;
    if parts.sum() <= 0 {
        return Err(RefundError::NotPositive);
    }
    if parts.goods_minor.len() != sale.pieces.len()
        || parts.each().zip(left.each()).any(|(part, left)| !(0..=left).contains(&part))
    {
        return Err(RefundError::ExceedsPaid { left_minor: left.sum() });
    }
    let shipping = Ratio {
        before: refunded.shipping_minor,
        now: parts.shipping_minor,
        whole: RefundParts::paid(sale).shipping_minor,
    };
    let sum = |part: fn(&PieceSplit) -> i64| sale.pieces.iter().map(part).sum::<i64>();
    let courier = if handed_over { 0 } else { sum(|piece| piece.shipping_minor) };
    let goods = sale.pieces.iter().zip(&refunded.goods_minor).zip(&parts.goods_minor);
    Ok(RefundSplit {
        currency: sale.currency,
        amount_minor: parts.sum(),
        shipping_igv_minor: shipping.of(sum(PieceSplit::igv_of_shipping_minor))?,
        shipping_minor: shipping.of(courier)?,
        pieces: goods
            .filter(|(_, now)| **now > 0)
            .map(|((piece, before), now)| unwind_goods(piece, *before, *now))
            .collect::<Result<_, _>>()?,
        reserve: sale.reserve.clone(),
    })
}

fn unwind_goods(piece: &PieceSplit, before: i64, now: i64) -> Result<PieceRefund, RefundError> {
    let ratio = Ratio { before, now, whole: piece.price_minor };
    let mut refund = PieceRefund {
        piece_id: piece.piece_id.clone(),
        goods_minor: now,
        igv_minor: ratio.of(piece.igv_of_goods_minor())?,
        funds: Vec::new(),
        makers: Vec::new(),
        held_for_makers_minor: 0,
    };
    // A net below zero is reversed when the piece comes back, not with the money.
    if piece.net_minor() >= 0 {
        refund.held_for_makers_minor = ratio.of(piece.held_for_makers_minor)?;
        for part in &piece.funds {
            let amount_minor = ratio.of(part.amount_minor)?;
            refund.funds.push(FundPart { fund: part.fund.clone(), amount_minor });
        }
        for part in &piece.makers {
            let amount_minor = ratio.of(part.amount_minor)?;
            refund.makers.push(MakerPart { member_id: part.member_id.clone(), amount_minor });
        }
    }
    Ok(refund)
}

/// How much of a whole is refunded now, and how much was refunded before.
#[derive(Debug, Clone, Copy)]
struct Ratio {
    before: i64,
    now: i64,
    whole: i64,
}

impl Ratio {
    /// What this refund takes from a share of the whole.
    fn of(self, part: i64) -> Result<i64, RefundError> {
        if self.now == 0 {
            return Ok(0);
        }
        let taken = |refunded| scale_half_even(part, refunded, self.whole);
        match (taken(self.before), taken(self.before + self.now)) {
            (Some(before), Some(after)) => Ok(after - before),
            _ => Err(RefundError::Inconsistent),
        }
    }
}

/// An amount of each maker's share of each piece.
pub type OfShares = BTreeMap<(PieceId, MemberId), i64>;

/// What is still unpaid of each maker's share of one sale.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unpaid(OfShares);

impl Unpaid {
    /// The shares of a sale, less what was paid out and what earlier refunds took.
    #[must_use]
    pub fn of(sale: &SaleSplit, paid: &OfShares, taken: &OfShares) -> Self {
        let mut unpaid = OfShares::new();
        for piece in &sale.pieces {
            for part in &piece.makers {
                let share = (piece.piece_id.clone(), part.member_id.clone());
                let gone = |of: &OfShares| of.get(&share).copied().unwrap_or(0);
                let left = part.amount_minor - gone(paid) - gone(taken);
                unpaid.insert(share, left.max(0));
            }
        }
        Self(unpaid)
    }

    /// Every share with its unpaid amount.
    pub fn all(&self) -> impl Iterator<Item = ((PieceId, MemberId), i64)> {
        self.0.iter().map(|(share, minor)| (share.clone(), *minor))
    }

    /// What a refund takes from each maker's share: at most what is unpaid.
    #[must_use]
    pub fn taken_by(&self, refund: &RefundSplit) -> OfShares {
        let mut taken = OfShares::new();
        for piece in &refund.pieces {
            for part in &piece.makers {
                let share = (piece.piece_id.clone(), part.member_id.clone());
                let unpaid = self.0.get(&share).copied().unwrap_or(0);
                taken.insert(share, part.amount_minor.min(unpaid));
            }
        }
        taken
    }
}

/// What is reversed on the day when a piece came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PieceReturn {
    /// The sale's currency.
    pub currency: Currency,
    /// Its material, which is no longer owed, or is in stock again.
    pub material: Vec<MaterialCost>,
    /// What the loss fund bore for a net below zero; not negative.
    pub loss_minor: i64,
    /// That fund.
    pub loss_fund: FundCode,
    /// The fund that balances it.
    pub reserve: FundCode,
}

/// A piece of a sale came back, whether its money was refunded or not.
///
/// # Errors
/// [`RefundError::Inconsistent`] for a piece of another sale.
pub fn come_back(sale: &SaleSplit, piece_id: &PieceId) -> Result<PieceReturn, RefundError> {
    let piece = sale.pieces.iter().find(|piece| piece.piece_id == *piece_id);
    let piece = piece.ok_or(RefundError::Inconsistent)?;
    Ok(PieceReturn {
        currency: sale.currency,
        material: piece.material.clone(),
        loss_minor: (-piece.net_minor()).max(0),
        loss_fund: piece.loss_fund.clone(),
        reserve: sale.reserve.clone(),
    })
}

const fn inconsistent(_: SharesError) -> RefundError {
    RefundError::Inconsistent
}

#[cfg(test)]
#[path = "refund_history_tests.rs"]
mod history_tests;
#[cfg(test)]
#[path = "refund_tests.rs"]
mod tests;
