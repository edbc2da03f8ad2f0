//! Countries where a parcel can arrive, and the departments of Peru.

mod table;
mod zone;

use serde::{Deserialize, Serialize};

pub use self::zone::ShippingZone;

use self::table::COUNTRIES;
use crate::language::Language;

/// A country or territory by its alpha-2 code: of ISO 3166-1, or reserved there for a place that
/// has its own post. Always one of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country(u8);

/// A text that is no country's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a country code")]
pub struct UnknownCountry;

impl Country {
    /// The country of a code in any letter case.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        let code = code.trim();
        if code.len() != 2 {
            return None;
        }
        let upper = code.to_ascii_uppercase();
        let index = COUNTRIES.binary_search_by(|row| row.0.cmp(upper.as_str())).ok()?;
        u8::try_from(index).ok().map(Self)
    }

    /// Peru, the country of the association.
    #[must_use]
    pub fn peru() -> Self {
        // A test checks that the table has Peru.
        Self::from_code("PE").unwrap_or(Self(0))
    }

    /// The alpha-2 code, upper case.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.row().0
    }

    /// The name in a language.
    #[must_use]
    pub fn name(self, language: Language) -> &'static str {
        match language {
            Language::Es => self.row().1,
            Language::En => self.row().2,
        }
    }

    /// The zone that a parcel to the country belongs to. For Peru it is the provinces, the more
    /// expensive of its two zones.
    #[must_use]
    pub fn zone(self) -> ShippingZone {
        self.row().3
    }

    /// Whether this is Peru.
    #[must_use]
    pub fn is_peru(self) -> bool {
        self.code() == "PE"
    }

    /// Every country, in the order of the codes.
    pub fn all() -> impl Iterator<Item = Self> {
        (0_u8..=u8::MAX).take(COUNTRIES.len()).map(Self)
    }

    /// Every country sorted by its name in a language, without regard to accents.
    #[must_use]
    pub fn all_by_name(language: Language) -> Vec<Self> {
        let mut countries: Vec<Self> = Self::all().collect();
        countries.sort_by_cached_key(|country| crate::search_text::fold(country.name(language)));
        countries
    }

    fn row(self) -> &'static (&'static str, &'static str, &'static str, ShippingZone) {
        // The index comes from the table itself, so the fallback is never taken.
        COUNTRIES.get(usize::from(self.0)).unwrap_or(&COUNTRIES[0])
    }
}

impl TryFrom<String> for Country {
    type Error = UnknownCountry;
    fn try_from(code: String) -> Result<Self, UnknownCountry> {
        Self::from_code(&code).ok_or(UnknownCountry)
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.code().to_owned()
    }
}

/// The 24 departments of Peru and the constitutional province of Callao: ISO 3166-2 suffix and name.
const DEPARTMENTS: [(&str, &str); 25] = [
    ("AMA", "Amazonas"),
    ("ANC", "Áncash"),
    ("APU", "Apurímac"),
    ("ARE", "Arequipa"),
    ("AYA", "Ayacucho"),
    ("CAJ", "Cajamarca"),
    ("CAL", "Callao"),
    ("CUS", "Cusco"),
    ("HUC", "Huánuco"),
    ("HUV", "Huancavelica"),
    ("ICA", "Ica"),
    ("JUN", "Junín"),
    ("LAL", "La Libertad"),
    ("LAM", "Lambayeque"),
    ("LIM", "Lima"),
    ("LOR", "Loreto"),
    ("MDD", "Madre de Dios"),
    ("MOQ", "Moquegua"),
    ("PAS", "Pasco"),
    ("PIU", "Piura"),
    ("PUN", "Puno"),
    ("SAM", "San Martín"),
    ("TAC", "Tacna"),
    ("TUM", "Tumbes"),
    ("UCA", "Ucayali"),
];

/// A department (*departamento*) of Peru, Callao included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Department(u8);

/// A text that is no department's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a department of Peru")]
pub struct UnknownDepartment;

