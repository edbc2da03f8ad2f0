//! Exchange rates: soles per unit of another currency, in millionths.

use domain::id::OrderId;
use domain::money::{Currency, ExchangeRate};
use domain::rates::Rates;

use super::{Value, insert_rows};
use crate::db::{Db, DbResult, Tx, inconsistent, touched};

/// A rate with the moment from which it counts.
#[derive(Debug, Clone, Copy)]
pub struct DatedRate {
    /// The rate.
    pub rate: ExchangeRate,
    /// From when it counts, microseconds UTC.
    pub effective_from_us: i64,
}

/// The rate of every currency in force at `now_us`, and those announced for later, oldest first.
pub async fn from_now_on(db: &Db, now_us: i64) -> DbResult<Vec<DatedRate>> {
    let rows = db
        .query(
            "SELECT r.currency, r.rate_micro, r.effective_from_us FROM exchange_rate r
             WHERE r.effective_from_us >= COALESCE((SELECT MAX(o.effective_from_us) FROM exchange_rate o
               WHERE o.currency = r.currency AND o.effective_from_us <= $1), r.effective_from_us)
             ORDER BY r.effective_from_us",
        )
        .bind(now_us)
        .fetch_all::<(String, i64, i64)>()
        .await?;
    rows.into_iter().map(|(currency, micro, from)| dated(&currency, micro, from)).collect()
}

fn dated(currency: &str, rate_micro: i64, effective_from_us: i64) -> DbResult<DatedRate> {
    let rate = Currency::from_code(currency)
        .and_then(|base| ExchangeRate::new(base, Currency::Pen, rate_micro).ok());
    let rate =
        rate.ok_or_else(|| inconsistent("exchange_rate", currency, &format!("rate {rate_micro}")))?;
    Ok(DatedRate { rate, effective_from_us })
}

/// The rate of a currency in force at a moment, from a list that is oldest first.
pub fn in_force(rates: &[DatedRate], currency: Currency, at_us: i64) -> Option<ExchangeRate> {
    rates
        .iter()
        .rev()
        .find(|r| r.rate.base() == currency && r.effective_from_us <= at_us)
        .map(|r| r.rate)
}

/// Every rate in force at a moment, from a list that is oldest first.
pub fn all_in_force(rates: &[DatedRate], at_us: i64) -> Rates {
    let known = Currency::ALL.into_iter().filter_map(|currency| {
        in_force(rates, currency, at_us).map(|rate| (currency, rate.quote_per_base_micro()))
    });
    // `dated` has checked that a stored rate is positive and not the sol's.
    Rates::new(known).unwrap_or_default()
}

/// Writes down the rates of an order's checkout.
pub async fn record(tx: &mut Tx, order_id: &OrderId, rates: &Rates) -> DbResult<()> {
    let rows: Vec<Vec<Value>> = [Currency::Usd, Currency::Eur]
        .into_iter()
        .filter_map(|currency| rates.pen_micro(currency).map(|micro| (currency, micro)))
        .map(|(currency, micro)| vec![order_id.into(), currency.code().into(), micro.into()])
        .collect();
    let count = rows.len() as u64;
    let into = "order_rate (order_id, currency, rate_micro)";
    touched(insert_rows(tx, into, "", rows).await?, count, ("order_rate", order_id))
}

/// The rates of an order's checkout.
pub async fn of_order(tx: &mut Tx, order_id: &OrderId) -> DbResult<Rates> {
    let rows: Vec<(String, i64)> = tx
        .query("SELECT currency, rate_micro FROM order_rate WHERE order_id = $1")
        .bind_text(order_id)
        .fetch_all()
        .await?;
    let odd = || inconsistent("order_rate", order_id, "rate");
    let rates = rows.into_iter().map(|(code, micro)| Some((Currency::from_code(&code)?, micro)));
    let rates: Option<Vec<_>> = rates.collect();
    rates.and_then(|rates| Rates::new(rates).ok()).ok_or_else(odd)
}

/// Currencies in which metal is priced and that have no rate.
pub async fn unknown_of_lots(tx: &mut Tx, rates: &Rates) -> DbResult<Vec<String>> {
    let rows: Vec<(String,)> = tx
        .query("SELECT DISTINCT price_currency FROM material_lot WHERE price_currency <> 'PEN'")
        .fetch_all()
        .await?;
    let known = |code: &String| {
        Currency::from_code(code).is_some_and(|currency| rates.pen_micro(currency).is_some())
    };
    Ok(rows.into_iter().map(|(code,)| code).filter(|code| !known(code)).collect())
}

/// The rates in force at a moment, read inside the transaction that uses them.
pub async fn at_in(tx: &mut Tx, at_us: i64) -> DbResult<Rates> {
    let rows: Vec<(String, i64)> = tx
        .query(
            "SELECT r.currency, r.rate_micro FROM exchange_rate r WHERE r.effective_from_us = (
               SELECT MAX(o.effective_from_us) FROM exchange_rate o
               WHERE o.currency = r.currency AND o.effective_from_us <= $1)",
        )
        .bind(at_us)
        .fetch_all()
        .await?;
    let dated = rows.iter().map(|(code, micro)| dated(code, *micro, at_us));
    Ok(all_in_force(&dated.collect::<DbResult<Vec<_>>>()?, at_us))
}
