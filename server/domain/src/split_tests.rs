//! How a sale is split: worked examples to the cent, and random sales.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::contribution::{Contribution, Effort, Step};
use crate::ledger::{Entry, sale_entry};
use crate::test_data::{
    self, at_stripe, balances, header, material, member, piece, piece_id, policy, work,
};

fn ring(price_minor: i64) -> PieceSale {
    piece("ring", price_minor)
}

fn sale(pieces: Vec<PieceSale>) -> SaleInput {
    test_data::sale(pieces, 1_500)
}

fn sold(sale: &SaleSplit) -> Entry {
    sale_entry(header(), &at_stripe(sale.gross().amount_minor), sale).unwrap()
}

fn parts_sum(piece: &PieceSplit) -> i64 {
    piece.igv_minor
        + piece.shipping_minor
        + piece.fee_minor
        + piece.material_minor()
        + piece.funds_minor()
        + piece.makers_minor()
}

#[test]
fn a_ring_for_380_soles_is_split_as_the_page_says() {
    let split = split_sale(&sale(vec![ring(38_000)]), &policy(&[1_000, 500])).unwrap();
    let piece = &split.pieces[0];
    assert_eq!(split.gross(), Money::new(39_500, Currency::Pen));
    // 395.00 contains 60.25 of tax, of which 2.29 is the shipping's.
    assert_eq!((piece.igv_minor, piece.shipping_minor, piece.fee_minor), (6_025, 1_271, 1_600));
    assert_eq!((piece.igv_of_goods_minor(), piece.igv_of_shipping_minor()), (5_796, 229));
    let of = |source| piece.material_of(source);
    assert_eq!((of(MaterialSource::Consigned), of(MaterialSource::Own)), (2_500, 300));
    assert_eq!(piece.net_minor(), 27_804);
    let funds: Vec<i64> = piece.funds.iter().map(|part| part.amount_minor).collect();
    assert_eq!(funds, [2_781, 1_390]);
    let makers: Vec<(&str, i64)> =
        piece.makers.iter().map(|p| (p.member_id.as_str(), p.amount_minor)).collect();
    assert_eq!(makers, [("rosa", 15_755), ("elena", 7_878)]);
    assert_eq!(parts_sum(piece), 39_500);
}

#[test]
fn the_association_bears_a_negative_net_and_nobody_is_charged() {
    let mut cheap = sale(vec![ring(1_000)]);
    cheap.shipping_charged_minor = 0;
    let split = split_sale(&cheap, &policy(&[1_000, 500])).unwrap();
    let piece = &split.pieces[0];
    assert!(piece.net_minor() < 0 && piece.makers.is_empty());
    assert_eq!(piece.funds.len(), 1);
    assert_eq!(
        (piece.funds[0].fund.as_str(), piece.funds[0].amount_minor),
        ("association", piece.net_minor())
    );
    assert_eq!(parts_sum(piece), 1_000);
    sold(&split);
}

#[test]
fn the_part_of_unrecorded_makers_is_held() {
    let nobody = PieceSale { contributions: vec![work("rosa", 0)], ..ring(38_000) };
    let split = split_sale(&sale(vec![nobody]), &policy(&[1_000])).unwrap();
    assert!(split.pieces[0].makers.is_empty() && split.pieces[0].held_for_makers_minor > 0);
    assert_eq!(balances([&sold(&split)])["makers:held"], -split.pieces[0].held_for_makers_minor);
}

#[test]
fn the_estimate_is_the_sale_with_an_expected_fee() {
    let fees = FeeSchedule { bps: 420, fixed_minor: 100 };
    let estimate = estimate_split(
        ring(38_000),
        Currency::Pen,
        Destination::Domestic,
        TaxPolicy::default(),
        fees,
        &policy(&[1_000]),
    )
    .unwrap();
    let mut same = sale(vec![ring(38_000)]);
    same.shipping_charged_minor = 0;
    same.fee_minor = 1_696;
    assert_eq!(estimate, split_sale(&same, &policy(&[1_000])).unwrap());
    assert_eq!(FeeSchedule { bps: 20_000, fixed_minor: 5 }.estimate(100), 100);
    assert_eq!(FeeSchedule { bps: 100, fixed_minor: 5 }.estimate(-1), 0);
}

/// The order is: funds as in the policy, then makers by their first contribution; pieces as in the
/// order's lines.
#[test]
fn an_indivisible_cent_goes_to_the_first() {
    let bare = |name: &str, price_minor| PieceSale {
        material: Vec::new(),
        contributions: vec![work("zoila", 10), work("ana", 10), work("zoila", 0)],
        ..piece(name, price_minor)
    };
    let mut two = sale(vec![bare("second", 10_000), bare("first", 10_000)]);
    two.destination = Destination::Abroad;
    (two.fee_minor, two.shipping_charged_minor) = (1, 1);
    let split = split_sale(&two, &policy(&[5_000, 2_500])).unwrap();
    let fees: Vec<i64> = split.pieces.iter().map(|piece| piece.fee_minor).collect();
    let shipping: Vec<i64> = split.pieces.iter().map(PieceSplit::shipping_charged_minor).collect();
    assert_eq!(
        (fees, shipping),
        (vec![1, 0], vec![1, 0]),
        "the first line bears the indivisible cent"
    );
    // 2 of net by 50, 25 and 25 %: the half that is left is the second fund's, before the makers'.
    let mut little = sale(vec![bare("ring", 2)]);
    little.destination = Destination::Abroad;
    (little.fee_minor, little.shipping_charged_minor) = (0, 0);
    let split = split_sale(&little, &policy(&[5_000, 2_500])).unwrap();
    let funds: Vec<i64> = split.pieces[0].funds.iter().map(|part| part.amount_minor).collect();
    assert_eq!((funds, split.pieces[0].makers_minor()), (vec![1, 1], 0));
    let mut odd = sale(vec![bare("ring", 5)]);
    odd.destination = Destination::Abroad;
    (odd.fee_minor, odd.shipping_charged_minor) = (0, 0);
    let makers = &split_sale(&odd, &policy(&[0])).unwrap().pieces[0].makers;
    let paid: Vec<(&str, i64)> =
        makers.iter().map(|part| (part.member_id.as_str(), part.amount_minor)).collect();
    assert_eq!(paid, [("zoila", 3), ("ana", 2)]);
}

