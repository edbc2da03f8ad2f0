//! One order with everything that belongs to it, and what must hold between them.

use std::collections::BTreeMap;

use domain::payment::{PaymentState, RefundState};
use store::check::{
    LineRow, MaterialRow, OrderRow, PartRow, PaymentRow, PostingRow, RefundRow, ShareRow, TakenRow,
};

use crate::sales::order_number;

/// A hold that ended longer ago than this should have been released.
pub(super) const LATE_US: i64 = 300_000_000;

/// Postings of an entry, summed by account and currency.
pub(super) type Amounts = BTreeMap<(String, String), i64>;

/// A ledger entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: String,
    pub(super) reference: String,
    pub(super) amounts: Amounts,
}

/// An order with everything that belongs to it.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) order: OrderRow,
    pub(super) payments: Vec<PaymentRow>,
    pub(super) refunds: Vec<RefundRow>,
    pub(super) lines: Vec<LineRow>,
    pub(super) shares: Vec<ShareRow>,
    pub(super) material: Vec<MaterialRow>,
    pub(super) parts: Vec<PartRow>,
    pub(super) taken: Vec<TakenRow>,
    pub(super) entries: Vec<Entry>,
}

/// What was found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Findings {
    /// Books that contradict each other.
    pub(super) differences: Vec<String>,
    /// What is no contradiction but should be looked at by a person.
    pub(super) open: Vec<String>,
}

impl Case {
    /// An order without anything that belongs to it yet.
    pub(super) const fn new(order: OrderRow) -> Self {
        Self {
            order,
            payments: Vec::new(),
            refunds: Vec::new(),
            lines: Vec::new(),
            shares: Vec::new(),
            material: Vec::new(),
            parts: Vec::new(),
            taken: Vec::new(),
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

    pub(super) fn was_sold(&self) -> bool {
        self.order.paid_at_us.is_some()
    }

    /// Whether a refund gives back money that never paid for a sale.
    pub(super) fn is_stray(&self, refund: &RefundRow) -> bool {
        refund.reason.is_stray(self.was_sold())
    }

    pub(super) fn stray_refund_of(&self, payment: &PaymentRow) -> Option<&RefundRow> {
        self.refunds.iter().find(|refund| refund.payment_id == payment.id && self.is_stray(refund))
    }

    /// Whether the payment came in a currency that the books cannot hold.
    pub(super) fn is_unbooked(&self, payment: &PaymentRow) -> bool {
        payment.state == PaymentState::Mismatched && self.stray_refund_of(payment).is_none()
    }

    /// Payments that the order was sold for.
    pub(super) fn accepted(&self) -> Vec<&PaymentRow> {
        self.payments
            .iter()
            .filter(|payment| {
                payment.state == PaymentState::Paid && self.stray_refund_of(payment).is_none()
            })
            .collect()
    }

    /// What went back of a payment, and what is on its way.
    pub(super) fn refunded(&self, payment: &PaymentRow) -> (i64, i64) {
        let sum = |state: RefundState| {
            let counted = self
                .refunds
                .iter()
                .filter(|refund| refund.payment_id == payment.id && refund.state == state);
            counted.map(|refund| refund.amount_minor).sum()
        };
        (sum(RefundState::Done), sum(RefundState::Intended))
    }

    pub(super) fn is_refunded_in_full(&self) -> bool {
        self.accepted()
            .first()
            .is_some_and(|payment| self.refunded(payment).0 == payment.amount_minor)
    }
}
