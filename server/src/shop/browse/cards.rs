//! Designs in a list.

use app::backend::shop::{Availability, DesignCard, MakerName, Photo};
use domain::language::Language;
use domain::money::{Currency, Money};

use super::reference::{Reference, odd, tally};
use crate::db::{Db, DbResult};
use crate::store::catalogue::{self, CardRow};
use crate::store::design::PhotoRow;

/// The one state word, from the counts that the triggers keep.
///
/// What can be had now comes first; then what can be made; then "in somebody's checkout",
/// because it may come back; only when nothing of that is left it is sold.
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
    let pixels = |value: i64| u32::try_from(value).map_err(|_| odd("photo", &row.hash, "size"));
    Ok(Photo {
        width_px: pixels(row.width_px)?,
        height_px: pixels(row.height_px)?,
        widths: serde_json::from_str(&row.widths).map_err(|_| odd("photo", &row.hash, "widths"))?,
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

/// Cards from their rows: rows of one design stand in the order of its makers, designs in the
/// order of their first row.
pub(super) fn assemble(
    reference: &Reference,
    rows: Vec<CardRow>,
) -> DbResult<Vec<(String, DesignCard)>> {
    let mut cards: Vec<(String, DesignCard)> = Vec::new();
    for row in rows {
        let maker = row.member_id.as_deref().and_then(|id| reference.name(id));
        if let Some((_, card)) = cards.iter_mut().find(|(id, _)| *id == row.id) {
            card.makers.extend(maker);
            continue;
        }
        let makers: Vec<MakerName> = maker.into_iter().collect();
        let card = DesignCard {
            slug: row.slug,
            name: row.name,
            makers,
            price: Money::new(row.price_minor, Currency::Pen),
            photo: joined_photo(
                row.hash,
                (row.width_px, row.height_px),
                row.colour,
                row.widths,
                row.alt,
            )?,
            availability: availability(
                row.pieces_available,
                row.pieces_held,
                row.made_to_order_days,
            ),
        };
        cards.push((row.id, card));
    }
    Ok(cards)
}

/// The cards of these designs in this order.
pub(super) async fn of_ids(
    db: &Db,
    reference: &Reference,
    ids: &[String],
    language: Language,
) -> DbResult<Vec<DesignCard>> {
    let mut cards = assemble(reference, catalogue::cards(db, ids, language).await?)?;
    let mut ordered = Vec::with_capacity(ids.len());
    for id in ids {
        // A design withdrawn between the two reads is simply not there any more.
        if let Some(index) = cards.iter().position(|(known, _)| known == id) {
            ordered.push(cards.swap_remove(index).1);
        }
    }
    Ok(ordered)
}
