//! What the ledger must say of an order. The rules are applied again to the stored sale, payments,
//! refunds and returns, and every sum is computed again.

use std::collections::BTreeMap;

use domain::id::{EntryId, FundCode, MemberId, OrderLineId, PolicyId};
use domain::ledger::{self, Entry, EntryHeader, LedgerError, MoneyPlace, Settlement};
use domain::money::{Currency, Money};
use domain::payment::RefundState;
use domain::refund::{self as rules, OfShares, RefundOf, RefundParts, Unpaid};
use domain::split::{FundPart, MakerPart, MaterialCost, PieceSplit, SaleSplit};
use store::check::{LineRow, PaymentRow, RefundRow};
use store::sale::source_from_name;

use super::case::{Amounts, Case, Findings};

/// What an entry must say.
pub(super) enum Must {
    /// These postings and no others.
    Be(Amounts),
    /// This amount on the account where the money lies; the rest depends on the policy of that day.
    Move(Amounts),
}

impl Must {
    pub(super) fn allows(&self, entry: &Amounts) -> bool {
        match self {
            Self::Be(amounts) => entry == amounts,
            Self::Move(amounts) => {
                amounts.iter().all(|(account, amount)| entry.get(account) == Some(amount))
            }
        }
    }

    pub(super) fn amounts(&self) -> Amounts {
        match self {
            Self::Be(amounts) | Self::Move(amounts) => amounts.clone(),
        }
    }
}

