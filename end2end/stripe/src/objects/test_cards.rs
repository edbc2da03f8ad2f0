//! The test cards and test bank accounts.
//!
//! Numbers and outcomes are Stripe's own (<https://docs.stripe.com/testing>). Delayed payments use
//! Stripe's SEPA test accounts. Unlike Stripe, the simulator accepts them in every currency,
//! because delayed payments must also be tested in soles.

use crate::objects::payment_method::{Behaviour, Decline, Instrument, Method};

/// Which input is invalid, so that no bank is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InvalidInput {
    /// The card number.
    Number,
    /// The expiry: not a month, or in the past.
    Expiry,
    /// The CVC: not three or four digits.
    Cvc,
    /// The bank account: not one of the test accounts.
    Account,
}

/// Cards whose charges succeed: (number, brand, country, funding).
const SUCCEEDING: [(&str, &str, &str, &str); 9] = [
    ("4242424242424242", "visa", "US", "credit"),
    ("4000056655665556", "visa", "US", "debit"),
    ("4000006040000068", "visa", "PE", "credit"),
    ("5555555555554444", "mastercard", "US", "credit"),
    ("2223003122003222", "mastercard", "US", "credit"),
    ("5200828282828210", "mastercard", "US", "debit"),
    ("378282246310005", "amex", "US", "credit"),
    ("6011111111111117", "discover", "US", "credit"),
    ("3056930009020004", "diners", "US", "credit"),
];

/// Cards that are declined: (number, code, decline code, message).
const DECLINED: [(&str, &str, &str, &str); 9] = [
    ("4000000000000002", "card_declined", "generic_decline", "Your card was declined."),
    (
        "4000000000009995",
        "card_declined",
        "insufficient_funds",
        "Your card has insufficient funds.",
    ),
    ("4000000000009987", "card_declined", "lost_card", "Your card was declined."),
    ("4000000000009979", "card_declined", "stolen_card", "Your card was declined."),
    ("4000000000000069", "expired_card", "expired_card", "Your card has expired."),
    (
        "4000000000000127",
        "incorrect_cvc",
        "incorrect_cvc",
        "Your card's security code is incorrect.",
    ),
    (
        "4000000000000119",
        "processing_error",
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
    ),
    (
        "4000000000006975",
        "card_declined",
        "card_velocity_exceeded",
        "Your card was declined for making repeated attempts too frequently or exceeding its \
         amount limit.",
    ),
    ("4100000000000019", "card_declined", "fraudulent", "Your card was declined."),
];

/// Cards that need 3-D Secure.
const AUTHENTICATING: [&str; 3] = ["4000002500003155", "4000002760003184", "4000000000003220"];

/// A card that needs 3-D Secure and is declined after it.
const AUTHENTICATING_THEN_DECLINED: &str = "4000008260003178";

/// Bank accounts: (IBAN, country, behaviour).
const ACCOUNTS: [(&str, &str, Behaviour); 6] = [
    ("AT611904300234573201", "AT", Behaviour::SucceedsLater),
    ("DE89370400440532013000", "DE", Behaviour::SucceedsLater),
    ("ES0700120345030000067890", "ES", Behaviour::SucceedsLater),
    ("AT861904300235473202", "AT", Behaviour::FailsLater),
    ("DE62370400440532013001", "DE", Behaviour::FailsLater),
    ("ES9121000418450200051332", "ES", Behaviour::FailsLater),
];

/// Whether the check digit of a card number is right (the Luhn algorithm).
fn has_valid_check_digit(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0');
            match at % 2 {
                0 => digit,
                _ if digit > 4 => digit * 2 - 9,
                _ => digit * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

fn behaviour(number: &str) -> Behaviour {
    if let Some((_, code, decline_code, message)) =
        DECLINED.iter().find(|(known, ..)| *known == number)
    {
        return Behaviour::Declines(Decline::new(code, decline_code, message));
    }
    if AUTHENTICATING.contains(&number) {
        return Behaviour::Authenticates(None);
    }
    match number {
        AUTHENTICATING_THEN_DECLINED => Behaviour::Authenticates(Some(Decline::new(
            "card_declined",
            "insufficient_funds",
            "Your card has insufficient funds.",
        ))),
        "4000000000007726" => Behaviour::RefundPends,
        "4000000000005126" => Behaviour::RefundFails,
        "4000000000000259" => Behaviour::Disputed,
        _ if SUCCEEDING.iter().any(|(known, ..)| *known == number) => Behaviour::Succeeds,
        // Stripe declines real cards in test mode.
        _ => Behaviour::Declines(Decline::new(
            "card_declined",
            "test_mode_live_card",
            "Your card was declined. Your request was in test mode, but used a non test card. \
             For a list of valid test cards, visit: https://stripe.com/docs/testing.",
        )),
    }
}

/// Reads `12/34`, `12 / 2034` or `1234` as (month, year).
fn expiry(text: &str) -> Option<(i64, i64)> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if text.chars().any(|c| !c.is_ascii_digit() && !matches!(c, '/' | ' ' | '-')) {
        return None;
    }
    let (month, year) = match digits.len() {
        4 => (&digits[..2], format!("20{}", &digits[2..])),
        6 => (&digits[..2], digits[2..].to_owned()),
        _ => return None,
    };
    let month: i64 = month.parse().ok()?;
    (1..=12).contains(&month).then_some(())?;
    Some((month, year.parse().ok()?))
}

/// Year and month (1 to 12) in UTC of a time in Unix seconds. The algorithm is Howard Hinnant's
/// `civil_from_days`.
fn year_and_month(at: i64) -> (i64, i64) {
    let days = at.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month)
}

