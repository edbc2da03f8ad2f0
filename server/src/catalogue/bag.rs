//! The bag as it stands now.

use domain::piece::PieceState;
use store::db::{DbResult, inconsistent};
use store::design::ContributionRow;

use app::backend::shop::{BagLine, BagView, MakerName, PieceAvailability, Visit};
use domain::calendar::lima_date;
use domain::id::PieceId;
use domain::money::{Currency, Money};
use jiff::Timestamp;

use super::{Catalogue, cards};
use crate::kernel::error::ShopResult;

/// Most pieces of a bag that are looked at.
const PIECES_MAX: usize = 200;

/// Whether a piece can be had, from its row. `None` for a piece that is not for shoppers.
pub(super) fn piece_availability(
    id: &str,
    state: PieceState,
    held_until_us: Option<i64>,
    sold_at_us: Option<i64>,
) -> DbResult<Option<PieceAvailability>> {
    Ok(match (state, held_until_us, sold_at_us) {
        (PieceState::Retail, ..) => Some(PieceAvailability::Available),
        (PieceState::Checkout, Some(until_us), _) => {
            let until = Timestamp::from_microsecond(until_us)
                .map_err(|_| inconsistent("piece", id, "held_until_us"))?;
            Some(PieceAvailability::Held { until })
        }
        (PieceState::Sold, _, Some(at_us)) => {
            Some(PieceAvailability::Sold { on: lima_date(at_us) })
        }
        _ => None,
    })
}

/// The members whose work this is, she who put in most first, each once.
pub(super) fn members_of<'a>(
    work: impl IntoIterator<Item = &'a ContributionRow>,
) -> Vec<(&'a str, i64)> {
    let mut members: Vec<(&str, i64)> = Vec::new();
    for row in work {
        match members.iter_mut().find(|(id, _)| *id == row.member_id) {
            Some((_, minutes)) => *minutes += row.minutes,
            None => members.push((&row.member_id, row.minutes)),
        }
    }
    // A stable sort: among equals the order of the book.
    members.sort_by_key(|(_, minutes)| std::cmp::Reverse(*minutes));
    members
}

impl Catalogue {
    /// The lines of these pieces, in this order; what is not for sale any more is left out. What
    /// the unpaid order of the visitor's own attempt at buying holds, she can have.
    pub async fn read_bag(
        &self,
        visit: &Visit,
        piece_ids: &[String],
        attempt: Option<&str>,
    ) -> ShopResult<BagView> {
        let now_us = visit.now.as_microsecond();
        let (_, reference) = self.reference(now_us).await?;
        let prices = reference.prices(visit.currency, now_us);
        // What cannot be a key is none: nothing odd reaches a statement.
        let keys = piece_ids.iter().filter(|id| PieceId::parse(id.as_str()).is_ok());
        let keys: Vec<String> = keys.take(PIECES_MAX).cloned().collect();
        let mut rows = store::design::bag_lines(&self.db, &keys, visit.language).await?;
        rows.sort_by_key(|row| piece_ids.iter().position(|id| *id == row.id));
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let work = store::design::contributions(&self.db, &ids).await?;
        let mut lines = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(availability) =
                piece_availability(&row.id, row.state, row.held_until_us, row.sold_at_us)?
            else {
                continue;
            };
            let is_her_own = attempt.is_some() && row.held_by_attempt.as_deref() == attempt;
            let availability = match is_her_own {
                true => PieceAvailability::Available,
                false => availability,
            };
            let makers: Vec<MakerName> = members_of(work.iter().filter(|w| w.piece_id == row.id))
                .into_iter()
                .filter_map(|(id, _)| reference.name(id))
                .collect();
            let price = Money::new(row.price_minor, Currency::Pen);
            lines.push(BagLine {
                slug: row.slug.into(),
                name: row.name,
                serial: row.serial,
                weight_mg: row.weight_mg,
                inner_circumference_tenths_mm: row
                    .circumference_tenths_mm
                    .and_then(|t| u32::try_from(t).ok()),
                makers,
                price,
                charged: prices.shown(price),
                photo: cards::joined_photo(
                    row.hash,
                    (row.width_px, row.height_px),
                    row.colour,
                    row.widths,
                    row.alt,
                )?,
                availability,
                piece_id: row.id,
            });
        }
        Ok(BagView { lines, currency: visit.currency })
    }
}
