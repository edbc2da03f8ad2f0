//! Delivery: zones, prices by zone and weight, and when a parcel arrives.
//!
//! Prices are data: a [`ShippingTariff`] comes from configuration, is checked once by
//! [`ShippingTariff::validate`] and then only read. Weights include the packaging.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use crate::country::ShippingZone;

use crate::calendar::BusinessCalendar;
use crate::country::{Country, Department};
use crate::money::{Currency, Money, MoneyError};

impl ShippingZone {
    /// The zone of a place. Within Peru, Lima and Callao are a zone of their own; without a
    /// department the place counts as the provinces, the dearer of the two.
    #[must_use]
    pub fn of(country: Country, department: Option<Department>) -> Self {
        match department {
            Some(department) if country.is_peru() && department.is_capital() => Self::PeruLima,
            Some(_) | None => country.zone(),
        }
    }
}

/// How a parcel reaches the shopper. It is chosen at checkout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryKind {
    /// Picked up at the workshop in Juliaca.
    Pickup,
    /// By courier to an address in Peru.
    Courier,
    /// By post to an address abroad.
    Post,
}

impl DeliveryKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Pickup, Self::Courier, Self::Post];

    /// The name in the database and in forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pickup => "pickup",
            Self::Courier => "courier",
            Self::Post => "post",
        }
    }

    /// The kind of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The kind by which a zone is served.
    #[must_use]
    pub const fn of_zone(zone: ShippingZone) -> Self {
        match zone {
            ShippingZone::PickupJuliaca => Self::Pickup,
            ShippingZone::PeruLima | ShippingZone::PeruProvinces => Self::Courier,
            ShippingZone::LatinAmerica
            | ShippingZone::NorthAmerica
            | ShippingZone::Europe
            | ShippingZone::RestOfWorld => Self::Post,
        }
    }
}

/// The price of a parcel up to a weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightBand {
    /// Weight of the heaviest parcel of this band, grams.
    pub max_weight_g: u32,
    /// Its price in the tariff's currency, tax included where tax applies.
    pub price_minor: i64,
}

/// The price and duration of parcels to a zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZoneTariff {
    /// The zone.
    pub zone: ShippingZone,
    /// Name of the carrier, shown as it is ("Serpost EMS").
    pub carrier: String,
    /// Fewest business days of transport.
    pub days_min: u16,
    /// Most business days of transport.
    pub days_max: u16,
    /// Prices by weight, lightest first.
    pub bands: Vec<WeightBand>,
}

/// All delivery prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShippingTariff {
    /// The currency of the prices.
    pub currency: Currency,
    /// What box, card and padding weigh, grams.
    pub packaging_weight_g: u32,
    /// Business days between payment and handing over a piece that is ready.
    pub dispatch_days: u16,
    /// Greatest value of a parcel that is sent abroad (Exporta Fácil: USD 7 500; to be checked).
    pub export_value_limit: Money,
    /// The zones served. A zone that is missing is not served.
    pub zones: Vec<ZoneTariff>,
}

/// Why a tariff cannot be used, or a parcel cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShippingError {
    /// The tariff has no zone at all.
    #[error("the tariff serves no zone")]
    NoZones,
    /// A zone is listed twice.
    #[error("zone {} is listed twice", zone.as_str())]
    ZoneTwice {
        /// The zone.
        zone: ShippingZone,
    },
    /// Bands must grow, prices must not be negative, days must be in order.
    #[error("zone {}: {what}", zone.as_str())]
    BadZone {
        /// The zone.
        zone: ShippingZone,
        /// What is wrong.
        what: &'static str,
    },
    /// The value limit must be positive.
    #[error("the export value limit must be positive")]
    BadLimit,
    /// No carrier serves the zone.
    #[error("zone {} is not served", zone.as_str())]
    NotServed {
        /// The zone.
        zone: ShippingZone,
    },
    /// Heavier than the heaviest band.
    #[error("the parcel is heavier than {max_weight_g} g")]
    TooHeavy {
        /// The heaviest parcel that is carried there.
        max_weight_g: u32,
    },
    /// Worth more than may be sent abroad.
    #[error("the parcel is worth more than may be sent abroad")]
    ValueOverLimit {
        /// The limit.
        limit: Money,
    },
    /// The value was given in another currency than the limit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// What goes into the box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parcel {
    /// The pieces' weight together, milligrams, without packaging.
    pub pieces_weight_mg: i64,
    /// The pieces' value, in the currency of [`ShippingTariff::export_value_limit`].
    pub declared_value: Money,
}

