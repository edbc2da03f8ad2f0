//! What an order would cost: pieces, delivery, tax, in the currency chosen. Pure but for the
//! settings it reads; the page and the order itself go through the same functions.

use store::rate::{self, DatedRate};

use app::backend::shop::{CheckoutTrouble, DeliveryOption, OrderSums};
use domain::calendar::BusinessCalendar;
use domain::money::{Currency, ExchangeRate, Money};
use domain::rates::Rates;
use domain::shipping::{self, DeliveryKind, ShippingError};
use domain::tax::{Destination, tax_of};
use jiff::civil::Date;

use super::Settings;
use super::checkout_form::Place;
use crate::error::{ShopError, ShopResult};

/// Bounds in PEN of the bands by which a list of prices is counted: up to 250, 250 to 400, over
/// 400 soles.
const BANDS_MINOR: [i64; 2] = [25_000, 40_000];
/// In another currency the bounds are rounded to a multiple of this.
const BAND_STEP_MINOR: i64 = 500;

/// The rates of today and the currency in which a visitor is shown prices and charged: lists,
/// bag, checkout and the order itself go through here, so that what is shown is what is charged.
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

    /// Currencies that may be chosen: the sol, and others while a rate is known.
    pub(super) fn offered(&self) -> Vec<Currency> {
        let known =
            |currency: &Currency| *currency == Currency::Pen || self.rate(*currency).is_some();
        Currency::ALL.into_iter().filter(known).collect()
    }

    fn rate(&self, currency: Currency) -> Option<ExchangeRate> {
        self.rates.iter().copied().find(|rate| rate.base() == currency)
    }

    /// The rate of the currency; `None` for the sol.
    pub(super) fn own_rate(&self) -> Option<ExchangeRate> {
        self.rate(self.currency)
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

    /// An amount in another currency, rounded once; `None` without a rate.
    pub(super) fn convert(&self, amount: Money, into: Currency) -> Option<Money> {
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
    pub(super) fn here(&self, price: Money) -> ShopResult<Money> {
        self.priced_in(price, self.currency).ok_or_else(|| {
            ShopError::Internal(format!(
                "no rate from {} to {}",
                price.currency.code(),
                self.currency.code()
            ))
        })
    }

    /// What is charged for a price, where it is only shown; one too large for another currency
    /// stays as it is.
    pub(super) fn shown(&self, price: Money) -> Money {
        self.priced_in(price, self.currency).unwrap_or(price)
    }

    /// What would be charged in another currency that may be chosen: in soles, or of those in
    /// soles in the first foreign one.
    pub(super) fn otherwise(&self, price: Money) -> Option<Money> {
        let other = self.offered().into_iter().find(|currency| match self.currency {
            Currency::Pen => *currency != Currency::Pen,
            Currency::Usd | Currency::Eur => *currency == Currency::Pen,
        })?;
        self.priced_in(price, other)
    }

    /// Bounds in soles that take in exactly the prices that are shown within these bounds, all in
    /// minor units.
    pub(super) fn bounds_in_soles(
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
    pub(super) fn bands(&self) -> Vec<i64> {
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

/// What is in the box.
#[derive(Debug, Clone, Default)]
pub(super) struct Parcel {
    /// Prices in PEN, in the order of the bag.
    pub(super) prices_minor: Vec<i64>,
    /// Weight of all pieces in mg.
    pub(super) weight_mg: i64,
}

impl Parcel {
    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.prices_minor.is_empty()
    }

    /// What is charged for each price: converted one by one, so that lines sum to the total.
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
    let sum = contents.prices_minor.iter().copied().fold(0, i64::saturating_add);
    let value = Money::new(sum, Currency::Pen);
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
    let items = Money::new(lines.iter().copied().fold(0, i64::saturating_add), currency);
    let with_shipping = shipping.map_or(0, |price| price.amount_minor);
    let total = Money::new(items.amount_minor.saturating_add(with_shipping), currency);
    let tax = tax_of(total.amount_minor, destination, settings.tax);
    OrderSums {
        items,
        shipping,
        tax_included: (tax.rate_permille > 0).then(|| Money::new(tax.igv_minor, currency)),
        total,
    }
}

/// Why a total cannot be charged at once, if it cannot.
pub(super) fn not_chargeable(total: Money) -> Option<CheckoutTrouble> {
    total.chargeable().err().map(CheckoutTrouble::NotChargeable)
}
