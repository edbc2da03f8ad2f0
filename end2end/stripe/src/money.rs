//! Currencies, their smallest units, what may be charged, and what Stripe keeps of it.

use crate::errors::ApiError;

/// <https://docs.stripe.com/currencies>
const CURRENCIES: &str = "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd \
    bnd bob brl bsd bwp byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur \
    fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr \
    kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn \
    nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek \
    sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf \
    xcd xof xpf yer zar zmw";

const ZERO_DECIMAL: &str = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf";

/// No decimals in life, two in Stripe's API for old times' sake: always a multiple of 100.
const TWO_DECIMALS_ALWAYS_ZERO: &str = "isk ugx";

const THREE_DECIMAL: &str = "bhd jod kwd omr tnd";

/// The largest amount Stripe takes: eight digits.
const MAX_AMOUNT: i64 = 99_999_999;

fn listed(list: &str, currency: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == currency)
}

/// A currency Stripe charges in, lower case, as its documentation demands.
pub(crate) fn currency(text: &str, param: &str) -> Result<String, ApiError> {
    if listed(CURRENCIES, text) {
        return Ok(text.to_owned());
    }
    let all: Vec<&str> = CURRENCIES.split_ascii_whitespace().collect();
    Err(ApiError::invalid(format!(
        "Invalid currency: {text}. Stripe currently supports these currencies: {}",
        all.join(", ")
    ))
    .param(param))
}

/// How many decimals the smallest unit stands for.
pub(crate) fn decimals(currency: &str) -> u32 {
    if listed(ZERO_DECIMAL, currency) {
        0
    } else if listed(THREE_DECIMAL, currency) {
        3
    } else {
        2
    }
}

/// The least that can be charged, in the smallest unit.
///
/// The figures are Stripe's (<https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts>);
/// where it publishes none (PEN among them) the amount must be worth US$ 0.50 after conversion,
/// for which the simulator takes S/ 2.00, and elsewhere the smallest unit.
pub(crate) fn minimum(currency: &str) -> i64 {
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

/// Refuses an amount that could not exist in that currency.
pub(crate) fn amount(value: i64, currency: &str, param: &str) -> Result<i64, ApiError> {
    if value < 0 {
        return Err(ApiError::invalid(format!("Invalid non-negative integer: {value}"))
            .code("parameter_invalid_integer")
            .param(param));
    }
    if value > MAX_AMOUNT {
        return Err(ApiError::invalid(format!(
            "Amount must be no more than {}",
            spelled(MAX_AMOUNT, currency)
        ))
        .code("amount_too_large")
        .param(param));
    }
    let step = if listed(THREE_DECIMAL, currency) {
        10
    } else if listed(TWO_DECIMALS_ALWAYS_ZERO, currency) {
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

/// `1234500` in `pen` → `S/ 12,345.00`, for pages and messages.
pub(crate) fn spelled(amount: i64, currency: &str) -> String {
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

/// What Stripe keeps of a charge.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Fees {
    /// Hundredths of a percent.
    pub(crate) basis_points: i64,
    /// In the smallest unit of the charge's currency, whatever the currency.
    pub(crate) fixed_minor: i64,
}

impl Fees {
    /// Proportional part rounded half up, plus the fixed part.
    pub(crate) fn on(self, amount: i64) -> i64 {
        (amount * self.basis_points + 5_000) / 10_000 + self.fixed_minor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_belong_to_the_currency() {
        assert_eq!(decimals("pen"), 2);
        assert_eq!(decimals("jpy"), 0);
        assert_eq!(decimals("kwd"), 3);
        assert_eq!(spelled(1_234_500, "pen"), "S/ 12,345.00");
        assert_eq!(spelled(5, "usd"), "US$ 0.05");
        assert_eq!(spelled(1_000, "jpy"), "JPY 1,000");
        assert_eq!(spelled(-1_230, "kwd"), "-KWD 1.230");
    }

    #[test]
    fn impossible_amounts_are_refused() {
        assert!(amount(1_005, "kwd", "p").is_err());
        assert!(amount(1_010, "kwd", "p").is_ok());
        assert!(amount(150, "ugx", "p").is_err());
        assert!(amount(-1, "pen", "p").is_err());
        assert!(amount(100_000_000, "pen", "p").is_err());
        assert!(amount(99_999_999, "pen", "p").is_ok());
        assert!(currency("PEN", "p").is_err());
        assert!(currency("xxx", "p").is_err());
    }

    #[test]
    fn the_fee_rounds_half_up() {
        let fees = Fees { basis_points: 360, fixed_minor: 30 };
        assert_eq!(fees.on(10_000), 390);
        assert_eq!(fees.on(125), 35); // 4.5 → 5
        assert_eq!(fees.on(124), 34); // 4.464 → 4
    }
}
