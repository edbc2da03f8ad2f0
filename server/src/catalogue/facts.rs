//! The facts of a design's page that no sale changes. They are read together and kept in memory.

use std::collections::HashMap;
use std::sync::Arc;

use store::catalogue::{Filter, Order};
use store::db::{DbResult, inconsistent};
use store::design::{ContributionRow, DesignRow, DimensionJson, StoneJson};
use store::metal::MetalInPiece;
use store::metal::{DocumentRow, LotRow, PieceLotRow};
use store::version::Version;

use app::backend::shop::{Dimension, Photo, Stone, Visit};
use domain::id::PieceId;
use domain::slug::{Slug, Slugs};

use super::Catalogue;
use super::cards::{self, CardFacts};
use super::reference::Reference;

/// Designs that go with it.
const RELATED: usize = 4;

/// A design with everything that its page shows, except the available pieces.
#[derive(Debug)]
pub(super) struct DesignFacts {
    pub(super) slug: Slugs,
    pub(super) design: DesignRow,
    pub(super) dimensions: Vec<Dimension>,
    pub(super) stones: Vec<Stone>,
    pub(super) techniques: Vec<String>,
    pub(super) photos: Vec<Photo>,
    pieces: HashMap<PieceId, PieceFacts>,
    /// Documents of every lot in its pieces.
    pub(super) documents: Vec<DocumentRow>,
    /// Designs that go with it.
    pub(super) related: Vec<Arc<CardFacts>>,
}

/// The work and the metal in one piece.
#[derive(Debug, Default)]
pub(super) struct PieceFacts {
    /// The work, in the order in which it was written down.
    pub(super) work: Vec<ContributionRow>,
    /// The metal by lot, the heaviest first.
    pub(super) lots: Vec<PieceLotRow>,
    /// The same metal by the received lots to which it is attributed.
    pub(super) material: Vec<MetalInPiece>,
}

impl PieceFacts {
    /// The lots in the piece with the mg of each.
    pub(super) fn inside(&self) -> Vec<(&LotRow, i64)> {
        let inside = self.lots.iter().filter(|row| row.sums.in_pieces_mg > 0);
        inside.map(|row| (&row.lot, row.sums.in_pieces_mg)).collect()
    }
}

impl DesignFacts {
    /// The work and the metal in a piece; empty for a piece without records.
    pub(super) fn of_piece(&self, piece_id: &PieceId) -> &PieceFacts {
        const NOTHING: &PieceFacts =
            &PieceFacts { work: Vec::new(), lots: Vec::new(), material: Vec::new() };
        self.pieces.get(piece_id).unwrap_or(NOTHING)
    }
}

impl Catalogue {
    /// The facts of the published design with this slug.
    pub(super) async fn design_facts(
        &self,
        (version, reference): (Version, &Reference),
        visit: &Visit,
        slug: &str,
    ) -> DbResult<Option<Arc<DesignFacts>>> {
        let (content, language) = (version.content, visit.language);
        if let Some(facts) = self.memory.design(content, slug, language) {
            return Ok(Some(facts));
        }
        // A text that is no slug is no design.
        if Slug::parse(slug).is_err() {
            return Ok(None);
        }
        let Some(design) = store::design::published_by_slug(&self.db, slug, language).await? else {
            return Ok(None);
        };
        let photos = store::design::photos(&self.db, &design.id, language).await?;
        let mut pieces: HashMap<PieceId, PieceFacts> = HashMap::new();
        for row in store::design::work(&self.db, &design.id).await? {
            pieces.entry(row.piece_id.clone()).or_default().work.push(row);
        }
        for row in store::metal::lots_of_design(&self.db, &design.id).await? {
            pieces.entry(row.piece_id.clone()).or_default().lots.push(row);
        }
        for piece in pieces.values_mut() {
            piece.material = reference.melts.material(&piece.inside())?;
        }
        let lots = pieces.values().flat_map(|piece| &piece.lots);
        let mut lot_ids: Vec<&str> = lots.map(|row| row.lot.id.as_str()).collect();
        lot_ids.sort_unstable();
        lot_ids.dedup();
        let facts = DesignFacts {
            dimensions: dimensions(&design)?,
            stones: stones(&design)?,
            techniques: serde_json::from_str(&design.techniques)
                .map_err(|_| inconsistent("design", &design.id, "techniques"))?,
            photos: photos.into_iter().map(cards::photo).collect::<DbResult<_>>()?,
            documents: store::metal::documents(&self.db, &lot_ids).await?,
            related: self.related((version, reference), visit, &design).await?,
            pieces,
            slug: design.slug.clone().into(),
            design,
        };
        let facts = Arc::new(facts);
        self.memory.keep_design(content, language, &facts);
        Ok(Some(facts))
    }

    /// Designs of the same category that are shown just before this one, filled up with the newest.
    async fn related(
        &self,
        at: (Version, &Reference),
        visit: &Visit,
        design: &DesignRow,
    ) -> DbResult<Vec<Arc<CardFacts>>> {
        let limit = i64::try_from(RELATED).unwrap_or_default();
        let mut ids = store::catalogue::shown_before(
            &self.db,
            &design.category,
            design.published_at_us,
            limit,
        )
        .await?;
        if ids.len() < RELATED {
            let everything = Filter::everything(visit.language);
            let newest =
                store::catalogue::page(&self.db, &everything, Order::Newest, limit * 2 + 1, 0)
                    .await?;
            let others: Vec<String> = newest
                .into_iter()
                .filter(|id| **id != *design.id && !ids.contains(id))
                .take(RELATED - ids.len())
                .collect();
            ids.extend(others);
        }
        self.card_facts(at, &ids, visit.language).await
    }
}

fn dimensions(design: &DesignRow) -> DbResult<Vec<Dimension>> {
    let list: Vec<DimensionJson> = serde_json::from_str(&design.dimensions)
        .map_err(|_| inconsistent("design", &design.id, "dimensions"))?;
    let view = |d: DimensionJson| Dimension { code: d.code, hundredths_mm: d.hundredths_mm };
    Ok(list.into_iter().map(view).collect())
}

fn stones(design: &DesignRow) -> DbResult<Vec<Stone>> {
    stones_of(&design.stones).map_err(|_| inconsistent("design", &design.id, "stones"))
}

/// The stones in a column of a design, as pages take them.
pub(crate) fn stones_of(column: &str) -> Result<Vec<Stone>, serde_json::Error> {
    let list: Vec<StoneJson> = serde_json::from_str(column)?;
    let view = |s: StoneJson| Stone {
        kind: s.kind,
        origin: s.origin,
        cut: s.cut,
        weight_hundredths_ct: s.weight_hundredths_ct,
        count: s.count,
    };
    Ok(list.into_iter().map(view).collect())
}
