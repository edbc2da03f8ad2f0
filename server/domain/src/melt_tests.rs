#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::metal::fine_mg;
use proptest::collection::vec;
use proptest::prelude::*;

fn permille(permille: u16) -> Fineness {
    Fineness::from_permille(permille).unwrap()
}

fn id(text: impl Into<String>) -> LotId {
    LotId::parse(text).unwrap()
}

fn input(gross_mg: i64, fineness: u16) -> MeltInput {
    MeltInput {
        lot_id: id("l"),
        metal: Metal::Silver,
        owner: MetalOwner::Association,
        gross_mg,
        fine_mg: fine_mg(gross_mg, permille(fineness)),
    }
}

fn out(weighed_mg: i64) -> Crucible<'static> {
    Crucible { alloy_mg: 0, weighed_mg, reason: None }
}

#[test]
fn a_melt_conserves_fine_metal_and_never_promises_more() {
    let two = [input(10_000, 999), input(5_000, 925)];
    let alloyed = Crucible { alloy_mg: 500, ..out(15_500) };
    let melted = melt(&two, alloyed).unwrap();
    assert_eq!((melted.gross_mg, melted.fine_mg), (15_500, 9_990 + 4_625));
    assert_eq!((melted.fineness.permille(), melted.loss_mg, melted.loss_fine_mg), (942, 0, 0));
    let short = melt(&two, Crucible { weighed_mg: 15_400, ..alloyed }).unwrap();
    assert_eq!((short.loss_mg, short.loss_fine_mg, short.fine_mg), (100, 94, 14_521));
}

#[test]
fn a_melt_has_one_metal_and_one_owner_and_a_great_loss_needs_a_reason() {
    let gold = MeltInput { metal: Metal::Gold, ..input(1, 1000) };
    assert_eq!(melt(&[input(1_000, 950), gold], out(1_001)), Err(MetalError::DifferentMetals));
    let of = |supplier: &str| MeltInput {
        owner: MetalOwner::Supplier(supplier.into()),
        ..input(1_000, 950)
    };
    assert_eq!(melt(&[input(1_000, 950), of("s")], out(2_000)), Err(MetalError::DifferentOwners));
    assert_eq!(melt(&[of("t"), of("s")], out(2_000)), Err(MetalError::DifferentOwners));
    let sissai = melt(&[of("s"), of("s")], out(2_000)).unwrap();
    assert_eq!(sissai.owner, MetalOwner::Supplier("s".into()));
    assert_eq!(melt(&[], out(5)), Err(MetalError::NothingToMelt));
    let two = [input(1_000, 950), input(1_000, 950)];
    assert_eq!(
        melt(&two, out(2_001)),
        Err(MetalError::BadYield { put_in_mg: 2_000, weighed_mg: 2_001 })
    );
    assert!(melt(&two, out(0)).is_err() && melt(&two, out(1_940)).is_ok());
    let more = MetalError::LossNeedsReason { loss_mg: 61, tolerated_mg: 60 };
    assert_eq!(melt(&two, out(1_939)), Err(more));
    assert!(melt(&two, Crucible { reason: Some("crisol roto"), ..out(1_939) }).is_ok());
}

