//! Makers, as far as each consents.

use super::DesignCard;

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
    /// A sentence of hers, under consent for her story.
    pub quote: Option<String>,
    /// Whether she consents to a portrait; the woven pattern stands for it in the demo.
    pub portrait: bool,
    /// Designs she has a hand in that are shown.
    pub design_count: u32,
}

/// A maker's page.
#[derive(Debug, Clone)]
pub struct MakerView {
    /// The card.
    pub card: MakerCard,
    /// Her story in the visitor's language, under consent; paragraphs.
    pub story: Vec<String>,
    /// Year she joined.
    pub member_since: Option<i16>,
    /// Designs she has a hand in; sold ones stay, marked.
    pub designs: Vec<DesignCard>,
}
