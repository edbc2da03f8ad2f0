//! Random histories of an order after its sale: refunds, returns and payouts in any order keep the
//! rules, and once everything went back the reserve has borne exactly what it should.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::contribution::{Contribution, Effort, Step};
use crate::ledger::{Entry, MoneyPlace, Settlement, refund_entry, return_entry, sale_entry};
use crate::rates::Rates;
use crate::split::{MaterialSource, PieceSale, SaleInput, split_sale};
use crate::tax::{Destination, TaxPolicy};
use crate::test_data::{header, member, piece_id, policy};

/// What happens to an order after it was sold.
#[derive(Debug, Clone)]
enum Event {
    /// A refund for the things that `of` selects, of `part` (in 65,536ths) of what is left of them.
    Refund { of: u16, part: u16 },
    /// A piece comes back.
    Return(u16),
    /// The courier takes the parcel.
    HandOver,
    /// A payout of this part of every unpaid share.
    PayOut(u16),
    /// This part of all payouts bounces.
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
                    piece_id: piece_id(&format!("piece-{number}")),
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

/// One order with everything that happened to it. Checks the rules after each event.
struct OrderHistory {
    sale: SaleSplit,
    refunded: RefundParts,
    handed_over: bool,
    came_back: Vec<bool>,
    paid: OfShares,
    taken: OfShares,
    entries: Vec<Entry>,
    /// Shipping without tax that went back although the courier had the parcel.
    used_shipping: i64,
    /// What was refunded of members' shares and borne by the reserve, because it had been paid out.
    borne: i64,
    /// What the refunds took from each maker's share by their ratio.
    unwound: OfShares,
}

impl OrderHistory {
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

    fn apply(&mut self, event: &Event) {
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
        check_that_nothing_is_given(&split);
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
        self.check_parts();
    }

    /// Every part is within one unit of its ratio, and no money that was paid out was taken back.
    fn check_parts(&self) {
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

    /// All money went back and all pieces came back: the reserve has borne the card fee, the shipping that
    /// was used and what members had been paid, and nothing else is left of the sale.
    fn finish(mut self, fee_minor: i64) {
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
        assert_eq!(members, -self.borne, "a member keeps what was paid out to her");
        assert!(sums.is_empty(), "{sums:?}");
    }
}

/// A refund never adds to any part.
fn check_that_nothing_is_given(split: &RefundSplit) {
    assert!(split.shipping_igv_minor >= 0 && split.shipping_minor >= 0);
    for piece in &split.pieces {
        assert!(piece.goods_minor > 0 && piece.igv_minor >= 0 && piece.held_for_makers_minor >= 0);
        assert!(piece.funds.iter().all(|part| part.amount_minor >= 0), "{piece:?}");
        assert!(piece.makers.iter().all(|part| part.amount_minor >= 0), "{piece:?}");
    }
}

proptest! {
    #[test]
    fn after_any_history_the_reserve_has_borne_the_fee_and_the_used_shipping(
        sale in any_sale(), bps in (0_u32..4_000, 0_u32..4_000), events in vec(any_event(), 0..14),
    ) {
        let split = split_sale(&sale, &policy(&[bps.0, bps.1])).unwrap();
        prop_assume!(split.gross().amount_minor > 0);
        let mut history = OrderHistory::new(split);
        for event in &events {
            history.apply(event);
        }
        history.finish(sale.fee_minor);
    }
}
