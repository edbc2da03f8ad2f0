//! Computes what an order costs: pieces, delivery and tax in the chosen currency. The page and the
//! order use the same functions, which read nothing but their arguments and the settings.

use app::backend::shop::{CheckoutTrouble, DeliveryOption, OrderSums};
use domain::calendar::BusinessCalendar;
use domain::money::{Currency, Money};
use domain::shipping::{self, DeliveryKind, ShippingError};
use domain::tax::{Destination, tax_of};
use jiff::civil::Date;

use super::checkout_form::Place;
use crate::catalogue::Prices;
use crate::kernel::error::ShopResult;
use crate::kernel::settings::Settings;

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

    /// The charged amount of each price. Each is converted by itself, so that the lines sum to the total.
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
        // Without a rate the value of the parcel is unknown, so no delivery abroad is offered.
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

/// The sums of an order; `shipping` is known once a way of delivery is chosen.
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

/// Why a total cannot be charged in one payment, if it cannot.
pub(super) fn not_chargeable(total: Money) -> Option<CheckoutTrouble> {
    total.chargeable().err().map(CheckoutTrouble::NotChargeable)
}