#[test]
fn absurd_sales_are_refused() {
    let good = policy(&[1_000]);
    assert_eq!(split_sale(&sale(vec![]), &good), Err(SplitError::NoPieces));
    assert_eq!(
        split_sale(&sale(vec![ring(-1)]), &good),
        Err(SplitError::Negative { what: "price" })
    );
    assert_eq!(split_sale(&sale(vec![ring(i64::MAX)]), &good), Err(SplitError::OutOfRange));
    assert!(matches!(
        split_sale(&sale(vec![ring(1)]), &policy(&[10_001])),
        Err(SplitError::Policy(_))
    ));
}

#[test]
fn tax_shipping_and_fee_are_divided_among_the_pieces_by_price() {
    let split = split_sale(&sale(vec![ring(30_000), ring(10_000)]), &policy(&[1_000])).unwrap();
    let of = |part: fn(&PieceSplit) -> i64| split.pieces.iter().map(part).collect::<Vec<_>>();
    assert_eq!(of(|piece| piece.fee_minor), [1_200, 400]);
    assert_eq!(of(|piece| piece.gross_minor - piece.price_minor), [1_125, 375]);
    // 415.00 contains 63.31 of tax: 61.02 in the goods, 2.29 in the shipping.
    assert_eq!(of(|piece| piece.igv_minor), [4_577 + 172, 1_525 + 57]);
}

fn any_piece() -> impl Strategy<Value = PieceSale> {
    let price = prop_oneof![Just(0_i64), 1_i64..500, 500_i64..300_000, 0_i64..1_000_000_000_000];
    let cost = (any::<bool>(), prop_oneof![Just(0_i64), 1_i64..40_000]).prop_map(
        |(consigned, cost_minor)| {
            material(
                if consigned { MaterialSource::Consigned } else { MaterialSource::Own },
                cost_minor,
            )
        },
    );
    let names = proptest::sample::select(vec!["rosa", "elena", "nieves", "luz"]);
    let effort = prop_oneof![
        (0_u32..600).prop_map(Effort::Minutes),
        any::<u32>().prop_map(Effort::PieceRateMinor)
    ];
    let contribution = (names, effort).prop_map(|(name, effort)| Contribution {
        member_id: member(name),
        step: Step::Casting,
        effort,
    });
    (price, vec(cost, 0..4), vec(contribution, 0..7)).prop_map(
        |(price_minor, material, contributions)| PieceSale {
            piece_id: piece_id("p"),
            price_minor,
            material,
            contributions,
        },
    )
}

fn any_sale() -> impl Strategy<Value = SaleInput> {
    (vec(any_piece(), 1..5), 0_i64..20_000, 0_i64..30_000, any::<bool>(), 0_u16..=300).prop_map(
        |(pieces, shipping_charged_minor, fee_minor, abroad, igv_permille)| SaleInput {
            currency: Currency::Pen,
            pieces,
            shipping_charged_minor,
            fee_minor,
            destination: if abroad { Destination::Abroad } else { Destination::Domestic },
            tax_policy: TaxPolicy { igv_permille, exports_zero_rated: true },
        },
    )
}

fn any_policy() -> impl Strategy<Value = SplitPolicy> {
    (0_u32..=4_000, 0_u32..=4_000, 0_u32..=2_000).prop_map(|(a, b, c)| policy(&[a, b, c]))
}

proptest! {
    #[test]
    fn the_parts_of_every_piece_sum_to_its_gross_amount(sale in any_sale(), policy in any_policy()) {
        let split = split_sale(&sale, &policy).unwrap();
        let paid = sale.pieces.iter().map(|p| p.price_minor).sum::<i64>() + sale.shipping_charged_minor;
        prop_assert_eq!(split.gross().amount_minor, paid);
        prop_assert_eq!(split.pieces.iter().map(|p| p.fee_minor).sum::<i64>(), sale.fee_minor);
        for piece in &split.pieces {
            prop_assert_eq!(parts_sum(piece), piece.gross_minor);
            prop_assert!(piece.makers.iter().all(|part| part.amount_minor > 0));
            prop_assert!(piece.igv_minor >= 0 && piece.shipping_minor >= 0 && piece.held_for_makers_minor >= 0);
            let negative: Vec<_> = piece.funds.iter().filter(|part| part.amount_minor < 0).collect();
            prop_assert!(negative.is_empty() || (negative.len() == 1 && piece.funds.len() == 1 && piece.makers.is_empty()));
        }
    }
}
