//! Metal: weights, fineness, lots and the balance that every gram must keep.
//!
//! For every lot, at every moment:
//! `received = in pieces + scrap + loss + returned + melted + on hand`, where *on hand* is the stock
//! in the safe plus what members have at their benches. No part is ever negative.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{LotId, MemberId};
use crate::rounding::scale_half_even;

/// A precious metal the workshop uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metal {
    /// Plata.
    Silver,
    /// Oro.
    Gold,
}

impl Metal {
    /// Every metal.
    pub const ALL: [Self; 2] = [Self::Silver, Self::Gold];

    /// The name in the database and in URLs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Silver => "silver",
            Self::Gold => "gold",
        }
    }

    /// The metal of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|metal| metal.as_str() == name)
    }
}

/// The nearest whole number of karats (parts of 24) of a fineness in permille: 18 of 750.
#[must_use]
pub const fn karats(fineness_permille: u32) -> u32 {
    (fineness_permille.saturating_mul(24).saturating_add(500)) / 1000
}

/// How much of an alloy is precious metal, in permille: 925, 950, 750.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Fineness(u16);

impl Fineness {
    /// A fineness of 1 to 1000 permille.
    ///
    /// # Errors
    /// [`MetalError::BadFineness`].
    pub const fn from_permille(permille: u16) -> Result<Self, MetalError> {
        if permille >= 1 && permille <= 1000 {
            Ok(Self(permille))
        } else {
            Err(MetalError::BadFineness)
        }
    }

    /// The permille.
    #[must_use]
    pub const fn permille(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for Fineness {
    type Error = MetalError;
    fn try_from(permille: u16) -> Result<Self, MetalError> {
        Self::from_permille(permille)
    }
}

impl From<Fineness> for u16 {
    fn from(fineness: Fineness) -> Self {
        fineness.0
    }
}

/// The fine metal in an alloy: `gross × permille / 1000`, rounded half to even. Compute it once, at the boundary.
#[must_use]
pub fn fine_mg(gross_mg: i64, fineness: Fineness) -> i64 {
    // The result is never larger than the weight, so it always fits.
    scale_half_even(gross_mg, i64::from(fineness.0), 1000).unwrap_or(gross_mg)
}

/// How certified metal was traded (Fairmined's models), or that it was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TradingModel {
    /// Kept apart from other metal all the way from the mine to the piece.
    Labeled,
    /// Mass balance: bought as certified, mixed with other metal on the way.
    Incorporated,
    /// Certificates without a physical connection to the metal.
    Certificate,
    /// Not traded as certified.
    Uncertified,
    /// Recovered from used metal.
    Recycled,
}

impl TradingModel {
    /// Every model.
    pub const ALL: [Self; 5] =
        [Self::Labeled, Self::Incorporated, Self::Certificate, Self::Uncertified, Self::Recycled];

    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Labeled => "labeled",
            Self::Incorporated => "incorporated",
            Self::Certificate => "certificate",
            Self::Uncertified => "uncertified",
            Self::Recycled => "recycled",
        }
    }

    /// The model of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.as_str() == name)
    }
}

impl TradingModel {
    /// Whether metal of this model physically came from the mine that its documents name.
    #[must_use]
    pub const fn is_of_its_mine(self) -> bool {
        matches!(self, Self::Labeled | Self::Uncertified)
    }
}

/// Who owns a lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LotOwner {
    /// The supplier's until used or returned (*en consignación*).
    Consigned,
    /// The association's.
    Bought,
}

impl LotOwner {
    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consigned => "consigned",
            Self::Bought => "bought",
        }
    }

    /// The owner of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Consigned, Self::Bought].into_iter().find(|owner| owner.as_str() == name)
    }
}

/// Why a movement or a melt is impossible.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetalError {
    /// Not between 1 and 1000 permille.
    #[error("fineness must be 1 to 1000 permille")]
    BadFineness,
    /// A weight that is not positive.
    #[error("a movement must weigh more than nothing")]
    NotPositive,
    /// More than there is at the place from which it is taken.
    #[error("only {available_mg} mg are available")]
    Insufficient {
        /// What is available.
        available_mg: i64,
    },
    /// The losses of this lot exceed the tolerance, and no reason is given.
    #[error("{loss_mg} mg lost, more than the tolerated {tolerated_mg} mg: a reason is needed")]
    LossNeedsReason {
        /// All losses of the lot together.
        loss_mg: i64,
        /// What may be lost of the metal that was worked.
        tolerated_mg: i64,
    },
    /// Weights that are too large.
    #[error("weight out of range")]
    Overflow,
    /// Different metals cannot be melted into one lot.
    #[error("different metals cannot be melted into one lot")]
    DifferentMetals,
    /// Metal of different owners cannot be melted into one lot.
    #[error("metal of different owners cannot be melted into one lot")]
    DifferentOwners,
    /// A melt without inputs.
    #[error("nothing to melt")]
    NothingToMelt,
    /// Nothing came out of a melt, or more than went into it.
    #[error("{weighed_mg} mg cannot come out of {put_in_mg} mg")]
    BadYield {
        /// All that went in.
        put_in_mg: i64,
        /// What came out.
        weighed_mg: i64,
    },
    /// A lot that is not loaded, or that contains itself through its melts.
    #[error("lot {0} is unknown, or an input of its own melt")]
    UnknownLot(LotId),
}

