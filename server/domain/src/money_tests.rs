//! Stories and attacks across split, refund and ledger: one sale from payment to the last refunded cent.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use jiff::civil::date;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::calendar::lima_midnight_us;
use crate::contribution::{Contribution, Effort, Step};
use crate::id::{EntryId, FundCode, MemberId, PieceId, PolicyId};
use crate::ledger::{
    AccountCode, Entry, EntryHeader, EntryKind, LedgerError, MoneyPlace, Posting, fee_entry,
    refund_entry, reverse, sale_entry, stray_fee_entry, stray_payment_entry, stray_refund_entry,
};
use crate::money::{Currency, Money};
use crate::policy::{FundShare, SplitPolicy};
use crate::refund::{
    RefundError, RefundSplit, Refunded, left_of_pieces, left_of_price, refund_after, refund_pieces,
};
use crate::split::{
    FeeSchedule, MaterialCost, MaterialSource, PieceSale, PieceSplit, SaleInput, SaleSplit,
    SplitError, estimate_split, split_sale,
};
use crate::tax::{Destination, TaxPolicy};

fn fund(code: &str) -> FundCode {
    FundCode::parse(code).unwrap()
}

fn member(id: &str) -> MemberId {
    MemberId::parse(id).unwrap()
}

fn policy(bps: &[u32]) -> SplitPolicy {
    let names = ["association", "workshop", "training"];
    SplitPolicy {
        id: PolicyId::parse("policy-1").unwrap(),
        version: 1,
        adopted_by: "ACTA-2026-03".into(),
        adopted_on: date(2026, 3, 1),
        effective_from_us: lima_midnight_us(date(2026, 3, 1)),
        funds: names
            .iter()
            .zip(bps)
            .map(|(name, &bps)| FundShare { fund: fund(name), bps })
            .collect(),
        loss_fund: fund("association"),
        minute_rate_minor: 20,
    }
}

fn work(who: &str, minutes: u32) -> Contribution {
    Contribution { member_id: member(who), step: Step::Smithing, effort: Effort::Minutes(minutes) }
}

fn ring(price_minor: i64) -> PieceSale {
    PieceSale {
        piece_id: PieceId::parse("ring").unwrap(),
        price_minor,
        material: vec![
            MaterialCost { source: MaterialSource::Consigned, cost_minor: 2_500 },
            MaterialCost { source: MaterialSource::Own, cost_minor: 300 },
        ],
        contributions: vec![work("rosa", 90), work("elena", 60), work("rosa", 30)],
    }
}

fn sale(pieces: Vec<PieceSale>) -> SaleInput {
    SaleInput {
        currency: Currency::Pen,
        pieces,
        shipping_charged_minor: 1_500,
        fee_minor: 1_600,
        destination: Destination::Domestic,
        tax_policy: TaxPolicy::default(),
    }
}

fn header(id: &str) -> EntryHeader {
    EntryHeader { id: EntryId::parse(id).unwrap(), occurred_at_us: 1, reference: "order-1".into() }
}

