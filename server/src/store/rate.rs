//! Exchange rates: soles per unit of another currency, in millionths.

use domain::money::{Currency, ExchangeRate};

use crate::db::{Db, DbError, DbResult, Tx};

/// A rate with the moment from which it counts.
#[derive(Debug, Clone, Copy)]
pub struct DatedRate {
    /// The rate.
    pub rate: ExchangeRate,
    /// From when it counts, microseconds UTC.
    pub effective_from_us: i64,
}

/// For every currency the rate in force at `now_us` and those announced for later, oldest first.
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
    let rate = rate.ok_or_else(|| DbError::Inconsistent {
        table: "exchange_rate",
        id: currency.to_owned(),
        what: format!("rate {rate_micro}"),
    })?;
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

/// The rate of a currency in force at a moment, read inside the transaction that uses it;
/// `None` before the first, and for the sol itself.
pub async fn at_in(tx: &mut Tx, currency: Currency, at_us: i64) -> DbResult<Option<ExchangeRate>> {
    if currency == Currency::Pen {
        return Ok(None);
    }
    let row: Option<(i64,)> = tx
        .query(
            "SELECT rate_micro FROM exchange_rate WHERE currency = $1 AND effective_from_us <= $2
             ORDER BY effective_from_us DESC LIMIT 1",
        )
        .bind(currency.code())
        .bind(at_us)
        .fetch_optional()
        .await?;
    row.map(|(micro,)| dated(currency.code(), micro, at_us).map(|dated| dated.rate)).transpose()
}
