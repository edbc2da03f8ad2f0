//! Prices in the currency in which a visitor is shown them and charged.

use domain::money::{Currency, ExchangeRate, Money};
use domain::rates::Rates;
use store::rate::{self, DatedRate};

use crate::kernel::error::{ShopError, ShopResult};

/// Bounds in PEN of the bands by which a list of prices is counted: up to 250, 250 to 400, over
/// 400 soles.
const BANDS_MINOR: [i64; 2] = [25_000, 40_000];
/// In another currency the bounds are rounded to a multiple of this.
const BAND_STEP_MINOR: i64 = 500;

/// Today's rates and the currency in which a visitor sees prices and is charged. Lists, bag,
/// checkout and the order itself use them, so that the price shown is the price charged.
#[derive(Debug, Clone)]
pub(crate) struct Prices {
    rates: Vec<ExchangeRate>,
    pub(crate) currency: Currency,
}

impl Prices {
    pub(crate) fn new(dated: &[DatedRate], currency: Currency, now_us: i64) -> Self {
        let rates = Currency::ALL
            .into_iter()
            .filter_map(|currency| rate::in_force(dated, currency, now_us))
            .collect();
        Self { rates, currency }
    }

    /// Currencies that may be chosen: the sol, and others while a rate is known.
    pub(crate) fn offered(&self) -> Vec<Currency> {
        let known =
            |currency: &Currency| *currency == Currency::Pen || self.rate(*currency).is_some();
        Currency::ALL.into_iter().filter(known).collect()
    }

    fn rate(&self, currency: Currency) -> Option<ExchangeRate> {
        self.rates.iter().copied().find(|rate| rate.base() == currency)
    }

    /// The rate of the currency; `None` for the sol.
    pub(crate) fn own_rate(&self) -> Option<ExchangeRate> {
        self.rate(self.currency)
    }

    /// Soles per unit of the order's currency, in millionths, as the order stores it.
    pub(crate) fn rate_micro(&self) -> i64 {
        self.rate(self.currency).map_or(1_000_000, ExchangeRate::quote_per_base_micro)
    }

    /// Every rate, as the order keeps them.
    pub(crate) fn known(&self) -> Rates {
        let known = self.rates.iter().map(|rate| (rate.base(), rate.quote_per_base_micro()));
        // Rates of other currencies in soles, each positive.
        Rates::new(known).unwrap_or_default()
    }

    /// An amount in another currency, rounded once; `None` without a rate.
    pub(crate) fn convert(&self, amount: Money, into: Currency) -> Option<Money> {
        self.known().convert(amount, into).ok()
    }

    /// A price in another currency, by way of the sol; `None` without a rate.
    fn priced_in(&self, price: Money, into: Currency) -> Option<Money> {
        let mut amount = price;
        for currency in [price.currency, into] {
            if amount.currency != into && currency != Currency::Pen {
                amount = self.rate(currency)?.price(amount).ok()?;
            }
        }
        Some(amount)
    }

    /// What is charged for a price.
    pub(crate) fn here(&self, price: Money) -> ShopResult<Money> {
        self.priced_in(price, self.currency).ok_or_else(|| {
            ShopError::Internal(
                format!("no rate from {} to {}", price.currency.code(), self.currency.code())
                    .into(),
            )
        })
    }

    /// What is charged for a price, for display only. A price that is too large for another
    /// currency stays as it is.
    pub(crate) fn shown(&self, price: Money) -> Money {
        self.priced_in(price, self.currency).unwrap_or(price)
    }

    /// The price in another currency that may be chosen: in soles or, for prices in soles, in the
    /// first foreign currency.
    pub(crate) fn otherwise(&self, price: Money) -> Option<Money> {
        let other = self.offered().into_iter().find(|currency| match self.currency {
            Currency::Pen => *currency != Currency::Pen,
            Currency::Usd | Currency::Eur => *currency == Currency::Pen,
        })?;
        self.priced_in(price, other)
    }

    /// Bounds in soles that contain exactly the prices that are shown within these bounds, all in
    /// minor units.
    pub(crate) fn bounds_in_soles(
        &self,
        least_minor: Option<i64>,
        most_minor: Option<i64>,
    ) -> (Option<i64>, Option<i64>) {
        match self.own_rate() {
            Some(rate) => (
                least_minor.map(|minor| rate.least_priced_from(minor)),
                most_minor.map(|minor| rate.greatest_priced_within(minor)),
            ),
            None => (least_minor, most_minor),
        }
    }

    /// The bounds by which a list of prices is counted, in minor units of the currency, ascending:
    /// round numbers near those in soles.
    pub(crate) fn bands(&self) -> Vec<i64> {
        let mut bands: Vec<i64> = BANDS_MINOR
            .map(|soles| {
                let price = self.shown(Money::new(soles, Currency::Pen));
                match price.currency {
                    Currency::Pen => soles,
                    Currency::Usd | Currency::Eur => {
                        let steps = (price.amount_minor + BAND_STEP_MINOR / 2) / BAND_STEP_MINOR;
                        steps.max(1) * BAND_STEP_MINOR
                    }
                }
            })
            .into();
        bands.dedup();
        bands
    }
}
