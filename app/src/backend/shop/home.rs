//! The opening page.

use super::catalogue::{DesignCard, Photo};
use super::makers::MakerCard;
use super::money::MoneyBreakdown;
use super::origin::CertificateView;

/// The opening page.
#[derive(Debug, Clone)]
pub struct HomeView {
    /// The newest designs, those with an available piece first.
    pub new_designs: Vec<DesignCard>,
    /// Breakdown of one design's price by the policy in force, as an example.
    pub money_example: Option<(DesignCard, MoneyBreakdown)>,
    /// Some makers.
    pub makers: Vec<MakerCard>,
    /// How many makers consent to be named.
    pub maker_count: u32,
    /// Photograph of the opening.
    pub hero: Option<Photo>,
    /// Photograph behind the section on the origin of the metal.
    pub way: Option<Photo>,
    /// Active members of the association.
    pub member_count: u32,
    /// A mine whose certificate is valid today, if any document says so.
    pub certified_mine: Option<CertificateView>,
}
