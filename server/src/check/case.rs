//! One order with everything that hangs on it, and what must hold between them.

use std::collections::BTreeMap;

use crate::shop::order_number;
use crate::store::check::{LineRow, OrderRow, PaymentRow, PostingRow, RefundRow, ShareRow};

/// A hold that ended longer ago than this should have been let go.
pub(super) const LATE_US: i64 = 300_000_000;

/// Postings of an entry, summed by account and currency.
pub(super) type Amounts = BTreeMap<(String, String), i64>;

/// A ledger entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    kind: String,
    reference: String,
    amounts: Amounts,
}

/// An order with everything that hangs on it.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) order: OrderRow,
    pub(super) payments: Vec<PaymentRow>,
    pub(super) refunds: Vec<RefundRow>,
    pub(super) lines: Vec<LineRow>,
    pub(super) shares: Vec<ShareRow>,
    pub(super) entries: Vec<Entry>,
}

/// What was found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Findings {
    /// Books that contradict each other.
    pub(super) differences: Vec<String>,
    /// What is no contradiction but wants somebody's eye.
    pub(super) open: Vec<String>,
}

/// What an entry must say.
enum Must {
    /// These postings and no others.
    Be(Amounts),
    /// This amount where the money lies; the rest follows the sale's shares.
    Move { place: &'static str, currency: String, amount_minor: i64 },
}

impl Case {
    /// An order nothing hangs on yet.
    pub(super) const fn new(order: OrderRow) -> Self {
        Self {
            order,
            payments: Vec::new(),
            refunds: Vec::new(),
            lines: Vec::new(),
            shares: Vec::new(),
            entries: Vec::new(),
        }
    }

    /// Adds a posting to its entry.
    pub(super) fn post(&mut self, row: PostingRow) {
        let known = self
            .entries
            .iter()
            .position(|entry| entry.kind == row.kind && entry.reference == row.reference);
        let at = known.unwrap_or_else(|| {
            self.entries.push(Entry {
                kind: row.kind,
                reference: row.reference,
                amounts: Amounts::new(),
            });
            self.entries.len() - 1
        });
        if let (Some(account), Some(currency), Some(amount_minor)) =
            (row.account, row.currency, row.amount_minor)
        {
            *self.entries[at].amounts.entry((account, currency)).or_default() += amount_minor;
        }
    }

    /// The order's name in a report.
    pub(super) fn name(&self) -> String {
        format!("order {}", order_number(self.order.number))
    }

    fn was_sold(&self) -> bool {
        self.order.paid_at_us.is_some()
    }

    /// Whether a refund gives back money that never was the price of anything.
    fn is_stray(&self, refund: &RefundRow) -> bool {
        !self.was_sold() || !matches!(refund.reason.as_str(), "requested" | "cancelled")
    }

    fn stray_refund_of(&self, payment: &PaymentRow) -> Option<&RefundRow> {
        self.refunds.iter().find(|refund| refund.payment_id == payment.id && self.is_stray(refund))
    }

    /// Whether the payment came in money that the books cannot hold.
    pub(super) fn is_unbooked(&self, payment: &PaymentRow) -> bool {
        payment.state == "mismatched" && self.stray_refund_of(payment).is_none()
    }

    /// Payments that the order was sold for.
    fn accepted(&self) -> Vec<&PaymentRow> {
        self.payments
            .iter()
            .filter(|payment| payment.state == "paid" && self.stray_refund_of(payment).is_none())
            .collect()
    }

    /// What went back of a payment, and what is on its way.
    pub(super) fn refunded(&self, payment: &PaymentRow) -> (i64, i64) {
        let sum = |state: &str| {
            let counted = self
                .refunds
                .iter()
                .filter(|refund| refund.payment_id == payment.id && refund.state == state);
            counted.map(|refund| refund.amount_minor).sum()
        };
        (sum("done"), sum("intended"))
    }

    fn is_refunded_in_full(&self) -> bool {
        self.accepted()
            .first()
            .is_some_and(|payment| self.refunded(payment).0 == payment.amount_minor)
    }

    /// Everything that must hold.
    pub(super) fn examine(&self, now_us: i64) -> Findings {
        let mut found = Findings::default();
        self.examine_payments(&mut found);
        self.examine_sale(&mut found);
        self.examine_refunds(&mut found);
        self.examine_entries(&mut found);
        self.examine_pieces(now_us, &mut found);
        let name = self.name();
        for line in found.differences.iter_mut().chain(&mut found.open) {
            *line = format!("{name}: {line}");
        }
        found
    }

