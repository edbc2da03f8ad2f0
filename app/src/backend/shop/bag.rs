//! The bag.

use domain::money::Money;
use domain::slug::Slugs;

use super::{MakerName, Photo, PieceAvailability};

/// A line of the bag as it stands now.
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
    /// Makers, under consent.
    pub makers: Vec<MakerName>,
    /// Price in PEN.
    pub price: Money,
    /// First photograph.
    pub photo: Option<Photo>,
    /// Whether it can (still) be had by this visitor.
    pub availability: PieceAvailability,
}

/// The bag.
#[derive(Debug, Clone)]
pub struct BagView {
    /// Lines in the order they were put in.
    pub lines: Vec<BagLine>,
    /// Sum of what can be had, in PEN.
    pub subtotal: Money,
    /// The same in US dollars.
    pub subtotal_usd: Option<Money>,
}
