//! Telephone numbers, read as people write them where they live.

use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, ParseError, PhoneNumber, PhoneNumberFormat, Region,
    ValidationError,
};

use super::{FieldProblem, line};
use crate::country::Country;
use crate::keyboard::plain;

/// A telephone number: E.164, and an extension as RFC 3966 writes it: `+5114441234;ext=12`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

impl Phone {
    /// Most UTF-16 units as typed.
    pub const MAX: u16 = 40;

    /// Reads a number as people write it. One without `+` is a number of the country, its trunk
    /// zero in brackets or not, or of Peru if it can be no number there; a leading `00` means `+`
    /// everywhere.
    ///
    /// Only the length is judged against the country's plan: new ranges are given out faster
    /// than any table learns of them.
    ///
    /// # Errors
    /// [`FieldProblem`].
    pub fn parse(text: &str, country: Country) -> Result<Self, FieldProblem> {
        let typed = plain(&line(text, Self::MAX)?);
        // `Tel.`, `Cel:`
        let typed =
            typed.trim_start_matches(|sign: char| sign.is_alphabetic() || ".: ".contains(sign));
        // The reader looks for a number anywhere in a text; here there is nothing else.
        if !typed.starts_with(|sign: char| sign.is_ascii_digit() || "+(".contains(sign)) {
            return Err(FieldProblem::Malformed);
        }
        let here = Region::from_code(country.code()).ok();
        let abroad = typed.strip_prefix("00").map(|rest| format!("+{rest}"));
        let found = read(typed, here)
            .or_else(|problem| abroad.and_then(|typed| read(&typed, None).ok()).ok_or(problem));
        let is_certain = found.as_ref().is_ok_and(PhoneNumber::is_valid);
        // Many who send abroad live in Peru and leave out its code.
        let of_peru = || read(typed, Some(Region::PE)).ok().filter(PhoneNumber::is_valid);
        let of_peru = if is_certain || typed.starts_with('+') { None } else { of_peru() };
        of_peru.map_or(found, Ok).map(|number| Self(settled(written(&number))))
    }

    /// The number as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

fn read(typed: &str, region: Option<Region>) -> Result<PhoneNumber, FieldProblem> {
    let number = PHONE_NUMBER_UTIL.parse(typed, region).map_err(why_not_read)?;
    match number.is_possible_with_reason() {
        Ok(NumberLengthType::IsPossible) => Ok(number),
        // Without its area code it is dialled in one town only.
        Ok(NumberLengthType::IsPossibleLocalOnly) | Err(ValidationError::TooShort) => {
            Err(FieldProblem::TooFewDigits)
        }
        Err(ValidationError::TooLong) => Err(FieldProblem::TooManyDigits),
        Err(ValidationError::InvalidCountryCode) => Err(FieldProblem::NoCountryCode),
        Err(ValidationError::InvalidLength) => Err(FieldProblem::Malformed),
    }
}

/// A number that reads as itself: of one with several trunk zeros each reading takes one away.
fn settled(number: String) -> String {
    match read(&number, None).map(|number| written(&number)) {
        Ok(again) if again.len() < number.len() => settled(again),
        _ => number,
    }
}

const fn why_not_read(error: ParseError) -> FieldProblem {
    match error {
        ParseError::InvalidCountryCode => FieldProblem::NoCountryCode,
        ParseError::NotANumber(_) => FieldProblem::Malformed,
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => FieldProblem::TooFewDigits,
        ParseError::TooLongNsn => FieldProblem::TooManyDigits,
    }
}

fn written(number: &PhoneNumber) -> String {
    let digits = number.format_as(PhoneNumberFormat::E164);
    match number.extension.as_deref() {
        Some(extension) if !extension.is_empty() => format!("{digits};ext={extension}"),
        _ => digits.into_owned(),
    }
}
