//! What refunds and returns take back: worked examples to the cent.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::ledger::{Entry, Settlement, fee_entry, refund_entry, return_entry, sale_entry};
use crate::policy::SplitPolicy;
use crate::rates::Rates;
use crate::split::{MaterialSource, PieceSale, SaleInput, split_sale};
use crate::tax::{Destination, TaxPolicy};
use crate::test_data::{at_stripe, balances, header, member, piece, piece_id as id, policy, sale};

fn order(pieces: Vec<PieceSale>, shipping_charged_minor: i64) -> SaleSplit {
    split_sale(&sale(pieces, shipping_charged_minor), &policy(&[1_000, 500])).unwrap()
}

fn amounts(expected: &[(&str, i64)]) -> BTreeMap<String, i64> {
    expected.iter().map(|(account, minor)| ((*account).to_owned(), *minor)).collect()
}

/// The refunds of one sale, one after the other. No share was paid out.
struct Refunds {
    sale: SaleSplit,
    refunded: RefundParts,
}

impl Refunds {
    fn new(sale: SaleSplit) -> Self {
        Self { refunded: RefundParts::nothing(&sale), sale }
    }

    fn split(&mut self, of: &RefundOf, amount_minor: i64, handed_over: bool) -> RefundSplit {
        let left = left_of(&self.sale, &self.refunded).unwrap();
        let parts = divide(&self.sale, &left, of, amount_minor).unwrap();
        assert_eq!(parts.sum(), amount_minor);
        let split = unwind(&self.sale, &self.refunded, &parts, handed_over).unwrap();
        self.refunded.add(&parts);
        split
    }

    fn refund(&mut self, of: &RefundOf, amount_minor: i64, handed_over: bool) -> Entry {
        let split = self.split(of, amount_minor, handed_over);
        let unpaid = Unpaid::of(&self.sale, &OfShares::new(), &OfShares::new());
        refund_entry(header(), &at_stripe(amount_minor), &split, &unpaid.taken_by(&split)).unwrap()
    }

    fn comes_back(&self, piece: &str) -> Option<Entry> {
        return_entry(header(), &come_back(&self.sale, &id(piece)).unwrap()).unwrap()
    }
}

#[test]
fn a_full_refund_reverses_the_shares_and_the_reserve_bears_fee_and_material() {
    let mut refunds = Refunds::new(order(vec![piece("ring", 38_000)], 1_500));
    let refund = refunds.refund(&RefundOf::Goods(id("ring")), 38_000, false);
    let taken = [
        ("stripe:balance", -38_000),
        ("tax:igv", 5_796),
        ("fund:association", 2_781),
        ("fund:workshop", 1_390),
        ("member:rosa", 15_755),
        ("member:elena", 7_878),
        // The fee (16.00) and the material (28.00): the metal's owner and the courier stay owed.
        ("fund:refunds", 4_400),
    ];
    assert_eq!(balances([&refund]), amounts(&taken));
    let back = refunds.comes_back("ring").unwrap();
    let given = [("material:consigned", 2_500), ("material:own", 300), ("fund:refunds", -2_800)];
    assert_eq!(balances([&back]), amounts(&given));
}

#[test]
fn half_a_refund_for_a_kept_piece_leaves_metal_and_courier_owed() {
    let mut refunds = Refunds::new(order(vec![piece("ring", 38_000)], 1_500));
    let refund = refunds.refund(&RefundOf::Goods(id("ring")), 19_000, true);
    let taken = [
        ("stripe:balance", -19_000),
        ("tax:igv", 2_898),
        // 13.905 and 78.775 are halves: to the even neighbour.
        ("fund:association", 1_390),
        ("fund:workshop", 695),
        ("member:rosa", 7_878),
        ("member:elena", 3_939),
        ("fund:refunds", 2_200),
    ];
    assert_eq!(balances([&refund]), amounts(&taken));
}

#[test]
fn shipping_is_reversed_until_the_courier_has_the_parcel() {
    for (handed_over, expected) in [
        (false, [("stripe:balance", -1_500), ("tax:igv", 229), ("shipping:pass_through", 1_271)]),
        (true, [("stripe:balance", -1_500), ("tax:igv", 229), ("fund:refunds", 1_271)]),
    ] {
        let mut refunds = Refunds::new(order(vec![piece("ring", 38_000)], 1_500));
        let refund = refunds.refund(&RefundOf::Shipping, 1_500, handed_over);
        assert_eq!(balances([&refund]), amounts(&expected), "{handed_over}");
    }
    // A third before, the rest after: 5.00 × 12.71 ÷ 15.00 = 4.24 were given back.
    let mut refunds = Refunds::new(order(vec![piece("ring", 38_000)], 1_500));
    let entries = [
        refunds.refund(&RefundOf::Shipping, 500, false),
        refunds.refund(&RefundOf::Shipping, 1_000, true),
    ];
    let sums = balances(&entries);
    assert_eq!((sums["shipping:pass_through"], sums["fund:refunds"]), (424, 847));
    assert_eq!(sums["tax:igv"], 229);
}

