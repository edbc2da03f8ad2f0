//! The page on shipping, and when a parcel would arrive.

use app::backend::shop::{DeliveryEstimate, ShippingView, ShippingZoneView, Visit};
use domain::calendar::BusinessCalendar;
use domain::money::Money;
use domain::shipping::{DeliveryKind, ShippingTariff, ShippingZone};

use super::Catalogue;
use crate::kernel::error::ShopResult;

impl Catalogue {
    /// Zones with their prices and days, as the tariff says.
    pub(crate) async fn read_shipping(&self, visit: &Visit) -> ShopResult<ShippingView> {
        let now_us = visit.now.as_microsecond();
        let prices = self.reference(now_us).await?.1.prices(visit.currency, now_us);
        let tariff = &self.settings.tariff;
        let zones = tariff.zones.iter().filter_map(|zone| {
            let lightest = zone.bands.first()?;
            Some(ShippingZoneView {
                code: zone.zone.as_str().to_owned(),
                from_price: prices.shown(Money::new(lightest.price_minor, tariff.currency)),
                days_min: u32::from(zone.days_min),
                days_max: u32::from(zone.days_max),
            })
        });
        Ok(ShippingView {
            zones: zones.collect(),
            return_days: self.settings.return_days,
            abroad_limit: tariff.export_value_limit,
        })
    }
}

/// Estimates for Lima, and for abroad from the earliest to the latest day of any zone there.
pub(super) fn estimates(
    tariff: &ShippingTariff,
    visit: &Visit,
    making_days: u16,
) -> Vec<DeliveryEstimate> {
    let calendar = BusinessCalendar::default();
    let of =
        |zone: ShippingZone| tariff.delivery_estimate(zone, visit.today, making_days, &calendar);
    let lima = of(ShippingZone::PeruLima).map(|days| DeliveryEstimate {
        kind: DeliveryKind::Courier,
        from: days.earliest,
        to: days.latest,
    });
    let abroad =
        ShippingZone::ALL.into_iter().filter(|zone| zone.is_abroad()).filter_map(of).reduce(
            |a, b| domain::shipping::DeliveryEstimate {
                earliest: a.earliest.min(b.earliest),
                latest: a.latest.max(b.latest),
            },
        );
    let abroad = abroad.map(|days| DeliveryEstimate {
        kind: DeliveryKind::Post,
        from: days.earliest,
        to: days.latest,
    });
    lima.into_iter().chain(abroad).collect()
}