#[test]
fn a_stamp_is_never_above_the_lowest_fineness_of_the_inputs() {
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

fn received(gross_mg: i64, fine_mg: i64) -> LotMetal {
    LotMetal { gross_mg, fine_mg, melted_of: Vec::new() }
}

#[test]
fn metal_of_a_melted_lot_is_owed_to_its_inputs_by_their_fine_metal() {
    let melted = |gross_mg, fine_mg, of: &[(&str, i64)]| LotMetal {
        gross_mg,
        fine_mg,
        melted_of: of.iter().map(|(lot, mg)| (id(*lot), *mg)).collect(),
    };
    let lots: Lots = [
        (id("a"), received(60_000, 57_000)),
        (id("b"), received(40_000, 37_000)),
        (id("ab"), melted(30_000, 28_200, &[("a", 19_000), ("b", 9_500)])),
        // Of a melt and of one of its own inputs again.
        (id("abb"), melted(10_000, 9_390, &[("ab", 4_695), ("b", 4_695)])),
    ]
    .into_iter()
    .collect();
    let of = |lot: &str, mg| lots.fine_by_received_lot(&id(lot), mg).unwrap();
    assert_eq!(of("a", 3_910), [(id("a"), 3_714)]);
    assert_eq!(of("ab", 3_000), [(id("a"), 1_880), (id("b"), 940)]);
    assert_eq!(of("abb", 1_000), [(id("a"), 313), (id("b"), 156 + 470)]);
    let (a, ab) = (id("a"), id("ab"));
    let piece = lots.fine_in_piece([(&ab, 3_000), (&a, 3_910)]).unwrap();
    assert_eq!(piece, [(id("a"), 1_880 + 3_714), (id("b"), 940)], "each lot once");
    assert_eq!(lots.received_lots(&id("abb")).unwrap(), [id("a"), id("b")]);
    assert_eq!(lots.received_lots(&id("a")).unwrap(), [id("a")]);
    assert!(lots.fine_by_received_lot(&id("a"), 0).is_err());
    assert_eq!(lots.fine_by_received_lot(&id("z"), 1), Err(MetalError::UnknownLot(id("z"))));
    let circle: Lots = [(id("x"), melted(10, 9, &[("x", 9)]))].into_iter().collect();
    assert!(circle.fine_by_received_lot(&id("x"), 5).is_err());
    assert!(circle.received_lots(&id("x")).is_err());
}

/// Lots received, then melts that each take something of lots before them.
fn lots() -> impl Strategy<Value = Lots> {
    let weights = vec((1_i64..2_000_000, 1_u16..=1000), 1..5);
    let melts = vec(vec((any::<prop::sample::Index>(), 1_i64..500_000, 0_i64..1_000), 1..5), 0..6);
    (weights, melts).prop_map(|(weights, melts)| {
        let mut lots: Vec<(LotId, LotMetal)> = Vec::new();
        for (gross_mg, fineness) in weights {
            lots.push((
                id(format!("l{}", lots.len())),
                received(gross_mg, fine_mg(gross_mg, permille(fineness))),
            ));
        }
        for inputs in melts {
            let taken: Vec<MeltInput> = inputs
                .iter()
                .map(|(which, gross_mg, _)| {
                    let (lot_id, lot) = which.get(&lots);
                    let gross_mg = (*gross_mg).min(lot.gross_mg);
                    let fine_mg = fine_of_part(gross_mg, lot.weighed()).unwrap();
                    let (metal, owner) = (Metal::Gold, MetalOwner::Association);
                    MeltInput { lot_id: lot_id.clone(), metal, owner, gross_mg, fine_mg }
                })
                .collect();
            let put_in: i64 = taken.iter().map(|input| input.gross_mg).sum();
            let weighed_mg = (put_in - inputs[0].2).max(1);
            let crucible = Crucible { alloy_mg: 0, weighed_mg, reason: Some("x") };
            let Ok(melted) = melt(&taken, crucible) else { continue };
            let melted_of =
                taken.iter().map(|input| (input.lot_id.clone(), input.fine_mg)).collect();
            let lot = LotMetal { gross_mg: melted.gross_mg, fine_mg: melted.fine_mg, melted_of };
            lots.push((id(format!("l{}", lots.len())), lot));
        }
        lots.into_iter().collect()
    })
}

proptest! {
    #[test]
    fn a_melt_never_creates_fine_metal(
        weights in vec((1_i64..1_000_000, 1_u16..=1000), 1..6),
        alloy_mg in 0_i64..100_000,
        lost_mg in 0_i64..200_000,
    ) {
        let inputs: Vec<MeltInput> = weights.iter().map(|&(gross_mg, fineness)| input(gross_mg, fineness)).collect();
        let put_in: i64 = inputs.iter().map(|input| input.gross_mg).sum::<i64>() + alloy_mg;
        let crucible = Crucible { alloy_mg, weighed_mg: put_in - lost_mg, reason: Some("x") };
        if let Ok(melted) = melt(&inputs, crucible) {
            let fine_in: i64 = inputs.iter().map(|input| input.fine_mg).sum();
            prop_assert_eq!(melted.fine_mg + melted.loss_fine_mg, fine_in);
            prop_assert_eq!(melted.gross_mg + melted.loss_mg, put_in);
            prop_assert!((0..=melted.loss_mg).contains(&melted.loss_fine_mg));
            prop_assert!(i128::from(melted.gross_mg) * i128::from(melted.fineness.permille()) <= i128::from(melted.fine_mg) * 1000);
        }
    }

    #[test]
    fn what_is_owed_sums_to_the_fine_metal_of_the_part(lots in lots(), part in 1_i64..3_000_000) {
        for (lot_id, lot) in &lots.0 {
            let part_mg = part.min(lot.gross_mg);
            let owed = lots.fine_by_received_lot(lot_id, part_mg).unwrap();
            let sum: i64 = owed.iter().map(|(_, mg)| mg).sum();
            prop_assert_eq!(sum, fine_of_part(part_mg, lot.weighed()).unwrap());
            let received = lots.received_lots(lot_id).unwrap();
            for (at, (owner, mg)) in owed.iter().enumerate() {
                prop_assert!(*mg > 0 && received.contains(owner) && lots.0[owner].melted_of.is_empty());
                prop_assert!(!owed[..at].iter().any(|(other, _)| other == owner));
            }
        }
    }
}
