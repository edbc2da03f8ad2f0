//! A piece: one physical object, in exactly one state.

use serde::{Deserialize, Serialize};

/// The state of a piece: where it is, and what may happen to it next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PieceState {
    /// Being made or reworked.
    Workshop,
    /// Waiting for the association's own inspection.
    Inspection,
    /// For sale.
    Retail,
    /// Kept for a wholesale order.
    Wholesale,
    /// In a shopper's checkout.
    Checkout,
    /// At a fair.
    Fair,
    /// Sold to a shopper.
    Sold,
    /// Delivered to the wholesale buyer.
    DeliveredWholesale,
    /// Returned by its buyer.
    Returned,
    /// Never to be sold: melted, lost, given away. Final.
    Retired,
}

impl PieceState {
    /// Every state.
    pub const ALL: [Self; 10] = [
        Self::Workshop,
        Self::Inspection,
        Self::Retail,
        Self::Wholesale,
        Self::Checkout,
        Self::Fair,
        Self::Sold,
        Self::DeliveredWholesale,
        Self::Returned,
        Self::Retired,
    ];

    /// The name in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Workshop => "workshop",
            Self::Inspection => "inspection",
            Self::Retail => "retail",
            Self::Wholesale => "wholesale",
            Self::Checkout => "checkout",
            Self::Fair => "fair",
            Self::Sold => "sold",
            Self::DeliveredWholesale => "delivered_wholesale",
            Self::Returned => "returned",
            Self::Retired => "retired",
        }
    }

    /// The state of a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether a piece may go from this state to that one.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        use PieceState::{
            Checkout, DeliveredWholesale, Fair, Inspection, Retail, Retired, Returned, Sold,
            Wholesale, Workshop,
        };
        matches!(
            (self, next),
            (Workshop, Inspection | Retired)
                | (Inspection, Workshop | Retail | Retired)
                | (Retail, Checkout | Wholesale | Fair | Workshop | Retired)
                | (Checkout, Retail | Sold)
                | (Fair, Retail | Sold)
                | (Wholesale, Retail | DeliveredWholesale | Workshop)
                | (Sold | DeliveredWholesale, Returned)
                | (Returned, Inspection | Workshop | Retail | Retired)
        )
    }
}

/// A text that is no serial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a serial number")]
pub struct BadSerial;

/// The number punched or written on a piece: 3 to 24 capital letters, digits and single hyphens,
/// as `DB-2026-0042`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Serial(String);

impl Serial {
    /// Reads a serial as a person types it, with spaces around it or in small letters.
    ///
    /// # Errors
    /// [`BadSerial`].
    pub fn parse(text: &str) -> Result<Self, BadSerial> {
        let serial = text.trim().to_ascii_uppercase();
        let shape = serial.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !serial.starts_with('-')
            && !serial.ends_with('-')
            && !serial.contains("--");
        if shape && (3..=24).contains(&serial.len()) { Ok(Self(serial)) } else { Err(BadSerial) }
    }

    /// The serial's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Serial {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for Serial {
    type Error = BadSerial;
    fn try_from(text: String) -> Result<Self, BadSerial> {
        Self::parse(&text)
    }
}

impl From<Serial> for String {
    fn from(serial: Serial) -> Self {
        serial.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_piece_goes_from_bench_to_shopper_and_back() {
        use PieceState::{Checkout, Inspection, Retail, Retired, Returned, Sold, Workshop};
        let life = [
            Workshop, Inspection, Retail, Checkout, Retail, Checkout, Sold, Returned, Retail,
            Retired,
        ];
        for step in life.windows(2) {
            assert!(step[0].may_become(step[1]), "{step:?}");
        }
        assert!(!Retail.may_become(Sold), "a sale without a checkout");
        assert!(PieceState::ALL.iter().all(|&next| !Retired.may_become(next)), "retired is final");
        assert!(
            PieceState::ALL.iter().all(|&state| !state.may_become(state)),
            "nothing becomes itself"
        );
    }

    #[test]
    fn every_name_is_read_back() {
        for state in PieceState::ALL {
            assert_eq!(PieceState::from_name(state.as_str()), Some(state));
        }
    }

    #[test]
    fn serials_are_read_as_people_type_them() {
        assert_eq!(Serial::parse(" db-2026-0042 ").unwrap().as_str(), "DB-2026-0042");
        for bad in
            ["", "A", "-AB", "AB-", "A--B", "DB 1", "ÑANDU", "A'; DROP TABLE", &"A".repeat(25)]
        {
            assert_eq!(Serial::parse(bad), Err(BadSerial), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_is_idempotent(text in ".{0,40}") {
            if let Ok(serial) = Serial::parse(&text) {
                prop_assert_eq!(Serial::parse(serial.as_str()).unwrap(), serial);
            }
        }
    }
}