/// A movement of one lot's metal. Append-only; a mistake is corrected by a movement in the other
/// direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MetalMovement {
    /// Arrived from the supplier, or came out of a melt.
    Receive {
        /// Weight.
        gross_mg: i64,
    },
    /// Handed from the safe to a member's bench.
    Issue {
        /// Who takes it.
        member_id: MemberId,
        /// Weight.
        gross_mg: i64,
    },
    /// Handed back from a bench to the safe, unused.
    HandBack {
        /// Who brings it.
        member_id: MemberId,
        /// Weight.
        gross_mg: i64,
    },
    /// Became part of a piece.
    IntoPiece {
        /// The member whose bench it was on.
        member_id: MemberId,
        /// Weight.
        gross_mg: i64,
    },
    /// Filings and cuttings, weighed in.
    Scrap {
        /// The member whose bench it was on.
        member_id: MemberId,
        /// Weight.
        gross_mg: i64,
    },
    /// Lost: polishing dust, evaporation, theft.
    Loss {
        /// The member whose bench it was on; `None` for the safe.
        member_id: Option<MemberId>,
        /// Weight.
        gross_mg: i64,
        /// Why; required when the losses exceed the tolerance.
        reason: Option<String>,
    },
    /// Given back to the supplier, from the safe.
    Return {
        /// Weight.
        gross_mg: i64,
    },
    /// Melted into a new lot.
    Melt {
        /// Where it was taken from.
        from: MeltSource,
        /// Weight.
        gross_mg: i64,
    },
}

/// Where the metal of a melt was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeltSource {
    /// The safe.
    Stock,
    /// The scrap that was weighed in.
    Scrap,
    /// A retired piece.
    Piece,
}

impl MeltSource {
    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::Scrap => "scrap",
            Self::Piece => "piece",
        }
    }

    /// The source of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Stock, Self::Scrap, Self::Piece].into_iter().find(|source| source.as_str() == name)
    }
}

/// Where a lot's metal is. It is built from movements only, so the balance always holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LotBalance {
    received_mg: i64,
    stock_mg: i64,
    benches: BTreeMap<MemberId, i64>,
    worked_mg: i64,
    in_pieces_mg: i64,
    scrap_mg: i64,
    loss_mg: i64,
    returned_mg: i64,
    melted_mg: i64,
}

/// The tolerated loss, in permille of the metal that was handed to benches.
pub const DEFAULT_LOSS_TOLERANCE_PERMILLE: u16 = 30;

