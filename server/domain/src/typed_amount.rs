//! An amount as people type it into a field of one currency, in hundredths.

use crate::keyboard::plain;
use crate::money::Currency;
use crate::search_text::fold;

/// Most digits of an amount; an amount with more is too large for a shop.
const DIGITS_MAX: usize = 15;

/// Names of currencies that may stand before or after the number, folded.
const NAMES: [(&str, Currency); 15] = [
    ("s", Currency::Pen),
    ("sol", Currency::Pen),
    ("soles", Currency::Pen),
    ("nuevos soles", Currency::Pen),
    ("pen", Currency::Pen),
    ("us", Currency::Usd),
    ("u s", Currency::Usd),
    ("usd", Currency::Usd),
    ("dolar", Currency::Usd),
    ("dolares", Currency::Usd),
    ("dollar", Currency::Usd),
    ("dollars", Currency::Usd),
    ("eur", Currency::Eur),
    ("euro", Currency::Eur),
    ("euros", Currency::Eur),
];

/// Why a text is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAmount {
    /// Not a number, or a number with two possible meanings.
    #[error("not a number")]
    NotANumber,
    /// In a currency other than the field's.
    #[error("in another currency")]
    OtherCurrency,
    /// Below zero.
    #[error("below zero")]
    BelowZero,
    /// More than two decimals.
    #[error("more than two decimals")]
    TooFine,
    /// Greater than the greatest amount allowed.
    #[error("too much")]
    TooMuch,
}

/// Reads an amount of at most `most` hundredths from a field of `currency`. `None` for an empty text or
/// spaces.
///
/// Decimals may be separated by a point or a comma; thousands by a point, a comma, a space or an
/// apostrophe. A single separator followed by three digits separates thousands (`1.200`, `1,200`),
/// unless only a zero is before it. The text that a browser's number field sends (`1e3`, `.5`) is
/// understood, and so are full-width digits, digits of other keyboards, and the currency before or
/// after the number. A dollar is the US dollar.
///
/// # Errors
/// [`NotAnAmount`] with the rule that is broken.
pub fn hundredths(text: &str, currency: Currency, most: i64) -> Result<Option<i64>, NotAnAmount> {
    let typed = plain(text);
    if typed.is_empty() {
        return Ok(None);
    }
    let number = without_currency(&typed, currency)?;
    let (negative, number) = match number.chars().next() {
        Some('-') => (true, number[1..].trim_start()),
        Some('+') => (false, number[1..].trim_start()),
        _ => (false, number),
    };
    let (digits, exponent) = match number.split_once(['e', 'E']) {
        Some((digits, exponent)) => {
            let exponent: i32 = exponent.parse().map_err(|_| NotAnAmount::NotANumber)?;
            (digits, exponent)
        }
        None => (number, 0),
    };
    let (whole, places) = whole_and_places(digits).ok_or(NotAnAmount::NotANumber)?;
    let amount = shifted(&whole, &places, exponent)?;
    match amount {
        _ if negative && amount > 0 => Err(NotAnAmount::BelowZero),
        _ if amount > most => Err(NotAnAmount::TooMuch),
        _ => Ok(Some(amount)),
    }
}

/// The number alone, if the text around it is empty or names the currency.
fn without_currency(text: &str, currency: Currency) -> Result<&str, NotAnAmount> {
    let is_digit = |c: char| c.is_ascii_digit();
    let first = text.find(is_digit).ok_or(NotAnAmount::NotANumber)?;
    let last = text.rfind(is_digit).ok_or(NotAnAmount::NotANumber)?;
    // A minus or plus and the point of `.5` belong to the number.
    let start = text[..first]
        .char_indices()
        .rev()
        .take_while(|(at, c)| matches!(c, '-' | '+') || (*c == '.' && *at + 1 == first))
        .last()
        .map_or(first, |(at, _)| at);
    // The point of `S/.` does not belong to the number.
    let start = if text[..start].ends_with('/') { first } else { start };
    let end = last + 1 + usize::from(text[last + 1..].starts_with(['.', ',']));
    for part in [&text[..start], &text[end..]] {
        match read_beside(part) {
            Beside::Nothing => {}
            Beside::Currency(named) if named == currency => {}
            Beside::Currency(_) | Beside::OtherCurrency => return Err(NotAnAmount::OtherCurrency),
            Beside::Words => return Err(NotAnAmount::NotANumber),
        }
    }
    Ok(text[start..end].trim_end_matches(['.', ',']))
}

