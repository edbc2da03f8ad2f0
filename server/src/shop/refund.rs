//! Money goes back: the intent first, the provider next, the books when it is done.

use domain::ledger;
use domain::money::Money;
use domain::order::RefundReason;
use domain::refund::refund_split;
use jiff::Timestamp;

use super::payment_page::of_payment;
use super::settle::{header, place_of};
use super::{Shop, board};
use crate::db::{Db, DbError, Tx};
use crate::error::{ShopError, ShopResult};
use crate::ids::new_id;
use crate::jobs::Kind;
use crate::payments::{PaymentError, RefundIntent};
use crate::store::payment::PaymentRow;
use crate::store::refund::RefundRow;
use crate::store::{self, job, order, payment, refund, sale};

/// For how long the same key surely gives the same answer [Stripe, "Idempotent requests": at
/// least 24 hours].
const KEY_LIFE_US: i64 = 23 * 3_600_000_000;

/// What became of asking for a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// It is on its way; the refund's key.
    Intended(String),
    /// The order was never paid.
    NotPaid,
    /// Not positive, or more than what is left of the payment.
    TooMuch {
        /// What could still be refunded.
        left: Money,
    },
}

/// The name of a reason in the database.
pub(super) const fn reason_name(reason: RefundReason) -> &'static str {
    match reason {
        RefundReason::PieceTaken => "pieces_taken",
        RefundReason::OrderCancelled => "cancelled",
        RefundReason::PaidTwice => "duplicate",
        RefundReason::AmountMismatch | RefundReason::CurrencyMismatch => "mismatch",
    }
}

/// Stores the intent and enqueues the job that carries it out.
pub(super) async fn intend(
    tx: &mut Tx,
    order_id: &str,
    payment_id: &str,
    amount: Money,
    reason: &str,
    now_us: i64,
) -> ShopResult<String> {
    let id = new_id();
    let row = RefundRow {
        idempotency_key: format!("refund-{id}"),
        id: id.clone(),
        order_id: order_id.to_owned(),
        payment_id: payment_id.to_owned(),
        currency: amount.currency.code().to_owned(),
        amount_minor: amount.amount_minor,
        reason: reason.to_owned(),
        state: "intended".to_owned(),
        provider_ref: None,
        created_at_us: now_us,
        done_at_us: None,
    };
    refund::insert(tx, &row).await?;
    job::enqueue(tx, Kind::Refund.as_str(), &id, &format!("refund:{id}"), now_us, now_us).await?;
    Ok(id)
}

/// Gives back part or all of what was paid for an order (`None`: all that is left).
pub async fn ask(
    shop: &Shop,
    order_id: &str,
    amount_minor: Option<i64>,
    now: Timestamp,
) -> ShopResult<Asked> {
    let asked = store_wish(&shop.db, order_id, amount_minor, now).await?;
    shop.wake.notify_one();
    Ok(asked)
}

/// The same from the command line, by the number the shopper quotes; `None` when there is no
/// such order. The jobs of the running shop carry it out.
pub async fn ask_by_number(
    db: &Db,
    number: &str,
    amount_minor: Option<i64>,
    now: Timestamp,
) -> ShopResult<Option<Asked>> {
    let Some(number) = super::parse_order_number(number) else { return Ok(None) };
    let Some(order_id) = order::id_of_number(db, number).await? else { return Ok(None) };
    store_wish(db, &order_id, amount_minor, now).await.map(Some)
}

async fn store_wish(
    db: &Db,
    order_id: &str,
    amount_minor: Option<i64>,
    now: Timestamp,
) -> ShopResult<Asked> {
    let paid = payment::of_order(db, order_id).await?.filter(|payment| payment.state == "paid");
    let Some(payment) = paid else { return Ok(Asked::NotPaid) };
    let mut tx = db.begin().await?;
    let asked = wish(&mut tx, order_id, &payment, amount_minor, now.as_microsecond()).await?;
    match asked {
        Asked::Intended(_) => tx.commit().await?,
        Asked::NotPaid | Asked::TooMuch { .. } => tx.rollback().await?,
    }
    Ok(asked)
}

async fn wish(
    tx: &mut Tx,
    order_id: &str,
    payment: &PaymentRow,
    amount_minor: Option<i64>,
    now_us: i64,
) -> ShopResult<Asked> {
    order::locked(tx, order_id).await?;
    // Only what was sold is given back on request; a payment turned back went back by itself.
    if sale::of_order(tx, order_id).await?.is_none() {
        return Ok(Asked::NotPaid);
    }
    payment::locked(tx, &payment.id).await?;
    let left_minor = payment.amount_minor - refund::promised_minor(tx, &payment.id).await?;
    let wanted = amount_minor.unwrap_or(left_minor);
    let money = |minor| {
        Money::from_code(minor, &payment.currency).map_err(|e| ShopError::Internal(e.to_string()))
    };
    if wanted <= 0 || wanted > left_minor {
        return Ok(Asked::TooMuch { left: money(left_minor)? });
    }
    intend(tx, order_id, &payment.id, money(wanted)?, "requested", now_us)
        .await
        .map(Asked::Intended)
}

/// What became of carrying out a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// The money went back and the books say so.
    Done,
    /// The provider took it on; ask again later.
    OnItsWay,
    /// The provider refuses for good; the board was told.
    Refused,
}