#[test]
fn a_net_below_zero_is_reversed_with_the_piece_and_not_with_the_money() {
    let mut refunds = Refunds::new(order(vec![piece("ring", 1_000)], 0));
    // 10.00 − 1.53 of tax − 16.00 − 28.00 = −35.53, borne by the association.
    assert_eq!(refunds.sale.pieces[0].net_minor(), -3_553);
    let refund = refunds.refund(&RefundOf::Goods(id("ring")), 1_000, false);
    let taken = [("stripe:balance", -1_000), ("tax:igv", 153), ("fund:refunds", 847)];
    assert_eq!(balances([&refund]), amounts(&taken));
    let back = refunds.comes_back("ring").unwrap();
    let given = [
        ("material:consigned", 2_500),
        ("material:own", 300),
        ("fund:association", -3_553),
        ("fund:refunds", 753),
    ];
    assert_eq!(balances([&back]), amounts(&given));
    assert_eq!(balances([&refund, &back])["fund:refunds"], 1_600, "the card fee and nothing else");
}

#[test]
fn a_returned_piece_without_material_makes_no_entry() {
    let bare = PieceSale { material: Vec::new(), ..piece("ring", 38_000) };
    let refunds = Refunds::new(order(vec![bare], 0));
    assert_eq!(refunds.comes_back("ring"), None);
    assert_eq!(come_back(&refunds.sale, &id("brooch")), Err(RefundError::Inconsistent));
}

#[test]
fn without_a_reserve_in_the_policy_the_loss_fund_balances_refunds() {
    let unnamed = SplitPolicy { reserve_fund: None, ..policy(&[0]) };
    let sale = sale(vec![piece("ring", 38_000)], 0);
    let mut refunds = Refunds::new(split_sale(&sale, &unnamed).unwrap());
    let refund = refunds.refund(&RefundOf::Everything, 38_000, false);
    assert_eq!(balances([&refund])["fund:association"], 4_400);
}

#[test]
fn a_refund_is_divided_among_what_it_names_by_what_is_left_of_each() {
    let sale = order(vec![piece("ring", 38_000), piece("brooch", 12_000)], 1_500);
    let left = |ring, brooch, shipping_minor| RefundParts {
        goods_minor: vec![ring, brooch],
        shipping_minor,
    };
    let (ring, brooch) = (|| id("ring"), || id("brooch"));
    for (before, of, amount, expected) in [
        // Nothing is named: everything, by what is left of each.
        (left(38_000, 12_000, 1_500), RefundOf::Everything, 5_150, left(3_800, 1_200, 150)),
        (left(38_000, 12_000, 1_500), RefundOf::Everything, 1, left(1, 0, 0)),
        (left(0, 12_000, 1_500), RefundOf::Everything, 1_350, left(0, 1_200, 150)),
        (left(10, 10, 10), RefundOf::Everything, 20, left(7, 7, 6)),
        (left(10, 10, 10), RefundOf::Everything, 30, left(10, 10, 10)),
        // One thing, or a piece and the shipping.
        (left(38_000, 12_000, 1_500), RefundOf::Goods(brooch()), 700, left(0, 700, 0)),
        (left(38_000, 12_000, 1_500), RefundOf::Shipping, 700, left(0, 0, 700)),
        (left(1, 12_000, 1_500), RefundOf::GoodsAndShipping(brooch()), 1_350, left(0, 1_200, 150)),
        // The named thing was refunded in the meantime: the amount is still divided.
        (left(38_000, 200, 1_500), RefundOf::Goods(brooch()), 4_150, left(3_800, 200, 150)),
        (left(38_000, 200, 0), RefundOf::Shipping, 38_200, left(38_000, 200, 0)),
        (left(0, 0, 9), RefundOf::GoodsAndShipping(ring()), 9, left(0, 0, 9)),
    ] {
        let parts = divide(&sale, &before, &of, amount).unwrap();
        assert_eq!(parts, expected, "{of:?} {amount} of {before:?}");
    }
    let all = left(38_000, 12_000, 1_500);
    let most = |of| left_of_named(&sale, &all, &of);
    assert_eq!(most(RefundOf::Goods(brooch())), Ok(12_000));
    assert_eq!(most(RefundOf::GoodsAndShipping(ring())), Ok(39_500));
    assert_eq!(most(RefundOf::Everything), Ok(51_500));
    assert_eq!(most(RefundOf::Goods(id("chain"))), Err(RefundError::Inconsistent));
}

