//! The present state of the bag.

use std::collections::HashMap;
use std::sync::Arc;

use domain::piece::PieceState;
use store::db::{DbResult, inconsistent};
use store::design::ContributionRow;
use store::version::Version;

use app::backend::shop::{BagLine, BagView, PieceAvailability, Visit};
use domain::calendar::lima_date;
use domain::id::PieceId;
use domain::money::{Currency, Money};
use jiff::Timestamp;

use super::{Catalogue, cards};
use crate::kernel::error::ShopResult;

/// Most pieces of a bag that are looked at.
const PIECES_MAX: usize = 200;

/// Whether a piece is available, from its row. `None` for a piece that is not for shoppers.
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

impl Catalogue {
    /// The work in each of these pieces, from memory or from the database.
    async fn work_in(
        &self,
        piece_ids: &[&PieceId],
        version: Version,
    ) -> DbResult<HashMap<PieceId, Arc<Vec<ContributionRow>>>> {
        let mut work = HashMap::with_capacity(piece_ids.len());
        let mut unknown = Vec::new();
        for id in piece_ids {
            if let Some(known) = self.memory.work(version.content, id) {
                work.insert((*id).clone(), known);
            } else {
                unknown.push(*id);
            }
        }
        let rows = store::design::contributions(&self.db, &unknown).await?;
        for id in unknown {
            let done: Vec<ContributionRow> =
                rows.iter().filter(|row| row.piece_id == *id).cloned().collect();
            let done = Arc::new(done);
            self.memory.keep_work(version.content, id, &done);
            work.insert(id.clone(), done);
        }
        Ok(work)
    }

    /// The lines of these pieces, in this order. Pieces that are not for sale any more are left out.
    /// Pieces that the visitor's own unpaid order holds are available to her.
    pub async fn read_bag(
        &self,
        visit: &Visit,
        piece_ids: &[String],
        attempt: Option<&str>,
    ) -> ShopResult<BagView> {
        let now_us = visit.now.as_microsecond();
        let (version, reference) = self.reference(now_us).await?;
        let prices = reference.prices(visit.currency, now_us);
        // A text that cannot be a key is ignored.
        let keys = piece_ids.iter().filter_map(|id| PieceId::parse(id.as_str()).ok());
        let keys: Vec<PieceId> = keys.take(PIECES_MAX).collect();
        let mut rows = store::design::bag_lines(&self.db, &keys, visit.language).await?;
        rows.sort_by_key(|row| keys.iter().position(|id| *id == row.id));
        let ids: Vec<&PieceId> = rows.iter().map(|row| &row.id).collect();
        let work = self.work_in(&ids, version).await?;
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
            let done = work.get(&row.id).map(|done| done.as_slice()).unwrap_or_default();
            let makers = reference.maker_names(done, now_us)?;
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
                piece_id: row.id.into(),
            });
        }
        Ok(BagView { lines, currency: visit.currency })
    }
}
