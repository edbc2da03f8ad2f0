//! Amounts of money: integer minor units with their currency, and the rate between two currencies.

use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::rounding::scale_half_even;

/// A currency the shop can charge. All three have two decimals.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// Peruvian sol, the association's own currency.
    #[default]
    Pen,
    /// United States dollar.
    Usd,
    /// Euro.
    Eur,
}

impl Currency {
    /// Every chargeable currency.
    pub const ALL: [Self; 3] = [Self::Pen, Self::Usd, Self::Eur];

    /// The ISO 4217 code, upper case.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pen => "PEN",
            Self::Usd => "USD",
            Self::Eur => "EUR",
        }
    }

    /// The ISO 4217 code in lower case, as Stripe writes it.
    #[must_use]
    pub const fn code_lower(self) -> &'static str {
        match self {
            Self::Pen => "pen",
            Self::Usd => "usd",
            Self::Eur => "eur",
        }
    }

    /// The currency of a code in any letter case; `None` for every currency the shop cannot charge.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|currency| code.eq_ignore_ascii_case(currency.code()))
    }

    /// How many decimals the minor unit has.
    #[must_use]
    pub const fn exponent(self) -> u8 {
        2
    }

    /// The sign shown before or after an amount.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Pen => "S/",
            Self::Usd => "US$",
            Self::Eur => "€",
        }
    }
}

/// Currencies whose smallest unit is the unit itself [ISO 4217; Stripe, "Zero-decimal currencies"].
const ZERO_DECIMAL: [&str; 17] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
    "VUV", "XAF", "XOF", "XPF",
];
/// Currencies with a thousandth as the smallest unit [ISO 4217].
const THREE_DECIMAL: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];
/// Currencies with two decimals. They are listed too, so that an unknown code is never guessed to be
/// one of them.
const TWO_DECIMAL: [&str; 26] = [
    "ARS", "AUD", "BOB", "BRL", "CAD", "CHF", "CNY", "COP", "CRC", "CZK", "DKK", "EUR", "GBP",
    "GTQ", "HKD", "HUF", "INR", "MXN", "NOK", "NZD", "PEN", "PLN", "SEK", "SGD", "USD", "UYU",
];

/// How many decimals the currency with this ISO 4217 code has, in any letter case; `None` if the
/// code is not known here.
///
/// It exists for the message that *refuses* a currency: an amount in yen or dinars read as hundredths
/// would be wrong by a factor of 100 or 10. Only a [`Currency`] can be charged.
#[must_use]
pub fn minor_exponent_of(code: &str) -> Option<u8> {
    let among = |list: &[&str]| list.iter().any(|known| code.eq_ignore_ascii_case(known));
    if among(&TWO_DECIMAL) {
        Some(2)
    } else if among(&ZERO_DECIMAL) {
        Some(0)
    } else if among(&THREE_DECIMAL) {
        Some(3)
    } else {
        None
    }
}

/// Why an amount could not be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Amounts of two currencies were combined without a rate.
    #[error("currency mismatch: {} and {}", left.code(), right.code())]
    CurrencyMismatch {
        /// The first amount's currency.
        left: Currency,
        /// The second amount's currency.
        right: Currency,
    },
    /// The result does not fit an `i64` of minor units.
    #[error("amount out of range")]
    Overflow,
    /// The currency is known but cannot be charged here, or is not known at all.
    #[error("currency {code} cannot be charged")]
    UnsupportedCurrency {
        /// The code as received.
        code: String,
        /// Its decimals, if known.
        exponent: Option<u8>,
    },
    /// A rate must be positive and between two different currencies.
    #[error("not a usable exchange rate")]
    BadRate,
    /// No rate of this currency was known then.
    #[error("no exchange rate for {}", currency.code())]
    NoRate {
        /// The currency.
        currency: Currency,
    },
}

/// An amount in minor units (céntimos, cents) of a chargeable currency. May be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// The amount in the smallest unit of [`Money::currency`].
    pub amount_minor: i64,
    /// The currency, which also gives the scale.
    pub currency: Currency,
}

impl Money {
    /// An amount of minor units.
    #[must_use]
    pub const fn new(amount_minor: i64, currency: Currency) -> Self {
        Self { amount_minor, currency }
    }

