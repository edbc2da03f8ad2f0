//! Melting lots together, and what a piece may weigh and be stamped.

use crate::id::LotId;
use crate::metal::{Fineness, Metal, MetalError, positive, put};

/// What goes into a melt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeltInput {
    /// Of which lot.
    pub lot_id: LotId,
    /// Which metal.
    pub metal: Metal,
    /// Weight.
    pub gross_mg: i64,
    /// Fine metal in it.
    pub fine_mg: i64,
}

/// What comes out of a melt: a new lot. What it may be *called* is the weakest of its inputs'
/// claims, see [`crate::claims::claim_of_melt`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Melted {
    /// Which metal.
    pub metal: Metal,
    /// Weight: all inputs and the alloy added.
    pub gross_mg: i64,
    /// Fine metal: exactly the sum of the inputs'.
    pub fine_mg: i64,
    /// The fineness that may be stamped: rounded **down**, so that the stamp never promises more.
    pub fineness: Fineness,
}

/// Melts several lots, with `alloy_mg` of base metal added, into a new one. Fine metal is conserved to the milligram.
///
/// # Errors
/// [`MetalError`] for no input, different metals, weights that are not positive or fine metal
/// heavier than its alloy.
pub fn melt(inputs: &[MeltInput], alloy_mg: i64) -> Result<Melted, MetalError> {
    let first = inputs.first().ok_or(MetalError::NothingToMelt)?;
    let mut gross_mg = alloy_mg;
    let mut fine_mg = 0_i64;
    if alloy_mg < 0 {
        return Err(MetalError::NotPositive);
    }
    for input in inputs {
        if input.metal != first.metal {
            return Err(MetalError::DifferentMetals);
        }
        positive(input.gross_mg)?;
        positive(input.fine_mg)?;
        if input.fine_mg > input.gross_mg {
            return Err(MetalError::BadFineness);
        }
        put(&mut gross_mg, input.gross_mg)?;
        put(&mut fine_mg, input.fine_mg)?;
    }
    let permille = i128::from(fine_mg) * 1000 / i128::from(gross_mg);
    let fineness = u16::try_from(permille)
        .map_err(|_| MetalError::BadFineness)
        .and_then(Fineness::from_permille)?;
    Ok(Melted { metal: first.metal, gross_mg, fine_mg, fineness })
}

/// Whether a piece may be stamped with a fineness, given the finest that each of its inputs allows:
/// never above the poorest input.
#[must_use]
pub fn fineness_allowed(stamp: Fineness, inputs: &[Fineness]) -> bool {
    !inputs.is_empty() && inputs.iter().all(|&input| stamp <= input)
}

/// What went into a piece, as far as it weighs. Milligrams, none negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PieceInputs {
    /// Metal of all lots recorded into the piece.
    pub metal_mg: i64,
    /// Stones.
    pub stones_mg: i64,
    /// Findings bought ready: clasps, posts, chain.
    pub findings_mg: i64,
}

/// Whether a piece may weigh so much: never more than what was put into it, and more than nothing.
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
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::metal::fine_mg;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn permille(permille: u16) -> Fineness {
        Fineness::from_permille(permille).unwrap()
    }

    #[test]
    fn a_melt_conserves_fine_metal_and_never_promises_more() {
        let input = |gross_mg, fineness| MeltInput {
            lot_id: LotId::parse("l").unwrap(),
            metal: Metal::Silver,
            gross_mg,
            fine_mg: fine_mg(gross_mg, permille(fineness)),
        };
        let melted = melt(&[input(10_000, 999), input(5_000, 925)], 500).unwrap();
        assert_eq!((melted.gross_mg, melted.fine_mg), (15_500, 9_990 + 4_625));
        assert_eq!(melted.fineness.permille(), 942);
        let gold = MeltInput { metal: Metal::Gold, ..input(1, 1000) };
        assert_eq!(melt(&[input(1_000, 950), gold], 0), Err(MetalError::DifferentMetals));
        assert_eq!(melt(&[], 5), Err(MetalError::NothingToMelt));
        assert!(fineness_allowed(permille(925), &[permille(950), permille(925)]));
        assert!(!fineness_allowed(permille(950), &[permille(950), permille(925)]));
        assert!(!fineness_allowed(permille(925), &[]));
    }

    #[test]
    fn a_piece_weighs_no_more_than_what_went_into_it() {
        let inputs = PieceInputs { metal_mg: 3_900, stones_mg: 40, findings_mg: 0 };
        assert!(
            weight_allowed(3_940, inputs)
                && !weight_allowed(3_941, inputs)
                && !weight_allowed(0, inputs)
        );
        assert!(!weight_allowed(1, PieceInputs { stones_mg: -1, ..inputs }));
        assert!(weight_allowed(
            i64::MAX,
            PieceInputs { metal_mg: i64::MAX, stones_mg: i64::MAX, findings_mg: i64::MAX }
        ));
    }

    proptest! {
    #[test]
    fn a_melt_never_creates_fine_metal(weights in vec((1_i64..1_000_000, 1_u16..=1000), 1..6), alloy in 0_i64..100_000) {
        let inputs: Vec<MeltInput> = weights.iter().map(|&(gross_mg, fineness)| MeltInput {
            lot_id: LotId::parse("l").unwrap(), metal: Metal::Gold, gross_mg, fine_mg: fine_mg(gross_mg, permille(fineness)),
        }).collect();
        if let Ok(melted) = melt(&inputs, alloy) {
            prop_assert_eq!(melted.fine_mg, inputs.iter().map(|i| i.fine_mg).sum::<i64>());
            prop_assert!(i128::from(melted.gross_mg) * i128::from(melted.fineness.permille()) <= i128::from(melted.fine_mg) * 1000);
        }
    }
    }
}
