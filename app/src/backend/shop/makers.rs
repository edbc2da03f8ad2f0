//! Makers, as far as each consents to be shown.

use super::catalogue::DesignCard;

/// A portrait in the store. Its files are `/people/{hash}/{width}.{avif|webp|jpg}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortraitPhoto {
    /// Name.
    pub hash: String,
    /// Widths in pixels that exist, ascending.
    pub widths: Vec<u32>,
}

/// A maker in a list.
#[derive(Debug, Clone)]
pub struct MakerCard {
    /// Slug of her page.
    pub slug: String,
    /// Name as shown.
    pub name: String,
    /// Community, e.g. `Ananea`.
    pub community: String,
    /// What she does, e.g. `Batido y engaste`.
    pub crafts: String,
    /// A quote of her, if she consents to her story.
    pub quote: Option<String>,
    /// Her portrait, if she consents to it; else her woven pattern is shown.
    pub portrait: Option<PortraitPhoto>,
    /// Number of her designs that are shown.
    pub design_count: u32,
}

/// A maker's page.
#[derive(Debug, Clone)]
pub struct MakerView {
    /// The card.
    pub card: MakerCard,
    /// Paragraphs of her story in the visitor's language, if she consents.
    pub story: Vec<String>,
    /// Year she joined.
    pub member_since: Option<i16>,
    /// Her designs, including sold ones.
    pub designs: Vec<DesignCard>,
}
