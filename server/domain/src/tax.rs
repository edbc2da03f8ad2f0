//! IGV, the Peruvian value added tax: included in every price within Peru, not in exports.

use serde::{Deserialize, Serialize};

use crate::country::Country;
use crate::rounding::scale_half_even;
use crate::shipping::DeliveryKind;

/// Where an order goes, as far as tax cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// Delivered or picked up in Peru.
    Domestic,
    /// Sent abroad.
    Abroad,
}

impl Destination {
    /// Where an order goes. An order that is picked up is handed over in Peru, whatever its address.
    #[must_use]
    pub fn of(country: Country, delivery: DeliveryKind) -> Self {
        if country.is_peru() || delivery == DeliveryKind::Pickup {
            Self::Domestic
        } else {
            Self::Abroad
        }
    }
}

/// The tax rules in force, from configuration: an accountant must confirm them before launch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxPolicy {
    /// IGV with municipal promotion tax, in permille of the price without tax: 180.
    pub igv_permille: u16,
    /// Whether what is sent abroad carries no IGV.
    pub exports_zero_rated: bool,
}

impl Default for TaxPolicy {
    /// 18 % in Peru, exports zero-rated [domain.md, Orders; to be checked].
    fn default() -> Self {
        Self { igv_permille: 180, exports_zero_rated: true }
    }
}

/// What part of an amount is tax.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxBreakdown {
    /// What the shopper pays.
    pub gross_minor: i64,
    /// The tax contained in it.
    pub igv_minor: i64,
    /// What is left: always `gross_minor - igv_minor`.
    pub net_minor: i64,
    /// The rate applied, in permille of the net; 0 for a zero-rated export.
    pub rate_permille: u16,
}

/// The tax contained in a price that was shown with everything included.
///
/// **The price shown is the price charged, wherever the piece goes.** For a parcel abroad the
/// shop does not subtract the 18 %: the price stays and the tax line is zero. So page, feed and mail show
/// one price, and the difference pays for the makers' work and the more expensive delivery. The tax is `gross × rate / (1000 + rate)`, rounded half to even once. A negative
/// amount (a refund) gives the same tax with the sign turned.
#[must_use]
pub fn tax_of(gross_minor: i64, destination: Destination, policy: TaxPolicy) -> TaxBreakdown {
    let rate_permille = match destination {
        Destination::Abroad if policy.exports_zero_rated => 0,
        Destination::Domestic | Destination::Abroad => policy.igv_permille,
    };
    let rate = i64::from(rate_permille);
    // The quotient is smaller than the amount and the divisor positive: there is always a result.
    let igv_minor = scale_half_even(gross_minor, rate, 1000 + rate).unwrap_or(0);
    TaxBreakdown { gross_minor, igv_minor, net_minor: gross_minor - igv_minor, rate_permille }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_price_contains_tax_in_peru_and_none_abroad() {
        let policy = TaxPolicy::default();
        let home = tax_of(11_800, Destination::Domestic, policy);
        assert_eq!((home.igv_minor, home.net_minor, home.rate_permille), (1_800, 10_000, 180));
        let abroad = tax_of(11_800, Destination::Abroad, policy);
        assert_eq!((abroad.igv_minor, abroad.net_minor, abroad.rate_permille), (0, 11_800, 0));
        let taxed = TaxPolicy { exports_zero_rated: false, ..policy };
        assert_eq!(tax_of(11_800, Destination::Abroad, taxed).igv_minor, 1_800);
        // 380.00 contains 57.966…
        assert_eq!(tax_of(38_000, Destination::Domestic, policy).igv_minor, 5_797);
    }

    #[test]
    fn an_address_in_peru_and_every_pickup_is_domestic() {
        let of = |code, delivery| Destination::of(Country::from_code(code).unwrap(), delivery);
        assert_eq!(of("PE", DeliveryKind::Courier), Destination::Domestic);
        assert_eq!(of("PE", DeliveryKind::Pickup), Destination::Domestic);
        assert_eq!(of("FR", DeliveryKind::Post), Destination::Abroad);
        assert_eq!(of("FR", DeliveryKind::Pickup), Destination::Domestic);
    }

    proptest! {
        #[test]
        fn parts_sum_and_signs_mirror(gross in any::<i64>(), igv_permille in any::<u16>(), abroad in any::<bool>()) {
            let destination = if abroad { Destination::Abroad } else { Destination::Domestic };
            let policy = TaxPolicy { igv_permille, exports_zero_rated: true };
            let tax = tax_of(gross, destination, policy);
            prop_assert_eq!(i128::from(tax.igv_minor) + i128::from(tax.net_minor), i128::from(gross));
            prop_assert!(tax.igv_minor.unsigned_abs() <= gross.unsigned_abs());
            if let Some(mirror) = gross.checked_neg() {
                prop_assert_eq!(tax_of(mirror, destination, policy).igv_minor, -tax.igv_minor);
            }
        }
    }
}
