//! A price in soles as it is shown and charged in another currency, and the bound in soles for a price
//! that a visitor names in another currency.
//!
//! The books hold prices in soles. A price in another currency is converted and rounded half to even
//! once, like every amount. But a price above zero never becomes zero: it is at least the smallest
//! unit.

use serde::{Deserialize, Serialize};

use crate::country::{Country, ShippingZone};
use crate::money::{Currency, ExchangeRate, MICRO, Money, MoneyError};

/// Territories outside Europe that use the euro [CLDR, supplemental currency data].
const EURO_OVERSEAS: [&str; 9] = ["BL", "GF", "GP", "MF", "MQ", "PM", "RE", "TF", "YT"];

/// Why an amount cannot be charged by card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotChargeable {
    /// The provider charges no less than this.
    LessThan(Money),
    /// The provider charges no more than this.
    MoreThan(Money),
}

impl ExchangeRate {
    /// A price in the other currency of this rate: [`ExchangeRate::convert`], but at least the
    /// smallest unit when it is more than nothing.
    ///
    /// # Errors
    /// As [`ExchangeRate::convert`].
    pub fn price(self, price: Money) -> Result<Money, MoneyError> {
        let converted = self.convert(price)?;
        let least = i64::from(price.amount_minor > 0);
        Ok(Money::new(converted.amount_minor.max(least), converted.currency))
    }

    /// The greatest amount of the quote whose [`ExchangeRate::price`] in the base is at most
    /// `most_minor`, in minor units; 0 when none is.
    #[must_use]
    pub fn greatest_priced_within(self, most_minor: i64) -> i64 {
        if most_minor <= 0 {
            return 0;
        }
        // Everything below the middle between the bound and the next unit is rounded to the bound.
        let twice_middle =
            (2 * i128::from(most_minor) + 1) * i128::from(self.quote_per_base_micro());
        let scale = 2 * i128::from(MICRO);
        let floor = twice_middle / scale;
        // The middle itself is rounded to the even one of the two.
        let goes_up = twice_middle % scale == 0 && most_minor % 2 != 0;
        i64::try_from(floor - i128::from(goes_up)).unwrap_or(i64::MAX)
    }

    /// The least amount of the quote whose [`ExchangeRate::price`] in the base is at least
    /// `least_minor`, in minor units.
    #[must_use]
    pub fn least_priced_from(self, least_minor: i64) -> i64 {
        if least_minor <= 0 {
            return 0;
        }
        self.greatest_priced_within(least_minor - 1).saturating_add(1)
    }
}

impl Currency {
    /// The chargeable currency that is most familiar in a country: the sol in Peru, the euro in Europe
    /// and where it is used, elsewhere the dollar.
    #[must_use]
    pub fn familiar_in(country: Country) -> Self {
        if country.is_peru() {
            Self::Pen
        } else if country.zone() == ShippingZone::Europe || EURO_OVERSEAS.contains(&country.code())
        {
            Self::Eur
        } else {
            Self::Usd
        }
    }

    /// This currency if it is offered, else another one that is known abroad, else the sol.
    #[must_use]
    pub fn or_nearest(self, offered: &[Self]) -> Self {
        let preferred: &[Self] = match self {
            Self::Pen => &[],
            Self::Usd | Self::Eur => &[self, Self::Usd, Self::Eur],
        };
        preferred.iter().copied().find(|currency| offered.contains(currency)).unwrap_or(Self::Pen)
    }

    /// The least and the greatest amount that the provider charges at once [Stripe, "Minimum and
    /// maximum charge amounts"]. It publishes no least amount for the sol: the charge must be worth
    /// 0.50 dollars, and two soles are worth more.
    #[must_use]
    pub const fn charge_limits(self) -> (Money, Money) {
        let least_minor = match self {
            Self::Pen => 200,
            Self::Usd | Self::Eur => 50,
        };
        (Money::new(least_minor, self), Money::new(99_999_999, self))
    }
}

