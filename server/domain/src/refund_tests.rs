//! What refunds and returns take back: worked examples to the cent, and attacks on the rules.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use jiff::civil::date;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::calendar::lima_midnight_us;
use crate::contribution::{Contribution, Effort, Step};
use crate::id::{EntryId, FundCode, MemberId, PieceId, PolicyId};
use crate::ledger::{
    Entry, EntryHeader, MoneyPlace, Settlement, fee_entry, refund_entry, return_entry, sale_entry,
};
use crate::money::{Currency, Money};
use crate::policy::{FundShare, SplitPolicy};
use crate::rates::Rates;
use crate::refund::{
    OfShares, RefundError, RefundOf, RefundParts, RefundSplit, Unpaid, come_back, divide, left_of,
    left_of_named, unwind,
};
use crate::split::{MaterialCost, MaterialSource, PieceSale, SaleInput, SaleSplit, split_sale};
use crate::tax::{Destination, TaxPolicy};

fn fund(code: &str) -> FundCode {
    FundCode::parse(code).unwrap()
}

fn member(id: &str) -> MemberId {
    MemberId::parse(id).unwrap()
}

fn id(piece: &str) -> PieceId {
    PieceId::parse(piece).unwrap()
}

fn header() -> EntryHeader {
    EntryHeader { id: EntryId::parse("e").unwrap(), occurred_at_us: 1, reference: "r".into() }
}

fn policy(bps: &[u32]) -> SplitPolicy {
    let names = ["association", "workshop", "training"];
    let share = |(name, &bps): (&&str, &u32)| FundShare { fund: fund(name), bps };
    SplitPolicy {
        id: PolicyId::parse("policy-1").unwrap(),
        version: 1,
        adopted_by: "ACTA-2026-03".into(),
        adopted_on: date(2026, 3, 1),
        effective_from_us: lima_midnight_us(date(2026, 3, 1)),
        funds: names.iter().zip(bps).map(share).collect(),
        loss_fund: fund("association"),
        reserve_fund: Some(fund("refunds")),
        minute_rate_minor: 20,
    }
}

fn soles(source: MaterialSource, cost_minor: i64) -> MaterialCost {
    let cost = Money::new(cost_minor, Currency::Pen);
    MaterialCost { source, cost, deducted_minor: cost_minor }
}

/// A piece with 25.00 of consigned metal and 3.00 of our own, made by Rosa (two thirds) and Elena.
fn piece(name: &str, price_minor: i64) -> PieceSale {
    let work = |who: &str, minutes| Contribution {
        member_id: member(who),
        step: Step::Smithing,
        effort: Effort::Minutes(minutes),
    };
    PieceSale {
        piece_id: id(name),
        price_minor,
        material: vec![soles(MaterialSource::Consigned, 2_500), soles(MaterialSource::Own, 300)],
        contributions: vec![work("rosa", 120), work("elena", 60)],
    }
}

fn order(pieces: Vec<PieceSale>, shipping_charged_minor: i64) -> SaleSplit {
    let sale = SaleInput {
        currency: Currency::Pen,
        pieces,
        shipping_charged_minor,
        fee_minor: 1_600,
        destination: Destination::Domestic,
        tax_policy: TaxPolicy::default(),
    };
    split_sale(&sale, &policy(&[1_000, 500])).unwrap()
}

fn at_stripe(amount_minor: i64) -> Settlement {
    Settlement::plain(MoneyPlace::Stripe, Money::new(amount_minor, Currency::Pen))
}

