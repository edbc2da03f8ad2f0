//! A paid order in the books: the split by the policy in force, frozen, and its entries.

use domain::contribution::{Contribution, Effort, Step};
use domain::id::{MemberId, PieceId};
use domain::ledger;
use domain::money::{Currency, ExchangeRate, Money};
use domain::rounding::div_half_even;
use domain::split::{MaterialCost, MaterialSource, PieceSale, SaleInput, split_sale};
use domain::tax::{Destination, TaxPolicy};

use super::settle::{header, place_of};
use crate::db::Tx;
use crate::error::{ShopError, ShopResult};
use crate::store::order::OrderRow;
use crate::store::payment::PaymentRow;
use crate::store::piece::MetalInPiece;
use crate::store::{self, order, piece, policy, rate};

/// Nothing can be sold before an assembly adopted how the money is divided.
pub(super) fn no_policy() -> ShopError {
    ShopError::Internal("no split policy is in force".into())
}

/// Freezes the split of a paid order and posts its entries.
pub(crate) async fn book(
    tx: &mut Tx,
    tax: TaxPolicy,
    order: &OrderRow,
    payment: &PaymentRow,
    fee: Money,
    now_us: i64,
) -> ShopResult<()> {
    let policy = policy::in_force(tx, now_us).await?.ok_or_else(no_policy)?;
    let lines = order::lines_in(tx, &order.id, &order.language).await?;
    let mut pieces = Vec::with_capacity(lines.len());
    for line in &lines {
        pieces.push(piece_sale(tx, order, &line.piece_id, line.price_minor, now_us).await?);
    }
    let input = SaleInput {
        currency: fee.currency,
        pieces,
        shipping_charged_minor: order.shipping_minor,
        fee_minor: fee.amount_minor,
        destination: destination_of(order),
        tax_policy: tax,
    };
    let internal =
        |error: &dyn std::fmt::Display| ShopError::Internal(format!("order {}: {error}", order.id));
    let split = split_sale(&input, &policy).map_err(|e| internal(&e))?;
    let line_ids: Vec<String> = lines.into_iter().map(|line| line.id).collect();
    store::sale::freeze(tx, &line_ids, &input.pieces, &split, &policy, now_us).await?;
    let place = place_of(payment);
    let entry = ledger::sale_entry(header(format!("order:{}", order.id), now_us)?, place, &split)
        .map_err(|e| internal(&e))?;
    let mut entries = vec![entry];
    if fee.amount_minor > 0 {
        let header = header(format!("payment:{}", payment.id), now_us)?;
        entries.push(ledger::fee_entry(header, place, fee).map_err(|e| internal(&e))?);
    }
    store::ledger::post(tx, &entries, &order.id).await?;
    Ok(())
}

/// Where the order goes, as far as tax cares.
pub(super) fn destination_of(order: &OrderRow) -> Destination {
    if order.country == "PE" { Destination::Domestic } else { Destination::Abroad }
}

async fn piece_sale(
    tx: &mut Tx,
    order: &OrderRow,
    piece_id: &str,
    price_minor: i64,
    now_us: i64,
) -> ShopResult<PieceSale> {
    let odd = |what: String| ShopError::Internal(format!("piece {piece_id}: {what}"));
    let mut material = Vec::new();
    for metal in piece::metal(tx, piece_id).await? {
        let source = if metal.owner == "consigned" {
            MaterialSource::Consigned
        } else {
            MaterialSource::Own
        };
        let cost = metal_cost(&metal).ok_or_else(|| odd("cost of metal".into()))?;
        let cost_minor = at_order_rate(tx, order, cost, now_us).await?.amount_minor;
        material.push(MaterialCost { source, cost_minor });
    }
    let (stones_minor, findings_minor) = piece::other_costs(tx, piece_id).await?;
    for cost in [stones_minor, findings_minor] {
        let cost_minor =
            at_order_rate(tx, order, Money::new(cost, Currency::Pen), now_us).await?.amount_minor;
        material.push(MaterialCost { source: MaterialSource::Own, cost_minor });
    }
    let contributions = piece::contributions(tx, piece_id)
        .await?
        .into_iter()
        .map(|(member, step, minutes)| {
            Ok(Contribution {
                member_id: MemberId::parse(member).map_err(|e| odd(e.to_string()))?,
                step: Step::from_name(&step).unwrap_or(Step::Other),
                effort: Effort::Minutes(u32::try_from(minutes).map_err(|e| odd(e.to_string()))?),
            })
        })
        .collect::<ShopResult<Vec<_>>>()?;
    let piece_id = PieceId::parse(piece_id).map_err(|e| odd(e.to_string()))?;
    Ok(PieceSale { piece_id, price_minor, material, contributions })
}

/// What the fine metal of one lot in a piece costs at the lot's agreed price per gram of fine metal.
fn metal_cost(metal: &MetalInPiece) -> Option<Money> {
    let fine_mg = i128::from(metal.fine_mg);
    let cost = div_half_even(fine_mg * i128::from(metal.price_per_fine_g_minor), 1_000)?;
    Money::from_code(i64::try_from(cost).ok()?, &metal.price_currency).ok()
}

/// An amount in the order's currency: soles at the rate stored with the order.
async fn at_order_rate(
    tx: &mut Tx,
    order: &OrderRow,
    amount: Money,
    now_us: i64,
) -> ShopResult<Money> {
    let odd = |what: String| ShopError::Internal(format!("order {}: {what}", order.id));
    let currency = Currency::from_code(&order.currency).ok_or_else(|| odd("currency".into()))?;
    if amount.currency == currency {
        return Ok(amount);
    }
    let soles = convert(tx, amount, Currency::Pen, now_us).await?;
    if currency == Currency::Pen {
        return Ok(soles);
    }
    ExchangeRate::new(currency, Currency::Pen, order.rate_micro)
        .and_then(|rate| rate.convert(soles))
        .map_err(|e| odd(e.to_string()))
}

/// An amount in another currency at the rates of a moment, by way of the sol.
pub(super) async fn convert(
    tx: &mut Tx,
    amount: Money,
    into: Currency,
    at_us: i64,
) -> ShopResult<Money> {
    let mut amount = amount;
    for currency in [amount.currency, into] {
        if amount.currency == into || currency == Currency::Pen {
            continue;
        }
        let rate = rate::at_in(tx, currency, at_us).await?.ok_or_else(|| {
            ShopError::Internal(format!("no exchange rate for {}", currency.code()))
        })?;
        amount = rate.convert(amount).map_err(|e| ShopError::Internal(e.to_string()))?;
    }
    Ok(amount)
}
