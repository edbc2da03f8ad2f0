//! Postal addresses: in Peru with a department, abroad with what the country's post needs.

use serde::{Deserialize, Serialize};

use crate::contact::{FieldProblem, PersonName, line, optional_line};
use crate::country::{Country, Department};
use crate::tax::Destination;

/// A field of the address form; the page puts the problem beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressField {
    /// Who receives the parcel.
    Recipient,
    /// Street and number.
    Line1,
    /// Flat, floor, building.
    Line2,
    /// Town; in Peru the district.
    City,
    /// Department in Peru, state or province abroad.
    Region,
    /// Postal code.
    PostalCode,
    /// Country.
    Country,
    /// How to find the door (*referencia*).
    Reference,
}

impl AddressField {
    /// The field's name in forms.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recipient => "recipient",
            Self::Line1 => "line1",
            Self::Line2 => "line2",
            Self::City => "city",
            Self::Region => "region",
            Self::PostalCode => "postal_code",
            Self::Country => "country",
            Self::Reference => "reference",
        }
    }
}

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
    /// How to find the door.
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
    /// Town; in Peru the district.
    pub city: String,
    /// Department, state or province.
    pub region: Region,
    /// Postal code, upper case.
    pub postal_code: Option<String>,
    /// Country.
    pub country: Country,
    /// How to find the door.
    pub reference: Option<String>,
}

/// Countries whose post does not deliver without a postal code.
const NEEDS_POSTAL_CODE: [&str; 28] = [
    "AT", "AU", "BE", "BR", "CA", "CH", "CZ", "DE", "DK", "ES", "FI", "FR", "GB", "GR", "HU", "IT",
    "JP", "KR", "LU", "MX", "NL", "NO", "NZ", "PL", "PT", "SE", "SK", "US",
];
/// Countries whose post needs the state or province.
const NEEDS_REGION: [&str; 5] = ["AU", "BR", "CA", "MX", "US"];

