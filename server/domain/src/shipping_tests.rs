#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use jiff::civil::date;
use proptest::prelude::*;

fn tariff() -> ShippingTariff {
    let zone = |zone, days_min, days_max, prices: &[(u32, i64)]| ZoneTariff {
        zone,
        carrier: "Olva".into(),
        days_min,
        days_max,
        bands: prices
            .iter()
            .map(|&(max_weight_g, price_minor)| WeightBand { max_weight_g, price_minor })
            .collect(),
    };
    ShippingTariff {
        currency: Currency::Pen,
        packaging_weight_g: 120,
        dispatch_days: 2,
        export_value_limit: Money::new(750_000, Currency::Usd),
        zones: vec![
            zone(ShippingZone::PickupJuliaca, 0, 1, &[(5_000, 0)]),
            zone(ShippingZone::PeruLima, 2, 4, &[(500, 1_500), (2_000, 2_500)]),
            zone(ShippingZone::Europe, 8, 15, &[(500, 9_500)]),
        ],
    }
}

fn parcel(grams: i64, usd_minor: i64) -> Parcel {
    Parcel { pieces_weight_mg: grams * 1_000, declared_value: Money::new(usd_minor, Currency::Usd) }
}

#[test]
fn the_price_of_a_parcel_depends_on_zone_and_weight() {
    let tariff = tariff();
    assert_eq!(tariff.validate(), Ok(()));
    let price = |zone, parcel| tariff.quote(zone, parcel).map(|quote| quote.price.amount_minor);
    assert_eq!(price(ShippingZone::PeruLima, parcel(380, 1)), Ok(1_500));
    assert_eq!(price(ShippingZone::PeruLima, parcel(381, 1)), Ok(2_500));
    assert_eq!(
        price(ShippingZone::PeruLima, parcel(1_881, 1)),
        Err(ShippingError::TooHeavy { max_weight_g: 2_000 })
    );
    assert_eq!(price(ShippingZone::Europe, parcel(10, 750_000)), Ok(9_500));
    let limit = tariff.export_value_limit;
    assert_eq!(
        price(ShippingZone::Europe, parcel(10, 750_001)),
        Err(ShippingError::ValueOverLimit { limit })
    );
    assert_eq!(price(ShippingZone::PeruLima, parcel(10, 750_001)), Ok(1_500));
    let zone = ShippingZone::NorthAmerica;
    assert_eq!(price(zone, parcel(10, 1)), Err(ShippingError::NotServed { zone }));
    let soles = Parcel { declared_value: Money::new(1, Currency::Pen), ..parcel(1, 1) };
    assert!(matches!(price(ShippingZone::Europe, soles), Err(ShippingError::Money(_))));
}

#[test]
fn a_tariff_that_contradicts_itself_is_refused() {
    let mut twice = tariff();
    twice.zones.push(twice.zones[0].clone());
    assert_eq!(
        twice.validate(),
        Err(ShippingError::ZoneTwice { zone: ShippingZone::PickupJuliaca })
    );
    let mut shrinking = tariff();
    shrinking.zones[1].bands.reverse();
    assert!(matches!(shrinking.validate(), Err(ShippingError::BadZone { .. })));
    let empty = ShippingTariff { zones: vec![], ..tariff() };
    assert_eq!(empty.validate(), Err(ShippingError::NoZones));
}

#[test]
fn every_place_has_one_zone() {
    let zone = |code| ShippingZone::of(Country::from_code(code).unwrap(), None);
    assert_eq!(zone("BO"), ShippingZone::LatinAmerica);
    assert_eq!(zone("US"), ShippingZone::NorthAmerica);
    assert_eq!(zone("DE"), ShippingZone::Europe);
    assert_eq!(zone("JP"), ShippingZone::RestOfWorld);
    assert_eq!(zone("PE"), ShippingZone::PeruProvinces);
    let department = |name| ShippingZone::of(Country::peru(), Department::parse(name));
    assert_eq!(department("Callao"), ShippingZone::PeruLima);
    assert_eq!(department("Puno"), ShippingZone::PeruProvinces);
    for zone in ShippingZone::ALL {
        assert_eq!(ShippingZone::from_name(zone.as_str()), Some(zone));
    }
}

#[test]
fn a_delivery_estimate_counts_business_days() {
    let calendar = BusinessCalendar::default();
    let estimate = tariff()
        .delivery_estimate(ShippingZone::PeruLima, date(2026, 11, 20), 0, &calendar)
        .unwrap();
    // Friday; sent on Tuesday; two to four business days later.
    assert_eq!(
        estimate,
        DeliveryEstimate { earliest: date(2026, 11, 26), latest: date(2026, 11, 30) }
    );
    assert!(
        tariff()
            .delivery_estimate(ShippingZone::NorthAmerica, date(2026, 11, 20), 0, &calendar)
            .is_none()
    );
}

proptest! {
    #[test]
    fn quoting_never_panics_and_heavier_is_never_cheaper(weight in any::<i64>(), more in 0_i64..1_000_000, value in any::<i64>()) {
        let tariff = tariff();
        for zone in ShippingZone::ALL {
            let of = |pieces_weight_mg| tariff.quote(zone, Parcel { pieces_weight_mg, declared_value: Money::new(value, Currency::Usd) });
            if let (Ok(light), Ok(heavy)) = (of(weight), of(weight.saturating_add(more))) {
                prop_assert!(light.price.amount_minor <= heavy.price.amount_minor);
            }
        }
    }
}