/// The text before or after a number.
enum Beside {
    /// Empty, or punctuation.
    Nothing,
    /// The name or symbol of a currency of the shop.
    Currency(Currency),
    /// The symbol of another currency.
    OtherCurrency,
    /// Anything else.
    Words,
}

fn read_beside(part: &str) -> Beside {
    let name = fold(part);
    if let Some((_, currency)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Beside::Currency(*currency);
    }
    let mut named = Beside::Nothing;
    for character in part.chars().filter(|c| !c.is_whitespace()) {
        match character {
            '$' => named = Beside::Currency(Currency::Usd),
            '€' => named = Beside::Currency(Currency::Eur),
            '£' | '¥' => named = Beside::OtherCurrency,
            '/' | '.' | ',' => {}
            _ => return Beside::Words,
        }
    }
    named
}

/// The digits before and after the decimal separator.
fn whole_and_places(number: &str) -> Option<(String, String)> {
    let signs: Vec<(usize, char)> =
        number.char_indices().filter(|(_, c)| !c.is_ascii_digit()).collect();
    let decimal_at = match signs.as_slice() {
        [] => None,
        [.., (at, sign @ ('.' | ','))] => {
            let alone = signs.iter().filter(|(_, other)| other == sign).count() == 1;
            let after = number.len() - at - 1;
            let whole = &number[..*at];
            let thousands =
                after == 3 && signs.len() == 1 && !matches!(whole, "" | "0") && whole.len() <= 3;
            (alone && !thousands).then_some(*at)
        }
        _ => None,
    };
    let (whole, places) = match decimal_at {
        Some(at) => (&number[..at], &number[at + 1..]),
        None => (number, ""),
    };
    let whole = ungrouped(whole)?;
    places.bytes().all(|byte| byte.is_ascii_digit()).then(|| (whole, places.to_owned()))
}

/// The digits without the separators of thousands, which must all be the same.
fn ungrouped(whole: &str) -> Option<String> {
    let mut signs = whole.chars().filter(|c| !c.is_ascii_digit());
    let Some(sign) = signs.next() else { return Some(whole.to_owned()) };
    if signs.any(|other| other != sign) || !(sign.is_whitespace() || ".,'’".contains(sign)) {
        return None;
    }
    let groups: Vec<&str> = whole.split(sign).collect();
    let (first, rest) = groups.split_first()?;
    let fits = (1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3);
    fits.then(|| groups.concat())
}

