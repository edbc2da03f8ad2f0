//! Designs in a list.

use std::collections::HashMap;
use std::sync::Arc;

use store::catalogue::{CardRow, Stock};
use store::db::{DbResult, inconsistent};
use store::design::PhotoRow;
use store::version::Version;

use app::backend::shop::{Availability, DesignCard, MakerName, Photo, Visit};
use domain::language::Language;
use domain::money::{Currency, Money};
use domain::slug::Slugs;

use super::Catalogue;
use super::Prices;
use super::reference::{Reference, tally};

/// The availability of a design, from the counts that the triggers keep.
///
/// Available pieces come first, then made to order, then "in somebody's checkout", because such a
/// piece may become free. The design is sold only when none of these is left.
pub(super) fn availability(
    available: i64,
    held: i64,
    made_to_order_days: Option<i64>,
) -> Availability {
    match (available, made_to_order_days) {
        (2.., _) => Availability::Pieces(tally(available)),
        (1, _) => Availability::Last,
        (_, Some(days)) => Availability::MadeToOrder { business_days: tally(days) },
        (_, None) if held > 0 => Availability::Held,
        _ => Availability::Sold,
    }
}

/// A photograph as the pages take it.
pub(super) fn photo(row: PhotoRow) -> DbResult<Photo> {
    let pixels =
        |value: i64| u32::try_from(value).map_err(|_| inconsistent("photo", &row.hash, "size"));
    Ok(Photo {
        width_px: pixels(row.width_px)?,
        height_px: pixels(row.height_px)?,
        widths: serde_json::from_str(&row.widths)
            .map_err(|_| inconsistent("photo", &row.hash, "widths"))?,
        colour: row.colour,
        alt: row.alt,
        hash: row.hash,
    })
}

/// The photograph of a row that may have none.
pub(super) fn joined_photo(
    hash: Option<String>,
    size: (Option<i64>, Option<i64>),
    colour: Option<String>,
    widths: Option<String>,
    alt: Option<String>,
) -> DbResult<Option<Photo>> {
    match (hash, size, colour, widths) {
        (Some(hash), (Some(width_px), Some(height_px)), Some(colour), Some(widths)) => {
            photo(PhotoRow {
                hash,
                width_px,
                height_px,
                colour,
                widths,
                alt: alt.unwrap_or_default(),
            })
            .map(Some)
        }
        _ => Ok(None),
    }
}

/// The facts of a card that no sale changes.
#[derive(Debug)]
pub(super) struct CardFacts {
    /// Key of the design.
    pub(super) id: String,
    slug: Slugs,
    name: String,
    makers: Vec<MakerName>,
    price: Money,
    photo: Option<Photo>,
    made_to_order_days: Option<i64>,
}

impl CardFacts {
    /// The card with the stock of its design and the price that is charged.
    pub(super) fn with(&self, stock: Stock, prices: &Prices) -> DesignCard {
        DesignCard {
            slug: self.slug.clone(),
            name: self.name.clone(),
            makers: self.makers.clone(),
            price: self.price,
            charged: prices.shown(self.price),
            photo: self.photo.clone(),
            availability: availability(stock.available, stock.held, self.made_to_order_days),
        }
    }
}

/// Builds cards from their rows. The rows of one design are in the order of its makers.
fn assemble(reference: &Reference, rows: Vec<CardRow>) -> DbResult<Vec<CardFacts>> {
    let mut cards: Vec<CardFacts> = Vec::new();
    for row in rows {
        let maker = row.member_id.as_deref().and_then(|id| reference.name(id));
        if let Some(card) = cards.iter_mut().find(|card| *card.id == *row.id) {
            card.makers.extend(maker);
            continue;
        }
        let size = (row.width_px, row.height_px);
        cards.push(CardFacts {
            id: row.id.into(),
            slug: row.slug.into(),
            name: row.name,
            makers: maker.into_iter().collect(),
            price: Money::new(row.price_minor, Currency::Pen),
            photo: joined_photo(row.hash, size, row.colour, row.widths, row.alt)?,
            made_to_order_days: row.made_to_order_days,
        });
    }
    Ok(cards)
}

impl Catalogue {
    /// The cards of these designs in this order, without their stock.
    pub(super) async fn card_facts(
        &self,
        (version, reference): (Version, &Reference),
        ids: &[String],
        language: Language,
    ) -> DbResult<Vec<Arc<CardFacts>>> {
        let content = version.content;
        let mut found: Vec<Option<Arc<CardFacts>>> =
            ids.iter().map(|id| self.memory.card(content, id, language)).collect();
        let unknown = ids.iter().zip(&found).filter(|(_, card)| card.is_none());
        let unknown: Vec<String> = unknown.map(|(id, _)| id.clone()).collect();
        let rows = store::catalogue::cards(&self.db, &unknown, language).await?;
        for card in assemble(reference, rows)?.into_iter().map(Arc::new) {
            self.memory.keep_card(content, language, &card);
            let places = ids.iter().zip(&mut found).filter(|(id, _)| **id == card.id);
            places.for_each(|(_, place)| *place = Some(Arc::clone(&card)));
        }
        // A design that was withdrawn between two reads is left out.
        Ok(found.into_iter().flatten().collect())
    }

    /// The cards of these designs in this order.
    pub(super) async fn cards(
        &self,
        at: (Version, &Reference),
        ids: &[String],
        visit: &Visit,
    ) -> DbResult<Vec<DesignCard>> {
        let facts = self.card_facts(at, ids, visit.language).await?;
        let ids: Vec<&str> = facts.iter().map(|card| card.id.as_str()).collect();
        let stock = store::catalogue::stock(&self.db, &ids).await?;
        let prices = at.1.prices(visit.currency, visit.now.as_microsecond());
        Ok(with_stock(&facts, &stock, &prices))
    }
}

/// Each card with the stock of its design. A design that was withdrawn meanwhile is left out.
pub(super) fn with_stock(
    facts: &[Arc<CardFacts>],
    stock: &HashMap<String, Stock>,
    prices: &Prices,
) -> Vec<DesignCard> {
    facts.iter().filter_map(|card| Some(card.with(*stock.get(&card.id)?, prices))).collect()
}
