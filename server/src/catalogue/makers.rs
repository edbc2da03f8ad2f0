//! Makers, under their consent.

use app::backend::shop::{MakerCard, MakerView, Photo, Visit};

use super::reference::day;
use super::{Catalogue, cards};
use crate::kernel::error::ShopResult;

/// Most designs on a maker's page. The catalogue lists all of them under her name.
const DESIGNS_SHOWN: i64 = 48;

impl Catalogue {
    /// Every maker who consents to be named, in the order of the register.
    pub(crate) async fn read_makers(&self, visit: &Visit) -> ShopResult<Vec<MakerCard>> {
        let (_, reference) = self.reference(visit.now.as_microsecond()).await?;
        Ok(reference.named().map(|maker| reference.card(maker, visit.language)).collect())
    }

    /// One maker's page.
    pub(crate) async fn read_maker(
        &self,
        visit: &Visit,
        slug: &str,
    ) -> ShopResult<Option<MakerView>> {
        let (version, reference) = self.reference(visit.now.as_microsecond()).await?;
        let Some(maker) = reference.by_slug(slug) else { return Ok(None) };
        let ids = store::catalogue::of_maker(&self.db, &maker.id, DESIGNS_SHOWN).await?;
        Ok(Some(MakerView {
            card: reference.card(maker, visit.language),
            story: reference.story(maker, visit.language),
            member_since: Some(day("member", &maker.id, &maker.admitted_on)?.year()),
            designs: self.cards((version, &reference), &ids, visit).await?,
        }))
    }

    /// A photograph of the site itself.
    pub(super) async fn site_photo(&self, place: &str, visit: &Visit) -> ShopResult<Option<Photo>> {
        let row = store::design::site_photo(&self.db, place, visit.language).await?;
        Ok(row.map(cards::photo).transpose()?)
    }
}