/// A delivery that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShippingQuote {
    /// The zone.
    pub zone: ShippingZone,
    /// Name of the carrier.
    pub carrier: String,
    /// The price, in the tariff's currency.
    pub price: Money,
    /// Fewest business days of transport.
    pub days_min: u16,
    /// Most business days of transport.
    pub days_max: u16,
}

/// The days between which a parcel should arrive, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryEstimate {
    /// The earliest day.
    pub earliest: Date,
    /// The latest day.
    pub latest: Date,
}

impl ShippingTariff {
    /// Checks the tariff before it is used.
    ///
    /// # Errors
    /// The first [`ShippingError`] found.
    pub fn validate(&self) -> Result<(), ShippingError> {
        if self.zones.is_empty() {
            return Err(ShippingError::NoZones);
        }
        if self.export_value_limit.amount_minor <= 0 {
            return Err(ShippingError::BadLimit);
        }
        for (index, tariff) in self.zones.iter().enumerate() {
            let zone = tariff.zone;
            if self.zones.iter().take(index).any(|other| other.zone == zone) {
                return Err(ShippingError::ZoneTwice { zone });
            }
            if let Some(what) = tariff.problem() {
                return Err(ShippingError::BadZone { zone, what });
            }
        }
        Ok(())
    }

    /// The price and duration of a parcel to a zone.
    ///
    /// # Errors
    /// [`ShippingError::NotServed`], [`ShippingError::TooHeavy`], [`ShippingError::ValueOverLimit`]
    /// (abroad only) or [`ShippingError::Money`].
    pub fn quote(
        &self,
        zone: ShippingZone,
        parcel: Parcel,
    ) -> Result<ShippingQuote, ShippingError> {
        let tariff = self
            .zones
            .iter()
            .find(|tariff| tariff.zone == zone)
            .ok_or(ShippingError::NotServed { zone })?;
        if zone.is_abroad() {
            let limit = self.export_value_limit;
            if limit.checked_sub(parcel.declared_value)?.amount_minor < 0 {
                return Err(ShippingError::ValueOverLimit { limit });
            }
        }
        let weight_mg = parcel
            .pieces_weight_mg
            .max(0)
            .saturating_add(i64::from(self.packaging_weight_g) * 1_000);
        let band = tariff
            .bands
            .iter()
            .find(|band| weight_mg <= i64::from(band.max_weight_g) * 1_000)
            .ok_or(ShippingError::TooHeavy {
                max_weight_g: tariff.bands.last().map_or(0, |band| band.max_weight_g),
            })?;
        Ok(ShippingQuote {
            zone,
            carrier: tariff.carrier.clone(),
            price: Money::new(band.price_minor, self.currency),
            days_min: tariff.days_min,
            days_max: tariff.days_max,
        })
    }

    /// When a parcel ordered on a day (in Lima) should arrive: making (for made to order), then
    /// dispatch, then transport, all in business days. `None` for a zone that is not served.
    ///
    /// A piece that is picked up needs no dispatch: it waits at the workshop.
    #[must_use]
    pub fn delivery_estimate(
        &self,
        zone: ShippingZone,
        ordered_on: Date,
        making_days: u16,
        calendar: &BusinessCalendar,
    ) -> Option<DeliveryEstimate> {
        let tariff = self.zones.iter().find(|tariff| tariff.zone == zone)?;
        let dispatch = if zone == ShippingZone::PickupJuliaca { 0 } else { self.dispatch_days };
        let sent = calendar.add_business_days(ordered_on, making_days.saturating_add(dispatch));
        Some(DeliveryEstimate {
            earliest: calendar.add_business_days(sent, tariff.days_min),
            latest: calendar.add_business_days(sent, tariff.days_max),
        })
    }
}

impl ZoneTariff {
    fn problem(&self) -> Option<&'static str> {
        if self.carrier.trim().is_empty() {
            Some("no carrier named")
        } else if self.days_min > self.days_max || self.days_max > 365 {
            Some("days out of order")
        } else if self.bands.is_empty() {
            Some("no weight bands")
        } else if self.bands.iter().any(|band| band.price_minor < 0) {
            Some("negative price")
        } else if self.bands.windows(2).any(|pair| {
            pair[0].max_weight_g >= pair[1].max_weight_g
                || pair[0].price_minor > pair[1].price_minor
        }) {
            Some("weight bands must grow, and prices with them")
        } else {
            None
        }
    }
}

#[cfg(test)]
#[path = "shipping_tests.rs"]
mod tests;
