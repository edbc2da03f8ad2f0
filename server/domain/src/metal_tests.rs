#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

fn member(name: &str) -> MemberId {
    MemberId::parse(name).unwrap()
}

fn permille(permille: u16) -> Fineness {
    Fineness::from_permille(permille).unwrap()
}

#[test]
fn fine_metal_rounds_half_to_even_once() {
    assert_eq!(fine_mg(3_910, permille(950)), 3_714);
    assert_eq!(fine_mg(10, permille(950)), 10);
    assert_eq!(fine_mg(30, permille(950)), 28);
    assert!(Fineness::from_permille(0).is_err() && Fineness::from_permille(1001).is_err());
}

#[test]
fn a_lot_is_worked_and_every_gram_is_somewhere() {
    let rosa = member("rosa");
    let steps = [
        MetalMovement::Receive { gross_mg: 100_000 },
        MetalMovement::Issue { member_id: rosa.clone(), gross_mg: 40_000 },
        MetalMovement::IntoPiece { member_id: rosa.clone(), gross_mg: 30_000 },
        MetalMovement::Scrap { member_id: rosa.clone(), gross_mg: 5_000 },
        MetalMovement::Loss { member_id: Some(rosa.clone()), gross_mg: 1_200, reason: None },
        MetalMovement::HandBack { member_id: rosa.clone(), gross_mg: 3_000 },
        MetalMovement::Melt { from: MeltSource::Scrap, gross_mg: 5_000 },
        MetalMovement::Return { gross_mg: 10_000 },
    ];
    // Handing back lowers what was worked, but the loss was judged when it was recorded.
    let balance = LotBalance::of(&steps, 30).unwrap();
    assert!(balance.is_balanced());
    assert_eq!(
        (balance.on_hand_mg(), balance.bench_mg(&rosa), balance.stock_mg()),
        (53_800, 800, 53_000)
    );
    let more = MetalMovement::Loss { member_id: Some(rosa.clone()), gross_mg: 500, reason: None };
    assert_eq!(
        balance.clone().apply(&more, 30),
        Err(MetalError::LossNeedsReason { loss_mg: 1_700, tolerated_mg: 1_110 })
    );
    let said = MetalMovement::Loss {
        member_id: Some(rosa),
        gross_mg: 500,
        reason: Some("crisol roto".into()),
    };
    assert!(balance.clone().apply(&said, 30).is_ok());
    let too_much = MetalMovement::IntoPiece { member_id: member("elena"), gross_mg: 1 };
    assert_eq!(balance.apply(&too_much, 30), Err(MetalError::Insufficient { available_mg: 0 }));
}

fn movement() -> impl Strategy<Value = MetalMovement> {
    let weight = prop_oneof![1_i64..50_000, Just(0), Just(-5), any::<i64>()];
    (0_u8..9, weight, prop_oneof![Just("a"), Just("b")], any::<bool>()).prop_map(
        |(kind, gross_mg, name, flag)| {
            let member_id = member(name);
            match kind {
                0 | 1 => MetalMovement::Receive { gross_mg },
                2 | 3 => MetalMovement::Issue { member_id, gross_mg },
                4 => MetalMovement::HandBack { member_id, gross_mg },
                5 => MetalMovement::IntoPiece { member_id, gross_mg },
                6 => MetalMovement::Scrap { member_id, gross_mg },
                7 => MetalMovement::Loss {
                    member_id: flag.then_some(member_id),
                    gross_mg,
                    reason: (gross_mg % 2 == 0).then(|| "x".into()),
                },
                _ if flag => MetalMovement::Return { gross_mg },
                _ => {
                    let sources = [MeltSource::Stock, MeltSource::Scrap, MeltSource::Piece];
                    let from = sources[gross_mg.rem_euclid(3) as usize];
                    MetalMovement::Melt { from, gross_mg }
                }
            }
        },
    )
}

proptest! {
    #[test]
    fn any_sequence_keeps_the_balance(movements in vec(movement(), 0..60)) {
        let mut balance = LotBalance::default();
        for movement in &movements {
            if let Ok(next) = balance.clone().apply(movement, 30) {
                balance = next;
            }
            prop_assert!(balance.is_balanced(), "{balance:?}");
            let parts = [
                balance.stock_mg, balance.in_pieces_mg, balance.scrap_mg, balance.loss_mg, balance.returned_mg,
                balance.melted_mg, balance.worked_mg,
            ];
            prop_assert!(parts.iter().chain(balance.benches.values()).all(|&part| part >= 0), "{balance:?}");
        }
    }
}