impl Money {
    /// Whether this amount can be charged at once.
    ///
    /// # Errors
    /// The limit that it breaks.
    pub const fn chargeable(self) -> Result<(), NotChargeable> {
        let (least, most) = self.currency.charge_limits();
        if self.amount_minor < least.amount_minor {
            Err(NotChargeable::LessThan(least))
        } else if self.amount_minor > most.amount_minor {
            Err(NotChargeable::MoreThan(most))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use proptest::prelude::*;

    fn soles(minor: i64) -> Money {
        Money::new(minor, Currency::Pen)
    }

    #[test]
    fn a_price_above_zero_never_becomes_zero() {
        let rate = ExchangeRate::pen_per_usd(3_752_000).unwrap();
        assert_eq!(
            rate.convert(soles(1)).unwrap().amount_minor,
            0,
            "an amount may round to nothing"
        );
        for (price, charged) in [(0, 0), (1, 1), (2, 1), (5, 1), (6, 2), (38_000, 10_128)] {
            assert_eq!(rate.price(soles(price)).unwrap(), Money::new(charged, Currency::Usd));
        }
        assert_eq!(rate.price(soles(-1)).unwrap().amount_minor, 0);
    }

    #[test]
    fn a_bound_includes_every_price_that_is_shown_within_it() {
        let rate = ExchangeRate::pen_per_usd(3_752_000).unwrap();
        // S/ 375.20 are US$ 100.00, and so is everything from 375.19 to 375.21.
        assert_eq!(rate.greatest_priced_within(10_000), 37_521);
        assert_eq!(rate.least_priced_from(10_000), 37_519);
        assert_eq!((rate.greatest_priced_within(0), rate.least_priced_from(0)), (0, 0));
        assert_eq!(rate.least_priced_from(1), 1);
        // Two soles a dollar: 3 and 5 céntimos are exactly between; halves go to the even one.
        let even = ExchangeRate::pen_per_usd(2_000_000).unwrap();
        assert_eq!((even.greatest_priced_within(1), even.greatest_priced_within(2)), (2, 5));
    }

    #[test]
    fn every_country_has_a_familiar_currency() {
        let of = |code: &str| Currency::familiar_in(Country::from_code(code).unwrap());
        assert_eq!(of("PE"), Currency::Pen);
        for code in ["DE", "ES", "IE", "PT", "GB", "CH", "BG", "VA", "RE", "GP", "PM"] {
            assert_eq!(of(code), Currency::Eur, "{code}");
        }
        for code in ["US", "EC", "CL", "BO", "CA", "JP", "AU", "BR"] {
            assert_eq!(of(code), Currency::Usd, "{code}");
        }
    }

    #[test]
    fn a_currency_that_is_not_offered_is_replaced_by_one_that_is() {
        use Currency::{Eur, Pen, Usd};
        for (wanted, offered, found) in [
            (Eur, vec![Pen, Usd, Eur], Eur),
            (Eur, vec![Pen, Usd], Usd),
            (Usd, vec![Pen, Eur], Eur),
            (Usd, vec![Pen], Pen),
            (Pen, vec![Pen, Usd, Eur], Pen),
            (Eur, vec![], Pen),
        ] {
            assert_eq!(wanted.or_nearest(&offered), found, "{wanted:?} of {offered:?}");
        }
    }

    #[test]
    fn amounts_outside_the_providers_limits_are_refused() {
        for currency in Currency::ALL {
            let (least, most) = currency.charge_limits();
            assert_eq!(least.chargeable(), Ok(()));
            assert_eq!(most.chargeable(), Ok(()));
            let below = Money::new(least.amount_minor - 1, currency);
            assert_eq!(below.chargeable(), Err(NotChargeable::LessThan(least)));
            let above = Money::new(most.amount_minor + 1, currency);
            assert_eq!(above.chargeable(), Err(NotChargeable::MoreThan(most)));
        }
    }

    proptest! {
        #[test]
        fn a_bound_is_exact_whatever_the_rate(
            micro in prop_oneof![1_i64..100, 1_000_i64..10_000_000_000, 1_i64..],
            bound in prop_oneof![0_i64..1_000, 0_i64..1_000_000_000],
        ) {
            let rate = ExchangeRate::pen_per_usd(micro).unwrap();
            let price = |minor: i64| rate.price(soles(minor)).map(|money| money.amount_minor);
            let greatest = rate.greatest_priced_within(bound);
            if let Ok(shown) = price(greatest) {
                prop_assert!(shown <= bound);
            }
            if let (Some(next), true) = (greatest.checked_add(1), greatest < i64::MAX) {
                prop_assert!(price(next).is_err() || price(next).is_ok_and(|shown| shown > bound));
            }
            let least = rate.least_priced_from(bound);
            if least < i64::MAX {
                prop_assert!(price(least).is_err() || price(least).is_ok_and(|shown| shown >= bound));
            }
            if least > 0 {
                prop_assert!(price(least - 1).is_err() || price(least - 1).is_ok_and(|shown| shown < bound));
            }
        }

        #[test]
        fn a_dearer_piece_is_never_shown_cheaper(a in 0_i64..1_000_000_000, b in 0_i64..1_000_000_000, micro in 1_i64..1_000_000_000) {
            let rate = ExchangeRate::pen_per_usd(micro).unwrap();
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(rate.price(soles(low)).unwrap().amount_minor <= rate.price(soles(high)).unwrap().amount_minor);
        }
    }
}
