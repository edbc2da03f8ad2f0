//! Which money of an order can go back, and how much of it.

use domain::id::PieceId;
use domain::money::Money;
use domain::refund::{RefundError, Refunded, left_of_pieces, left_of_price};
use domain::split::SaleSplit;

use crate::db::Tx;
use crate::error::{ShopError, ShopResult};
use crate::store::order::LineRow;
use crate::store::payment::PaymentRow;
use crate::store::refund::RefundRow;
use crate::store::{order, payment, refund, sale};

/// A payment of an order with what went back of it, locked.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) payment: PaymentRow,
    /// In the order they were booked, those that are not done last.
    pub(super) refunds: Vec<RefundRow>,
    pub(super) of: Of,
}

/// What the payment is.
#[derive(Debug)]
pub(super) enum Of {
    /// The price of what was sold.
    Sale {
        /// Where it went.
        split: SaleSplit,
        /// The order's lines, in the sequence of the split's pieces.
        lines: Vec<LineRow>,
    },
    /// Nobody's: it was turned back.
    Stray {
        /// Why, by its name in the database.
        reason: String,
        /// All that was received.
        received: Money,
    },
    /// Money in a currency the books cannot hold.
    Foreign,
}

/// A refund is of a sale when it was asked for or the order was cancelled; every other one, and
/// every one of an order that was never sold, gives back money that was nobody's.
pub(in crate::shop) fn is_stray(was_sold: bool, reason: &str) -> bool {
    !was_sold || !matches!(reason, "requested" | "cancelled")
}

/// What can go back of an order: first a payment that was turned back and did not all go back,
/// then what it was sold for. `None` when no money came.
pub(super) async fn find(tx: &mut Tx, order_id: &str) -> ShopResult<Option<Source>> {
    let mut sources = all(tx, order_id).await?;
    let at = |fits: fn(&Source) -> bool| sources.iter().position(fits);
    let best = at(|source| matches!(source.of, Of::Stray { .. }) && source.left_minor() > 0)
        .or_else(|| at(|source| matches!(source.of, Of::Sale { .. })))
        .unwrap_or(0);
    Ok((!sources.is_empty()).then(|| sources.swap_remove(best)))
}

/// What can go back of one payment of an order; `None` when no money came by it.
pub(super) async fn of_payment(
    tx: &mut Tx,
    order_id: &str,
    payment_id: &str,
) -> ShopResult<Option<Source>> {
    let sources = all(tx, order_id).await?;
    Ok(sources.into_iter().find(|source| source.payment.id == payment_id))
}

/// Every payment of an order that brought money.
async fn all(tx: &mut Tx, order_id: &str) -> ShopResult<Vec<Source>> {
    let Some(order) = order::locked(tx, order_id).await? else { return Ok(Vec::new()) };
    let split = sale::of_order(tx, order_id).await?;
    let was_sold = split.is_some();
    let mut sources = Vec::new();
    for payment in payment::received_of(tx, order_id).await? {
        let refunds = refund::of_payment(tx, &payment.id).await?;
        let first = refunds
            .iter()
            .filter(|refund| is_stray(was_sold, &refund.reason))
            .min_by(|one, other| one.id.cmp(&other.id));
        let of = match (first, &split) {
            // The first one is always of everything that came.
            (Some(first), _) => {
                Of::Stray { reason: first.reason.clone(), received: amount_of(first)? }
            }
            (None, Some(split)) => Of::Sale {
                split: split.clone(),
                lines: order::lines_in(tx, order_id, &order.language).await?,
            },
            (None, None) => Of::Foreign,
        };
        sources.push(Source { payment, refunds, of });
    }
    Ok(sources)
}

/// The amount of a refund.
pub(crate) fn amount_of(row: &RefundRow) -> ShopResult<Money> {
    Money::from_code(row.amount_minor, &row.currency)
        .map_err(|e| ShopError::Internal(format!("refund {}: {e}", row.id)))
}

