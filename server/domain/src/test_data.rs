//! Test data that several test files share: a policy, a piece, a sale, and the sums of entries.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use jiff::civil::date;

use crate::calendar::lima_midnight_us;
use crate::contribution::{Contribution, Effort, Step};
use crate::id::{EntryId, FundCode, MemberId, PieceId, PolicyId};
use crate::ledger::{Entry, EntryHeader, MoneyPlace, Settlement};
use crate::money::{Currency, Money};
use crate::policy::{FundShare, SplitPolicy};
use crate::split::{MaterialCost, MaterialSource, PieceSale, SaleInput};
use crate::tax::{Destination, TaxPolicy};

pub(crate) fn fund(code: &str) -> FundCode {
    FundCode::parse(code).unwrap()
}

pub(crate) fn member(id: &str) -> MemberId {
    MemberId::parse(id).unwrap()
}

pub(crate) fn piece_id(id: &str) -> PieceId {
    PieceId::parse(id).unwrap()
}

pub(crate) fn header() -> EntryHeader {
    EntryHeader { id: EntryId::parse("e").unwrap(), occurred_at_us: 1, reference: "r".into() }
}

/// A policy whose funds take these basis points of the net.
pub(crate) fn policy(bps: &[u32]) -> SplitPolicy {
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

pub(crate) fn work(who: &str, minutes: u32) -> Contribution {
    Contribution { member_id: member(who), step: Step::Smithing, effort: Effort::Minutes(minutes) }
}

/// Material with this cost in céntimos.
pub(crate) fn material(source: MaterialSource, cost_minor: i64) -> MaterialCost {
    let cost = Money::new(cost_minor, Currency::Pen);
    MaterialCost { source, cost, deducted_minor: cost_minor }
}

/// A piece with 25.00 of consigned metal and 3.00 of our own, made by Rosa (two thirds) and Elena.
pub(crate) fn piece(name: &str, price_minor: i64) -> PieceSale {
    PieceSale {
        piece_id: piece_id(name),
        price_minor,
        material: vec![
            material(MaterialSource::Consigned, 2_500),
            material(MaterialSource::Own, 300),
        ],
        contributions: vec![work("rosa", 90), work("elena", 60), work("rosa", 30)],
    }
}

/// A sale within Peru, in soles, with a payment fee of 16.00.
pub(crate) fn sale(pieces: Vec<PieceSale>, shipping_charged_minor: i64) -> SaleInput {
    SaleInput {
        currency: Currency::Pen,
        pieces,
        shipping_charged_minor,
        fee_minor: 1_600,
        destination: Destination::Domestic,
        tax_policy: TaxPolicy::default(),
    }
}

/// Money at Stripe, neither converted nor charged a fee.
pub(crate) fn at_stripe(amount_minor: i64) -> Settlement {
    Settlement::plain(MoneyPlace::Stripe, Money::new(amount_minor, Currency::Pen))
}

/// Amounts by account, and by currency where it is not the sol.
pub(crate) fn balances<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> BTreeMap<String, i64> {
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