/// Amounts by account, and by currency where it is not the sol.
fn balances<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for posting in entries.into_iter().flat_map(Entry::postings) {
        let account = match posting.currency {
            Currency::Pen => posting.account.to_string(),
            other => format!("{} {}", posting.account, other.code()),
        };
        *sums.entry(account).or_default() += posting.amount_minor;
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

fn told(expected: &[(&str, i64)]) -> BTreeMap<String, i64> {
    expected.iter().map(|(account, minor)| ((*account).to_owned(), *minor)).collect()
}

/// The refunds of one sale, one after the other, while nobody was paid.
struct Desk {
    sale: SaleSplit,
    refunded: RefundParts,
}

impl Desk {
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
fn a_whole_price_gives_back_its_shares_and_the_reserve_bears_fee_and_material() {
    let mut desk = Desk::new(order(vec![piece("ring", 38_000)], 1_500));
    let refund = desk.refund(&RefundOf::Goods(id("ring")), 38_000, false);
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
    assert_eq!(balances([&refund]), told(&taken));
    let back = desk.comes_back("ring").unwrap();
    let given = [("material:consigned", 2_500), ("material:own", 300), ("fund:refunds", -2_800)];
    assert_eq!(balances([&back]), told(&given));
}

#[test]
fn half_a_price_for_a_piece_that_is_kept_leaves_metal_and_courier_owed() {
    let mut desk = Desk::new(order(vec![piece("ring", 38_000)], 1_500));
    let refund = desk.refund(&RefundOf::Goods(id("ring")), 19_000, true);
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
    assert_eq!(balances([&refund]), told(&taken));
}

#[test]
fn shipping_goes_back_whole_until_the_courier_has_the_parcel() {
    for (handed_over, expected) in [
        (false, [("stripe:balance", -1_500), ("tax:igv", 229), ("shipping:pass_through", 1_271)]),
        (true, [("stripe:balance", -1_500), ("tax:igv", 229), ("fund:refunds", 1_271)]),
    ] {
        let mut desk = Desk::new(order(vec![piece("ring", 38_000)], 1_500));
        let refund = desk.refund(&RefundOf::Shipping, 1_500, handed_over);
        assert_eq!(balances([&refund]), told(&expected), "{handed_over}");
    }
    // A third before, the rest after: 5.00 × 12.71 ÷ 15.00 = 4.24 were given back.
    let mut desk = Desk::new(order(vec![piece("ring", 38_000)], 1_500));
    let entries = [
        desk.refund(&RefundOf::Shipping, 500, false),
        desk.refund(&RefundOf::Shipping, 1_000, true),
    ];
    let sums = balances(&entries);
    assert_eq!((sums["shipping:pass_through"], sums["fund:refunds"]), (424, 847));
    assert_eq!(sums["tax:igv"], 229);
}

#[test]
fn a_net_below_zero_comes_back_with_the_piece_and_not_with_the_money() {
    let mut desk = Desk::new(order(vec![piece("ring", 1_000)], 0));
    // 10.00 − 1.53 of tax − 16.00 − 28.00 = −35.53, borne by the association.
    assert_eq!(desk.sale.pieces[0].net_minor(), -3_553);
    let refund = desk.refund(&RefundOf::Goods(id("ring")), 1_000, false);
    let taken = [("stripe:balance", -1_000), ("tax:igv", 153), ("fund:refunds", 847)];
    assert_eq!(balances([&refund]), told(&taken));
    let back = desk.comes_back("ring").unwrap();
    let given = [
        ("material:consigned", 2_500),
        ("material:own", 300),
        ("fund:association", -3_553),
        ("fund:refunds", 753),
    ];
    assert_eq!(balances([&back]), told(&given));
    assert_eq!(balances([&refund, &back])["fund:refunds"], 1_600, "the card fee and nothing else");
}

#[test]
fn a_piece_of_nothing_gives_nothing_back() {
    let bare = PieceSale { material: Vec::new(), ..piece("ring", 38_000) };
    let desk = Desk::new(order(vec![bare], 0));
    assert_eq!(desk.comes_back("ring"), None);
    assert_eq!(come_back(&desk.sale, &id("brooch")), Err(RefundError::Inconsistent));
}

#[test]
fn without_a_reserve_in_the_policy_the_loss_fund_stands_in() {
    let unnamed = SplitPolicy { reserve_fund: None, ..policy(&[0]) };
    let sale = SaleInput {
        currency: Currency::Pen,
        pieces: vec![piece("ring", 38_000)],
        shipping_charged_minor: 0,
        fee_minor: 1_600,
        destination: Destination::Domestic,
        tax_policy: TaxPolicy::default(),
    };
    let mut desk = Desk::new(split_sale(&sale, &unnamed).unwrap());
    let refund = desk.refund(&RefundOf::Everything, 38_000, false);
    assert_eq!(balances([&refund])["fund:association"], 4_400);
}

#[test]
fn what_a_refund_names_is_paid_back_by_what_is_left_of_each() {
    let sale = order(vec![piece("ring", 38_000), piece("brooch", 12_000)], 1_500);
    let left = |ring, brooch, shipping_minor| RefundParts {
        goods_minor: vec![ring, brooch],
        shipping_minor,
    };
    let (ring, brooch) = (|| id("ring"), || id("brooch"));
    for (before, of, amount, expected) in [
        // Nothing is named: all that is left, by what is left of each.
        (left(38_000, 12_000, 1_500), RefundOf::Everything, 5_150, left(3_800, 1_200, 150)),
        (left(38_000, 12_000, 1_500), RefundOf::Everything, 1, left(1, 0, 0)),
        (left(0, 12_000, 1_500), RefundOf::Everything, 1_350, left(0, 1_200, 150)),
        (left(10, 10, 10), RefundOf::Everything, 20, left(7, 7, 6)),
        (left(10, 10, 10), RefundOf::Everything, 30, left(10, 10, 10)),
        // One thing, or a piece and the shipping.
        (left(38_000, 12_000, 1_500), RefundOf::Goods(brooch()), 700, left(0, 700, 0)),
        (left(38_000, 12_000, 1_500), RefundOf::Shipping, 700, left(0, 0, 700)),
        (left(1, 12_000, 1_500), RefundOf::GoodsAndShipping(brooch()), 1_350, left(0, 1_200, 150)),
        // What was named went back meanwhile: the money has gone all the same.
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
fn refunds_of_nothing_or_too_much_are_refused() {
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

/// Polar's order (polarsource/polar, issue 13770): six arbitrary refunds from a dashboard, each of
/// which rounded its tax down until the whole missed some.
#[test]
fn stacked_partial_refunds_take_exactly_the_tax() {
    for cuts in [vec![32, 9, 8, 3, 6, 3], vec![1; 61], vec![60, 1]] {
        let bare = PieceSale { material: Vec::new(), ..piece("ring", 61) };
        let mut desk = Desk::new(order(vec![bare], 0));
        let igv: i64 = cuts
            .iter()
            .map(|&cut| desk.split(&RefundOf::Everything, cut, false).pieces[0].igv_minor)
            .sum();
        assert_eq!(igv, desk.sale.pieces[0].igv_minor, "{cuts:?}");
    }
}

#[test]
fn a_refund_takes_only_what_is_unpaid_of_that_very_sale() {
    let mut desk = Desk::new(order(vec![piece("ring", 38_000)], 1_500));
    let split = desk.split(&RefundOf::Goods(id("ring")), 38_000, true);
    let share = |who| (id("ring"), member(who));
    let of = |rosa, elena| OfShares::from([(share("rosa"), rosa), (share("elena"), elena)]);
    for (paid, taken, expected) in [
        // Rosa was paid 100.00 of her 157.55, Elena all of her 78.78.
        (of(10_000, 7_878), OfShares::new(), [5_755, 0]),
        (of(0, 0), OfShares::new(), [15_755, 7_878]),
        (of(15_755, 0), OfShares::new(), [0, 7_878]),
        // Earlier refunds took 30.00 of what Rosa was not paid.
        (of(10_000, 0), of(3_000, 878), [2_755, 7_000]),
        // More was paid than the share: nothing is taken, and nothing given.
        (of(20_000, 0), OfShares::new(), [0, 7_878]),
    ] {
        let taken = Unpaid::of(&desk.sale, &paid, &taken).taken_by(&split);
        assert_eq!([taken[&share("rosa")], taken[&share("elena")]], expected);
        let entry = refund_entry(header(), &at_stripe(38_000), &split, &taken).unwrap();
        let sums = balances([&entry]);
        let of_account = |account: &str| sums.get(account).copied().unwrap_or(0);
        assert_eq!([of_account("member:rosa"), of_account("member:elena")], expected);
        let borne = 15_755 + 7_878 - expected.iter().sum::<i64>();
        assert_eq!(of_account("fund:refunds"), 4_400 + borne, "the reserve bears what was paid");
    }
    // A share of nobody known is not touched.
    let nobody = Unpaid::default().taken_by(&split);
    assert!(nobody.values().all(|minor| *minor == 0));
}

/// An order in dollars whose metal is owed in soles and whose money lies in soles: each currency by
/// itself, at the provider's own rates.
#[test]
fn a_sale_in_dollars_settled_in_soles_is_booked_where_it_lies() {
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
    assert_eq!(untold.fee_in_money_of(paid).unwrap(), fee, "the rate is in the amounts as well");
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
    assert_eq!(balances([&sold]), told(&booked));
    let kept = fee_entry(header(), &settled, fee).unwrap();
    let booked = [
        ("stripe:balance", -1_592),
        ("exchange:converted", 1_592),
        ("exchange:converted USD", -429),
        ("fee:payment USD", 429),
    ];
    assert_eq!(balances([&kept]), told(&booked));
    // It goes back at that day's rate; the provider gives 1.00 of its fee back.
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
    assert_eq!(balances([&refund]), told(&booked));
    let back = return_entry(header(), &come_back(&sale, &id("ring")).unwrap()).unwrap().unwrap();
    let booked = [
        ("material:consigned", 1_523),
        ("exchange:converted", -1_523),
        ("exchange:converted USD", 406),
        ("fund:refunds USD", -406),
    ];
    assert_eq!(balances([&back]), told(&booked));
}

/// What happens to an order after it was sold.
#[derive(Debug, Clone)]
enum Event {
    /// A refund of what a number picks, of so much of what is left of it (in 65,536ths).
    Refund { of: u16, part: u16 },
    /// A piece comes back.
    Return(u16),
    /// The courier takes the parcel.
    HandOver,
    /// A payout of so much of every share's unpaid part.
    PayOut(u16),
    /// Payouts of so much bounce.
    Bounce(u16),
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (any::<u16>(), any::<u16>()).prop_map(|(of, part)| Event::Refund { of, part }),
        2 => any::<u16>().prop_map(Event::Return),
        1 => Just(Event::HandOver),
        1 => any::<u16>().prop_map(Event::PayOut),
        1 => any::<u16>().prop_map(Event::Bounce),
    ]
}

fn any_sale() -> impl Strategy<Value = SaleInput> {
    let price = prop_oneof![Just(0_i64), 1_i64..300, 300_i64..300_000, 0_i64..1_000_000_000];
    let cost = (any::<bool>(), 0_i64..30_000, 0_usize..3);
    let maker = (0_usize..4, 0_u32..500);
    let piece = (price, vec(cost, 0..4), vec(maker, 0..6));
    let rates = (3_000_000_i64..5_000_000, 3_000_000_i64..5_000_000);
    (vec(piece, 1..4), 0_i64..9_000, 0_i64..9_000, any::<bool>(), 0_usize..3, rates).prop_map(
        |(pieces, shipping_charged_minor, fee_minor, abroad, currency, (usd, eur))| {
            let currency = Currency::ALL[currency];
            let rates = Rates::new([(Currency::Usd, usd), (Currency::Eur, eur)]).unwrap();
            let pieces = (0..).zip(pieces).map(|(number, (price_minor, costs, makers))| {
                let material = costs.into_iter().map(|(consigned, minor, of)| {
                    let cost = Money::new(minor, Currency::ALL[of]);
                    let deducted_minor = rates.convert(cost, currency).unwrap().amount_minor;
                    let source =
                        if consigned { MaterialSource::Consigned } else { MaterialSource::Own };
                    MaterialCost { source, cost, deducted_minor }
                });
                let contributions = makers.into_iter().map(|(who, minutes)| Contribution {
                    member_id: member(["rosa", "elena", "nieves", "luz"][who]),
                    step: Step::Casting,
                    effort: Effort::Minutes(minutes),
                });
                PieceSale {
                    piece_id: id(&format!("piece-{number}")),
                    price_minor,
                    material: material.collect(),
                    contributions: contributions.collect(),
                }
            });
            SaleInput {
                currency,
                pieces: pieces.collect(),
                shipping_charged_minor,
                fee_minor,
                destination: if abroad { Destination::Abroad } else { Destination::Domestic },
                tax_policy: TaxPolicy::default(),
            }
        },
    )
}

/// One order with everything that happens to it, and what must hold after each.
struct Walk {
    sale: SaleSplit,
    refunded: RefundParts,
    handed_over: bool,
    came_back: Vec<bool>,
    paid: OfShares,
    taken: OfShares,
    entries: Vec<Entry>,
    /// Shipping without tax that went back although the courier has it.
    used_shipping: i64,
    /// What was refunded of members' shares and borne for them.
    borne: i64,
    /// What the refunds took of each maker's share by their ratio.
    unwound: OfShares,
}

impl Walk {
    fn new(sale: SaleSplit) -> Self {
        let entries = vec![
            sale_entry(header(), &Settlement::plain(MoneyPlace::Bank, sale.gross()), &sale)
                .unwrap(),
        ];
        Self {
            refunded: RefundParts::nothing(&sale),
            came_back: vec![false; sale.pieces.len()],
            sale,
            handed_over: false,
            paid: OfShares::new(),
            taken: OfShares::new(),
            entries,
            used_shipping: 0,
            borne: 0,
            unwound: OfShares::new(),
        }
    }

    fn left(&self) -> RefundParts {
        left_of(&self.sale, &self.refunded).unwrap()
    }

    fn happen(&mut self, event: &Event) {
        match *event {
            Event::HandOver => self.handed_over = true,
            Event::Return(which) => self.give_back_piece(usize::from(which) % self.came_back.len()),
            Event::PayOut(part) => {
                let unpaid = Unpaid::of(&self.sale, &self.paid, &self.taken);
                for (share, minor) in unpaid.all() {
                    let paid = minor * i64::from(part) / 65_536;
                    *self.paid.entry(share).or_default() += paid;
                }
            }
            Event::Bounce(part) => {
                for paid in self.paid.values_mut() {
                    *paid -= *paid * i64::from(part) / 65_536;
                }
            }
            Event::Refund { of, part } => {
                let pieces = self.sale.pieces.len();
                let piece = || self.sale.pieces[usize::from(of) / 4 % pieces].piece_id.clone();
                let of = match of % 4 {
                    0 => RefundOf::Everything,
                    1 => RefundOf::Shipping,
                    2 => RefundOf::Goods(piece()),
                    _ => RefundOf::GoodsAndShipping(piece()),
                };
                let most = left_of_named(&self.sale, &self.left(), &of).unwrap();
                let amount = (i128::from(most) * i128::from(part) / 65_536) as i64;
                if amount > 0 {
                    self.refund(&of, amount);
                }
            }
        }
    }

    fn give_back_piece(&mut self, at: usize) {
        if std::mem::replace(&mut self.came_back[at], true) {
            return;
        }
        let back = come_back(&self.sale, &self.sale.pieces[at].piece_id).unwrap();
        self.entries.extend(return_entry(header(), &back).unwrap());
    }

    fn refund(&mut self, of: &RefundOf, amount: i64) {
        let parts = divide(&self.sale, &self.left(), of, amount).unwrap();
        assert_eq!(parts.sum(), amount);
        let split = unwind(&self.sale, &self.refunded, &parts, self.handed_over).unwrap();
        let would = unwind(&self.sale, &self.refunded, &parts, false).unwrap();
        self.used_shipping += would.shipping_minor - split.shipping_minor;
        nothing_is_given(&split);
        let taken = Unpaid::of(&self.sale, &self.paid, &self.taken).taken_by(&split);
        for piece in &split.pieces {
            for part in &piece.makers {
                let share = (piece.piece_id.clone(), part.member_id.clone());
                self.borne += part.amount_minor - taken[&share];
                *self.taken.entry(share.clone()).or_default() += taken[&share];
                *self.unwound.entry(share).or_default() += part.amount_minor;
            }
        }
        self.refunded.add(&parts);
        let lies = Settlement::plain(MoneyPlace::Bank, Money::new(amount, self.sale.currency));
        self.entries.push(refund_entry(header(), &lies, &split, &taken).unwrap());
        self.no_part_strays();
    }

    /// Every part is within a unit of its ratio, and nobody was taken what she was paid.
    fn no_part_strays(&self) {
        for (at, piece) in self.sale.pieces.iter().enumerate() {
            for part in &piece.makers {
                let share = (piece.piece_id.clone(), part.member_id.clone());
                let of = |map: &OfShares| map.get(&share).copied().unwrap_or(0);
                let exact =
                    i128::from(part.amount_minor) * i128::from(self.refunded.goods_minor[at]);
                let got = i128::from(of(&self.unwound)) * i128::from(piece.price_minor);
                assert!((exact - got).abs() <= i128::from(piece.price_minor));
                assert!(of(&self.taken) + of(&self.paid) <= part.amount_minor);
            }
        }
    }

    /// Everything went back and came back: the reserve has borne the card fee, the shipping that
    /// was used and what members had been paid, and nothing else is left of the sale.
    fn end(mut self, fee_minor: i64) {
        let left = self.left().sum();
        if left > 0 {
            self.refund(&RefundOf::Everything, left);
        }
        for at in 0..self.came_back.len() {
            self.give_back_piece(at);
        }
        let mut sums: BTreeMap<(String, Currency), i64> = BTreeMap::new();
        for posting in self.entries.iter().flat_map(Entry::postings) {
            *sums.entry((posting.account.to_string(), posting.currency)).or_default() +=
                posting.amount_minor;
        }
        sums.retain(|_, sum| *sum != 0);
        let mut take =
            |account: &str| sums.remove(&(account.to_owned(), self.sale.currency)).unwrap_or(0);
        assert_eq!(take("fund:refunds"), fee_minor + self.used_shipping + self.borne);
        assert_eq!(take("fee:payment"), -fee_minor);
        assert_eq!(take("shipping:pass_through"), -self.used_shipping);
        let members: i64 = ["rosa", "elena", "nieves", "luz"]
            .into_iter()
            .map(|who| take(&format!("member:{who}")))
            .sum();
        assert_eq!(members, -self.borne, "what was borne for her stays hers");
        assert!(sums.is_empty(), "{sums:?}");
    }
}

/// No refund gives any part anything.
fn nothing_is_given(split: &RefundSplit) {
    assert!(split.shipping_igv_minor >= 0 && split.shipping_minor >= 0);
    for piece in &split.pieces {
        assert!(piece.goods_minor > 0 && piece.igv_minor >= 0 && piece.held_for_makers_minor >= 0);
        assert!(piece.funds.iter().all(|part| part.amount_minor >= 0), "{piece:?}");
        assert!(piece.makers.iter().all(|part| part.amount_minor >= 0), "{piece:?}");
    }
}

proptest! {
    #[test]
    fn whatever_happens_to_an_order_the_reserve_ends_with_fee_and_used_shipping(
        sale in any_sale(), bps in (0_u32..4_000, 0_u32..4_000), events in vec(any_event(), 0..14),
    ) {
        let split = split_sale(&sale, &policy(&[bps.0, bps.1])).unwrap();
        prop_assume!(split.gross().amount_minor > 0);
        let mut walk = Walk::new(split);
        for event in &events {
            walk.happen(event);
        }
        walk.end(sale.fee_minor);
    }

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