/// Kind, reference and what it must say.
type Expected = (&'static str, String, Must);

/// The entries that an order requires. Impossible values in its rows are added to `found`.
pub(super) fn expected(case: &Case, found: &mut Findings) -> Vec<Expected> {
    let mut expected = of_strays(case, found);
    let accepted = case.accepted();
    let (Some(payment), true) = (accepted.first(), case.was_sold()) else { return expected };
    let Some(split) = split_of(case) else {
        found.differences.push("its splits cannot be read".into());
        return expected;
    };
    let mut audit = Audit { case, split: &split, found };
    expected.extend(audit.sale(payment));
    let refunds = audit.refunds();
    expected.extend(refunds);
    expected.extend(audit.returns());
    if case.is_refunded_in_full() && case.lines.iter().all(|line| line.returned_at_us.is_some()) {
        audit.everything_came_back();
    }
    expected
}

fn header() -> Option<EntryHeader> {
    let id = EntryId::parse("check").ok()?;
    Some(EntryHeader { id, occurred_at_us: 0, reference: String::new() })
}

/// The postings of an entry that the rules made.
fn amounts_of(entry: Result<Entry, LedgerError>) -> Amounts {
    let mut amounts = Amounts::new();
    for posting in entry.iter().flat_map(Entry::postings) {
        let account = (posting.account.to_string(), posting.currency.code().to_owned());
        *amounts.entry(account).or_default() += posting.amount_minor;
    }
    amounts
}

fn place_of(payment: &PaymentRow) -> MoneyPlace {
    if payment.provider == "stripe" { MoneyPlace::Stripe } else { MoneyPlace::Bank }
}

/// What a payment brought in; the paid amount if nothing else is stored.
fn settlement_of(payment: &PaymentRow, paid: Money) -> Settlement {
    let plain = Settlement {
        fee_minor: payment.fee_minor.unwrap_or(0),
        ..Settlement::plain(place_of(payment), paid)
    };
    let row = &payment.settled;
    let currency = row.settled_currency.as_deref().and_then(Currency::from_code);
    match (currency, row.settled_minor, row.settled_fee_minor) {
        (Some(currency), Some(minor), Some(fee_minor)) => Settlement {
            amount: Money::new(minor, currency),
            fee_minor,
            rate_nano: row.settled_rate_nano,
            ..plain
        },
        _ => plain,
    }
}

/// What left the account by a refund.
fn left_by(refund: &RefundRow, payment: &PaymentRow, amount: Money) -> Settlement {
    let plain = Settlement::plain(place_of(payment), amount);
    let currency = refund.settled_currency.as_deref().and_then(Currency::from_code);
    match (currency, refund.settled_minor, refund.settled_fee_minor) {
        (Some(currency), Some(minor), Some(fee_minor)) => {
            Settlement { amount: Money::new(minor, currency), fee_minor, ..plain }
        }
        _ => plain,
    }
}

fn balance_of(settlement: &Settlement, amount_minor: i64) -> Amounts {
    let account = ledger::AccountCode::Balance(settlement.place).to_string();
    let currency = settlement.amount.currency.code().to_owned();
    Amounts::from([((account, currency), amount_minor)])
}

/// The entries of payments that were turned back, and of their refunds.
fn of_strays(case: &Case, found: &mut Findings) -> Vec<Expected> {
    let mut expected = Vec::new();
    let accepted = case.accepted();
    for payment in &case.payments {
        let received = payment.state.is_received();
        if !received || accepted.iter().any(|known| known.id == payment.id) {
            continue;
        }
        let Some(first) = case.stray_refund_of(payment) else {
            found
                .open
                .push(format!("payment {} came in money that the books cannot hold", payment.id));
            continue;
        };
        let Ok(received) = Money::from_code(first.amount_minor, &first.currency) else { continue };
        let settlement = settlement_of(payment, received);
        let entry =
            header().map(|header| ledger::stray_payment_entry(header, &settlement, received));
        let amounts = entry.map(amounts_of).unwrap_or_default();
        expected.push(("stray", format!("payment:{}", payment.id), Must::Be(amounts)));
        if settlement.fee_minor > 0 {
            let taken = Must::Move(balance_of(&settlement, -settlement.fee_minor));
            expected.push(("stray", format!("payment:{}:fee", payment.id), taken));
        }
        let refunds = case.refunds.iter().filter(|refund| {
            refund.payment_id == payment.id
                && refund.state == RefundState::Done
                && case.is_stray(refund)
        });
        for refund in refunds {
            let Ok(amount) = Money::from_code(refund.amount_minor, &refund.currency) else {
                continue;
            };
            let left = left_by(refund, payment, amount);
            let must = stray_refund(&left, amount);
            expected.push(("stray", format!("refund:{}", refund.id), must));
        }
    }
    expected
}

/// The policy of that day decides which fund bore a fee. Without a fee all postings are known.
fn stray_refund(left: &Settlement, amount: Money) -> Must {
    if left.fee_minor != 0 {
        return Must::Move(balance_of(left, -left.amount.amount_minor - left.fee_minor));
    }
    let entry = FundCode::parse("none").ok().zip(header()).map(|(nobody, header)| {
        amounts_of(ledger::stray_refund_entry(header, left, amount, &nobody))
    });
    Must::Be(entry.unwrap_or_default())
}

/// The frozen split of an order as its rows say.
fn split_of(case: &Case) -> Option<SaleSplit> {
    let first = case.lines.first()?;
    Some(SaleSplit {
        currency: Currency::from_code(&case.order.currency)?,
        policy_id: PolicyId::parse("check").ok()?,
        policy_version: 0,
        reserve: FundCode::parse(first.reserve_fund.clone()?).ok()?,
        pieces: case.lines.iter().map(|line| piece_of(case, line)).collect::<Option<_>>()?,
    })
}

fn piece_of(case: &Case, line: &LineRow) -> Option<PieceSplit> {
    let sale_id = line.sale_id.as_ref()?;
    let shares = || case.shares.iter().filter(|share| share.sale_id == **sale_id);
    let funds = shares().filter_map(|share| Some((share.fund.as_ref()?, share.amount_minor)));
    let makers = shares().filter_map(|share| Some((share.member_id.as_ref()?, share.amount_minor)));
    let material = case.material.iter().filter(|cost| cost.sale_id == **sale_id).map(|cost| {
        Some(MaterialCost {
            source: source_from_name(&cost.source)?,
            cost: Money::new(cost.cost_minor, Currency::from_code(&cost.currency)?),
            deducted_minor: cost.deducted_minor,
        })
    });
    Some(PieceSplit {
        piece_id: line.piece_id.clone(),
        gross_minor: line.gross_minor?,
        price_minor: line.price_minor,
        igv_minor: line.tax_minor?,
        shipping_minor: line.shipping_minor?,
        fee_minor: line.fee_minor?,
        material: material.collect::<Option<_>>()?,
        funds: funds
            .map(|(fund, amount_minor)| {
                Some(FundPart { fund: FundCode::parse(fund.as_str()).ok()?, amount_minor })
            })
            .collect::<Option<_>>()?,
        makers: makers
            .map(|(member, amount_minor)| {
                let member_id = MemberId::parse(member.as_str()).ok()?;
                Some(MakerPart { member_id, amount_minor })
            })
            .collect::<Option<_>>()?,
        held_for_makers_minor: line.held_minor?,
        loss_fund: FundCode::parse(line.loss_fund.clone()?).ok()?,
    })
}

/// Goes through one sale.
struct Audit<'a> {
    case: &'a Case,
    split: &'a SaleSplit,
    found: &'a mut Findings,
}

