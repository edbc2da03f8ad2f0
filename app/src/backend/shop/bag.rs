//! The bag.

use domain::money::{Currency, Money};
use domain::slug::Slugs;

use super::catalogue::{MakerName, Photo};
use super::design::PieceAvailability;

/// A line of the bag with its present price and availability.
#[derive(Debug, Clone)]
pub struct BagLine {
    /// Piece.
    pub piece_id: String,
    /// Address of its design.
    pub slug: Slugs,
    /// Name of the design.
    pub name: String,
    /// Serial.
    pub serial: String,
    /// Weight in mg.
    pub weight_mg: i64,
    /// Inner circumference in tenths of a mm, for rings.
    pub inner_circumference_tenths_mm: Option<u32>,
    /// Makers who consent to be named.
    pub makers: Vec<MakerName>,
    /// Price in PEN.
    pub price: Money,
    /// What is charged for it in the visitor's currency.
    pub charged: Money,
    /// First photograph.
    pub photo: Option<Photo>,
    /// Whether it is (still) available to this visitor.
    pub availability: PieceAvailability,
}

/// The bag.
#[derive(Debug, Clone)]
pub struct BagView {
    /// Lines in the order they were put in.
    pub lines: Vec<BagLine>,
    /// The visitor's currency.
    pub currency: Currency,
}

impl BagView {
    /// Sum of the available pieces in the visitor's currency: the sum of the charged prices.
    #[must_use]
    pub fn subtotal(&self) -> Money {
        Money::new(self.sum_of(|line| line.charged), self.currency)
    }

    /// Sum of the available pieces, in PEN.
    #[must_use]
    pub fn subtotal_in_soles(&self) -> Money {
        Money::new(self.sum_of(|line| line.price), Currency::Pen)
    }

    fn sum_of(&self, price: impl Fn(&BagLine) -> Money) -> i64 {
        let to_be_had =
            self.lines.iter().filter(|line| line.availability == PieceAvailability::Available);
        to_be_had.map(|line| price(line).amount_minor).fold(0, i64::saturating_add)
    }
}
