//! Books a paid order: freezes the split by the policy in force, and posts its entries.

use domain::country::Country;
use domain::id::{EntryId, OrderLineId, PieceId};
use domain::ledger::{self, EntryHeader, MoneyPlace, Settlement};
use domain::money::Money;
use domain::rates::Rates;
use domain::shipping::DeliveryKind;
use domain::split::{PieceSale, SaleInput, split_sale};
use domain::tax::{Destination, TaxPolicy};
use store::db::{Tx, inconsistent};
use store::ids::new_id;
use store::order::OrderRow;
use store::payment::{PaymentRow, SettledRow};
use store::{order, piece, policy, rate};

use crate::kernel::error::{ShopError, ShopResult};
use crate::kernel::payments::Settled;
use crate::workshop::making;

/// The error before an assembly decided how the money is divided: nothing can be sold.
pub(crate) fn no_policy() -> ShopError {
    ShopError::Internal("no split policy is in force".into())
}

/// Money that arrived for an order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrived {
    /// What was paid.
    pub(crate) paid: Money,
    /// The amount that came in, and where the money is.
    pub(crate) settlement: Settlement,
    /// The fee in the currency of what was paid.
    pub(crate) fee: Money,
    /// When it was paid, as the provider says. It decides the policy, the work that counts and the month.
    pub(crate) at_us: i64,
}

impl Arrived {
    /// Money without conversion and without a fee.
    pub(crate) fn whole(place: MoneyPlace, paid: Money, at_us: i64) -> Self {
        let settlement = Settlement::plain(place, paid);
        Self { paid, settlement, fee: Money::zero(paid.currency), at_us }
    }

    /// Money that arrived at the provider, as the provider reports it.
    pub(crate) fn of(payment: &PaymentRow, paid: Money, settled: &Settled) -> ShopResult<Self> {
        let settlement = settlement(payment, settled.amount_minor, settled)?;
        let fee = settlement
            .fee_in_money_of(paid)
            .map_err(|e| ShopError::about(format!("payment {}: its fee", payment.id), e))?;
        Ok(Self { paid, settlement, fee, at_us: settled.at.as_microsecond() })
    }

    /// The part of it that is stored with the payment.
    pub(crate) fn row(&self) -> SettledRow {
        let amount = self.settlement.amount;
        SettledRow {
            settled_currency: Some(amount.currency.code().to_owned()),
            settled_minor: Some(amount.amount_minor),
            settled_fee_minor: Some(self.settlement.fee_minor),
            settled_rate_nano: self.settlement.rate_nano,
        }
    }
}

/// A movement of this amount at the provider, as the ledger books it.
pub(crate) fn settlement(
    payment: &PaymentRow,
    amount_minor: i64,
    settled: &Settled,
) -> ShopResult<Settlement> {
    let amount = Money::from_code(amount_minor, &settled.currency)
        .map_err(|e| ShopError::about(format!("payment {}: settled", payment.id), e))?;
    let (fee_minor, rate_nano) = (settled.fee_minor, settled.rate_nano);
    Ok(Settlement { place: place_of(payment), amount, fee_minor, rate_nano })
}

/// Freezes the split of a paid order and posts its entries.
pub(crate) async fn book(
    tx: &mut Tx,
    tax: TaxPolicy,
    order: &OrderRow,
    payment: &PaymentRow,
    arrived: &Arrived,
) -> ShopResult<()> {
    let at_us = arrived.at_us;
    let policy = policy::in_force(tx, at_us).await?.ok_or_else(no_policy)?;
    let rates = rate::of_order(tx, &order.id).await?;
    let lines = order::lines_in(tx, &order.id, &order.language).await?;
    let mut pieces = Vec::with_capacity(lines.len());
    for line in &lines {
        let price = Money::new(line.price_minor, arrived.paid.currency);
        pieces.push(piece_sale(tx, &line.piece_id, price, &rates, at_us).await?);
    }
    let input = SaleInput {
        currency: arrived.paid.currency,
        pieces,
        shipping_charged_minor: order.shipping_minor,
        fee_minor: arrived.fee.amount_minor,
        destination: destination_of(order)?,
        tax_policy: tax,
    };
    let about = || format!("order {}", order.id);
    let split = split_sale(&input, &policy).map_err(|e| ShopError::about(about(), e))?;
    let line_ids: Vec<OrderLineId> = lines.into_iter().map(|line| line.id).collect();
    store::sale::freeze(tx, &line_ids, &input.pieces, &split, &policy, at_us).await?;
    let settlement = &arrived.settlement;
    let sold = header(format!("order:{}", order.id), at_us)?;
    let entry = ledger::sale_entry(sold, settlement, &split);
    let mut entries = vec![entry.map_err(|e| ShopError::about(about(), e))?];
    if settlement.fee_minor > 0 {
        let kept = header(format!("payment:{}", payment.id), at_us)?;
        let entry = ledger::fee_entry(kept, settlement, arrived.fee);
        entries.push(entry.map_err(|e| ShopError::about(about(), e))?);
    }
    store::ledger::post(tx, &entries, &order.id).await?;
    Ok(())
}

/// Where the order goes, as far as it matters for tax.
pub(crate) fn destination_of(order: &OrderRow) -> ShopResult<Destination> {
    let odd = |what: &str| inconsistent("shop_order", &order.id, what);
    let country = Country::from_code(&order.country).ok_or_else(|| odd("country"))?;
    let delivery = DeliveryKind::from_name(&order.delivery).ok_or_else(|| odd("delivery"))?;
    Ok(Destination::of(country, delivery))
}

async fn piece_sale(
    tx: &mut Tx,
    piece_id: &PieceId,
    price: Money,
    rates: &Rates,
    paid_at_us: i64,
) -> ShopResult<PieceSale> {
    let metal = piece::metal(tx, piece_id).await?;
    let others = piece::other_costs(tx, piece_id).await?;
    let work = piece::work(tx, piece_id).await?;
    making::of(piece_id, &metal, others, &work)?
        .sold_for(price, rates, paid_at_us)
        .map_err(|e| ShopError::about(format!("piece {piece_id}"), e))
}

/// A currency of the pieces' metal that has no exchange rate, if there is one. A piece is not sold
/// if its metal could not be paid for.
pub(crate) async fn without_rate(
    tx: &mut Tx,
    piece_ids: impl Iterator<Item = &PieceId>,
    rates: &Rates,
) -> ShopResult<Option<String>> {
    let unknown = rate::unknown_of_lots(tx, rates).await?;
    if unknown.is_empty() {
        return Ok(None);
    }
    for piece_id in piece_ids {
        for metal in piece::metal(tx, piece_id).await? {
            if unknown.contains(&metal.price_currency) {
                return Ok(Some(metal.price_currency));
            }
        }
    }
    Ok(None)
}

/// Where the money of a payment lies.
pub(crate) fn place_of(payment: &PaymentRow) -> MoneyPlace {
    if payment.provider == "stripe" { MoneyPlace::Stripe } else { MoneyPlace::Bank }
}

/// The header of a new entry.
pub(crate) fn header(reference: String, occurred_at_us: i64) -> ShopResult<EntryHeader> {
    let id = EntryId::parse(new_id()).map_err(|e| ShopError::Internal(e.into()))?;
    Ok(EntryHeader { id, occurred_at_us, reference })
}
