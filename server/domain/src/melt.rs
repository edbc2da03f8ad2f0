//! Melting lots together, whose metal a melted lot contains, and what a piece may weigh and be stamped.
//!
//! A lot stores its weight **and** its fine metal; the permille are only the stamp. The fine metal of a
//! part is `part × fine ÷ gross`, rounded half to even once. A melted lot has no supplier, mine,
//! trading model or price of its own. [`Lots::fine_by_received_lot`] divides its metal among the lots
//! that were received from suppliers, each with its supplier and price;
//! [`crate::claims::claim_of_melt`] says what may be said of its origin.

use std::collections::BTreeMap;

use crate::id::LotId;
use crate::metal::{
    DEFAULT_LOSS_TOLERANCE_PERMILLE, Fineness, LotOwner, Metal, MetalError, check_loss, positive,
    put,
};
use crate::rounding::scale_half_even;
use crate::shares::allocate;

/// Who owns metal: a supplier who left it in consignment, or the association.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetalOwner {
    /// The supplier's, until it is used or returned.
    Supplier(String),
    /// The association's.
    Association,
}

impl MetalOwner {
    /// The owner of a lot of this kind from this supplier. `None` for consigned metal without one.
    #[must_use]
    pub fn of(kind: LotOwner, supplier_id: Option<&str>) -> Option<Self> {
        match kind {
            LotOwner::Bought => Some(Self::Association),
            LotOwner::Consigned => supplier_id.map(|id| Self::Supplier(id.to_owned())),
        }
    }

    /// The kind of a lot that this owner has.
    #[must_use]
    pub const fn kind(&self) -> LotOwner {
        match self {
            Self::Supplier(_) => LotOwner::Consigned,
            Self::Association => LotOwner::Bought,
        }
    }

    /// The supplier, if a supplier owns it.
    #[must_use]
    pub fn supplier_id(&self) -> Option<&str> {
        match self {
            Self::Supplier(id) => Some(id),
            Self::Association => None,
        }
    }
}

/// What goes into a melt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeltInput {
    /// The lot.
    pub lot_id: LotId,
    /// The metal.
    pub metal: Metal,
    /// Who owns it.
    pub owner: MetalOwner,
    /// Weight.
    pub gross_mg: i64,
    /// Fine metal in it, see [`fine_of_part`].
    pub fine_mg: i64,
}

/// What was added to the inputs of a melt, and what was weighed after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crucible<'a> {
    /// Base metal added, in mg.
    pub alloy_mg: i64,
    /// Weight of what came out, in mg.
    pub weighed_mg: i64,
    /// Why more was lost than the tolerance allows.
    pub reason: Option<&'a str>,
}

/// The new lot that comes out of a melt. For its origin the weakest of its inputs' claims holds, see
/// [`crate::claims::claim_of_melt`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Melted {
    /// The metal.
    pub metal: Metal,
    /// The one owner of all inputs.
    pub owner: MetalOwner,
    /// Weight: all inputs and the base metal, less the loss.
    pub gross_mg: i64,
    /// Fine metal: exactly the sum of the inputs' fine metal, less [`Melted::loss_fine_mg`].
    pub fine_mg: i64,
    /// Weight that went in and did not come out.
    pub loss_mg: i64,
    /// Fine metal in the loss, in the same proportion as in the mixture.
    pub loss_fine_mg: i64,
    /// The fineness that may be stamped: rounded **down**, so that the stamp never promises too much.
    pub fineness: Fineness,
}

