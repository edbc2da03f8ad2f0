//! What machines read: the feed of new pieces and the sitemap's entries.

use store::catalogue::Stock;
use store::db::{DbResult, inconsistent};

use app::feeds::FeedEntry;
use app::routes::{Route, photo_path};
use domain::language::Language;
use domain::money::Currency;
use jiff::Timestamp;

use super::Catalogue;
use crate::kernel::error::ShopResult;

/// Entries of the feed.
const FEED_ENTRIES: i64 = 30;

/// A part of a long list: entries, and where the next part begins if there is one.
#[derive(Debug)]
pub struct SitemapPart {
    /// Pages of this part.
    pub pages: Vec<Route>,
    /// Key after which the next part begins; `None` at the end.
    pub next_after: Option<String>,
}

fn moment(id: &str, at_us: i64) -> DbResult<Timestamp> {
    Timestamp::from_microsecond(at_us).map_err(|_| inconsistent("design", id, "published_at_us"))
}

impl Catalogue {
    /// The newest designs for the feed, newest first.
    pub async fn feed_entries(
        &self,
        language: Language,
        now: Timestamp,
    ) -> ShopResult<Vec<FeedEntry>> {
        let (version, reference) = self.reference(now.as_microsecond()).await?;
        let rows = store::catalogue::newest(&self.db, language, FEED_ENTRIES).await?;
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let found = self.card_facts((version, &reference), &ids, language).await?;
        let soles = reference.prices(Currency::Pen, now.as_microsecond());
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(card) = found.iter().find(|card| card.id == row.id) else { continue };
            let card = card.with(Stock::default(), &soles);
            let published_at = moment(&row.id, row.published_at_us)?;
            let largest = card.photo.as_ref().and_then(|photo| Some((photo, photo.widths.last()?)));
            entries.push(FeedEntry {
                photo_path: largest.map(|(photo, width)| photo_path(&photo.hash, *width, "jpg")),
                makers: card.makers.into_iter().map(|maker| maker.name).collect(),
                slug: card.slug,
                name: card.name,
                summary: row.description,
                published_at,
                id: row.id,
            });
        }
        Ok(entries)
    }

    /// How many pages of designs and makers the sitemap names.
    pub async fn sitemap_entry_count(&self, now: Timestamp) -> ShopResult<usize> {
        let designs = store::catalogue::published_count(&self.db).await?;
        let makers = self.sitemap_makers(now).await?.len();
        Ok(usize::try_from(designs).unwrap_or_default() + makers)
    }

    /// Designs of the sitemap after a key, `limit` at most.
    pub async fn sitemap_designs(
        &self,
        after: Option<&str>,
        limit: usize,
    ) -> ShopResult<SitemapPart> {
        let rows = store::catalogue::entries_after(
            &self.db,
            after,
            i64::try_from(limit).unwrap_or(i64::MAX),
        )
        .await?;
        let next_after =
            (rows.len() == limit).then(|| rows.last().map(|row| row.id.clone())).flatten();
        let pages = rows.into_iter().map(|row| Route::Design { slug: row.slug.into() }).collect();
        Ok(SitemapPart { pages, next_after })
    }

    /// Makers who consent to be named.
    pub async fn sitemap_makers(&self, now: Timestamp) -> ShopResult<Vec<Route>> {
        let (_, reference) = self.reference(now.as_microsecond()).await?;
        Ok(reference.named().map(|maker| Route::Maker { slug: maker.slug.clone() }).collect())
    }
}