#[test]
fn refunds_of_zero_or_too_much_are_refused() {
    let sale = order(vec![piece("ring", 38_000)], 1_500);
    let nothing = RefundParts::nothing(&sale);
    let left = left_of(&sale, &nothing).unwrap();
    for amount in [0, -5, i64::MIN] {
        let refused = divide(&sale, &left, &RefundOf::Everything, amount);
        assert_eq!(refused, Err(RefundError::NotPositive));
    }
    for amount in [39_501, i64::MAX] {
        let refused = divide(&sale, &left, &RefundOf::Shipping, amount);
        assert_eq!(refused, Err(RefundError::ExceedsPaid { left_minor: 39_500 }));
    }
    let parts = |ring, shipping_minor| RefundParts { goods_minor: vec![ring], shipping_minor };
    for odd in [parts(38_001, 0), parts(0, 1_501), parts(-1, 5)] {
        assert_eq!(left_of(&sale, &odd), Err(RefundError::Inconsistent), "{odd:?}");
        assert!(unwind(&sale, &nothing, &odd, false).is_err(), "{odd:?}");
    }
    assert_eq!(unwind(&sale, &nothing, &nothing, false), Err(RefundError::NotPositive));
}

/// A bug of another shop (polarsource/polar, issue 13770): six refunds of any amount, each of which
/// rounded its tax down, so that their sum missed some of the tax.
#[test]
fn partial_refunds_together_take_exactly_the_tax() {
    for cuts in [vec![32, 9, 8, 3, 6, 3], vec![1; 61], vec![60, 1]] {
        let bare = PieceSale { material: Vec::new(), ..piece("ring", 61) };
        let mut refunds = Refunds::new(order(vec![bare], 0));
        let igv: i64 = cuts
            .iter()
            .map(|&cut| refunds.split(&RefundOf::Everything, cut, false).pieces[0].igv_minor)
            .sum();
        assert_eq!(igv, refunds.sale.pieces[0].igv_minor, "{cuts:?}");
    }
}

#[test]
fn a_refund_takes_only_what_is_unpaid_of_the_same_sale() {
    let mut refunds = Refunds::new(order(vec![piece("ring", 38_000)], 1_500));
    let split = refunds.split(&RefundOf::Goods(id("ring")), 38_000, true);
    let share = |who| (id("ring"), member(who));
    let of = |rosa, elena| OfShares::from([(share("rosa"), rosa), (share("elena"), elena)]);
    for (paid, taken, expected) in [
        // Rosa was paid 100.00 of her 157.55, Elena all of her 78.78.
        (of(10_000, 7_878), OfShares::new(), [5_755, 0]),
        (of(0, 0), OfShares::new(), [15_755, 7_878]),
        (of(15_755, 0), OfShares::new(), [0, 7_878]),
        // Earlier refunds took 30.00 of what Rosa was not paid.
        (of(10_000, 0), of(3_000, 878), [2_755, 7_000]),
        // More was paid out than the share: nothing is taken and nothing is given.
        (of(20_000, 0), OfShares::new(), [0, 7_878]),
    ] {
        let taken = Unpaid::of(&refunds.sale, &paid, &taken).taken_by(&split);
        assert_eq!([taken[&share("rosa")], taken[&share("elena")]], expected);
        let entry = refund_entry(header(), &at_stripe(38_000), &split, &taken).unwrap();
        let sums = balances([&entry]);
        let of_account = |account: &str| sums.get(account).copied().unwrap_or(0);
        assert_eq!([of_account("member:rosa"), of_account("member:elena")], expected);
        let borne = 15_755 + 7_878 - expected.iter().sum::<i64>();
        assert_eq!(of_account("fund:refunds"), 4_400 + borne, "the reserve bears what was paid");
    }
    // A share that is not known is not touched.
    let nobody = Unpaid::default().taken_by(&split);
    assert!(nobody.values().all(|minor| *minor == 0));
}

