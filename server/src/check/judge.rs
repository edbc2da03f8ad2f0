//! What must hold between an order and everything that belongs to it.

use domain::order::OrderStatus;
use domain::payment::{PaymentState, RefundState};
use domain::piece::PieceState;
use store::check::{LineRow, RefundRow};

use super::books::{self, Must, told};
use super::case::{Case, Findings, LATE_US};

impl Case {
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
        if order.state == OrderStatus::Cancelled && self.was_sold() && !self.is_refunded_in_full() {
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
                .filter(|share| share.sale_id == **sale_id)
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
                && later.state != RefundState::Failed
                && (&later.payment_id, later.amount_minor)
                    == (&refused.payment_id, refused.amount_minor)
        })
    }

    fn examine_refunds(&self, found: &mut Findings) {
        for refund in &self.refunds {
            match refund.state {
                RefundState::Intended => found.open.push(format!(
                    "refund {} of {} {} is on its way",
                    refund.id, refund.amount_minor, refund.currency
                )),
                RefundState::Failed if !self.was_made_up_for(refund) => found.open.push(format!(
                    "refund {} of {} {} was refused",
                    refund.id, refund.amount_minor, refund.currency
                )),
                _ => {}
            }
        }
        for payment in self.payments.iter().filter(|payment| payment.state == PaymentState::Paid) {
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

    /// The entries are those that sale, payments, refunds and returns require, and no others.
    fn examine_entries(&self, found: &mut Findings) {
        let expected = books::expected(self, found);
        for (kind, reference, must) in &expected {
            let Some(entry) = self
                .entries
                .iter()
                .find(|entry| entry.kind == *kind && entry.reference == *reference)
            else {
                found.differences.push(format!("the books lack the entry `{kind} {reference}`"));
                continue;
            };
            if !must.allows(&entry.amounts) {
                found.differences.push(format!(
                    "the entry `{kind} {reference}` says {}, not {}",
                    told(&entry.amounts),
                    told(&must.amounts())
                ));
            }
        }
        for entry in &self.entries {
            let by_hand = matches!(entry.kind.as_str(), "manual" | "reversal");
            let called_for = |(kind, reference, _): &(&str, String, Must)| {
                entry.kind == *kind && entry.reference == *reference
            };
            if !by_hand && !expected.iter().any(called_for) {
                found.differences.push(format!(
                    "nothing calls for the entry `{} {}`",
                    entry.kind, entry.reference
                ));
            }
        }
    }

    /// A held piece belongs to an open order, a sold one to a paid order.
    fn examine_pieces(&self, now_us: i64, found: &mut Findings) {
        let (order, in_full) = (&self.order, self.is_refunded_in_full());
        if order.state == OrderStatus::PendingPayment && order.hold_until_us + LATE_US < now_us {
            found
                .differences
                .push("still pending although its hold ended more than five minutes ago".into());
        }
        for line in &self.lines {
            let mine = line.piece_order_id.as_deref() == Some(&order.id);
            let (serial, now) = (&line.serial, line.piece_state);
            let state = now.as_str();
            match (self.was_sold(), order.state) {
                (true, _) if line.returned_at_us.is_some() => {
                    if mine {
                        found.differences.push(format!(
                            "its piece {serial} is with us again and still {state} for it"
                        ));
                    }
                }
                (true, _) if in_full && mine => {
                    found.open.push(format!("piece {serial} counts as {state} although all its money went back: did it come back?"));
                }
                (true, _) if in_full => {}
                (true, _) => {
                    if !(mine && now == PieceState::Sold) {
                        found.differences.push(format!(
                            "it was paid, but its piece {serial} is {state}{}",
                            whose(mine)
                        ));
                    }
                }
                (false, OrderStatus::PendingPayment) => {
                    if !(mine && now == PieceState::Checkout) {
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
                            "it is {}, but its piece {serial} is still {state} for it",
                            ended.as_str()
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

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