/// Sums accounts over entries.
fn balances<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for posting in entries.into_iter().flat_map(Entry::postings) {
        *sums.entry(posting.account.to_string()).or_default() += posting.amount_minor;
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

fn whole(amount_minor: i64) -> Refunded {
    Refunded { piece: None, amount_minor }
}

fn of_piece(id: &str, amount_minor: i64) -> Refunded {
    Refunded { piece: Some(PieceId::parse(id).unwrap()), amount_minor }
}

fn named(id: &str, price_minor: i64) -> PieceSale {
    PieceSale { piece_id: PieceId::parse(id).unwrap(), ..ring(price_minor) }
}

fn parts_sum(piece: &PieceSplit) -> i64 {
    piece.igv_minor
        + piece.shipping_minor
        + piece.fee_minor
        + piece.material_consigned_minor
        + piece.material_own_minor
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
    assert_eq!((piece.material_consigned_minor, piece.material_own_minor), (2_500, 300));
    assert_eq!(piece.net_minor(), 27_804);
    let funds: Vec<i64> = piece.funds.iter().map(|part| part.amount_minor).collect();
    assert_eq!(funds, [2_781, 1_390]);
    let makers: Vec<(&str, i64)> =
        piece.makers.iter().map(|p| (p.member_id.as_str(), p.amount_minor)).collect();
    assert_eq!(makers, [("rosa", 15_755), ("elena", 7_878)]);
    assert_eq!(parts_sum(piece), 39_500);
}

#[test]
fn when_nothing_is_left_the_association_bears_it_and_nobody_is_charged() {
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
    sale_entry(header("e1"), MoneyPlace::Stripe, &split).unwrap();
}

#[test]
fn money_for_unrecorded_makers_waits() {
    let nobody = PieceSale { contributions: vec![work("rosa", 0)], ..ring(38_000) };
    let split = split_sale(&sale(vec![nobody]), &policy(&[1_000])).unwrap();
    assert!(split.pieces[0].makers.is_empty() && split.pieces[0].held_for_makers_minor > 0);
    let entry = sale_entry(header("e1"), MoneyPlace::Stripe, &split).unwrap();
    assert_eq!(balances([&entry])["makers:held"], -split.pieces[0].held_for_makers_minor);
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
fn what_belongs_to_the_whole_order_is_allotted_by_price() {
    let split = split_sale(&sale(vec![ring(30_000), ring(10_000)]), &policy(&[1_000])).unwrap();
    let of = |part: fn(&PieceSplit) -> i64| split.pieces.iter().map(part).collect::<Vec<_>>();
    assert_eq!(of(|piece| piece.fee_minor), [1_200, 400]);
    assert_eq!(of(|piece| piece.gross_minor - piece.price_minor), [1_125, 375]);
    // 415.00 contains 63.31 of tax: 61.02 in the goods, 2.29 in the shipping.
    assert_eq!(of(|piece| piece.igv_minor), [4_577 + 172, 1_525 + 57]);
}

#[test]
fn one_of_two_pieces_comes_back() {
    let split = split_sale(&sale(vec![ring(38_000), ring(12_000)]), &policy(&[1_000])).unwrap();
    let second = split.pieces[1].gross_minor;
    let refund = refund_pieces(&split, &[0, 0], &[0, second]).unwrap();
    assert_eq!(refund.pieces.len(), 1);
    assert_eq!(refund.pieces[0].makers, split.pieces[1].makers);
    assert_eq!(
        refund_pieces(&split, &[0, second], &[0, 1]),
        Err(RefundError::ExceedsPaid { left_minor: 0 })
    );
    assert_eq!(refund_pieces(&split, &[0], &[0, 1]), Err(RefundError::Inconsistent));
    assert_eq!(refund_pieces(&split, &[0, 0], &[0, 0]), Err(RefundError::NotPositive));
}

#[test]
fn a_piece_comes_back_after_part_of_the_whole_order_did() {
    let pieces = vec![named("kept", 38_000), named("back", 12_000)];
    let split = split_sale(&sale(pieces), &policy(&[1_000])).unwrap();
    let mut before = vec![whole(5_000), whole(1)];
    let left = left_of_pieces(&split, &before).unwrap();
    assert_eq!(left.iter().sum::<i64>(), split.gross().amount_minor - 5_001);
    // 12.00 of the price and a share of the delivery went back with the first two.
    let price = left_of_price(&split.pieces[1], left[1], 0);
    assert_eq!((left[1], price), (11_160, 10_835));
    let refund = refund_after(&split, &before, &of_piece("back", price)).unwrap();
    assert_eq!(refund.pieces.len(), 1, "nothing is taken of the piece that was kept");
    assert_eq!(refund.pieces[0].piece_id.as_str(), "back");
    assert_eq!(refund.gross().amount_minor, price);
    before.push(of_piece("back", price));
    // The rest of the order, in two steps: every part is taken back, to the cent.
    let kept = left_of_pieces(&split, &before).unwrap();
    assert_eq!(kept, [left[0], left[1] - price]);
    assert_eq!(left_of_price(&split.pieces[1], kept[1], price), 0, "only its delivery is left");
    let rest = kept.iter().sum::<i64>();
    before.extend([whole(7), whole(rest - 7)]);
    assert_eq!(left_of_pieces(&split, &before).unwrap(), [0, 0]);
}

#[test]
fn what_a_piece_cannot_bear_is_the_whole_orders() {
    let pieces = vec![named("kept", 38_000), named("back", 12_000)];
    let split = split_sale(&sale(pieces), &policy(&[1_000])).unwrap();
    // Asked for when nothing had gone back; booked after nearly everything had.
    let before = [whole(51_000), of_piece("back", 400)];
    let refund = refund_after(&split, &before[..1], &before[1]).unwrap();
    assert_eq!((refund.gross().amount_minor, refund.pieces.len()), (400, 2));
    assert_eq!(left_of_pieces(&split, &before).unwrap(), [100, 0]);
}

#[test]
fn refunds_of_nothing_or_too_much_are_refused() {
    let split = split_sale(&sale(vec![ring(38_000)]), &policy(&[1_000])).unwrap();
    for nothing in [0, -5] {
        assert_eq!(refund_after(&split, &[], &whole(nothing)), Err(RefundError::NotPositive));
    }
    assert_eq!(
        refund_after(&split, &[whole(39_000)], &whole(501)),
        Err(RefundError::ExceedsPaid { left_minor: 500 })
    );
    for odd in [-1, 0, 39_501, i64::MAX] {
        assert_eq!(refund_after(&split, &[whole(odd)], &whole(1)), Err(RefundError::Inconsistent));
        let refund = refund_after(&split, &[of_piece("ring", odd)], &whole(1));
        assert_eq!(refund, Err(RefundError::Inconsistent), "{odd}");
    }
    let unknown = refund_after(&split, &[], &of_piece("brooch", 1));
    assert_eq!(unknown, Err(RefundError::Inconsistent));
}

#[test]
fn a_paid_member_is_never_charged_by_a_refund() {
    let split = split_sale(&sale(vec![ring(38_000)]), &policy(&[1_000, 500])).unwrap();
    let refund = refund_after(&split, &[], &whole(39_500)).unwrap();
    // Rosa was paid 100.00 of what she was owed; Elena nothing yet.
    let owed = BTreeMap::from([(member("rosa"), 5_755), (member("elena"), 7_878)]);
    let entry = refund_entry(header("r1"), MoneyPlace::Stripe, &refund, &owed).unwrap();
    let sums = balances([&entry]);
    assert_eq!(
        (sums["member:rosa"], sums["member:elena"], sums["refund:reserve"]),
        (5_755, 7_878, 10_000)
    );
    let unlisted =
        refund_entry(header("r1"), MoneyPlace::Stripe, &refund, &BTreeMap::new()).unwrap();
    assert_eq!(balances([&unlisted])["refund:reserve"], 15_755 + 7_878);
}

#[test]
fn a_stray_payment_goes_back_and_the_association_bears_the_fee() {
    let received = Money::new(38_000, Currency::Usd);
    let entries = [
        stray_payment_entry(header("s1"), MoneyPlace::Stripe, received).unwrap(),
        stray_fee_entry(
            header("s2"),
            MoneyPlace::Stripe,
            Money::new(900, Currency::Usd),
            fund("association"),
        )
        .unwrap(),
        stray_refund_entry(header("s3"), MoneyPlace::Stripe, received).unwrap(),
    ];
    let expected = [("fund:association".to_owned(), 900), ("stripe:balance".to_owned(), -900)];
    assert_eq!(balances(&entries), BTreeMap::from(expected));
    assert!(
        stray_payment_entry(header("s1"), MoneyPlace::Stripe, Money::zero(Currency::Pen)).is_err()
    );
}

#[test]
fn an_unbalanced_entry_cannot_exist() {
    let posting = |account: &str, amount_minor, currency| Posting {
        account: account.parse().unwrap(),
        amount_minor,
        currency,
    };
    let entry = |postings| Entry::new(header("m1"), EntryKind::Manual, postings);
    assert_eq!(entry(vec![]), Err(LedgerError::Empty));
    let zero = vec![posting("tax:igv", 0, Currency::Pen)];
    assert!(matches!(entry(zero), Err(LedgerError::ZeroPosting { .. })));
    let across =
        vec![posting("tax:igv", 5, Currency::Pen), posting("stripe:balance", -5, Currency::Usd)];
    assert!(matches!(entry(across), Err(LedgerError::NotZeroSum { .. })));
    let huge = vec![
        posting("tax:igv", i64::MAX, Currency::Pen),
        posting("tax:igv", i64::MAX, Currency::Pen),
        posting("stripe:balance", 2, Currency::Pen),
    ];
    assert!(matches!(entry(huge), Err(LedgerError::NotZeroSum { .. })), "sums do not wrap around");
    let good = entry(vec![
        posting("fund:a", 5, Currency::Pen),
        posting("bank:balance", -5, Currency::Pen),
    ])
    .unwrap();
    let undone = reverse(header("m2"), &good).unwrap();
    assert!(balances([&good, &undone]).is_empty());
}

#[test]
fn accounts_are_written_and_read() {
    for text in [
        "stripe:balance",
        "bank:balance",
        "wallet:balance",
        "cash:balance",
        "tax:igv",
        "shipping:pass_through",
        "fee:payment",
        "material:consigned",
        "material:own",
        "fund:association",
        "member:0192f0c1-7a3b-7000-8000-000000000001",
        "makers:held",
        "refund:reserve",
        "held:stray",
    ] {
        assert_eq!(text.parse::<AccountCode>().unwrap().to_string(), text);
    }
    for bad in [
        "",
        "fund:",
        "member:",
        "fund:a:b",
        "member:a b",
        "paypal:balance",
        "tax",
        "tax:",
        ":",
        "TAX:IGV",
    ] {
        assert!(bad.parse::<AccountCode>().is_err(), "{bad}");
    }
}

fn any_piece() -> impl Strategy<Value = PieceSale> {
    let price = prop_oneof![Just(0_i64), 1_i64..500, 500_i64..300_000, 0_i64..1_000_000_000_000];
    let cost = (any::<bool>(), prop_oneof![Just(0_i64), 1_i64..40_000]).prop_map(
        |(consigned, cost_minor)| MaterialCost {
            source: if consigned { MaterialSource::Consigned } else { MaterialSource::Own },
            cost_minor,
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
            piece_id: PieceId::parse("p").unwrap(),
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

/// Cuts an amount into refunds; the last takes what is left.
fn cut(total: i64, cuts: &[u16]) -> Vec<i64> {
    let mut left = total;
    let mut refunds = Vec::new();
    for cut in cuts {
        let refund = (i128::from(left) * i128::from(*cut) / 65_536) as i64;
        if refund > 0 {
            refunds.push(refund);
            left -= refund;
        }
    }
    if left > 0 {
        refunds.push(left);
    }
    refunds
}

/// Every part of a refund, piece by piece: what may never be negative.
fn taken_back(refund: &RefundSplit) -> impl Iterator<Item = i64> {
    refund.pieces.iter().flat_map(|piece| {
        let own = [
            piece.igv_minor,
            piece.shipping_minor,
            piece.fee_minor,
            piece.material_consigned_minor,
            piece.material_own_minor,
            piece.held_for_makers_minor,
        ];
        own.into_iter().chain(piece.makers.iter().map(|part| part.amount_minor))
    })
}

/// How far the makers' part of what went back is from the sale's ratio, in minor units.
fn drift(split: &SaleSplit, refunded_minor: i64, taken: &BTreeMap<MemberId, i64>) -> i128 {
    let gross = i128::from(split.gross().amount_minor);
    split
        .by_member()
        .iter()
        .map(|part| {
            let exact = i128::from(part.amount_minor) * i128::from(refunded_minor);
            let got = i128::from(taken.get(&part.member_id).copied().unwrap_or(0)) * gross;
            (exact - got).abs() / gross
        })
        .max()
        .unwrap_or(0)
}

proptest! {
    #[test]
    fn every_cent_of_every_piece_has_one_place(sale in any_sale(), policy in any_policy()) {
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

    #[test]
    fn refunds_in_any_steps_take_back_exactly_the_shares(
        sale in any_sale(), policy in any_policy(), cuts in vec(any::<u16>(), 0..8),
    ) {
        let split = split_sale(&sale, &policy).unwrap();
        prop_assume!(split.gross().amount_minor > 0);
        let (mut already, mut before) = (0, Vec::new());
        let mut taken: BTreeMap<MemberId, i64> = BTreeMap::new();
        let mut entries = vec![sale_entry(header("s"), MoneyPlace::Stripe, &split).unwrap()];
        if sale.fee_minor > 0 {
            entries.push(fee_entry(header("f"), MoneyPlace::Stripe, Money::new(sale.fee_minor, Currency::Pen)).unwrap());
        }
        for refund_minor in cut(split.gross().amount_minor, &cuts) {
            let refund = refund_after(&split, &before, &whole(refund_minor)).unwrap();
            before.push(whole(refund_minor));
            already += refund_minor;
            prop_assert_eq!(refund.gross().amount_minor, refund_minor);
            prop_assert!(taken_back(&refund).all(|part| part >= 0), "a refund gave money: {refund:?}");
            for (who, amount) in refund.by_member() {
                *taken.entry(who).or_default() += amount;
            }
            prop_assert!(drift(&split, already, &taken) <= 3, "{} {taken:?}", drift(&split, already, &taken));
            let owed: BTreeMap<MemberId, i64> = refund.by_member().into_iter().collect();
            entries.push(refund_entry(header("r"), MoneyPlace::Stripe, &refund, &owed).unwrap());
        }
        // Everything went back: only the fee is gone, from the balance and at the association's cost.
        let mut sums = balances(&entries);
        let kept = |sum: Option<i64>| sum.unwrap_or(0);
        let fees_of_refunded: i64 = split.pieces.iter().filter(|p| p.gross_minor > 0).map(|p| p.fee_minor).sum();
        prop_assert_eq!(kept(sums.remove("stripe:balance")), -sale.fee_minor);
        let unpaid: i64 = split.pieces.iter().filter(|p| p.gross_minor == 0).map(PieceSplit::net_minor).sum();
        prop_assert_eq!(kept(sums.remove("fund:association")), fees_of_refunded - unpaid);
        // What is left can only be the material and fee of pieces given away for nothing.
        sums.retain(|account, _| !account.starts_with("material:"));
        prop_assert!(sums.is_empty(), "{sums:?}");
    }

    #[test]
    fn pieces_and_whole_orders_come_back_to_the_cent(
        sale in any_sale(), policy in any_policy(), steps in vec((any::<u16>(), any::<u16>()), 0..12),
    ) {
        let mut sale = sale;
        for (index, piece) in sale.pieces.iter_mut().enumerate() {
            piece.piece_id = PieceId::parse(format!("piece-{index}")).unwrap();
        }
        let split = split_sale(&sale, &policy).unwrap();
        prop_assume!(split.gross().amount_minor > 0);
        let mut before: Vec<Refunded> = Vec::new();
        let mut taken: BTreeMap<MemberId, i64> = BTreeMap::new();
        for (which, part) in steps.into_iter().chain([(0, u16::MAX)]) {
            let left = left_of_pieces(&split, &before).unwrap();
            let last = part == u16::MAX;
            let at = usize::from(which) % (split.pieces.len() + 1);
            let one = split.pieces.get(at).filter(|_| !last);
            let most = if one.is_some() { left[at] } else { left.iter().sum() };
            let amount_minor = if last { most } else { (i128::from(most) * i128::from(part) / 65_536) as i64 };
            if amount_minor == 0 {
                continue;
            }
            let next = Refunded { piece: one.map(|piece| piece.piece_id.clone()), amount_minor };
            let refund = refund_after(&split, &before, &next).unwrap();
            prop_assert_eq!(refund.gross().amount_minor, amount_minor);
            prop_assert!(one.is_none_or(|piece| refund.pieces.iter().all(|back| back.piece_id == piece.piece_id)));
            prop_assert!(taken_back(&refund).all(|part| part >= 0), "a refund gave money: {refund:?}");
            for (who, amount) in refund.by_member() {
                *taken.entry(who).or_default() += amount;
            }
            before.push(next);
        }
        taken.retain(|_, amount| *amount != 0);
        let earned: BTreeMap<MemberId, i64> =
            split.by_member().into_iter().map(|part| (part.member_id, part.amount_minor)).filter(|(_, amount)| *amount != 0).collect();
        prop_assert_eq!(taken, earned, "everything went back, and exactly that");
    }

    #[test]
    fn the_ledger_is_zero_sum_whatever_happens(sale in any_sale(), policy in any_policy(), part in any::<u16>(), owed in 0_i64..50_000) {
        let split = split_sale(&sale, &policy).unwrap();
        prop_assume!(split.gross().amount_minor > 0);
        let refund_minor = (i128::from(split.gross().amount_minor) * i128::from(part) / 65_536) as i64 + 1;
        let refund = refund_after(&split, &[], &whole(refund_minor)).unwrap();
        let owed: BTreeMap<MemberId, i64> = ["rosa", "elena"].iter().map(|name| (member(name), owed)).collect();
        let entry = refund_entry(header("r"), MoneyPlace::Stripe, &refund, &owed).unwrap();
        prop_assert_eq!(entry.postings().iter().map(|p| i128::from(p.amount_minor)).sum::<i128>(), 0);
        for posting in entry.postings() {
            if let AccountCode::Member(who) = &posting.account {
                prop_assert!(posting.amount_minor <= owed[who]);
            }
        }
        let undone = reverse(header("u"), &entry).unwrap();
        prop_assert!(balances([&entry, &undone]).is_empty());
    }

    #[test]
    fn account_texts_never_panic(text in "\\PC{0,40}", kind in "(fund|member|tax|held|stripe)", rest in "[a-z:_-]{0,20}") {
        let _ = text.parse::<AccountCode>();
        if let Ok(account) = format!("{kind}:{rest}").parse::<AccountCode>() {
            prop_assert_eq!(account.to_string().parse::<AccountCode>().unwrap(), account);
        }
    }
}