impl AddressForm {
    /// Reads the form; all problems at once, in the order of the fields.
    ///
    /// # Errors
    /// Every field with what is wrong with it.
    pub fn parse(&self) -> Result<Address, Vec<(AddressField, FieldProblem)>> {
        let mut problems = Vec::new();
        let recipient =
            keep(PersonName::parse(&self.recipient), AddressField::Recipient, &mut problems);
        let line1 = keep(line(&self.line1, 3, 100), AddressField::Line1, &mut problems);
        let line2 = keep(optional_line(&self.line2, 100), AddressField::Line2, &mut problems);
        let city = keep(line(&self.city, 2, 80), AddressField::City, &mut problems);
        let country = keep(read_country(&self.country), AddressField::Country, &mut problems);
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
        let reference =
            keep(optional_line(&self.reference, 150), AddressField::Reference, &mut problems);
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

impl Address {
    /// Whether tax and carrier treat the parcel as going abroad.
    #[must_use]
    pub fn destination(&self) -> Destination {
        if self.country.is_peru() { Destination::Domestic } else { Destination::Abroad }
    }

    /// The address back as a form, to be shown again and changed. Reading it gives the same address.
    #[must_use]
    pub fn to_form(&self) -> AddressForm {
        let region = match &self.region {
            Region::Department(department) => department.code().to_owned(),
            Region::Other(name) => name.clone(),
            Region::None => String::new(),
        };
        AddressForm {
            recipient: self.recipient.as_str().to_owned(),
            line1: self.line1.clone(),
            line2: self.line2.clone().unwrap_or_default(),
            city: self.city.clone(),
            region,
            postal_code: self.postal_code.clone().unwrap_or_default(),
            country: self.country.code().to_owned(),
            reference: self.reference.clone().unwrap_or_default(),
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
    let code = line(text, 1, 60)?;
    Country::from_code(&code).ok_or(FieldProblem::NotAChoice)
}

fn read_region(text: &str, country: Country) -> Result<Region, FieldProblem> {
    let typed = optional_line(text, 80)?;
    if country.is_peru() {
        let name = typed.ok_or(FieldProblem::Missing)?;
        return Department::parse(&name).map(Region::Department).ok_or(FieldProblem::NotAChoice);
    }
    match typed {
        Some(name) => Ok(Region::Other(name)),
        None if NEEDS_REGION.contains(&country.code()) => Err(FieldProblem::Missing),
        None => Ok(Region::None),
    }
}

/// In Peru five digits if any is given (few people know theirs); elsewhere up to ten letters,
/// digits, spaces and hyphens, with at least one digit, required where the post requires it.
fn read_postal_code(text: &str, country: Country) -> Result<Option<String>, FieldProblem> {
    let Some(code) = optional_line(text, 12)? else {
        let needed = NEEDS_POSTAL_CODE.contains(&country.code());
        return if needed { Err(FieldProblem::Missing) } else { Ok(None) };
    };
    let code = code.to_ascii_uppercase();
    let digits = code.bytes().filter(u8::is_ascii_digit).count();
    let plain =
        code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b' ' || byte == b'-');
    let well_formed = match country.code() {
        "PE" => code.len() == 5 && digits == 5,
        "US" => {
            (code.len() == 5 && digits == 5)
                || (code.len() == 10 && digits == 9 && code.as_bytes()[5] == b'-')
        }
        _ => plain && digits > 0 && (3..=10).contains(&code.len()),
    };
    if well_formed { Ok(Some(code)) } else { Err(FieldProblem::Malformed) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use proptest::prelude::*;

    fn juliaca() -> AddressForm {
        AddressForm {
            recipient: "Persona de Prueba".into(),
            line1: "Jr. San Martín 123".into(),
            city: "Juliaca".into(),
            region: "puno".into(),
            country: "pe".into(),
            reference: "Frente a la plaza".into(),
            ..AddressForm::default()
        }
    }

    #[test]
    fn a_peruvian_address_has_a_department_and_perhaps_a_code() {
        let address = juliaca().parse().unwrap();
        assert_eq!(address.region.as_str(), "Puno");
        assert_eq!(address.destination(), Destination::Domestic);
        let coded = AddressForm { postal_code: " 21101".into(), ..juliaca() };
        assert_eq!(coded.parse().unwrap().postal_code.unwrap(), "21101");
        for (region, code, field, problem) in [
            ("", "", AddressField::Region, FieldProblem::Missing),
            ("Bayern", "", AddressField::Region, FieldProblem::NotAChoice),
            ("Puno", "2110", AddressField::PostalCode, FieldProblem::Malformed),
            ("Puno", "2110A", AddressField::PostalCode, FieldProblem::Malformed),
            ("Puno", "２１１０１", AddressField::PostalCode, FieldProblem::Malformed),
        ] {
            let form = AddressForm { region: region.into(), postal_code: code.into(), ..juliaca() };
            assert_eq!(form.parse().unwrap_err(), [(field, problem)]);
        }
    }

    #[test]
    fn abroad_asks_what_the_post_asks() {
        let form = AddressForm { country: "US".into(), region: String::new(), ..juliaca() };
        let problems = form.parse().unwrap_err();
        assert_eq!(
            problems,
            [
                (AddressField::Region, FieldProblem::Missing),
                (AddressField::PostalCode, FieldProblem::Missing),
            ]
        );
        let good = AddressForm {
            region: "NM".into(),
            postal_code: "87501-1234".into(),
            country: "US".into(),
            ..juliaca()
        };
        assert_eq!(good.parse().unwrap().destination(), Destination::Abroad);
        let bolivia = AddressForm { country: "BO".into(), region: String::new(), ..juliaca() };
        assert_eq!(bolivia.parse().unwrap().region, Region::None);
        let london = AddressForm {
            country: "GB".into(),
            region: String::new(),
            postal_code: "sw1a 1aa".into(),
            ..juliaca()
        };
        assert_eq!(london.parse().unwrap().postal_code.unwrap(), "SW1A 1AA");
    }

    #[test]
    fn an_empty_form_names_every_missing_field_once() {
        let problems = AddressForm::default().parse().unwrap_err();
        let fields: Vec<_> = problems.iter().map(|(field, _)| *field).collect();
        assert_eq!(
            fields,
            [
                AddressField::Recipient,
                AddressField::Line1,
                AddressField::City,
                AddressField::Country
            ]
        );
        assert!(problems.iter().all(|(_, problem)| *problem == FieldProblem::Missing));
    }

    proptest! {
        #[test]
        fn nothing_typed_can_panic_and_reading_again_changes_nothing(
            words in proptest::array::uniform7(any::<String>()),
            country in prop_oneof![Just("PE"), Just("US"), Just("BO"), Just("GB"), Just("??")],
            region in prop_oneof![Just("Puno"), Just("LIM"), Just("NM"), Just("")],
            tame in any::<bool>(),
        ) {
            let [recipient, line1, line2, city, wild_region, postal_code, reference] = words;
            let region = if tame { region.into() } else { wild_region };
            let postal_code = if tame { "21101".into() } else { postal_code };
            let form = AddressForm { recipient, line1, line2, city, region, postal_code, country: country.into(), reference };
            if let Ok(address) = form.parse() {
                prop_assert_eq!(address.to_form().parse().unwrap(), address);
            }
        }
    }
}
