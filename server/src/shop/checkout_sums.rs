//! What an order would cost: pieces, delivery, tax, in the currency chosen. Pure but for the
//! settings it reads; the page and the order itself go through the same functions.

use app::backend::shop::{DeliveryOption, OrderSums};
use domain::calendar::BusinessCalendar;
use domain::money::{Currency, ExchangeRate, Money};
use domain::rates::Rates;
use domain::shipping::{self, DeliveryKind, ShippingError};
use domain::tax::{Destination, tax_of};
use jiff::civil::Date;

use super::Settings;
use super::checkout_form::Place;
use crate::error::{ShopError, ShopResult};
use crate::store::rate::{self, DatedRate};

/// The rates of today and the currency of an order.
#[derive(Debug, Clone)]
pub(super) struct Prices {
    rates: Vec<ExchangeRate>,
    pub(super) currency: Currency,
}

impl Prices {
    pub(super) fn new(dated: &[DatedRate], currency: Currency, now_us: i64) -> Self {
        let rates = Currency::ALL
            .into_iter()
            .filter_map(|currency| rate::in_force(dated, currency, now_us))
            .collect();
        Self { rates, currency }
    }

    /// Currencies that may be chosen: the sol, and the dollar while a rate is known.
    pub(super) fn offered(&self) -> Vec<Currency> {
        let dollar = self.rate(Currency::Usd).map(|_| Currency::Usd);
        std::iter::once(Currency::Pen).chain(dollar).collect()
    }

    fn rate(&self, currency: Currency) -> Option<ExchangeRate> {
        self.rates.iter().copied().find(|rate| rate.base() == currency)
    }

    /// Soles per unit of the order's currency, in millionths, as the order stores it.
    pub(super) fn rate_micro(&self) -> i64 {
        self.rate(self.currency).map_or(1_000_000, ExchangeRate::quote_per_base_micro)
    }

    /// Every rate, as the order keeps them.
    pub(super) fn known(&self) -> Rates {
        let known = self.rates.iter().map(|rate| (rate.base(), rate.quote_per_base_micro()));
        // Rates of other currencies in soles, each positive.
        Rates::new(known).unwrap_or_default()
    }

    /// An amount in another currency, by way of the sol; `None` without a rate.
    fn convert(&self, amount: Money, into: Currency) -> Option<Money> {
        let mut amount = amount;
        for currency in [amount.currency, into] {
            if amount.currency != into && currency != Currency::Pen {
                amount = self.rate(currency)?.convert(amount).ok()?;
            }
        }
        Some(amount)
    }

    /// An amount in dollars, while a rate is known.
    pub(super) fn in_dollars(&self, amount: Money) -> Option<Money> {
        self.convert(amount, Currency::Usd)
    }

    /// An amount in the order's currency.
    pub(super) fn here(&self, amount: Money) -> ShopResult<Money> {
        self.convert(amount, self.currency).ok_or_else(|| {
            ShopError::Internal(format!(
                "no rate from {} to {}",
                amount.currency.code(),
                self.currency.code()
            ))
        })
    }
}

/// What is in the box.
#[derive(Debug, Clone, Default)]
pub(super) struct Parcel {
    /// Prices in PEN, in the order of the bag.
    pub(super) prices_minor: Vec<i64>,
    /// Weight of all pieces in mg.
    pub(super) weight_mg: i64,
}

impl Parcel {
    /// Each price in the order's currency: converted one by one, so that lines sum to the total.
    pub(super) fn lines(&self, prices: &Prices) -> ShopResult<Vec<i64>> {
        self.prices_minor
            .iter()
            .map(|&minor| Ok(prices.here(Money::new(minor, Currency::Pen))?.amount_minor))
            .collect()
    }
}

/// Ways of delivery to a place.
#[derive(Debug, Default)]
pub(super) struct Offers {
    pub(super) options: Vec<DeliveryOption>,
    /// The parcel is worth more than may be sent there.
    pub(super) over_limit: Option<Money>,
}

/// The ways of delivery for this box to this place, priced in the order's currency.
pub(super) fn offers(
    settings: &Settings,
    prices: &Prices,
    contents: &Parcel,
    place: Place,
    today: Date,
) -> ShopResult<Offers> {
    let tariff = &settings.tariff;
    let calendar = BusinessCalendar::default();
    let value = Money::new(contents.prices_minor.iter().sum(), Currency::Pen);
    let mut offers = Offers::default();
    for zone in place.zones() {
        // Without a rate the value abroad cannot be told, so nothing is offered there.
        let declared_value = match prices.convert(value, tariff.export_value_limit.currency) {
            Some(value) => value,
            None if zone.is_abroad() => continue,
            None => Money::zero(tariff.export_value_limit.currency),
        };
        let parcel = shipping::Parcel { pieces_weight_mg: contents.weight_mg, declared_value };
        let quote = match tariff.quote(zone, parcel) {
            Ok(quote) => quote,
            Err(ShippingError::ValueOverLimit { limit }) => {
                offers.over_limit = Some(limit);
                continue;
            }
            Err(_) => continue,
        };
        let Some(days) = tariff.delivery_estimate(zone, today, 0, &calendar) else { continue };
        offers.options.push(DeliveryOption {
            kind: DeliveryKind::of_zone(zone),
            price: prices.here(quote.price)?,
            from: days.earliest,
            to: days.latest,
        });
    }
    Ok(offers)
}

/// The sums; `shipping` once chosen.
pub(super) fn sums(
    settings: &Settings,
    prices: &Prices,
    lines: &[i64],
    shipping: Option<Money>,
    destination: Destination,
) -> OrderSums {
    let currency = prices.currency;
    let items = Money::new(lines.iter().sum(), currency);
    let total =
        Money::new(items.amount_minor + shipping.map_or(0, |price| price.amount_minor), currency);
    let tax = tax_of(total.amount_minor, destination, settings.tax);
    OrderSums {
        items,
        shipping,
        tax_included: (tax.rate_permille > 0).then(|| Money::new(tax.igv_minor, currency)),
        total,
    }
}