/// Melts metal of one kind and one owner, with base metal added, into a new lot. Fine metal is
/// conserved to the milligram: all that went in is in the lot or in the loss.
///
/// # Errors
/// [`MetalError`] for no input, different metals or owners, weights that are not positive, fine
/// metal heavier than its alloy, more coming out than went in, or a loss beyond the tolerance
/// without a reason.
pub fn melt(inputs: &[MeltInput], crucible: Crucible<'_>) -> Result<Melted, MetalError> {
    let first = inputs.first().ok_or(MetalError::NothingToMelt)?;
    let mut put_in_mg = crucible.alloy_mg;
    let mut put_in_fine_mg = 0_i64;
    if crucible.alloy_mg < 0 {
        return Err(MetalError::NotPositive);
    }
    for input in inputs {
        if input.metal != first.metal {
            return Err(MetalError::DifferentMetals);
        }
        if input.owner != first.owner {
            return Err(MetalError::DifferentOwners);
        }
        positive(input.gross_mg)?;
        if input.fine_mg < 0 || input.fine_mg > input.gross_mg {
            return Err(MetalError::BadFineness);
        }
        put(&mut put_in_mg, input.gross_mg)?;
        put(&mut put_in_fine_mg, input.fine_mg)?;
    }
    let gross_mg = crucible.weighed_mg;
    if gross_mg <= 0 || gross_mg > put_in_mg {
        return Err(MetalError::BadYield { put_in_mg, weighed_mg: gross_mg });
    }
    let loss_mg = put_in_mg - gross_mg;
    check_loss(loss_mg, put_in_mg, crucible.reason, DEFAULT_LOSS_TOLERANCE_PERMILLE)?;
    let put_in = Weighed { gross_mg: put_in_mg, fine_mg: put_in_fine_mg };
    let fine_mg = fine_of_part(gross_mg, put_in)?;
    let fineness = stamp(Weighed { gross_mg, fine_mg })?;
    let loss_fine_mg = put_in_fine_mg - fine_mg;
    let (metal, owner) = (first.metal, first.owner.clone());
    Ok(Melted { metal, owner, gross_mg, fine_mg, loss_mg, loss_fine_mg, fineness })
}

/// A weight of metal and the fine metal in it, in mg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weighed {
    /// The whole weight.
    pub gross_mg: i64,
    /// Fine metal in it.
    pub fine_mg: i64,
}

/// The stamp of metal: its fineness rounded down.
fn stamp(metal: Weighed) -> Result<Fineness, MetalError> {
    u16::try_from(i128::from(metal.fine_mg) * 1000 / i128::from(metal.gross_mg))
        .map_err(|_| MetalError::BadFineness)
        .and_then(Fineness::from_permille)
}

/// Fine metal of a part of a lot: `part × fine ÷ gross`, rounded half to even.
///
/// # Errors
/// [`MetalError::NotPositive`] for a lot of no weight.
pub fn fine_of_part(part_mg: i64, whole: Weighed) -> Result<i64, MetalError> {
    positive(whole.gross_mg)?;
    scale_half_even(part_mg, whole.fine_mg, whole.gross_mg).ok_or(MetalError::Overflow)
}

/// A lot's metal and, for a melted lot, the lots that went into it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LotMetal {
    /// Weight when it was received or melted.
    pub gross_mg: i64,
    /// Fine metal in it then.
    pub fine_mg: i64,
    /// Fine metal of each lot that went into its melt, in the order of the records. Empty for a lot
    /// that was received from a supplier.
    pub melted_of: Vec<(LotId, i64)>,
}

impl LotMetal {
    /// Its weight and the fine metal in it.
    #[must_use]
    pub const fn weighed(&self) -> Weighed {
        Weighed { gross_mg: self.gross_mg, fine_mg: self.fine_mg }
    }
}

/// The lots that the caller has loaded, each with the lots that went into it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lots(BTreeMap<LotId, LotMetal>);

impl FromIterator<(LotId, LotMetal)> for Lots {
    fn from_iter<I: IntoIterator<Item = (LotId, LotMetal)>>(lots: I) -> Self {
        Self(lots.into_iter().collect())
    }
}

impl Lots {
    fn lot(&self, id: &LotId) -> Result<&LotMetal, MetalError> {
        self.0.get(id).ok_or_else(|| MetalError::UnknownLot(id.clone()))
    }

    /// The lots that were received from suppliers and whose metal is in this lot, each once. For a
    /// received lot it is the lot itself; for a melted lot all inputs, through melts of melts.
    ///
    /// # Errors
    /// [`MetalError::UnknownLot`].
    pub fn received_lots(&self, id: &LotId) -> Result<Vec<LotId>, MetalError> {
        let mut received = Vec::new();
        self.collect_received(id, self.0.len(), &mut received)?;
        Ok(received)
    }

    fn collect_received(
        &self,
        id: &LotId,
        melts_left: usize,
        received: &mut Vec<LotId>,
    ) -> Result<(), MetalError> {
        let lot = self.lot(id)?;
        if lot.melted_of.is_empty() {
            if !received.contains(id) {
                received.push(id.clone());
            }
            return Ok(());
        }
        // A path through more lots than there are must contain a cycle.
        let melts_left =
            melts_left.checked_sub(1).ok_or_else(|| MetalError::UnknownLot(id.clone()))?;
        lot.melted_of
            .iter()
            .try_for_each(|(input, _)| self.collect_received(input, melts_left, received))
    }