    /// A paid order has one payment of its amount; any other has none.
    fn examine_payments(&self, found: &mut Findings) {
        let order = &self.order;
        let lines: i64 = self.lines.iter().map(|line| line.price_minor).sum();
        if lines != order.items_minor {
            found
                .differences
                .push(format!("its lines sum to {lines}, not to {}", order.items_minor));
        }
        if self.payments.is_empty() {
            found.differences.push("no payment was ever intended".into());
        }
        match (self.was_sold(), self.accepted().as_slice()) {
            (true, [payment]) => {
                if (payment.amount_minor, &payment.currency) != (order.total_minor, &order.currency)
                {
                    found.differences.push(format!(
                        "paid {} {} instead of {} {}",
                        payment.amount_minor, payment.currency, order.total_minor, order.currency
                    ));
                }
            }
            (false, []) => {}
            (true, payments) => found
                .differences
                .push(format!("sold for {} payments instead of one", payments.len())),
            (false, payments) => {
                found.differences.push(format!(
                    "{} payments were received and neither sold nor given back",
                    payments.len()
                ));
            }
        }
        if order.state == "cancelled" && self.was_sold() && !self.is_refunded_in_full() {
            found.open.push("cancelled after it was paid, and not all of it went back yet".into());
        }
    }

    /// Every sold line has its frozen split, and every split sums to the cent.
    fn examine_sale(&self, found: &mut Findings) {
        if !self.was_sold() {
            let sales = self.lines.iter().filter(|line| line.sale_id.is_some()).count();
            if sales > 0 {
                found.differences.push(format!("{sales} splits of a sale that was never paid"));
            }
            return;
        }
        for line in &self.lines {
            let Some(sale_id) = &line.sale_id else {
                found.differences.push(format!("piece {} has no split", line.serial));
                continue;
            };
            let shares: i64 = self
                .shares
                .iter()
                .filter(|share| share.sale_id == *sale_id)
                .map(|share| share.amount_minor)
                .sum();
            let (net, held) =
                (line.net_minor.unwrap_or_default(), line.held_minor.unwrap_or_default());
            if shares + held != net {
                found.differences.push(format!(
                    "the shares of piece {} sum to {}, not to {net}",
                    line.serial,
                    shares + held
                ));
            }
            if line.sale_currency.as_ref() != Some(&self.order.currency) {
                found.differences.push(format!(
                    "the split of piece {} is in {:?}",
                    line.serial, line.sale_currency
                ));
            }
        }
        let sum = |amount: fn(&LineRow) -> Option<i64>| -> i64 {
            self.lines.iter().filter_map(amount).sum()
        };
        let gross = sum(|line| line.gross_minor);
        if gross != self.order.total_minor {
            found
                .differences
                .push(format!("its splits sum to {gross}, not to {}", self.order.total_minor));
        }
        if let [payment] = self.accepted().as_slice() {
            let fee = sum(|line| line.fee_minor);
            if Some(fee) != payment.fee_minor {
                found.differences.push(format!(
                    "its splits bear a fee of {fee}, the payment one of {:?}",
                    payment.fee_minor
                ));
            }
        }
    }

    /// Whether a refused refund was asked for again, or made by hand and noted.
    fn was_made_up_for(&self, refused: &RefundRow) -> bool {
        self.refunds.iter().any(|later| {
            later.id > refused.id
                && later.state != "failed"
                && (&later.payment_id, later.amount_minor)
                    == (&refused.payment_id, refused.amount_minor)
        })
    }

    fn examine_refunds(&self, found: &mut Findings) {
        for refund in &self.refunds {
            match refund.state.as_str() {
                "intended" => found.open.push(format!(
                    "refund {} of {} {} is on its way",
                    refund.id, refund.amount_minor, refund.currency
                )),
                "failed" if !self.was_made_up_for(refund) => found.open.push(format!(
                    "refund {} of {} {} was refused",
                    refund.id, refund.amount_minor, refund.currency
                )),
                _ => {}
            }
        }
        for payment in self.payments.iter().filter(|payment| payment.state == "paid") {
            let (done, coming) = self.refunded(payment);
            if done + coming > payment.amount_minor {
                found.differences.push(format!(
                    "{} goes back of a payment of {}",
                    done + coming,
                    payment.amount_minor
                ));
            }
        }
    }

