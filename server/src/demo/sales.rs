//! The few pieces sold in the past, in the workshop and by hand: an order each, booked like
//! any other sale, so that sold pieces, shares and the ledger are there to be seen.

use domain::id::{OrderId, PaymentId};
use domain::language::Language;
use domain::ledger::MoneyPlace;
use domain::money::{Currency, Money};
use domain::order::OrderStatus;
use domain::payment::PaymentState;
use domain::shipping::DeliveryKind;
use domain::tax::{Destination, TaxPolicy, tax_of};
use store::db::Tx;
use store::ids::{new_key, new_secret};
use store::order::{self, OrderRow};
use store::payment::{self, PaymentRow, Received, SettledRow};
use store::{piece, rate};

use super::designs::Written;
use super::files::{Files, Order};
use super::{DemoResult, afternoon_us, unfit};
use crate::treasury::sale::{self, Arrived};

/// Sells what the demonstration says was sold.
pub(super) async fn write(tx: &mut Tx, files: &Files, pieces: &[Written]) -> DemoResult<()> {
    for past in &files.designs.orders {
        let mut sold = Vec::with_capacity(past.serials.len());
        for serial in &past.serials {
            let piece = pieces.iter().find(|piece| piece.serial == *serial);
            sold.push(piece.ok_or_else(|| unfit(format!("no piece {serial} to sell")))?);
        }
        sell(tx, past, &sold).await?;
    }
    Ok(())
}

async fn sell(tx: &mut Tx, past: &Order, sold: &[&Written]) -> DemoResult<()> {
    let at_us = afternoon_us(past.paid_on);
    let total_minor = sold.iter().map(|piece| piece.price_minor).sum();
    let tax = TaxPolicy::default();
    let order = order_row(
        past,
        total_minor,
        tax_of(total_minor, Destination::Domestic, tax).igv_minor,
        order::next_number(tx).await?,
    )?;
    order::insert(tx, &order).await?;
    let rates = rate::at_in(tx, order.created_at_us).await?;
    rate::record(tx, &order.id, &rates).await?;
    for (position, piece) in (1_i64..).zip(sold) {
        order::insert_line(tx, &new_key(), &order.id, position, &piece.id, piece.price_minor)
            .await?;
        let is_held = piece::reclaim(tx, &piece.id, &order.id, at_us).await?;
        if !is_held || !piece::sell(tx, &piece.id, &order.id, at_us).await? {
            return Err(unfit(format!("piece {} cannot be sold", piece.serial)));
        }
    }
    let payment = payment_row(&order, at_us);
    payment::insert(tx, &payment).await?;
    payment::opened(tx, &payment.id, &format!("demo-{}", payment.id), "").await?;
    let settled = SettledRow::default();
    let received = Received {
        state: PaymentState::Paid,
        payment_intent: None,
        charge: None,
        fee_minor: 0,
        settled: &settled,
        at_us,
    };
    payment::received(tx, &payment.id, received).await?;
    let paid = Money::new(total_minor, Currency::Pen);
    let arrived = Arrived::whole(MoneyPlace::Bank, paid, at_us);
    sale::book(tx, tax, &order, &payment, &arrived).await.map_err(unfit)
}

fn order_row(past: &Order, total_minor: i64, tax_minor: i64, number: i64) -> DemoResult<OrderRow> {
    let language = Language::from_code(&past.language)
        .ok_or_else(|| unfit(format!("language {}", past.language)))?;
    let paid_at_us = afternoon_us(past.paid_on);
    let id: OrderId = new_key();
    let text = str::to_owned;
    Ok(OrderRow {
        attempt: id.to_string(),
        id,
        number,
        secret: new_secret(),
        state: OrderStatus::Delivered,
        language: text(language.code()),
        currency: text(Currency::Pen.code()),
        rate_micro: 1_000_000,
        items_minor: total_minor,
        shipping_minor: 0,
        tax_minor,
        total_minor,
        delivery: text(DeliveryKind::Pickup.as_str()),
        delivery_from: past.paid_on.to_string(),
        delivery_to: past.paid_on.to_string(),
        email: text("demo@example.org"),
        name: text("Demostración"),
        phone: text("+51 900 000 000"),
        country: text("PE"),
        region: text("Puno"),
        city: text("Juliaca"),
        street: text("En el taller"),
        postal_code: String::new(),
        gift_message: None,
        created_at_us: paid_at_us - 600_000_000,
        hold_until_us: paid_at_us + 1_200_000_000,
        paid_at_us: Some(paid_at_us),
        closed_at_us: None,
    })
}

fn payment_row(order: &OrderRow, at_us: i64) -> PaymentRow {
    let id: PaymentId = new_key();
    PaymentRow {
        idempotency_key: id.to_string(),
        id,
        order_id: order.id.clone(),
        provider: "manual".to_owned(),
        state: PaymentState::Intended,
        currency: order.currency.clone(),
        amount_minor: order.total_minor,
        session_id: None,
        payment_url: None,
        payment_intent: None,
        charge: None,
        fee_minor: None,
        settled: SettledRow::default(),
        created_at_us: at_us,
        expires_at_us: at_us + 1_800_000_000,
        paid_at_us: None,
    }
}
