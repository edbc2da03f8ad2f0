//! The shipping zones: groups of places to which a parcel costs the same.

use serde::{Deserialize, Serialize};

/// Places to which a parcel costs the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShippingZone {
    /// Picked up at the workshop in Juliaca.
    PickupJuliaca,
    /// Lima and Callao, by courier.
    PeruLima,
    /// The rest of Peru, by courier.
    PeruProvinces,
    /// Latin America and the Caribbean.
    LatinAmerica,
    /// The United States and Canada.
    NorthAmerica,
    /// Europe.
    Europe,
    /// Everywhere else.
    RestOfWorld,
}

impl ShippingZone {
    /// Every zone, the nearest first.
    pub const ALL: [Self; 7] = [
        Self::PickupJuliaca,
        Self::PeruLima,
        Self::PeruProvinces,
        Self::LatinAmerica,
        Self::NorthAmerica,
        Self::Europe,
        Self::RestOfWorld,
    ];

    /// The name in the database, in configuration and in the locale files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PickupJuliaca => "pickup_juliaca",
            Self::PeruLima => "peru_lima",
            Self::PeruProvinces => "peru_provinces",
            Self::LatinAmerica => "latin_america",
            Self::NorthAmerica => "north_america",
            Self::Europe => "europe",
            Self::RestOfWorld => "rest_of_world",
        }
    }

    /// The zone of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|zone| zone.as_str() == name)
    }

    /// Whether the parcel leaves the country.
    #[must_use]
    pub const fn is_abroad(self) -> bool {
        matches!(self, Self::LatinAmerica | Self::NorthAmerica | Self::Europe | Self::RestOfWorld)
    }
}