impl Audit<'_> {
    fn differs(&mut self, what: String) {
        self.found.differences.push(what);
    }

    fn sale(&mut self, payment: &PaymentRow) -> Vec<Expected> {
        let paid = self.split.gross();
        let settlement = settlement_of(payment, paid);
        let Some((of_sale, of_fee)) = header().zip(header()) else { return Vec::new() };
        let entry = ledger::sale_entry(of_sale, &settlement, self.split);
        let reference = format!("order:{}", self.case.order.id);
        let mut expected = vec![("sale", reference, Must::Be(amounts_of(entry)))];
        let fee = Money::new(payment.fee_minor.unwrap_or(0), paid.currency);
        if settlement.fee_in_money_of(paid) != Ok(fee) {
            self.differs(format!(
                "payment {}: a fee of {} {} is not what its {} {} are at the provider's rate",
                payment.id,
                fee.amount_minor,
                fee.currency.code(),
                settlement.fee_minor,
                settlement.amount.currency.code()
            ));
        }
        if settlement.fee_minor > 0 {
            let entry = ledger::fee_entry(of_fee, &settlement, fee);
            expected.push(("fee", format!("payment:{}", payment.id), Must::Be(amounts_of(entry))));
        }
        self.material_sums();
        expected
    }

    fn material_sums(&mut self) {
        for line in &self.case.lines {
            let of = |name: &str| -> i64 {
                let costs = self.case.material.iter().filter(|cost| {
                    Some(&cost.sale_id) == line.sale_id.as_deref() && cost.source == name
                });
                costs.map(|cost| cost.deducted_minor).sum()
            };
            let (stored, sums) = (
                (line.material_consigned_minor, line.material_own_minor),
                (Some(of("consigned")), Some(of("own"))),
            );
            if stored != sums {
                let serial = &line.serial;
                self.found.differences.push(format!(
                    "the material of piece {serial} sums to {sums:?}, not to {stored:?}"
                ));
            }
        }
    }

    /// Every booked refund of the sale, in the order in which they were booked.
    fn refunds(&mut self) -> Vec<Expected> {
        let mut done: Vec<&RefundRow> = self
            .case
            .refunds
            .iter()
            .filter(|refund| refund.state == RefundState::Done && !self.case.is_stray(refund))
            .collect();
        done.sort_by_key(|refund| (refund.done_at_us, &refund.id));
        let mut refunded = RefundParts::nothing(self.split);
        let mut taken = OfShares::new();
        done.into_iter()
            .map(|refund| {
                let amounts = self.refund(refund, &mut refunded, &mut taken).unwrap_or_else(|| {
                    self.differs(format!("refund {} cannot be what it says", refund.id));
                    Amounts::new()
                });
                ("refund", format!("refund:{}", refund.id), Must::Be(amounts))
            })
            .collect()
    }

    fn refund(
        &mut self,
        refund: &RefundRow,
        refunded: &mut RefundParts,
        taken: &mut OfShares,
    ) -> Option<Amounts> {
        let payment = self.case.payments.iter().find(|known| known.id == refund.payment_id)?;
        let amount = Money::new(refund.amount_minor, self.split.currency);
        let left = rules::left_of(self.split, refunded).ok()?;
        let of = self.named_by(refund)?;
        let called_for = rules::divide(self.split, &left, &of, refund.amount_minor).ok()?;
        let parts = self.parts_of(refund)?;
        if parts != called_for {
            self.differs(format!(
                "refund {} paid back {parts:?} instead of {called_for:?}",
                refund.id
            ));
        }
        let unwound = rules::unwind(self.split, refunded, &parts, refund.handed_over).ok()?;
        // There are no payouts yet, so nothing was paid out of any share.
        let unpaid = Unpaid::of(self.split, &OfShares::new(), taken);
        let hers = unpaid.taken_by(&unwound);
        self.compare_taken(refund, &hers);
        refunded.add(&parts);
        for (share, minor) in &hers {
            *taken.entry(share.clone()).or_default() += minor;
        }
        let left = left_by(refund, payment, amount);
        Some(amounts_of(ledger::refund_entry(header()?, &left, &unwound, &hers)))
    }

    fn named_by(&self, refund: &RefundRow) -> Option<RefundOf> {
        let piece = match &refund.order_line_id {
            None => None,
            Some(id) => Some(self.split.pieces[self.position(id)?].piece_id.clone()),
        };
        Some(RefundOf::named(piece, refund.of_shipping))
    }

    fn position(&self, line_id: &OrderLineId) -> Option<usize> {
        self.case.lines.iter().position(|line| line.id == *line_id)
    }

    fn parts_of(&self, refund: &RefundRow) -> Option<RefundParts> {
        let mut parts = RefundParts::nothing(self.split);
        for part in self.case.parts.iter().filter(|part| part.refund_id == refund.id) {
            match &part.order_line_id {
                None => parts.shipping_minor += part.amount_minor,
                Some(id) => parts.goods_minor[self.position(id)?] += part.amount_minor,
            }
        }
        Some(parts)
    }

    fn compare_taken(&mut self, refund: &RefundRow, called_for: &OfShares) {
        let rows = self.case.taken.iter().filter(|row| row.refund_id == refund.id);
        let stored: BTreeMap<(String, String), i64> = rows
            .map(|row| {
                ((row.order_line_id.to_string(), row.member_id.to_string()), row.amount_minor)
            })
            .collect();
        let called_for: BTreeMap<(String, String), i64> = called_for
            .iter()
            .filter(|(_, minor)| **minor != 0)
            .filter_map(|((piece, member), minor)| {
                let line = self.case.lines.iter().find(|line| line.piece_id == *piece)?;
                Some(((line.id.to_string(), member.to_string()), *minor))
            })
            .collect();
        if stored != called_for {
            self.differs(format!(
                "refund {} took {stored:?} of its members instead of {called_for:?}",
                refund.id
            ));
        }
    }

    fn returns(&mut self) -> Vec<Expected> {
        let mut expected = Vec::new();
        for (line, piece) in self.case.lines.iter().zip(&self.split.pieces) {
            if line.returned_at_us.is_none() {
                continue;
            }
            let back = rules::come_back(self.split, &piece.piece_id).ok().zip(header());
            let entry = back.map(|(back, header)| ledger::return_entry(header, &back));
            if let Some(Ok(Some(entry))) = entry {
                let reference = format!("returned:{}", line.id);
                expected.push(("refund", reference, Must::Be(amounts_of(Ok(entry)))));
            }
        }
        expected
    }

    /// Checks the sum of all entries, whatever each says, once all money went back and all pieces
    /// came back. The reserve must have borne the card fee (including what the provider kept for
    /// refunds, or gave back of its fee with them) and the shipping that was used, and nothing else
    /// may be left.
    fn everything_came_back(&mut self) {
        let mut left = Amounts::new();
        let unwound = |kind: &str| matches!(kind, "sale" | "fee" | "refund");
        for entry in self.case.entries.iter().filter(|entry| unwound(&entry.kind)) {
            for (account, amount) in &entry.amounts {
                *left.entry(account.clone()).or_default() += amount;
            }
        }
        let currency = self.split.currency.code().to_owned();
        let mut take = |account: &str| left.remove(&(account.to_owned(), currency.clone()));
        let used = -take("shipping:pass_through").unwrap_or(0);
        let borne = take(&format!("fund:{}", self.split.reserve)).unwrap_or(0);
        let of_refunds = self.case.refunds.iter().filter(|refund| {
            !self.case.is_stray(refund) && refund.settled_currency.as_ref() == Some(&currency)
        });
        let fee = self.split.pieces.iter().map(|piece| piece.fee_minor).sum::<i64>()
            + of_refunds.filter_map(|refund| refund.settled_fee_minor).sum::<i64>();
        if borne != fee + used {
            self.differs(format!(
                "everything came back, and the reserve has borne {borne} instead of a fee of {fee} and {used} of shipping"
            ));
        }
        let reserve = format!("fund:{}", self.split.reserve);
        left.retain(|(account, _), amount| {
            let elsewhere = account.ends_with(":balance") || account.starts_with("exchange:");
            // The reserve also bears what was kept for a refund in another currency.
            *amount != 0 && !elsewhere && *account != reserve
        });
        if !left.is_empty() {
            self.differs(format!("everything came back, and yet there is left {}", told(&left)));
        }
    }
}

/// Amounts in a line of a report.
pub(super) fn told(amounts: &Amounts) -> String {
    let parts: Vec<String> = amounts
        .iter()
        .map(|((account, currency), amount)| format!("{account} {amount} {currency}"))
        .collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}
