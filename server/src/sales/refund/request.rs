//! Requests for a refund: how much, and of what.

use domain::id::{OrderId, OrderLineId, PaymentId, RefundId};
use domain::money::Money;
use domain::payment::{RefundCause, RefundState};
use jiff::Timestamp;
use store::db::{Db, Tx};
use store::ids::new_key;
use store::job::{Kind, NewJob};
use store::refund::RefundRow;
use store::text::Text;
use store::{job, order, refund};

use super::source::{self, Of, Source};
use crate::kernel::error::ShopResult;
use crate::sales::{Shop, parse_order_number};

/// What is to be given back of an order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefundRequest {
    /// Amount in minor units. `None` means all that is left of what is named.
    pub amount_minor: Option<i64>,
    /// Serial of the piece whose price is given back.
    pub piece: Option<String>,
    /// Whether the shipping is given back. Without piece and shipping, the amount is taken from all
    /// that is left.
    pub shipping: bool,
}

impl RefundRequest {
    /// A request for a part of all that is left.
    #[must_use]
    pub fn of(amount_minor: i64) -> Self {
        Self { amount_minor: Some(amount_minor), ..Self::default() }
    }

    /// A request for the price of one piece.
    #[must_use]
    pub fn piece(serial: &str) -> Self {
        Self { piece: Some(serial.to_owned()), ..Self::default() }
    }

    /// A request for the shipping.
    #[must_use]
    pub fn shipping() -> Self {
        Self { shipping: true, ..Self::default() }
    }
}

/// The result of asking for a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The refund with this key is on its way.
    Intended(RefundId),
    /// The order was never paid, or all that was received is already on its way back.
    NotPaid,
    /// The amount is not positive, or more than what is left of the payment or of the piece.
    TooMuch {
        /// What could still be refunded.
        left: Money,
    },
    /// The order sold no piece of this serial.
    NoSuchPiece,
    /// A refused payment goes back as a whole, and is the price of no piece.
    OnlyWhole {
        /// What is left of it.
        left: Money,
    },
    /// The payment came in a currency that the books cannot hold: only the provider's own page can
    /// give it back.
    ForeignMoney,
}

/// What a refund is for and how much it gives back.
#[derive(Debug, Clone, Copy)]
pub(in crate::sales) struct Intent<'a> {
    /// The order.
    pub(in crate::sales) order_id: &'a OrderId,
    /// The payment it comes from.
    pub(in crate::sales) payment_id: &'a PaymentId,
    /// The line whose goods it names.
    pub(in crate::sales) line_id: Option<&'a OrderLineId>,
    /// Whether it names the shipping.
    pub(in crate::sales) shipping: bool,
    /// How much.
    pub(in crate::sales) amount: Money,
    /// Why.
    pub(in crate::sales) reason: RefundCause,
}

impl Intent<'_> {
    /// The row of a refund that is about to be asked for.
    pub(super) fn row(&self, now_us: i64) -> RefundRow {
        let id: RefundId = new_key();
        RefundRow {
            idempotency_key: format!("refund-{id}"),
            id,
            order_id: self.order_id.clone(),
            payment_id: self.payment_id.clone(),
            currency: self.amount.currency.code().to_owned(),
            amount_minor: self.amount.amount_minor,
            reason: self.reason,
            state: RefundState::Intended,
            provider_ref: None,
            created_at_us: now_us,
            done_at_us: None,
            order_line_id: self.line_id.cloned().map(Text),
            of_shipping: self.shipping,
            key_made_at_us: now_us,
        }
    }
}

/// Stores the intent and enqueues the job that carries it out. Returns the refund's key.
pub(in crate::sales) async fn intend(
    tx: &mut Tx,
    intent: Intent<'_>,
    now_us: i64,
) -> ShopResult<RefundId> {
    let row = intent.row(now_us);
    let (id, key) = (&row.id, format!("refund:{}", row.id));
    refund::insert(tx, &row).await?;
    let kind = Kind::Refund;
    let job = NewJob { kind, payload: id, dedup_key: &key, run_at_us: now_us };
    job::enqueue(tx, job, now_us).await?;
    Ok(row.id)
}

/// Gives back part or all of what was paid for an order. A refund of a refused payment that failed
/// at the provider is requested again.
pub async fn ask(
    shop: &Shop,
    order_id: &OrderId,
    request: &RefundRequest,
    now: Timestamp,
) -> ShopResult<Asked> {
    let asked = store_request(&shop.db, order_id, request, now).await?;
    shop.wake.notify_one();
    Ok(asked)
}

/// The same for the command line, by the number that the shopper quotes; `None` when there is no
/// such order. The jobs of the running shop carry the refund out.
pub async fn ask_by_number(
    db: &Db,
    number: &str,
    request: &RefundRequest,
    now: Timestamp,
) -> ShopResult<Option<Asked>> {
    let Some(number) = parse_order_number(number) else { return Ok(None) };
    let Some(order_id) = order::id_of_number(db, number).await? else { return Ok(None) };
    store_request(db, &order_id, request, now).await.map(Some)
}

async fn store_request(
    db: &Db,
    order_id: &OrderId,
    request: &RefundRequest,
    now: Timestamp,
) -> ShopResult<Asked> {
    let mut tx = db.begin().await?;
    let asked = match source::find(&mut tx, order_id).await? {
        Some(source) => match choose(&source, request)? {
            Ok(chosen) => {
                let intent = Intent {
                    order_id,
                    payment_id: &source.payment.id,
                    line_id: chosen.line_id.as_ref(),
                    shipping: request.shipping,
                    amount: chosen.amount,
                    reason: source.reason(),
                };
                Asked::Intended(intend(&mut tx, intent, now.as_microsecond()).await?)
            }
            Err(refused) => refused,
        },
        None => Asked::NotPaid,
    };
    match asked {
        Asked::Intended(_) => tx.commit().await?,
        _ => tx.rollback().await?,
    }
    Ok(asked)
}

/// The refund that a request leads to.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) line_id: Option<OrderLineId>,
    pub(super) amount: Money,
}

/// The refund that a request leads to, or why it is not possible.
pub(super) fn choose(
    source: &Source,
    request: &RefundRequest,
) -> ShopResult<Result<Chosen, Asked>> {
    let left_minor = source.left_minor();
    let (line_id, most_minor) = match &source.of {
        Of::Foreign => return Ok(Err(Asked::ForeignMoney)),
        Of::Stray { .. } if left_minor == 0 => return Ok(Err(Asked::NotPaid)),
        Of::Stray { .. } => {
            let other = request.amount_minor.is_some_and(|wanted| wanted != left_minor);
            if request.piece.is_some() || request.shipping || other {
                return Ok(Err(Asked::OnlyWhole { left: source.money(left_minor)? }));
            }
            (None, left_minor)
        }
        Of::Sale(_) => match source.left_of(request.piece.as_deref(), request.shipping)? {
            Some(left) => (left.line_id, left.most_minor),
            None => return Ok(Err(Asked::NoSuchPiece)),
        },
    };
    let wanted_minor = request.amount_minor.unwrap_or(most_minor);
    if wanted_minor <= 0 || wanted_minor > most_minor {
        return Ok(Err(Asked::TooMuch { left: source.money(most_minor)? }));
    }
    Ok(Ok(Chosen { line_id, amount: source.money(wanted_minor)? }))
}