impl LotBalance {
    /// The balance after a lot's movements, in their order.
    ///
    /// # Errors
    /// The error of the first movement that is impossible.
    pub fn of<'a>(
        movements: impl IntoIterator<Item = &'a MetalMovement>,
        tolerance_permille: u16,
    ) -> Result<Self, MetalError> {
        movements.into_iter().try_fold(Self::default(), |balance, movement| {
            balance.apply(movement, tolerance_permille)
        })
    }

    /// The balance after one more movement.
    ///
    /// # Errors
    /// [`MetalError`] if there is not enough metal, or a loss needs a reason.
    pub fn apply(
        mut self,
        movement: &MetalMovement,
        tolerance_permille: u16,
    ) -> Result<Self, MetalError> {
        match movement {
            MetalMovement::Receive { gross_mg } => {
                put(&mut self.received_mg, positive(*gross_mg)?)?;
                put(&mut self.stock_mg, *gross_mg)?;
            }
            MetalMovement::Issue { member_id, gross_mg } => {
                take(&mut self.stock_mg, *gross_mg)?;
                put(self.benches.entry(member_id.clone()).or_default(), *gross_mg)?;
                put(&mut self.worked_mg, *gross_mg)?;
            }
            MetalMovement::HandBack { member_id, gross_mg } => {
                self.take_from_bench(member_id, *gross_mg)?;
                put(&mut self.stock_mg, *gross_mg)?;
                self.worked_mg -= gross_mg;
            }
            MetalMovement::IntoPiece { member_id, gross_mg } => {
                self.take_from_bench(member_id, *gross_mg)?;
                put(&mut self.in_pieces_mg, *gross_mg)?;
            }
            MetalMovement::Scrap { member_id, gross_mg } => {
                self.take_from_bench(member_id, *gross_mg)?;
                put(&mut self.scrap_mg, *gross_mg)?;
            }
            MetalMovement::Loss { member_id, gross_mg, reason } => {
                match member_id {
                    Some(member) => self.take_from_bench(member, *gross_mg)?,
                    None => take(&mut self.stock_mg, *gross_mg)?,
                }
                put(&mut self.loss_mg, *gross_mg)?;
                self.check_loss(reason.as_deref(), tolerance_permille)?;
            }
            MetalMovement::Return { gross_mg } => {
                take(&mut self.stock_mg, *gross_mg)?;
                put(&mut self.returned_mg, *gross_mg)?;
            }
            MetalMovement::Melt { from, gross_mg } => {
                let place = match from {
                    MeltSource::Stock => &mut self.stock_mg,
                    MeltSource::Scrap => &mut self.scrap_mg,
                    MeltSource::Piece => &mut self.in_pieces_mg,
                };
                take(place, *gross_mg)?;
                put(&mut self.melted_mg, *gross_mg)?;
            }
        }
        Ok(self)
    }

    fn take_from_bench(&mut self, member: &MemberId, gross_mg: i64) -> Result<(), MetalError> {
        let Some(bench) = self.benches.get_mut(member) else {
            positive(gross_mg)?;
            return Err(MetalError::Insufficient { available_mg: 0 });
        };
        take(bench, gross_mg)?;
        if *bench == 0 {
            self.benches.remove(member);
        }
        Ok(())
    }

    fn check_loss(&self, reason: Option<&str>, tolerance_permille: u16) -> Result<(), MetalError> {
        check_loss(self.loss_mg, self.worked_mg, reason, tolerance_permille)
    }

    /// Everything that was received.
    #[must_use]
    pub const fn received_mg(&self) -> i64 {
        self.received_mg
    }

    /// In the safe.
    #[must_use]
    pub const fn stock_mg(&self) -> i64 {
        self.stock_mg
    }

    /// At one member's bench.
    #[must_use]
    pub fn bench_mg(&self, member: &MemberId) -> i64 {
        self.benches.get(member).copied().unwrap_or(0)
    }

    /// In the safe and at all benches.
    #[must_use]
    pub fn on_hand_mg(&self) -> i64 {
        self.stock_mg + self.benches.values().sum::<i64>()
    }

    /// In finished and unfinished pieces.
    #[must_use]
    pub const fn in_pieces_mg(&self) -> i64 {
        self.in_pieces_mg
    }

    /// Weighed in as scrap and not melted yet.
    #[must_use]
    pub const fn scrap_mg(&self) -> i64 {
        self.scrap_mg
    }

    /// Lost.
    #[must_use]
    pub const fn loss_mg(&self) -> i64 {
        self.loss_mg
    }

    /// Given back to the supplier.
    #[must_use]
    pub const fn returned_mg(&self) -> i64 {
        self.returned_mg
    }

    /// Melted into other lots.
    #[must_use]
    pub const fn melted_mg(&self) -> i64 {
        self.melted_mg
    }

    /// Whether the lot's equation holds. It always does for a balance that was built from movements.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        let used =
            self.in_pieces_mg + self.scrap_mg + self.loss_mg + self.returned_mg + self.melted_mg;
        self.received_mg == used + self.on_hand_mg()
    }
}

/// Whether a loss may be recorded: within the tolerance (of the metal worked, rounded down), or with a
/// reason.
pub(crate) fn check_loss(
    loss_mg: i64,
    worked_mg: i64,
    reason: Option<&str>,
    tolerance_permille: u16,
) -> Result<(), MetalError> {
    let tolerated = i128::from(worked_mg) * i128::from(tolerance_permille) / 1000;
    let tolerated_mg = i64::try_from(tolerated).unwrap_or(i64::MAX);
    let explained = reason.is_some_and(|reason| !reason.trim().is_empty());
    if loss_mg > tolerated_mg && !explained {
        return Err(MetalError::LossNeedsReason { loss_mg, tolerated_mg });
    }
    Ok(())
}

pub(crate) const fn positive(gross_mg: i64) -> Result<i64, MetalError> {
    if gross_mg > 0 { Ok(gross_mg) } else { Err(MetalError::NotPositive) }
}

pub(crate) fn put(place: &mut i64, gross_mg: i64) -> Result<(), MetalError> {
    *place = place.checked_add(gross_mg).ok_or(MetalError::Overflow)?;
    Ok(())
}

fn take(place: &mut i64, gross_mg: i64) -> Result<(), MetalError> {
    positive(gross_mg)?;
    if *place < gross_mg {
        return Err(MetalError::Insufficient { available_mg: *place });
    }
    *place -= gross_mg;
    Ok(())
}

#[cfg(test)]
#[path = "metal_tests.rs"]
mod tests;
