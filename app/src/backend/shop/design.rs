//! The page of a design: what it is, which pieces there are, and where they come from.

use domain::money::Money;
use domain::slug::Slugs;
use jiff::Timestamp;
use jiff::civil::Date;

use super::catalogue::{Availability, Category, DesignCard, MakerName, Photo};
use super::makers::MakerCard;
use super::money::MoneyBreakdown;
use super::origin::MetalOrigin;
use super::shipping::DeliveryEstimate;

/// The page of a design.
#[derive(Debug, Clone)]
pub struct DesignView {
    /// Address of its page.
    pub slug: Slugs,
    /// Name in the visitor's language.
    pub name: String,
    /// Category.
    pub category: Category,
    /// What it is, a few sentences.
    pub description: String,
    /// How to care for it.
    pub care: String,
    /// Retail price, tax included, in PEN.
    pub price: Money,
    /// What is charged for it in the visitor's currency.
    pub charged: Money,
    /// What would be charged in another currency that the visitor may choose; `None` without one.
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
    /// Every piece that is or was for sale, available ones first.
    pub pieces: Vec<PieceView>,
    /// Business days of making, if it is made to order.
    pub made_to_order_days: Option<u32>,
    /// Whether it can be bought.
    pub availability: Availability,
    /// Makers with a quote, as they consent to be shown.
    pub makers: Vec<MakerCard>,
    /// The origin of each piece that is available or in a checkout, in the order of
    /// [`DesignView::pieces`]; without such a piece, of the piece that was sold last.
    pub provenances: Vec<Provenance>,
    /// The breakdown of the price by the policy in force, for the first of the pieces.
    pub money: Option<MoneyBreakdown>,
    /// Delivery estimates: to Lima and abroad.
    pub delivery: Vec<DeliveryEstimate>,
    /// Days in which a piece can be changed or returned.
    pub return_days: u32,
    /// Designs that go with it.
    pub related: Vec<DesignCard>,
}

/// Where one piece came from, as far as documents and the workshop's books say.
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

/// Whether a piece is available.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceAvailability {
    /// It is available.
    Available,
    /// Somebody is paying for it.
    Held {
        /// When the hold ends if it is not paid.
        until: Timestamp,
    },
    /// It was sold.
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
    /// Makers who consent to be named.
    pub makers: Vec<MakerName>,
    /// Whether it is available.
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
    /// Metal returned as scrap, in mg.
    pub scrap_mg: i64,
    /// Lost (polishing and the like), in mg.
    pub loss_mg: i64,
    /// Who did which steps: the maker, if she consents to be named, and the codes of the steps.
    pub steps: Vec<(Option<MakerName>, Vec<String>)>,
    /// Day it passed inspection.
    pub inspected_on: Option<Date>,
}

/// What happened to a slug that shows no design.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whereabouts {
    /// The design has another slug now, or has this one in another language.
    Moved(Slugs),
    /// The design was shown once and is withdrawn now.
    Withdrawn,
}