    /// Nothing, in a currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// An amount from outside the shop: minor units with a currency code in any letter case.
    ///
    /// # Errors
    /// [`MoneyError::UnsupportedCurrency`] unless the code is one of [`Currency::ALL`].
    pub fn from_code(amount_minor: i64, code: &str) -> Result<Self, MoneyError> {
        match Currency::from_code(code) {
            Some(currency) => Ok(Self::new(amount_minor, currency)),
            None => Err(MoneyError::UnsupportedCurrency {
                code: code.chars().take(8).collect(),
                exponent: minor_exponent_of(code),
            }),
        }
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] or [`MoneyError::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// The difference.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] or [`MoneyError::Overflow`].
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    /// The amount times a count.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn checked_mul(self, count: i64) -> Result<Self, MoneyError> {
        let amount_minor = self.amount_minor.checked_mul(count).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(amount_minor, self.currency))
    }

    /// The sum of many amounts, which is zero of `currency` when there are none.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] or [`MoneyError::Overflow`].
    pub fn sum(
        currency: Currency,
        amounts: impl IntoIterator<Item = Self>,
    ) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::checked_add)
    }

    fn combine(self, other: Self, with: fn(i64, i64) -> Option<i64>) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch {
                left: self.currency,
                right: other.currency,
            });
        }
        let amount_minor =
            with(self.amount_minor, other.amount_minor).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(amount_minor, self.currency))
    }
}

/// An amount as a person in that language expects to read it.
///
/// Soles and dollars are written the Peruvian way in both languages: `S/ 1,490.00`,
/// `US$ 101.00`; euros as `1.490,00 €` in Spanish and `€1,490.00` in English. The space is an
/// ordinary one: keep the price on one line with `white-space: nowrap`.
#[must_use]
pub fn format_money(money: Money, language: Language) -> String {
    let european = money.currency == Currency::Eur && language == Language::Es;
    let (thousands, decimal) = if european { ('.', ',') } else { (',', '.') };
    let digits = decimal_digits(money, thousands, decimal);
    let sign = if money.amount_minor < 0 { "-" } else { "" };
    let symbol = money.currency.symbol();
    match (money.currency, language) {
        (Currency::Eur, Language::Es) => format!("{sign}{digits} {symbol}"),
        (Currency::Eur, Language::En) => format!("{sign}{symbol}{digits}"),
        (Currency::Pen | Currency::Usd, _) => format!("{sign}{symbol} {digits}"),
    }
}

/// The plain decimal of structured data and feeds: `380.00`, `-0.05`; no symbol, no separator.
#[must_use]
pub fn format_plain(money: Money) -> String {
    let sign = if money.amount_minor < 0 { "-" } else { "" };
    let digits = money.amount_minor.unsigned_abs();
    format!("{sign}{}.{:02}", digits / 100, digits % 100)
}

fn decimal_digits(money: Money, thousands: char, decimal: char) -> String {
    let magnitude = money.amount_minor.unsigned_abs();
    let whole = (magnitude / 100).to_string();
    let mut text = String::with_capacity(whole.len() + whole.len() / 3 + 3);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(thousands);
        }
        text.push(digit);
    }
    text.push(decimal);
    text.push_str(&format!("{:02}", magnitude % 100));
    text
}

/// The scale of a rate: millionths.
pub(crate) const MICRO: i64 = 1_000_000;

/// What one unit of `base` costs in `quote`, in millionths: 3.752 PEN per USD is
/// `base: Usd, quote: Pen, quote_per_base_micro: 3_752_000`.
///
/// The rate used for an order is stored with the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawRate")]
pub struct ExchangeRate {
    base: Currency,
    quote: Currency,
    quote_per_base_micro: i64,
}

#[derive(Deserialize)]
struct RawRate {
    base: Currency,
    quote: Currency,
    quote_per_base_micro: i64,
}

impl TryFrom<RawRate> for ExchangeRate {
    type Error = MoneyError;
    fn try_from(raw: RawRate) -> Result<Self, MoneyError> {
        Self::new(raw.base, raw.quote, raw.quote_per_base_micro)
    }
}

impl ExchangeRate {
    /// A rate between two currencies.
    ///
    /// # Errors
    /// [`MoneyError::BadRate`] if it is not positive or joins a currency with itself.
    pub fn new(
        base: Currency,
        quote: Currency,
        quote_per_base_micro: i64,
    ) -> Result<Self, MoneyError> {
        if base == quote || quote_per_base_micro <= 0 {
            return Err(MoneyError::BadRate);
        }
        Ok(Self { base, quote, quote_per_base_micro })
    }

    /// Soles per dollar, in millionths.
    ///
    /// # Errors
    /// [`MoneyError::BadRate`] if it is not positive.
    pub fn pen_per_usd(micro: i64) -> Result<Self, MoneyError> {
        Self::new(Currency::Usd, Currency::Pen, micro)
    }

    /// The currency of which one unit is priced.
    #[must_use]
    pub const fn base(self) -> Currency {
        self.base
    }

    /// The currency the price is in.
    #[must_use]
    pub const fn quote(self) -> Currency {
        self.quote
    }

    /// The price of one unit of base, in millionths of quote.
    #[must_use]
    pub const fn quote_per_base_micro(self) -> i64 {
        self.quote_per_base_micro
    }

    /// The amount in the other currency of this rate, rounded half to even once.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] if the amount is in neither currency, or
    /// [`MoneyError::Overflow`].
    pub fn convert(self, money: Money) -> Result<Money, MoneyError> {
        let (amount, rate) = (money.amount_minor, self.quote_per_base_micro);
        // Every chargeable currency has two decimals, so minor units convert like units.
        let (currency, converted) = if money.currency == self.base {
            (self.quote, scale_half_even(amount, rate, MICRO))
        } else if money.currency == self.quote {
            (self.base, scale_half_even(amount, MICRO, rate))
        } else {
            return Err(MoneyError::CurrencyMismatch { left: money.currency, right: self.base });
        };
        Ok(Money::new(converted.ok_or(MoneyError::Overflow)?, currency))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_read_as_people_write_them() {
        let cases = [
            (38_000, Currency::Pen, "S/ 380.00", "S/ 380.00"),
            (149_000, Currency::Pen, "S/ 1,490.00", "S/ 1,490.00"),
            (10_100, Currency::Usd, "US$ 101.00", "US$ 101.00"),
            (10_100, Currency::Eur, "101,00 €", "€101.00"),
            (123_456_789, Currency::Eur, "1.234.567,89 €", "€1,234,567.89"),
            (5, Currency::Pen, "S/ 0.05", "S/ 0.05"),
            (-5, Currency::Pen, "-S/ 0.05", "-S/ 0.05"),
        ];
        for (amount, currency, spanish, english) in cases {
            let money = Money::new(amount, currency);
            assert_eq!(format_money(money, Language::Es), spanish);
            assert_eq!(format_money(money, Language::En), english);
        }
        assert_eq!(format_plain(Money::new(-5, Currency::Pen)), "-0.05");
        assert_eq!(format_plain(Money::new(149_000, Currency::Pen)), "1490.00");
    }

    #[test]
    fn only_two_decimal_currencies_of_the_shop_are_chargeable() {
        assert_eq!(Money::from_code(100, "pen").unwrap(), Money::new(100, Currency::Pen));
        for (code, exponent) in [
            ("JPY", Some(0)),
            ("clp", Some(0)),
            ("KWD", Some(3)),
            ("GBP", Some(2)),
            ("XXX", None),
            ("", None),
        ] {
            let refused = Money::from_code(100, code).unwrap_err();
            assert_eq!(refused, MoneyError::UnsupportedCurrency { code: code.into(), exponent });
        }
        for currency in Currency::ALL {
            assert_eq!(minor_exponent_of(currency.code()), Some(currency.exponent()));
        }
    }

    #[test]
    fn rates_convert_both_ways_and_refuse_others() {
        let rate = ExchangeRate::pen_per_usd(3_752_000).unwrap();
        let usd = rate.convert(Money::new(38_000, Currency::Pen)).unwrap();
        assert_eq!(usd, Money::new(10_128, Currency::Usd));
        assert_eq!(rate.convert(usd).unwrap(), Money::new(38_000, Currency::Pen));
        assert!(rate.convert(Money::new(1, Currency::Eur)).is_err());
        assert!(ExchangeRate::pen_per_usd(0).is_err());
        assert!(ExchangeRate::new(Currency::Pen, Currency::Pen, 1).is_err());
    }

    proptest! {
        #[test]
        fn formatting_never_panics_and_keeps_the_digits(amount in any::<i64>()) {
            let money = Money::new(amount, Currency::Pen);
            let digits: String = format_money(money, Language::Es).chars().filter(char::is_ascii_digit).collect();
            let plain: String = format_plain(money).chars().filter(char::is_ascii_digit).collect();
            prop_assert_eq!(&digits, &plain);
            prop_assert_eq!(plain.parse::<u64>().unwrap(), amount.unsigned_abs());
        }

        #[test]
        fn conversion_never_panics(amount in any::<i64>(), micro in 1_i64..) {
            let rate = ExchangeRate::pen_per_usd(micro).unwrap();
            let _ = rate.convert(Money::new(amount, Currency::Pen));
            let _ = rate.convert(Money::new(amount, Currency::Usd));
        }
    }
}