/// Reads a card as a shopper typed it, at the time `now` (Unix seconds).
pub(crate) fn card(
    id: String,
    number: &str,
    expires: &str,
    cvc: &str,
    now: i64,
) -> Result<Instrument, InvalidInput> {
    let number: String = number.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let looks_right =
        (12..=19).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    if !looks_right || !has_valid_check_digit(&number) {
        return Err(InvalidInput::Number);
    }
    let (exp_month, exp_year) = expiry(expires.trim()).ok_or(InvalidInput::Expiry)?;
    let (year, month) = year_and_month(now);
    if (exp_year, exp_month) < (year, month) || exp_year > year + 50 {
        return Err(InvalidInput::Expiry);
    }
    let cvc = cvc.trim();
    if !matches!(cvc.len(), 3 | 4) || !cvc.bytes().all(|b| b.is_ascii_digit()) {
        return Err(InvalidInput::Cvc);
    }
    let (brand, country, funding) = SUCCEEDING
        .iter()
        .find(|(known, ..)| *known == number)
        .map_or(("visa", "US", "credit"), |(_, brand, country, funding)| {
            (*brand, *country, *funding)
        });
    Ok(Instrument {
        id,
        last4: number[number.len() - 4..].to_owned(),
        behaviour: behaviour(&number),
        method: Method::Card {
            brand: brand.to_owned(),
            country: country.to_owned(),
            funding: funding.to_owned(),
            exp_month,
            exp_year,
            authenticated: false,
        },
    })
}

/// Reads a bank account as a shopper typed it.
pub(crate) fn account(id: String, iban: &str) -> Result<Instrument, InvalidInput> {
    let iban: String =
        iban.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
    let (known, country, behaviour) =
        ACCOUNTS.into_iter().find(|(known, ..)| *known == iban).ok_or(InvalidInput::Account)?;
    Ok(Instrument {
        id,
        last4: known[known.len() - 4..].to_owned(),
        behaviour,
        method: Method::SepaDebit { country: country.to_owned() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_422_648; // 2026-11-23

    fn behaviour_of(number: &str) -> Behaviour {
        card("pm_1".into(), number, "12/34", "123", NOW).unwrap().behaviour
    }

    #[test]
    fn all_listed_card_numbers_have_a_valid_check_digit() {
        let all = SUCCEEDING
            .iter()
            .map(|card| card.0)
            .chain(DECLINED.iter().map(|card| card.0))
            .chain(AUTHENTICATING)
            .chain([AUTHENTICATING_THEN_DECLINED, "4000000000007726", "4000000000005126"])
            .chain(["4000000000000259"]);
        for number in all {
            assert!(has_valid_check_digit(number), "{number}");
        }
    }

    #[test]
    fn cards_behave_as_stripe_documents() {
        assert_eq!(behaviour_of("4242 4242 4242 4242"), Behaviour::Succeeds);
        assert_eq!(behaviour_of("4000-0025-0000-3155"), Behaviour::Authenticates(None));
        assert!(matches!(
            behaviour_of("4000000000009995"),
            Behaviour::Declines(Decline { decline_code: Some(code), .. }) if code == "insufficient_funds"
        ));
        assert!(matches!(
            behaviour_of("4012888888881881"),
            Behaviour::Declines(Decline { decline_code: Some(code), .. }) if code == "test_mode_live_card"
        ));
    }

    #[test]
    fn the_invalid_input_is_named() {
        let try_card = |number, expires, cvc| card("pm_1".into(), number, expires, cvc, NOW);
        assert_eq!(try_card("4242424242424241", "12/34", "123"), Err(InvalidInput::Number));
        assert_eq!(try_card("424", "12/34", "123"), Err(InvalidInput::Number));
        assert_eq!(try_card("4242424242424242", "13/34", "123"), Err(InvalidInput::Expiry));
        assert_eq!(try_card("4242424242424242", "10/26", "123"), Err(InvalidInput::Expiry));
        assert!(try_card("4242424242424242", "11 / 26", "123").is_ok());
        assert_eq!(try_card("4242424242424242", "12/34", "12"), Err(InvalidInput::Cvc));
        assert!(account("pm_1".into(), "at61 1904 3002 3457 3201").is_ok());
        assert_eq!(account("pm_1".into(), "AT00"), Err(InvalidInput::Account));
    }

    #[test]
    fn year_and_month_follow_the_calendar() {
        assert_eq!(year_and_month(0), (1970, 1));
        assert_eq!(year_and_month(951_782_400), (2000, 2)); // 29 February
        assert_eq!(year_and_month(NOW), (2026, 11));
    }
}