/// Carries out an intended refund. Doing it twice gives back once: the provider knows our key.
pub async fn carry_out(shop: &Shop, refund_id: &str, now: Timestamp) -> ShopResult<Carried> {
    let missing = |table, id: &str| DbError::Inconsistent {
        table,
        id: id.to_owned(),
        what: "missing".into(),
    };
    let row =
        refund::by_id(&shop.db, refund_id).await?.ok_or_else(|| missing("refund", refund_id))?;
    match row.state.as_str() {
        "done" => return Ok(Carried::Done),
        "failed" => return Ok(Carried::Refused),
        _ => {}
    }
    // A provider forgets keys after a day; asked later, it might give back twice.
    if now.as_microsecond() > row.created_at_us + KEY_LIFE_US {
        return refuse(shop, &row, "sin respuesta en un día", now).await;
    }
    let payment = payment::by_id(&shop.db, &row.payment_id)
        .await?
        .ok_or_else(|| missing("payment", &row.payment_id))?;
    let payment_intent =
        payment.payment_intent.clone().ok_or_else(|| missing("payment", &payment.id))?;
    let intent = RefundIntent {
        payment_intent,
        amount_minor: row.amount_minor,
        idempotency_key: row.idempotency_key.clone(),
        refund_id: row.id.clone(),
    };
    match shop.payments.refund(&intent).await {
        Ok(facts) if facts.succeeded => {
            complete(shop, &row, &payment, &facts.provider_ref, now).await
        }
        Ok(facts) => {
            if seen_at_provider(shop, &row, &payment).await? {
                complete(shop, &row, &payment, &facts.provider_ref, now).await
            } else {
                Ok(Carried::OnItsWay)
            }
        }
        Err(PaymentError::Refused { code, message }) => {
            // Somebody may have given it back by hand at the provider.
            if seen_at_provider(shop, &row, &payment).await? {
                return complete(shop, &row, &payment, &format!("outside:{}", row.id), now).await;
            }
            refuse(shop, &row, &format!("{code}: {message}"), now).await
        }
        Err(error) => Err(of_payment(error)),
    }
}

/// Whether the provider counts this refund among what went back.
async fn seen_at_provider(shop: &Shop, row: &RefundRow, payment: &PaymentRow) -> ShopResult<bool> {
    let Some(session_id) = &payment.session_id else { return Ok(false) };
    let facts = shop.payments.look_up(session_id).await.map_err(of_payment)?;
    let mut tx = shop.db.begin().await?;
    let done = refund::done_minor(&mut tx, &payment.id).await?;
    tx.rollback().await?;
    Ok(facts.refunded_minor >= done + row.amount_minor)
}

async fn complete(
    shop: &Shop,
    row: &RefundRow,
    payment: &PaymentRow,
    provider_ref: &str,
    now: Timestamp,
) -> ShopResult<Carried> {
    let now_us = now.as_microsecond();
    let mut tx = shop.db.begin().await?;
    order::locked(&mut tx, &row.order_id).await?;
    payment::locked(&mut tx, &row.payment_id).await?;
    if refund::locked(&mut tx, &row.id).await?.is_none_or(|now| now.state != "intended") {
        tx.rollback().await?;
        return Ok(Carried::Done);
    }
    post(&mut tx, row, payment, now_us).await?;
    refund::done(&mut tx, &row.id, provider_ref, now_us).await?;
    if row.reason != "requested" {
        let reason = format!("refunded:{}", row.order_id);
        job::enqueue(
            &mut tx,
            Kind::SendMail.as_str(),
            &reason,
            &format!("mail:{reason}"),
            now_us,
            now_us,
        )
        .await?;
    }
    tx.commit().await?;
    shop.wake.notify_one();
    metrics::counter!("refunds_done_total").increment(1);
    Ok(Carried::Done)
}

/// The books: a sale's shares are unwound at its ratio; money that was nobody's just leaves.
async fn post(tx: &mut Tx, row: &RefundRow, payment: &PaymentRow, now_us: i64) -> ShopResult<()> {
    let internal =
        |error: &dyn std::fmt::Display| ShopError::Internal(format!("refund {}: {error}", row.id));
    let amount = Money::from_code(row.amount_minor, &row.currency).map_err(|e| internal(&e))?;
    let header = header(format!("refund:{}", row.id), now_us)?;
    let place = place_of(payment);
    let entry = match sale::of_order(tx, &row.order_id).await? {
        Some(split) if matches!(row.reason.as_str(), "requested" | "cancelled") => {
            let before = refund::done_minor(tx, &row.payment_id).await?;
            let unwound =
                refund_split(&split, before, row.amount_minor).map_err(|e| internal(&e))?;
            let members: Vec<_> =
                unwound.by_member().into_iter().map(|(member, _)| member).collect();
            let owed = store::ledger::owed(tx, &members, &row.currency).await?;
            ledger::refund_entry(header, place, &unwound, &owed)
        }
        _ => ledger::stray_refund_entry(header, place, amount),
    }
    .map_err(|e| internal(&e))?;
    store::ledger::post(tx, &entry, Some(&row.order_id)).await?;
    Ok(())
}

async fn refuse(shop: &Shop, row: &RefundRow, why: &str, now: Timestamp) -> ShopResult<Carried> {
    tracing::error!(refund = %row.id, %why, "the provider refuses a refund");
    let mut tx = shop.db.begin().await?;
    let order = order::locked(&mut tx, &row.order_id).await?;
    refund::failed(&mut tx, &row.id).await?;
    if let Some(order) = &order {
        board::tell(
            &mut tx,
            shop,
            &board::Notice::RefundRefused { order, refund: row, why },
            now.as_microsecond(),
        )
        .await?;
    }
    tx.commit().await?;
    shop.wake.notify_one();
    Ok(Carried::Refused)
}
