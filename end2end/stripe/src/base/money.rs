//! Currencies, amounts in their smallest units, Stripe's fees and conversion.

use std::str::FromStr;

use crate::base::errors::ApiError;

/// Currencies that Stripe charges in: <https://docs.stripe.com/currencies>.
const CURRENCIES: &str = "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd \
    bnd bob brl bsd bwp byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur \
    fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr \
    kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn \
    nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek \
    sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf \
    xcd xof xpf yer zar zmw";

const ZERO_DECIMAL: &str = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf";

/// No decimals in use, but two in Stripe's API, which keeps an older rule: amounts are multiples
/// of 100.
const TWO_DECIMALS_ALWAYS_ZERO: &str = "isk ugx";

const THREE_DECIMAL: &str = "bhd jod kwd omr tnd";

/// The largest amount that Stripe accepts: eight digits.
const MAX_AMOUNT: i64 = 99_999_999;

fn contains(list: &str, currency: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == currency)
}

/// A currency that Stripe charges in. It must be in lower case, as Stripe's documentation says.
pub(crate) fn check_currency(text: &str, param: &str) -> Result<String, ApiError> {
    if contains(CURRENCIES, text) {
        return Ok(text.to_owned());
    }
    let all: Vec<&str> = CURRENCIES.split_ascii_whitespace().collect();
    Err(ApiError::invalid(format!(
        "Invalid currency: {text}. Stripe currently supports these currencies: {}",
        all.join(", ")
    ))
    .param(param))
}

/// How many decimals an amount in this currency has.
pub(crate) fn decimals(currency: &str) -> u32 {
    if contains(ZERO_DECIMAL, currency) {
        0
    } else if contains(THREE_DECIMAL, currency) {
        3
    } else {
        2
    }
}

/// The least that can be charged, in the smallest unit.
///
/// The figures are Stripe's (<https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>).
/// For currencies without a figure, Stripe demands the worth of US$ 0.50 after conversion. The
/// simulator demands S/ 2.00 in PEN, and one smallest unit in all others.
pub(crate) fn minimum_charge(currency: &str) -> i64 {
    match currency {
        "usd" | "eur" | "cad" | "aud" | "nzd" | "sgd" | "brl" | "inr" | "chf" => 50,
        "gbp" => 30,
        "pen" => 200,
        "mxn" => 1000,
        "jpy" => 50,
        "dkk" => 250,
        "sek" | "nok" => 300,
        "hkd" => 400,
        "pln" | "ron" | "aed" | "myr" => 200,
        "bgn" => 100,
        "czk" => 1500,
        "huf" => 17_500,
        "thb" => 1000,
        _ => 1,
    }
}

/// Refuses an amount that is impossible in this currency.
pub(crate) fn check_amount(value: i64, currency: &str, param: &str) -> Result<i64, ApiError> {
    if value < 0 {
        return Err(ApiError::invalid(format!("Invalid non-negative integer: {value}"))
            .code("parameter_invalid_integer")
            .param(param));
    }
    if value > MAX_AMOUNT {
        return Err(ApiError::invalid(format!(
            "Amount must be no more than {}",
            format_amount(MAX_AMOUNT, currency)
        ))
        .code("amount_too_large")
        .param(param));
    }
    let step = if contains(THREE_DECIMAL, currency) {
        10
    } else if contains(TWO_DECIMALS_ALWAYS_ZERO, currency) {
        100
    } else {
        1
    };
    if value % step != 0 {
        return Err(ApiError::invalid(format!(
            "Invalid amount: {value}. Amounts in {currency} must be a multiple of {step}."
        ))
        .param(param));
    }
    Ok(value)
}

/// Formats an amount for pages and messages: `1234500` in `pen` is `S/ 12,345.00`.
pub(crate) fn format_amount(amount: i64, currency: &str) -> String {
    let decimals = decimals(currency);
    let unit = 10_i64.pow(decimals);
    let whole = (amount.abs() / unit).to_string();
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let symbol = match currency {
        "pen" => "S/".to_owned(),
        "usd" => "US$".to_owned(),
        "eur" => "€".to_owned(),
        other => other.to_uppercase(),
    };
    let sign = if amount < 0 { "-" } else { "" };
    if decimals == 0 {
        return format!("{sign}{symbol} {grouped}");
    }
    let rest = amount.abs() % unit;
    let width = decimals as usize;
    format!("{sign}{symbol} {grouped}.{rest:0width$}")
}

/// What Stripe keeps of each charge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Fees {
    /// Hundredths of a percent.
    pub(crate) basis_points: i64,
    /// The same number in every currency, in the smallest unit of the charge's currency.
    pub(crate) fixed_minor: i64,
}

impl Fees {
    /// The fee on an amount: the proportional part, rounded half up, plus the fixed part.
    pub(crate) fn of(self, amount: i64) -> i64 {
        (amount * self.basis_points + 5_000) / 10_000 + self.fixed_minor
    }
}

/// The one currency of the account, and the exchange rate of all others to it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Conversion {
    /// Lower case.
    pub(crate) currency: String,
    /// What one unit of any other currency becomes.
    pub(crate) rate: f64,
}

impl FromStr for Conversion {
    type Err = String;

    /// Reads `pen:3.7145`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a currency and a rate, like pen:3.7145");
        let (name, rate) = text.split_once(':').ok_or_else(wrong)?;
        let currency = check_currency(name, "settle_in").map_err(|_| wrong())?;
        let rate: f64 = rate.parse().map_err(|_| wrong())?;
        if rate.is_finite() && rate > 0.0 { Ok(Self { currency, rate }) } else { Err(wrong()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_currency_has_its_own_decimals() {
        assert_eq!(decimals("pen"), 2);
        assert_eq!(decimals("jpy"), 0);
        assert_eq!(decimals("kwd"), 3);
        assert_eq!(format_amount(1_234_500, "pen"), "S/ 12,345.00");
        assert_eq!(format_amount(5, "usd"), "US$ 0.05");
        assert_eq!(format_amount(1_000, "jpy"), "JPY 1,000");
        assert_eq!(format_amount(-1_230, "kwd"), "-KWD 1.230");
    }

    #[test]
    fn impossible_amounts_and_currencies_are_refused() {
        assert!(check_amount(1_005, "kwd", "p").is_err());
        assert!(check_amount(1_010, "kwd", "p").is_ok());
        assert!(check_amount(150, "ugx", "p").is_err());
        assert!(check_amount(-1, "pen", "p").is_err());
        assert!(check_amount(100_000_000, "pen", "p").is_err());
        assert!(check_amount(99_999_999, "pen", "p").is_ok());
        assert!(check_currency("PEN", "p").is_err());
        assert!(check_currency("xxx", "p").is_err());
    }

    #[test]
    fn the_fee_rounds_half_up() {
        let fees = Fees { basis_points: 360, fixed_minor: 30 };
        assert_eq!(fees.of(10_000), 390);
        assert_eq!(fees.of(125), 35); // 4.5 → 5
        assert_eq!(fees.of(124), 34); // 4.464 → 4
    }
}