    /// **To whom the metal of a lot is owed**: the fine metal of `gross_mg` of it, divided among the
    /// lots that were received from suppliers. A received lot has all of its own metal. The metal of a
    /// melted lot is divided among its inputs by their fine metal, by largest remainder, through melts
    /// of melts. The parts sum exactly to the fine metal, each lot is listed once, and no part is zero.
    ///
    /// # Errors
    /// [`MetalError::UnknownLot`] for a lot that is not loaded, [`MetalError::NotPositive`] for a weight
    /// of zero or less.
    pub fn fine_by_received_lot(
        &self,
        id: &LotId,
        gross_mg: i64,
    ) -> Result<Vec<(LotId, i64)>, MetalError> {
        let lot = self.lot(id)?;
        let fine_mg = fine_of_part(positive(gross_mg)?, lot.weighed())?;
        let mut parts = Vec::new();
        self.divide(id, fine_mg, self.0.len(), &mut parts)?;
        Ok(parts)
    }

    /// The fine metal in a piece, by the received lots to which it is owed, in the order of the parts:
    /// **the only rule for the metal of a piece**, used by pages, sales and statements. `parts` are the
    /// lots recorded into the piece with their weight in mg.
    ///
    /// # Errors
    /// As [`Lots::fine_by_received_lot`].
    pub fn fine_in_piece<'a>(
        &self,
        parts: impl IntoIterator<Item = (&'a LotId, i64)>,
    ) -> Result<Vec<(LotId, i64)>, MetalError> {
        let mut sums: Vec<(LotId, i64)> = Vec::new();
        for (lot_id, gross_mg) in parts {
            for (id, fine_mg) in self.fine_by_received_lot(lot_id, gross_mg)? {
                match sums.iter_mut().find(|(known, _)| *known == id) {
                    Some((_, sum)) => put(sum, fine_mg)?,
                    None => sums.push((id, fine_mg)),
                }
            }
        }
        Ok(sums)
    }

    fn divide(
        &self,
        id: &LotId,
        fine_mg: i64,
        melts_left: usize,
        parts: &mut Vec<(LotId, i64)>,
    ) -> Result<(), MetalError> {
        if fine_mg == 0 {
            return Ok(());
        }
        let lot = self.lot(id)?;
        if lot.melted_of.is_empty() {
            match parts.iter_mut().find(|(known, _)| known == id) {
                Some((_, sum)) => put(sum, fine_mg)?,
                None => parts.push((id.clone(), fine_mg)),
            }
            return Ok(());
        }
        let melts_left =
            melts_left.checked_sub(1).ok_or_else(|| MetalError::UnknownLot(id.clone()))?;
        let weights: Vec<u64> =
            lot.melted_of.iter().map(|(_, mg)| u64::try_from(*mg).unwrap_or_default()).collect();
        let divided = allocate(fine_mg, &weights).map_err(|_| MetalError::NothingToMelt)?;
        for ((input, _), part_mg) in lot.melted_of.iter().zip(divided) {
            self.divide(input, part_mg, melts_left, parts)?;
        }
        Ok(())
    }
}

/// Whether a piece may be stamped with a fineness: never above the lowest fineness of its inputs.
#[must_use]
pub fn fineness_allowed(stamp: Fineness, inputs: &[Fineness]) -> bool {
    !inputs.is_empty() && inputs.iter().all(|&input| stamp <= input)
}

/// The weight of stones: a carat is 200 mg.
#[must_use]
pub const fn stones_mg(weight_hundredths_ct: i64, count: u32) -> i64 {
    weight_hundredths_ct.saturating_mul(2).saturating_mul(count as i64)
}

/// The weights that went into a piece, in milligrams. None is negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PieceInputs {
    /// Metal of all lots recorded into the piece.
    pub metal_mg: i64,
    /// Stones.
    pub stones_mg: i64,
    /// Findings that were bought: clasps, posts, chain.
    pub findings_mg: i64,
}

/// Whether a piece may weigh so much: more than nothing, and no more than what was put into it.
#[must_use]
pub fn weight_allowed(piece_weight_mg: i64, inputs: PieceInputs) -> bool {
    let PieceInputs { metal_mg, stones_mg, findings_mg } = inputs;
    let sum = i128::from(metal_mg) + i128::from(stones_mg) + i128::from(findings_mg);
    metal_mg >= 0
        && stones_mg >= 0
        && findings_mg >= 0
        && piece_weight_mg > 0
        && i128::from(piece_weight_mg) <= sum
}

#[cfg(test)]
#[path = "melt_tests.rs"]
mod tests;