/// Refunds of a sale as the domain sees them.
pub(super) fn history<'a>(
    refunds: impl IntoIterator<Item = &'a RefundRow>,
    lines: &[LineRow],
) -> ShopResult<Vec<Refunded>> {
    refunds.into_iter().map(|row| refunded(row, lines)).collect()
}

/// One refund of a sale as the domain sees it.
pub(super) fn refunded(row: &RefundRow, lines: &[LineRow]) -> ShopResult<Refunded> {
    let odd = |what: &str| ShopError::Internal(format!("refund {}: {what}", row.id));
    let piece = match &row.order_line_id {
        None => None,
        Some(id) => {
            let line = lines.iter().find(|line| line.id == *id);
            let piece = &line.ok_or_else(|| odd("of another order's line"))?.piece_id;
            Some(PieceId::parse(piece.as_str()).map_err(|_| odd("of an odd piece"))?)
        }
    };
    Ok(Refunded { piece, amount_minor: row.amount_minor })
}

/// What is left of one piece.
pub(super) struct LeftOfPiece<'a> {
    /// Key of its line.
    pub(super) line_id: &'a str,
    /// Its price, its share of the delivery and whatever else was paid for it.
    pub(super) all_minor: i64,
    /// Its price alone.
    pub(super) price_minor: i64,
}

impl Source {
    /// Refunds that are done or on their way.
    fn promised(&self) -> impl Iterator<Item = &RefundRow> {
        self.refunds.iter().filter(|refund| refund.state != "failed")
    }

    /// What neither went back nor is about to.
    pub(super) fn left_minor(&self) -> i64 {
        let received = match &self.of {
            Of::Sale { .. } => self.payment.amount_minor,
            Of::Stray { received, .. } => received.amount_minor,
            Of::Foreign => 0,
        };
        received - self.promised().map(|refund| refund.amount_minor).sum::<i64>()
    }

    /// What the books call gone back.
    pub(super) fn refunded_minor(&self) -> i64 {
        let done = self.refunds.iter().filter(|refund| refund.state == "done");
        done.map(|refund| refund.amount_minor).sum()
    }

    /// An amount in the currency of what was received.
    pub(super) fn money(&self, minor: i64) -> ShopResult<Money> {
        match &self.of {
            Of::Stray { received, .. } => Ok(Money::new(minor, received.currency)),
            Of::Sale { .. } | Of::Foreign => Money::from_code(minor, &self.payment.currency)
                .map_err(|e| ShopError::Internal(e.to_string())),
        }
    }

    /// Why it goes back, by its name in the database.
    pub(super) fn reason(&self) -> &str {
        match &self.of {
            Of::Stray { reason, .. } => reason,
            Of::Sale { .. } | Of::Foreign => "requested",
        }
    }

    /// What is left of the piece of a serial; `None` when the order sold no such piece.
    pub(super) fn left_of_piece(&self, serial: &str) -> ShopResult<Option<LeftOfPiece<'_>>> {
        let Of::Sale { split, lines } = &self.of else { return Ok(None) };
        let Some(at) = lines.iter().position(|line| line.serial == serial) else { return Ok(None) };
        let odd = |e: RefundError| ShopError::Internal(format!("payment {}: {e}", self.payment.id));
        let left = left_of_pieces(split, &history(self.promised(), lines)?).map_err(odd)?;
        let (Some(piece), Some(all_minor)) = (split.pieces.get(at), left.get(at).copied()) else {
            return Err(odd(RefundError::Inconsistent));
        };
        let line_id = lines[at].id.as_str();
        let own = self.promised().filter(|refund| refund.order_line_id.as_deref() == Some(line_id));
        let own_minor = own.map(|refund| refund.amount_minor).sum();
        let price_minor = left_of_price(piece, all_minor, own_minor);
        Ok(Some(LeftOfPiece { line_id, all_minor, price_minor }))
    }
}
