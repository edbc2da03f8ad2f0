//! Makers, under their consent.

use app::backend::shop::{MakerCard, MakerView, Photo, Visit};

use super::reference::{Reference, day};
use super::{Shop, cards};
use crate::error::ShopResult;
use crate::store;
use crate::store::catalogue::{Filter, Order};

/// Most designs on a maker's page; all of them stand in the catalogue under her name.
const DESIGNS_SHOWN: i64 = 48;

impl Shop {
    /// Every maker who consents to be named, in the order of the register.
    pub(in crate::shop) async fn read_makers(&self, visit: &Visit) -> ShopResult<Vec<MakerCard>> {
        let reference = self.memory.reference(self, visit.now.as_microsecond()).await?;
        let counts = self.design_counts(&reference).await?;
        let of = |id: &str| counts.iter().find(|(known, _)| known == id).map_or(0, |(_, count)| *count);
        Ok(reference.named().map(|maker| reference.card(maker, visit.language, of(&maker.id))).collect())
    }

    /// One maker's page.
    pub(in crate::shop) async fn read_maker(&self, visit: &Visit, slug: &str) -> ShopResult<Option<MakerView>> {
        let reference = self.memory.reference(self, visit.now.as_microsecond()).await?;
        let Some(maker) = reference.by_slug(slug) else { return Ok(None) };
        let hers = Filter { makers: vec![maker.id.clone()], ..Filter::everything(visit.language) };
        let ids = store::catalogue::page(&self.db, &hers, Order::Newest, DESIGNS_SHOWN, 0).await?;
        let counts = store::maker::design_counts(&self.db, &[maker.id.as_str()]).await?;
        let design_count = counts.first().map_or(0, |(_, count)| *count);
        Ok(Some(MakerView {
            card: reference.card(maker, visit.language, design_count),
            story: reference.story(maker, visit.language),
            member_since: Some(day("member", &maker.id, &maker.admitted_on)?.year()),
            designs: cards::of_ids(&self.db, &reference, &ids, visit.language).await?,
        }))
    }

    /// How many shown designs each named maker has a hand in.
    pub(super) async fn design_counts(&self, reference: &Reference) -> ShopResult<Vec<(String, i64)>> {
        let ids: Vec<&str> = reference.named().map(|maker| maker.id.as_str()).collect();
        Ok(store::maker::design_counts(&self.db, &ids).await?)
    }

    /// A photograph of the site itself.
    pub(super) async fn site_photo(&self, place: &str, visit: &Visit) -> ShopResult<Option<Photo>> {
        let row = store::design::site_photo(&self.db, place, visit.language).await?;
        Ok(row.map(cards::photo).transpose()?)
    }
}