/// `whole.places × 10^exponent` in hundredths.
fn shifted(whole: &str, places: &str, exponent: i32) -> Result<i64, NotAnAmount> {
    if whole.is_empty() && places.is_empty() {
        return Err(NotAnAmount::NotANumber);
    }
    let digits = format!("{whole}{places}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Ok(0);
    }
    if digits.len() > DIGITS_MAX {
        return Err(NotAnAmount::TooMuch);
    }
    let number: i64 = digits.parse().map_err(|_| NotAnAmount::NotANumber)?;
    let shift = i64::from(exponent) + 2 - i64::try_from(places.len()).unwrap_or(i64::MAX);
    let power = |by: u32| 10_i64.checked_pow(by);
    match u32::try_from(shift.unsigned_abs()) {
        Ok(by) if shift >= 0 => {
            power(by).and_then(|power| number.checked_mul(power)).ok_or(NotAnAmount::TooMuch)
        }
        Ok(by) => match power(by) {
            Some(power) if number % power == 0 => Ok(number / power),
            _ => Err(NotAnAmount::TooFine),
        },
        Err(_) if shift >= 0 => Err(NotAnAmount::TooMuch),
        Err(_) => Err(NotAnAmount::TooFine),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MOST: i64 = 100_000_000;

    fn read(text: &str) -> Result<Option<i64>, NotAnAmount> {
        let named = [("$", Currency::Usd), ("€", Currency::Eur)];
        let named = named.into_iter().find(|(sign, _)| text.contains(sign));
        hundredths(text, named.map_or(Currency::Pen, |(_, currency)| currency), MOST)
    }

    #[test]
    fn an_amount_is_read_as_people_write_it() {
        for (text, amount) in [
            ("0", 0),
            ("250", 25_000),
            ("399.90", 39_990),
            ("399,9", 39_990),
            ("250.", 25_000),
            (".5", 50),
            ("0.500", 50),
            ("00250", 25_000),
            ("1.200", 120_000),
            ("1,200", 120_000),
            ("1 200", 120_000),
            ("1\u{a0}200,50", 120_050),
            ("1\u{202f}200", 120_000),
            ("1’200.50", 120_050),
            ("1.200,50", 120_050),
            ("1,200.50", 120_050),
            ("123,456.00", 12_345_600),
            ("250.5000", 25_050),
            ("1e3", 100_000),
            ("2.5e2", 25_000),
            ("1E-1", 10),
            ("+80", 8_000),
            ("-0", 0),
            ("S/ 250", 25_000),
            ("S/. 250", 25_000),
            ("S/.250", 25_000),
            ("250 soles", 25_000),
            ("US$ 99.50", 9_950),
            ("99 €", 9_900),
            ("$1,000", 100_000),
            ("２５０．５", 25_050),
            ("٢٥٠", 25_000),
            ("1000000", 100_000_000),
        ] {
            assert_eq!(read(text), Ok(Some(amount)), "{text}");
        }
        for blank in ["", "  ", "\u{a0}"] {
            assert_eq!(read(blank), Ok(None));
        }
    }

    #[test]
    fn a_text_that_is_no_amount_names_the_broken_rule() {
        use NotAnAmount::{BelowZero, NotANumber, TooFine, TooMuch};
        for (text, why) in [
            ("abc", NotANumber),
            ("12 50", NotANumber),
            ("1,2,3", NotANumber),
            ("1.2.3", NotANumber),
            ("12abc", NotANumber),
            ("250 peras", NotANumber),
            ("1e", NotANumber),
            ("e3", NotANumber),
            ("--", NotANumber),
            ("NaN", NotANumber),
            ("Infinity", NotANumber),
            ("0x10", NotANumber),
            ("10-20", NotANumber),
            ("-5", BelowZero),
            ("−5", BelowZero),
            ("250.505", TooMuch),
            ("0.005", TooFine),
            ("10.1234", TooFine),
            ("1e-3", TooFine),
            ("1000000.01", TooMuch),
            ("1e9", TooMuch),
            ("1e999", TooMuch),
            ("99999999999999999999", TooMuch),
        ] {
            let most = if text == "250.505" { 10_000_000 } else { MOST };
            assert_eq!(hundredths(text, Currency::Pen, most), Err(why), "{text}");
        }
    }

    #[test]
    fn an_amount_in_another_currency_than_the_fields_is_refused() {
        use Currency::{Eur, Pen, Usd};
        for (text, its) in [
            ("€ 50", Some(Eur)),
            ("50 euros", Some(Eur)),
            ("US$ 50", Some(Usd)),
            ("$50", Some(Usd)),
            ("50 dólares", Some(Usd)),
            ("S/ 50", Some(Pen)),
            ("50 soles", Some(Pen)),
            ("£50", None),
            ("¥ 50", None),
        ] {
            for field in [Pen, Usd, Eur] {
                let read = hundredths(text, field, MOST);
                let wanted = match its == Some(field) {
                    true => Ok(Some(5_000)),
                    false => Err(NotAnAmount::OtherCurrency),
                };
                assert_eq!(read, wanted, "{text} in {field:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn an_amount_as_a_page_writes_it_is_read_back(amount in 0..=MOST) {
            let (whole, cents) = (amount / 100, amount % 100);
            prop_assert_eq!(read(&format!("{whole}.{cents:02}")), Ok(Some(amount)));
            prop_assert_eq!(read(&format!("{whole},{cents:02}")), Ok(Some(amount)));
            if cents == 0 {
                prop_assert_eq!(read(&whole.to_string()), Ok(Some(amount)));
            }
        }

        #[test]
        fn any_text_is_refused_or_within_the_limit(text in any::<String>(), number in "[-+ eE.,'0-9]{0,24}") {
            for text in [text, number] {
                if let Ok(Some(amount)) = read(&text) {
                    prop_assert!((0..=MOST).contains(&amount));
                }
            }
        }
    }
}
