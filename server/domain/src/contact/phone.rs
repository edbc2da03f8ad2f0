//! Telephone numbers, as people of each country write them.

use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, ParseError, PhoneNumber, PhoneNumberFormat, Region,
    ValidationError,
};

use super::{FieldProblem, line};
use crate::country::Country;
use crate::keyboard::plain;

/// A telephone number as E.164, with an extension as in RFC 3966: `+5114441234;ext=12`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

impl Phone {
    /// Most UTF-16 units as typed.
    pub const MAX: u16 = 40;

    /// Reads a number as people write it. A number without `+` is one of `country`, with or without its
    /// trunk zero, or one of Peru if `country` has no such number. A leading `00` means `+` in every
    /// country.
    ///
    /// Only the length is checked against the country's numbering plan: new ranges are assigned
    /// faster than tables are updated.
    ///
    /// # Errors
    /// [`FieldProblem`].
    pub fn parse(text: &str, country: Country) -> Result<Self, FieldProblem> {
        let typed = plain(&line(text, Self::MAX)?);
        // `Tel.`, `Cel:`
        let typed =
            typed.trim_start_matches(|sign: char| sign.is_alphabetic() || ".: ".contains(sign));
        // The library would find a number anywhere in a text; here the number must be the whole text.
        if !typed.starts_with(|sign: char| sign.is_ascii_digit() || "+(".contains(sign)) {
            return Err(FieldProblem::Malformed);
        }
        let here = Region::from_code(country.code()).ok();
        let abroad = typed.strip_prefix("00").map(|rest| format!("+{rest}"));
        let found = read(typed, here)
            .or_else(|problem| abroad.and_then(|typed| read(&typed, None).ok()).ok_or(problem));
        let is_certain = found.as_ref().is_ok_and(PhoneNumber::is_valid);
        // Many shoppers who send abroad live in Peru and leave out its country code.
        let of_peru = || read(typed, Some(Region::PE)).ok().filter(PhoneNumber::is_valid);
        let of_peru = if is_certain || typed.starts_with('+') { None } else { of_peru() };
        of_peru.map_or(found, Ok).map(|number| Self(stable(e164(&number))))
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
    let number = PHONE_NUMBER_UTIL.parse(typed, region).map_err(problem_of)?;
    match number.is_possible_with_reason() {
        Ok(NumberLengthType::IsPossible) => Ok(number),
        // Without its area code the number works within one town only.
        Ok(NumberLengthType::IsPossibleLocalOnly) | Err(ValidationError::TooShort) => {
            Err(FieldProblem::TooFewDigits)
        }
        Err(ValidationError::TooLong) => Err(FieldProblem::TooManyDigits),
        Err(ValidationError::InvalidCountryCode) => Err(FieldProblem::NoCountryCode),
        Err(ValidationError::InvalidLength) => Err(FieldProblem::Malformed),
    }
}

/// A number that is read as itself again. Each reading removes one trunk zero, so a number with
/// several of them is read until it no longer changes.
fn stable(number: String) -> String {
    match read(&number, None).map(|number| e164(&number)) {
        Ok(again) if again.len() < number.len() => stable(again),
        _ => number,
    }
}

const fn problem_of(error: ParseError) -> FieldProblem {
    match error {
        ParseError::InvalidCountryCode => FieldProblem::NoCountryCode,
        ParseError::NotANumber(_) => FieldProblem::Malformed,
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => FieldProblem::TooFewDigits,
        ParseError::TooLongNsn => FieldProblem::TooManyDigits,
    }
}

fn e164(number: &PhoneNumber) -> String {
    let digits = number.format_as(PhoneNumberFormat::E164);
    match number.extension.as_deref() {
        Some(extension) if !extension.is_empty() => format!("{digits};ext={extension}"),
        _ => digits.into_owned(),
    }
}
