//! The rates of one moment: what a unit of each currency costs in soles.
//!
//! An order keeps the rates of its checkout. Its prices, its material and all its refunds use them.

use std::collections::BTreeMap;

use crate::money::{Currency, MICRO, Money, MoneyError};
use crate::rounding::scale_half_even;

/// What a unit of each known currency costs in soles, in millionths.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rates {
    pen_micro: BTreeMap<Currency, i64>,
}

impl Rates {
    /// Rates by currency; the sol needs none.
    ///
    /// # Errors
    /// [`MoneyError::BadRate`] for a rate that is not positive, or a rate of the sol other than 1.
    pub fn new(pen_micro: impl IntoIterator<Item = (Currency, i64)>) -> Result<Self, MoneyError> {
        let mut rates = Self::default();
        for (currency, micro) in pen_micro {
            if micro <= 0 || (currency == Currency::Pen && micro != MICRO) {
                return Err(MoneyError::BadRate);
            }
            rates.pen_micro.insert(currency, micro);
        }
        Ok(rates)
    }

    /// Soles per unit of a currency, in millionths; `None` when it is not known.
    #[must_use]
    pub fn pen_micro(&self, currency: Currency) -> Option<i64> {
        match currency {
            Currency::Pen => Some(MICRO),
            Currency::Usd | Currency::Eur => self.pen_micro.get(&currency).copied(),
        }
    }

    /// An amount in another currency, rounded half to even **once**, even if neither currency is the
    /// sol.
    ///
    /// # Errors
    /// [`MoneyError::NoRate`] or [`MoneyError::Overflow`].
    pub fn convert(&self, money: Money, into: Currency) -> Result<Money, MoneyError> {
        if money.currency == into {
            return Ok(money);
        }
        let micro = |currency| self.pen_micro(currency).ok_or(MoneyError::NoRate { currency });
        // Every chargeable currency has two decimals, so minor units convert like units.
        scale_half_even(money.amount_minor, micro(money.currency)?, micro(into)?)
            .map(|amount_minor| Money::new(amount_minor, into))
            .ok_or(MoneyError::Overflow)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::money::ExchangeRate;
    use proptest::prelude::*;

    fn rates() -> Rates {
        Rates::new([(Currency::Usd, 3_752_000), (Currency::Eur, 4_105_000)]).unwrap()
    }

    #[test]
    fn an_amount_is_rounded_once_even_between_two_foreign_currencies() {
        for (amount, from, into, expected) in [
            (38_000, Currency::Pen, Currency::Usd, 10_128),
            (10_128, Currency::Usd, Currency::Pen, 38_000),
            (5, Currency::Pen, Currency::Pen, 5),
            // 0.05470 US$; with a first rounding to 0.21 soles it would be 0.06.
            (5, Currency::Eur, Currency::Usd, 5),
            // 0.05484 €; with a first rounding to 0.23 soles it would be 0.06.
            (6, Currency::Usd, Currency::Eur, 5),
        ] {
            let converted = rates().convert(Money::new(amount, from), into).unwrap();
            assert_eq!(converted, Money::new(expected, into), "{amount} {}", from.code());
        }
    }

    #[test]
    fn unknown_and_bad_rates_are_errors() {
        let dollars = Rates::new([(Currency::Usd, 3_752_000)]).unwrap();
        assert_eq!(
            dollars.convert(Money::new(1, Currency::Pen), Currency::Eur),
            Err(MoneyError::NoRate { currency: Currency::Eur })
        );
        assert_eq!(
            dollars.convert(Money::new(i64::MAX, Currency::Usd), Currency::Pen),
            Err(MoneyError::Overflow)
        );
        for bad in [(Currency::Usd, 0), (Currency::Eur, -1), (Currency::Pen, 2)] {
            assert_eq!(Rates::new([bad]), Err(MoneyError::BadRate));
        }
    }

    proptest! {
        #[test]
        fn rates_and_exchange_rate_convert_alike(
            amount in -1_000_000_000_000_i64..1_000_000_000_000, micro in 1_i64..100_000_000,
        ) {
            let rates = Rates::new([(Currency::Usd, micro)]).unwrap();
            let rate = ExchangeRate::pen_per_usd(micro).unwrap();
            for (from, into) in [(Currency::Pen, Currency::Usd), (Currency::Usd, Currency::Pen)] {
                let money = Money::new(amount, from);
                prop_assert_eq!(rates.convert(money, into), rate.convert(money));
            }
        }
    }
}
