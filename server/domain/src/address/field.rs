//! The fields of the address form.

use serde::{Deserialize, Serialize};

/// A field of the address form. The page shows a problem beside its field.
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
    /// Directions for the courier (*referencia*).
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
