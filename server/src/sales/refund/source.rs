//! Which money of an order can go back, and how much of it.

use domain::id::{OrderId, OrderLineId, PaymentId, RefundId};
use domain::money::Money;
use domain::payment::{RefundCause, RefundState};
use domain::refund::{self as rules, RefundError, RefundOf, RefundParts};
use domain::split::SaleSplit;
use store::db::Tx;
use store::order::{LineRow, OrderRow};
use store::payment::PaymentRow;
use store::refund::RefundRow;
use store::{order, payment, refund, sale};

use crate::kernel::error::{ShopError, ShopResult};

/// A payment of an order with its refunds, locked.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) payment: PaymentRow,
    /// In the order in which they were booked; those that are not done come last.
    pub(super) refunds: Vec<RefundRow>,
    pub(super) of: Of,
}

/// What the payment is.
#[derive(Debug)]
pub(super) enum Of {
    /// The price of what was sold.
    Sale(Box<Sold>),
    /// It was refused and goes back in full.
    Stray {
        /// Why.
        reason: RefundCause,
        /// All that was received.
        received: Money,
    },
    /// Money in a currency the books cannot hold.
    Foreign,
}

/// What was sold, and what went back of it.
#[derive(Debug)]
pub(super) struct Sold {
    /// Where the money went.
    pub(super) split: SaleSplit,
    /// The order's lines, in the sequence of the split's pieces.
    pub(super) lines: Vec<LineRow>,
    /// What the booked refunds paid back.
    pub(super) refunded: RefundParts,
}

impl Sold {
    /// What was sold for an order, or `None` when nothing was. Lock the order first.
    pub(super) async fn read(tx: &mut Tx, order: &OrderRow) -> ShopResult<Option<Self>> {
        let Some(split) = sale::of_order(tx, &order.id).await? else { return Ok(None) };
        let lines = order::lines_in(tx, &order.id, &order.language).await?;
        let mut refunded = RefundParts::nothing(&split);
        for part in refund::parts(tx, &order.id).await? {
            match &part.order_line_id {
                None => refunded.shipping_minor += part.amount_minor,
                Some(line_id) => {
                    let at = lines.iter().position(|line| line.id == **line_id);
                    let at = at.ok_or_else(|| odd(&part.refund_id, "of another order's line"))?;
                    refunded.goods_minor[at] += part.amount_minor;
                }
            }
        }
        Ok(Some(Self { split, lines, refunded }))
    }

    /// Whether the parts of every refund that is done are known. Refunds that were booked before
    /// parts were stored followed other rules. Their entries must be reversed before anything else
    /// is booked.
    pub(super) fn knows_parts_of(&self, refunds: &[RefundRow]) -> bool {
        let done = refunds.iter().filter(|refund| refund.state == RefundState::Done);
        done.map(|refund| refund.amount_minor).sum::<i64>() == self.refunded.sum()
    }

    /// What a refund is for.
    pub(super) fn named_by(&self, row: &RefundRow) -> ShopResult<RefundOf> {
        let Some(line_id) = &row.order_line_id else {
            return Ok(RefundOf::named(None, row.of_shipping));
        };
        let line = self.lines.iter().find(|line| line.id == **line_id);
        let line = line.ok_or_else(|| odd(&row.id, "of another order's line"))?;
        Ok(RefundOf::named(Some(line.piece_id.clone()), row.of_shipping))
    }
}

fn odd(refund_id: &RefundId, what: &str) -> ShopError {
    ShopError::Internal(format!("refund {refund_id}: {what}").into())
}

/// The payment of an order that can go back: first one that was turned back and did not all go
/// back, then the one that the order was sold for. `None` when no money was received.
pub(super) async fn find(tx: &mut Tx, order_id: &OrderId) -> ShopResult<Option<Source>> {
    let mut sources = all(tx, order_id).await?;
    let at = |fits: fn(&Source) -> bool| sources.iter().position(fits);
    let best = at(|source| matches!(source.of, Of::Stray { .. }) && source.left_minor() > 0)
        .or_else(|| at(|source| matches!(source.of, Of::Sale(_))))
        .unwrap_or(0);
    Ok((!sources.is_empty()).then(|| sources.swap_remove(best)))
}

/// What can go back of one payment of an order; `None` when it brought no money.
pub(super) async fn of_payment(
    tx: &mut Tx,
    order_id: &OrderId,
    payment_id: &PaymentId,
) -> ShopResult<Option<Source>> {
    let sources = all(tx, order_id).await?;
    Ok(sources.into_iter().find(|source| source.payment.id == *payment_id))
}

