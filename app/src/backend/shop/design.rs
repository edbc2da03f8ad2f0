//! The page of a design: what it is, which pieces there are, what stands behind them.

use domain::money::Money;
use domain::slug::Slugs;
use jiff::Timestamp;
use jiff::civil::Date;

use super::{
    Availability, Category, DeliveryEstimate, DesignCard, MakerCard, MakerName, MetalOrigin,
    MoneyBreakdown, Photo,
};

/// The page of a design.
#[derive(Debug, Clone)]
pub struct DesignView {
    /// Address of its page.
    pub slug: Slugs,
    /// Name in the visitor's language.
    pub name: String,
    /// Name in the other language, for search engines.
    pub category: Category,
    /// What it is, a few sentences.
    pub description: String,
    /// How to care for it.
    pub care: String,
    /// Retail price, tax included, in PEN.
    pub price: Money,
    /// What is charged for it in the visitor's currency.
    pub charged: Money,
    /// What would be charged in another currency that she may choose; `None` when there is none.
    pub otherwise: Option<Money>,
    /// Photographs in order: on ivory, detail, setting.
    pub photos: Vec<Photo>,
    /// The metal.
    pub metal: domain::metal::Metal,
    /// Fineness in permille.
    pub fineness_permille: u32,
    /// Typical weight with the gold in it, without stones, in mg.
    pub weight_mg: i64,
    /// Gold of 750 permille in it, in mg.
    pub gold_750_mg: i64,
    /// Dimensions by their code (`dish_diameter`, `band_width`, …) in tenths of a mm,
    /// hundredths where the maker gave them.
    pub dimensions: Vec<Dimension>,
    /// Stones.
    pub stones: Vec<Stone>,
    /// Techniques by their code (`hammering`, …).
    pub techniques: Vec<String>,
    /// Every piece that is or was for sale, those that can be had first.
    pub pieces: Vec<PieceView>,
    /// Business days when it can be made to order.
    pub made_to_order_days: Option<u32>,
    /// The state word.
    pub availability: Availability,
    /// Makers with their words, under consent.
    pub makers: Vec<MakerCard>,
    /// Where each piece that can be had or is in a checkout came from, in the order of
    /// [`DesignView::pieces`]; when there is none, the last sold one.
    pub provenances: Vec<Provenance>,
    /// Where your money goes, by the live policy, for the first of the pieces.
    pub money: Option<MoneyBreakdown>,
    /// Delivery estimates: to Lima and abroad.
    pub delivery: Vec<DeliveryEstimate>,
    /// Days in which a piece can be changed or returned.
    pub return_days: u32,
    /// Designs that go with it.
    pub related: Vec<DesignCard>,
}

/// Where one piece came from, as far as documents and the workshop's books reach.
#[derive(Debug, Clone)]
pub struct Provenance {
    /// One per lot in it, the design's own metal first.
    pub origins: Vec<MetalOrigin>,
    /// What the workshop's books say of it.
    pub workshop: WorkshopFacts,
}

/// One measure of a design.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dimension {
    /// Code: `dish_diameter`, `band_width`, `length`, …
    pub code: String,
    /// Hundredths of a millimetre.
    pub hundredths_mm: i64,
}

/// A stone of a design.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stone {
    /// Code: `pink opal`, `chrysocolla`.
    pub kind: String,
    /// Country or place the stone came from, as documented.
    pub origin: String,
    /// Code of the cut: `free-form cabochon`, `oval cabochon`.
    pub cut: String,
    /// Weight of each in hundredths of a carat.
    pub weight_hundredths_ct: i64,
    /// How many.
    pub count: u32,
}

/// Whether a piece can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceAvailability {
    /// It can be had.
    Available,
    /// Somebody is paying for it until then, at the latest.
    Held {
        /// When the hold ends if it is not paid.
        until: Timestamp,
    },
    /// Sold on this date.
    Sold {
        /// Date in Lima.
        on: Date,
    },
}

/// One physical piece.
#[derive(Debug, Clone)]
pub struct PieceView {
    /// Identifier, for the form.
    pub id: String,
    /// Serial, e.g. `0147`.
    pub serial: String,
    /// Weight in mg.
    pub weight_mg: i64,
    /// Inner circumference in tenths of a mm, for rings.
    pub inner_circumference_tenths_mm: Option<u32>,
    /// Makers, under consent.
    pub makers: Vec<MakerName>,
    /// Whether it can be had.
    pub availability: PieceAvailability,
}

/// The workshop's metal book for one piece.
#[derive(Debug, Clone)]
pub struct WorkshopFacts {
    /// Serial of the piece.
    pub serial: String,
    /// Metal issued, in mg.
    pub issued_mg: i64,
    /// Metal in the piece, in mg.
    pub in_piece_mg: i64,
    /// Came back as scrap, in mg.
    pub scrap_mg: i64,
    /// Lost (polishing and the like), in mg.
    pub loss_mg: i64,
    /// Who did which steps, under consent: (maker, step codes).
    pub steps: Vec<(Option<MakerName>, Vec<String>)>,
    /// Day it passed inspection.
    pub inspected_on: Option<Date>,
}

/// What became of an address that shows no design.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whereabouts {
    /// Its design has another one now, or this one only in another language.
    Moved(Slugs),
    /// Its design was shown once and is withdrawn now.
    Withdrawn,
}
