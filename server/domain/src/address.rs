//! Postal addresses: in Peru with a department, abroad with what the country's post needs.
//!
//! What the post of each country requires, and what it calls each part, is data: [`AddressRule`].

mod field;
mod postal_code;
mod rule;
mod table;

use serde::{Deserialize, Serialize};

pub use self::field::AddressField;
pub use self::rule::{AddressRule, CityName, PostalCodeName, PostalCodeRule, RegionName};

use self::table::RULES;
use crate::contact::{FieldProblem, PersonName, line, optional_line};
use crate::country::{Country, Department};

/// An address as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AddressForm {
    /// Who receives the parcel.
    pub recipient: String,
    /// Street and number.
    pub line1: String,
    /// Flat, floor, building.
    pub line2: String,
    /// Town; in Peru the district.
    pub city: String,
    /// Department in Peru (code or name), state or province abroad.
    pub region: String,
    /// Postal code.
    pub postal_code: String,
    /// ISO 3166-1 alpha-2 code.
    pub country: String,
    /// Directions for the courier.
    pub reference: String,
}

/// Department of Peru, or what a state or province is called abroad.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    /// A department of Peru.
    Department(Department),
    /// A state or province elsewhere.
    Other(String),
    /// None given, none needed.
    None,
}

impl Region {
    /// What is written on the parcel; empty if there is none.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Department(department) => department.name(),
            Self::Other(name) => name,
            Self::None => "",
        }
    }
}

/// An address a parcel can be sent to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Address {
    /// Who receives the parcel.
    pub recipient: PersonName,
    /// Street and number.
    pub line1: String,
    /// Flat, floor, building.
    pub line2: Option<String>,
    /// Town; in Peru the district. A few countries have none in their addresses.
    pub city: Option<String>,
    /// Department, state or province.
    pub region: Region,
    /// Postal code as the country writes it.
    pub postal_code: Option<String>,
    /// Country.
    pub country: Country,
    /// Directions for the courier.
    pub reference: Option<String>,
}

/// Most UTF-16 units of a street, a line for flat or floor.
pub const STREET_MAX: u16 = 100;
/// Most UTF-16 units of a city, a state or province.
pub const PLACE_MAX: u16 = 80;
/// Most UTF-16 units of a postal code as typed: `CEP: 01310-100`.
pub const POSTAL_CODE_MAX: u16 = 20;
/// Most UTF-16 units of a reference.
pub const REFERENCE_MAX: u16 = 150;

impl AddressRule {
    /// The rule of a country.
    #[must_use]
    pub fn of(country: Country) -> &'static Self {
        let found = RULES.binary_search_by(|rule| rule.country.cmp(country.code()));
        // A test checks that every country has a rule.
        &RULES[found.unwrap_or_default()]
    }
}

impl AddressForm {
    /// Reads the form; all problems at once, in the order of the fields.
    ///
    /// # Errors
    /// Every field with what is wrong with it.
    pub fn parse(&self) -> Result<Address, Vec<(AddressField, FieldProblem)>> {
        let mut problems = Vec::new();
        let recipient =
            keep(PersonName::parse(&self.recipient), AddressField::Recipient, &mut problems);
        let line1 = keep(line(&self.line1, STREET_MAX), AddressField::Line1, &mut problems);
        let line2 =
            keep(optional_line(&self.line2, STREET_MAX), AddressField::Line2, &mut problems);
        let country = keep(read_country(&self.country), AddressField::Country, &mut problems);
        let city = keep(read_city(&self.city, country), AddressField::City, &mut problems);
        let region = country.and_then(|country| {
            keep(read_region(&self.region, country), AddressField::Region, &mut problems)
        });
        let postal_code = country.and_then(|country| {
            keep(
                read_postal_code(&self.postal_code, country),
                AddressField::PostalCode,
                &mut problems,
            )
        });
        let reference = keep(
            optional_line(&self.reference, REFERENCE_MAX),
            AddressField::Reference,
            &mut problems,
        );
        match (recipient, line1, line2, city, country, region, postal_code, reference) {
            (
                Some(recipient),
                Some(line1),
                Some(line2),
                Some(city),
                Some(country),
                Some(region),
                Some(postal_code),
                Some(reference),
            ) => Ok(Address {
                recipient,
                line1,
                line2,
                city,
                region,
                postal_code,
                country,
                reference,
            }),
            _ => {
                problems.sort_by_key(|(field, _)| *field);
                Err(problems)
            }
        }
    }
}

fn keep<T>(
    read: Result<T, FieldProblem>,
    field: AddressField,
    problems: &mut Vec<(AddressField, FieldProblem)>,
) -> Option<T> {
    match read {
        Ok(value) => Some(value),
        Err(problem) => {
            problems.push((field, problem));
            None
        }
    }
}

fn read_country(text: &str) -> Result<Country, FieldProblem> {
    let code = line(text, PLACE_MAX)?;
    Country::from_code(&code).ok_or(FieldProblem::NotOffered)
}

/// The town. It is required where the country's addresses have one, and while the country is
/// unknown.
fn read_city(text: &str, country: Option<Country>) -> Result<Option<String>, FieldProblem> {
    let typed = optional_line(text, PLACE_MAX)?;
    let needed = country.is_none_or(|country| AddressRule::of(country).needs(AddressField::City));
    if needed && typed.is_none() { Err(FieldProblem::Missing) } else { Ok(typed) }
}

fn read_region(text: &str, country: Country) -> Result<Region, FieldProblem> {
    let typed = optional_line(text, PLACE_MAX)?;
    if country.is_peru() {
        let name = typed.ok_or(FieldProblem::Missing)?;
        return Department::parse(&name).map(Region::Department).ok_or(FieldProblem::NotOffered);
    }
    match typed {
        Some(name) => Ok(Region::Other(name)),
        None if AddressRule::of(country).needs(AddressField::Region) => Err(FieldProblem::Missing),
        None => Ok(Region::None),
    }
}

/// A postal code in the spelling of its country. If the country has no codes in our table, the
/// text is kept as it was typed: the codes may be newer than the table.
fn read_postal_code(text: &str, country: Country) -> Result<Option<String>, FieldProblem> {
    let rule = AddressRule::of(country);
    let Some(typed) = optional_line(text, POSTAL_CODE_MAX)? else {
        let needed = rule.needs(AddressField::PostalCode);
        return if needed { Err(FieldProblem::Missing) } else { Ok(None) };
    };
    let Some(codes) = &rule.postal_code else { return Ok(Some(typed)) };
    postal_code::read(&typed, country.code(), codes).map(Some).ok_or(FieldProblem::Malformed)
}

#[cfg(test)]
#[path = "address/tests.rs"]
mod tests;