    /// The entries are those that sale, payments and refunds call for, and no others.
    fn examine_entries(&self, found: &mut Findings) {
        let mut expected = self.expected_of_payments(found);
        expected.extend(self.expected_of_refunds());
        for (kind, reference, must) in &expected {
            let Some(entry) = self
                .entries
                .iter()
                .find(|entry| entry.kind == *kind && entry.reference == *reference)
            else {
                found.differences.push(format!("the books lack the entry `{kind} {reference}`"));
                continue;
            };
            let differs = match must {
                Must::Be(amounts) => entry.amounts != *amounts,
                Must::Move { place, currency, amount_minor } => {
                    entry.amounts.get(&((*place).to_owned(), currency.clone()))
                        != Some(amount_minor)
                }
            };
            if differs {
                let wanted = match must {
                    Must::Be(amounts) => amounts.clone(),
                    Must::Move { place, currency, amount_minor } => {
                        one(place, currency, *amount_minor)
                    }
                };
                found.differences.push(format!(
                    "the entry `{kind} {reference}` says {}, not {}",
                    told(&entry.amounts),
                    told(&wanted)
                ));
            }
        }
        for entry in &self.entries {
            let by_hand = matches!(entry.kind.as_str(), "manual" | "reversal");
            if !by_hand
                && !expected.iter().any(|(kind, reference, _)| {
                    entry.kind == *kind && entry.reference == *reference
                })
            {
                found.differences.push(format!(
                    "nothing calls for the entry `{} {}`",
                    entry.kind, entry.reference
                ));
            }
        }
        if self.is_refunded_in_full() {
            self.examine_unwinding(found);
        }
    }

    fn expected_of_payments(&self, found: &mut Findings) -> Vec<(&'static str, String, Must)> {
        let mut expected = Vec::new();
        let accepted = self.accepted();
        if let Some(payment) = accepted.first().filter(|_| self.was_sold()) {
            expected.push((
                "sale",
                format!("order:{}", self.order.id),
                Must::Be(self.sale_amounts(place_of(payment))),
            ));
            if let Some(fee) = payment.fee_minor.filter(|fee| *fee != 0) {
                let mut amounts = one("fee:payment", &payment.currency, fee);
                amounts.extend(one(place_of(payment), &payment.currency, -fee));
                expected.push(("fee", format!("payment:{}", payment.id), Must::Be(amounts)));
            }
        }
        let received =
            |payment: &&PaymentRow| matches!(payment.state.as_str(), "paid" | "mismatched");
        for payment in self.payments.iter().filter(received) {
            if accepted.iter().any(|known| known.id == payment.id) {
                continue;
            }
            let Some(refund) = self.stray_refund_of(payment) else {
                found.open.push(format!(
                    "payment {} came in money that the books cannot hold",
                    payment.id
                ));
                continue;
            };
            let place = place_of(payment);
            let mut amounts = one(place, &refund.currency, refund.amount_minor);
            amounts.extend(one("held:stray", &refund.currency, -refund.amount_minor));
            expected.push(("stray", format!("payment:{}", payment.id), Must::Be(amounts)));
            if let Some(fee) = payment.fee_minor.filter(|fee| *fee != 0) {
                let taken =
                    Must::Move { place, currency: refund.currency.clone(), amount_minor: -fee };
                expected.push(("stray", format!("payment:{}:fee", payment.id), taken));
            }
        }
        expected
    }

    fn expected_of_refunds(&self) -> Vec<(&'static str, String, Must)> {
        let done = self.refunds.iter().filter(|refund| refund.state == "done");
        done.map(|refund| {
            let place = self
                .payments
                .iter()
                .find(|payment| payment.id == refund.payment_id)
                .map_or("stripe:balance", place_of);
            let reference = format!("refund:{}", refund.id);
            if self.is_stray(refund) {
                let mut amounts = one(place, &refund.currency, -refund.amount_minor);
                amounts.extend(one("held:stray", &refund.currency, refund.amount_minor));
                ("stray", reference, Must::Be(amounts))
            } else {
                let moved = Must::Move {
                    place,
                    currency: refund.currency.clone(),
                    amount_minor: -refund.amount_minor,
                };
                ("refund", reference, moved)
            }
        })
        .collect()
    }