/// Every payment of an order that brought money.
pub(super) async fn all(tx: &mut Tx, order_id: &OrderId) -> ShopResult<Vec<Source>> {
    let Some(order) = order::locked(tx, order_id).await? else { return Ok(Vec::new()) };
    let was_sold = order.paid_at_us.is_some();
    let mut sources = Vec::new();
    for payment in payment::received_of(tx, order_id).await? {
        let refunds = refund::of_payment(tx, &payment.id).await?;
        let first = refunds
            .iter()
            .filter(|refund| refund.reason.is_stray(was_sold))
            .min_by(|one, other| one.id.cmp(&other.id));
        let of = match first {
            // The first refund always covers everything that was received.
            Some(first) => Of::Stray { reason: first.reason, received: amount_of(first)? },
            None => match Sold::read(tx, &order).await? {
                Some(sold) => Of::Sale(Box::new(sold)),
                None => Of::Foreign,
            },
        };
        sources.push(Source { payment, refunds, of });
    }
    Ok(sources)
}

/// The amount of a refund.
pub(crate) fn amount_of(row: &RefundRow) -> ShopResult<Money> {
    Money::from_code(row.amount_minor, &row.currency)
        .map_err(|e| ShopError::about(format!("refund {}", row.id), e))
}

/// What is left of what a refund names.
pub(super) struct Left {
    /// Key of the line whose goods it names.
    pub(super) line_id: Option<OrderLineId>,
    /// How much can go back.
    pub(super) most_minor: i64,
}

impl Source {
    /// Refunds that are done or on their way.
    fn promised(&self) -> impl Iterator<Item = &RefundRow> {
        self.refunds.iter().filter(|refund| refund.state != RefundState::Failed)
    }

    /// The amount that neither went back nor is about to.
    pub(super) fn left_minor(&self) -> i64 {
        let received = match &self.of {
            Of::Sale(_) => self.payment.amount_minor,
            Of::Stray { received, .. } => received.amount_minor,
            Of::Foreign => 0,
        };
        received - self.promised().map(|refund| refund.amount_minor).sum::<i64>()
    }

    /// The amount that went back according to the books.
    pub(super) fn refunded_minor(&self) -> i64 {
        let done = self.refunds.iter().filter(|refund| refund.state == RefundState::Done);
        done.map(|refund| refund.amount_minor).sum()
    }

    /// An amount in the currency of what was received.
    pub(super) fn money(&self, minor: i64) -> ShopResult<Money> {
        match &self.of {
            Of::Stray { received, .. } => Ok(Money::new(minor, received.currency)),
            Of::Sale(_) | Of::Foreign => Money::from_code(minor, &self.payment.currency)
                .map_err(|e| ShopError::Internal(e.into())),
        }
    }

    /// Why it goes back.
    pub(super) const fn reason(&self) -> RefundCause {
        match &self.of {
            Of::Stray { reason, .. } => *reason,
            Of::Sale(_) | Of::Foreign => RefundCause::Requested,
        }
    }

    /// What is left of the piece with this serial (or of no single piece) and of the shipping, once
    /// all refunds on their way are done; `None` when the order sold no such piece.
    pub(super) fn left_of(&self, serial: Option<&str>, shipping: bool) -> ShopResult<Option<Left>> {
        let Of::Sale(sold) = &self.of else { return Ok(None) };
        let line = match serial {
            None => None,
            Some(serial) => match sold.lines.iter().find(|line| line.serial == serial) {
                None => return Ok(None),
                line => line,
            },
        };
        let of = RefundOf::named(line.map(|line| line.piece_id.clone()), shipping);
        let odd = |e: RefundError| ShopError::about(format!("payment {}", self.payment.id), e);
        let mut left = rules::left_of(&sold.split, &sold.refunded).map_err(odd)?;
        for coming in self.refunds.iter().filter(|refund| refund.state == RefundState::Intended) {
            let named = sold.named_by(coming)?;
            let parts = rules::divide(&sold.split, &left, &named, coming.amount_minor);
            left.take(&parts.map_err(odd)?);
        }
        let most_minor = rules::left_of_named(&sold.split, &left, &of).map_err(odd)?;
        Ok(Some(Left { line_id: line.map(|line| line.id.clone()), most_minor }))
    }
}