/// An order in dollars whose metal is owed in soles and whose payment was converted to soles: each
/// currency balances by itself, at the provider's own rates.
#[test]
fn a_sale_in_dollars_settled_in_soles_is_booked_in_both_currencies() {
    let rates = Rates::new([(Currency::Usd, 3_752_000)]).unwrap();
    let metal = Money::new(1_523, Currency::Pen);
    let deducted_minor = rates.convert(metal, Currency::Usd).unwrap().amount_minor;
    assert_eq!(deducted_minor, 406);
    let cost = MaterialCost { source: MaterialSource::Consigned, cost: metal, deducted_minor };
    // 101.28 dollars became 376.20 soles at 3.7145, of which 15.92 were kept.
    let paid = Money::new(10_128, Currency::Usd);
    let settled =
        Settlement { fee_minor: 1_592, rate_nano: Some(3_714_500_000), ..at_stripe(37_620) };
    let fee = settled.fee_in_money_of(paid).unwrap();
    assert_eq!(fee, Money::new(429, Currency::Usd));
    let untold = Settlement { rate_nano: None, ..settled };
    assert_eq!(
        untold.fee_in_money_of(paid).unwrap(),
        fee,
        "the rate can be computed from the amounts"
    );
    let sale = SaleInput {
        currency: Currency::Usd,
        pieces: vec![PieceSale { material: vec![cost], ..piece("ring", 10_128) }],
        shipping_charged_minor: 0,
        fee_minor: fee.amount_minor,
        destination: Destination::Abroad,
        tax_policy: TaxPolicy::default(),
    };
    let sale = split_sale(&sale, &policy(&[1_000])).unwrap();
    let sold = sale_entry(header(), &settled, &sale).unwrap();
    let booked = [
        ("stripe:balance", 37_620),
        ("exchange:converted", 1_523 - 37_620),
        ("material:consigned", -1_523),
        ("exchange:converted USD", 10_128 - 406),
        ("fee:payment USD", -429),
        ("fund:association USD", -929),
        ("member:rosa USD", -5_576),
        ("member:elena USD", -2_788),
    ];
    assert_eq!(balances([&sold]), amounts(&booked));
    let kept = fee_entry(header(), &settled, fee).unwrap();
    let booked = [
        ("stripe:balance", -1_592),
        ("exchange:converted", 1_592),
        ("exchange:converted USD", -429),
        ("fee:payment USD", 429),
    ];
    assert_eq!(balances([&kept]), amounts(&booked));
    // The refund has the rate of its own day; the provider gives 1.00 of its fee back.
    let nothing = RefundParts::nothing(&sale);
    let split = unwind(&sale, &nothing, &RefundParts::paid(&sale), false).unwrap();
    let left = Settlement { fee_minor: -100, ..at_stripe(37_474) };
    let taken = Unpaid::of(&sale, &OfShares::new(), &OfShares::new()).taken_by(&split);
    let refund = refund_entry(header(), &left, &split, &taken).unwrap();
    let booked = [
        ("stripe:balance", 100 - 37_474),
        ("exchange:converted", 37_474),
        ("fund:refunds", -100),
        ("exchange:converted USD", -10_128),
        ("fund:association USD", 929),
        ("member:rosa USD", 5_576),
        ("member:elena USD", 2_788),
        ("fund:refunds USD", 429 + 406),
    ];
    assert_eq!(balances([&refund]), amounts(&booked));
    let back = return_entry(header(), &come_back(&sale, &id("ring")).unwrap()).unwrap().unwrap();
    let booked = [
        ("material:consigned", 1_523),
        ("exchange:converted", -1_523),
        ("exchange:converted USD", 406),
        ("fund:refunds USD", -406),
    ];
    assert_eq!(balances([&back]), amounts(&booked));
}

proptest! {
    #[test]
    fn no_division_of_a_refund_exceeds_what_is_left(
        left in vec(0_i64..1_000_000, 3), shipping_minor in 0_i64..5_000, part in any::<u16>(), of in 0_usize..4,
    ) {
        let names = ["a", "b", "c"];
        let sale = order(names.iter().map(|name| piece(name, 1_000_000)).collect(), 5_000);
        let left = RefundParts { goods_minor: left, shipping_minor };
        prop_assume!(left.sum() > 0);
        let amount = (i128::from(left.sum()) * i128::from(part) / 65_535) as i64;
        prop_assume!(amount > 0);
        let of = [RefundOf::Everything, RefundOf::Shipping, RefundOf::Goods(id("b")), RefundOf::GoodsAndShipping(id("c"))][of].clone();
        let parts = divide(&sale, &left, &of, amount).unwrap();
        prop_assert_eq!(parts.sum(), amount);
        prop_assert!((0..=left.shipping_minor).contains(&parts.shipping_minor));
        for (part, left) in parts.goods_minor.iter().zip(&left.goods_minor) {
            prop_assert!((0..=*left).contains(part));
        }
    }
}