impl Department {
    /// The department of a code (`PUN`) or a name (`puno`), in any letter case, with or without accents.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let wanted = crate::search_text::fold(text);
        let index = DEPARTMENTS.iter().position(|(code, name)| {
            code.eq_ignore_ascii_case(&wanted) || crate::search_text::fold(name) == wanted
        })?;
        u8::try_from(index).ok().map(Self)
    }

    /// The ISO 3166-2 suffix: `PUN` of `PE-PUN`.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.row().0
    }

    /// The name, the same in both languages.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// Whether parcels cost the rate of the capital: Lima and Callao.
    #[must_use]
    pub fn is_capital(self) -> bool {
        matches!(self.code(), "LIM" | "CAL")
    }

    /// Every department, by name.
    pub fn all() -> impl Iterator<Item = Self> {
        (0_u8..=u8::MAX).take(DEPARTMENTS.len()).map(Self)
    }

    fn row(self) -> &'static (&'static str, &'static str) {
        DEPARTMENTS.get(usize::from(self.0)).unwrap_or(&DEPARTMENTS[0])
    }
}

impl TryFrom<String> for Department {
    type Error = UnknownDepartment;
    fn try_from(code: String) -> Result<Self, UnknownDepartment> {
        Self::parse(&code).ok_or(UnknownDepartment)
    }
}

impl From<Department> for String {
    fn from(department: Department) -> Self {
        department.code().to_owned()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn the_table_is_sorted_complete_and_found() {
        assert!(COUNTRIES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for country in Country::all() {
            assert_eq!(Country::from_code(country.code()), Some(country));
        }
        assert!(Country::peru().is_peru());
        assert_eq!(Country::from_code("pe").unwrap().name(Language::Es), "Perú");
        for bad in ["", "P", "PER", "XX", "BV", "é", "ñ", "\u{0}\u{0}"] {
            assert_eq!(Country::from_code(bad), None);
        }
    }

    /// Countries whose zone is not the one of their world region, and why.
    const ZONE_OF_ITS_OWN: [(&str, ShippingZone); 2] = [
        // The country of the association.
        ("PE", ShippingZone::PeruProvinces),
        // In Asia by M49, a member of the European Union: carriers price it with Europe.
        ("CY", ShippingZone::Europe),
    ];
    /// Places without a row in M49, each with the country whose region it shares.
    const NOT_IN_M49: [(&str, &str); 3] = [("AC", "SH"), ("TA", "SH"), ("XK", "RS")];

    #[test]
    fn every_country_has_the_zone_of_its_world_region() {
        let table = include_str!("../tables/m49.csv");
        let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
        for country in Country::all() {
            let code = country.code();
            let listed =
                NOT_IN_M49.iter().find(|(own, _)| *own == code).map_or(code, |(_, of)| *of);
            let row = rows.iter().find(|row| row[0] == listed).unwrap();
            let of_region = match (row[2], row[3]) {
                (_, "419") => ShippingZone::LatinAmerica,
                (_, "021") => ShippingZone::NorthAmerica,
                ("150", _) => ShippingZone::Europe,
                _ => ShippingZone::RestOfWorld,
            };
            let own = ZONE_OF_ITS_OWN.iter().find(|(own, _)| *own == code);
            assert_eq!(country.zone(), own.map_or(of_region, |(_, zone)| *zone), "{code}");
        }
        // Two places without inhabitants are left out; every other place of M49 is offered.
        let left_out = |code: &str| Country::from_code(code).is_none();
        let missing: Vec<&str> =
            rows.iter().skip(1).map(|row| row[0]).filter(|code| left_out(code)).collect();
        assert_eq!(missing, ["BV", "HM"]);
    }

    #[test]
    fn places_without_a_code_of_the_standard_are_offered() {
        for (code, name) in [("XK", "Kosovo"), ("AC", "Isla Ascensión"), ("TA", "Tristán de Acuña")]
        {
            assert_eq!(Country::from_code(code).unwrap().name(Language::Es), name);
        }
    }

    #[test]
    fn names_sort_as_readers_expect() {
        let spanish: Vec<_> =
            Country::all_by_name(Language::Es).iter().map(|c| c.name(Language::Es)).collect();
        assert_eq!(spanish[0], "Afganistán");
        assert!(
            spanish.iter().position(|n| *n == "España")
                < spanish.iter().position(|n| *n == "Estados Unidos")
        );
    }

    #[test]
    fn departments_are_read_by_code_and_name() {
        assert_eq!(Department::all().count(), 25);
        for text in ["PUN", "pun", "Puno", "PUNO ", "púno"] {
            assert_eq!(Department::parse(text).unwrap().code(), "PUN", "{text}");
        }
        assert_eq!(Department::parse("san martin").unwrap().name(), "San Martín");
        assert_eq!(Department::parse("Bogotá"), None);
        assert!(Department::parse("Callao").unwrap().is_capital());
    }
}