    /// The sale's entry as its frozen splits call for it.
    fn sale_amounts(&self, place: &str) -> Amounts {
        let currency = &self.order.currency;
        let mut amounts = Amounts::new();
        let mut post = |account: &str, amount: i64| {
            *amounts.entry((account.to_owned(), currency.clone())).or_default() += amount
        };
        for line in &self.lines {
            post(place, line.gross_minor.unwrap_or_default());
            post("tax:igv", -line.tax_minor.unwrap_or_default());
            post("shipping:pass_through", -line.shipping_minor.unwrap_or_default());
            post("fee:payment", -line.fee_minor.unwrap_or_default());
            post("material:consigned", -line.material_consigned_minor.unwrap_or_default());
            post("material:own", -line.material_own_minor.unwrap_or_default());
            post("makers:held", -line.held_minor.unwrap_or_default());
        }
        for share in &self.shares {
            match (&share.fund, &share.member_id) {
                (Some(fund), _) => post(&format!("fund:{fund}"), -share.amount_minor),
                (None, member) => post(
                    &format!("member:{}", member.as_deref().unwrap_or_default()),
                    -share.amount_minor,
                ),
            }
        }
        amounts.retain(|_, amount| *amount != 0);
        amounts
    }

    /// What went back in full leaves nothing of the sale's shares but the fee.
    fn examine_unwinding(&self, found: &mut Findings) {
        let mut left = Amounts::new();
        for entry in
            self.entries.iter().filter(|entry| matches!(entry.kind.as_str(), "sale" | "refund"))
        {
            for ((account, currency), amount) in &entry.amounts {
                // What a member was paid already, the reserve bears in her place.
                let makers = account.starts_with("member:") || account == "refund:reserve";
                let of_all = if makers { "makers" } else { account.as_str() };
                *left.entry((of_all.to_owned(), currency.clone())).or_default() += amount;
            }
        }
        left.retain(|(account, _), amount| {
            *amount != 0 && !account.starts_with("fund:") && account != "fee:payment"
        });
        if !left.is_empty() {
            found
                .differences
                .push(format!("it went back in full, and yet there is left {}", told(&left)));
        }
    }

    /// A held piece is of a living order, a sold one of a paid order.
    fn examine_pieces(&self, now_us: i64, found: &mut Findings) {
        let (order, in_full) = (&self.order, self.is_refunded_in_full());
        if order.state == "pending_payment" && order.hold_until_us + LATE_US < now_us {
            found
                .differences
                .push("still pending although its hold ended more than five minutes ago".into());
        }
        for line in &self.lines {
            let mine = line.piece_order_id.as_deref() == Some(order.id.as_str());
            let (serial, state) = (&line.serial, line.piece_state.as_str());
            match (self.was_sold(), order.state.as_str()) {
                (true, _) if in_full && mine => {
                    found.open.push(format!("piece {serial} counts as {state} although all its money went back: did it come back?"));
                }
                (true, _) if in_full => {}
                (true, _) => {
                    if !(mine && state == "sold") {
                        found.differences.push(format!(
                            "it was paid, but its piece {serial} is {state}{}",
                            whose(mine)
                        ));
                    }
                }
                (false, "pending_payment") => {
                    if !(mine && state == "checkout") {
                        found.differences.push(format!(
                            "it is pending, but its piece {serial} is {state}{}",
                            whose(mine)
                        ));
                    } else if line.held_until_us != Some(order.hold_until_us) {
                        found.differences.push(format!(
                            "piece {serial} is held until another moment than the order's"
                        ));
                    }
                }
                (false, ended) => {
                    if mine {
                        found.differences.push(format!(
                            "it is {ended}, but its piece {serial} is still {state} for it"
                        ));
                    }
                }
            }
        }
    }
}

const fn whose(mine: bool) -> &'static str {
    if mine { "" } else { ", not this order's" }
}

fn place_of(payment: &PaymentRow) -> &'static str {
    if payment.provider == "stripe" { "stripe:balance" } else { "bank:balance" }
}

fn one(account: &str, currency: &str, amount_minor: i64) -> Amounts {
    Amounts::from([((account.to_owned(), currency.to_owned()), amount_minor)])
}

fn told(amounts: &Amounts) -> String {
    let parts: Vec<String> = amounts
        .iter()
        .map(|((account, currency), amount)| format!("{account} {amount} {currency}"))
        .collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
#[path = "case_tests.rs"]
mod tests;
