//! Where the metal came from: lots, mines, certificates, and what may be said of each.

use app::backend::shop::{DocumentView, LotView, MetalOrigin, MineView, OriginView, Visit};
use domain::claims::{
    Certificate, LotFacts, OriginClaim, OriginFacts, Period, SellerLicence, claim_of,
};
use domain::metal::{LotOwner, Metal, TradingModel};
use jiff::civil::Date;

use super::Shop;
use super::reference::{Reference, day, odd};
use crate::db::DbResult;
use crate::error::ShopResult;
use crate::store;
use crate::store::metal::{DocumentRow, LotRow};

/// Lots on the page; older ones stay in the book.
const LOTS_SHOWN: i64 = 100;

impl Shop {
    /// Mines with every certificate, and the newest lots with where their metal is.
    pub(in crate::shop) async fn read_origin(&self, visit: &Visit) -> ShopResult<OriginView> {
        let (_, reference) = self.reference(visit.now.as_microsecond()).await?;
        let mut mines = Vec::with_capacity(reference.mines.len());
        for mine in &reference.mines {
            let certificates =
                reference.certificates.iter().filter(|certificate| certificate.mine_id == mine.id);
            mines.push(MineView {
                name: mine.name.clone(),
                place: mine.place.clone(),
                altitude_m: mine.altitude_m,
                certificates: certificates
                    .map(|row| reference.certificate(row))
                    .collect::<DbResult<_>>()?,
            });
        }
        let rows = store::metal::newest_lots(&self.db, LOTS_SHOWN).await?;
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let documents = store::metal::documents(&self.db, &ids).await?;
        let mut lots = Vec::with_capacity(rows.len());
        for row in &rows {
            let gone_mg =
                row.in_pieces_mg + row.scrap_mg + row.loss_mg + row.returned_mg + row.melted_mg;
            lots.push(LotView {
                origin: origin_of(&reference, row, row.received_mg, &documents, visit.today)?,
                received_mg: row.received_mg,
                in_pieces_mg: row.in_pieces_mg,
                scrap_mg: row.scrap_mg,
                loss_mg: row.loss_mg,
                returned_mg: row.returned_mg,
                melted_mg: row.melted_mg,
                on_hand_mg: row.received_mg - gone_mg,
            });
        }
        Ok(OriginView { mines, lots, photo: self.site_photo("origin", visit).await? })
    }
}

/// What the documents say of metal of a lot, with the claim computed for a sale on `sold_on`.
pub(super) fn origin_of(
    reference: &Reference,
    lot: &LotRow,
    amount_mg: i64,
    documents: &[DocumentRow],
    sold_on: Date,
) -> DbResult<MetalOrigin> {
    let papers: Vec<&DocumentRow> =
        documents.iter().filter(|document| document.lot_id == lot.id).collect();
    let claim = claim(reference, lot, !papers.is_empty(), sold_on)?;
    // The certificate that carries the claim: of several valid ones the one that lasts longest.
    let fact = claim.certificates().iter().max_by_key(|fact| fact.valid.to);
    let row =
        fact.and_then(|fact| reference.certificates.iter().find(|row| row.id == fact.document_id));
    let mut views = Vec::with_capacity(papers.len());
    for paper in papers {
        let dated_on =
            paper.dated_on.as_deref().map(|text| day("lot_document", &lot.id, text)).transpose()?;
        views.push(DocumentView { title: paper.title.clone(), dated_on });
    }
    Ok(MetalOrigin {
        metal: Metal::from_name(&lot.metal).ok_or_else(|| odd("material_lot", &lot.id, "metal"))?,
        fineness_permille: u32::try_from(lot.fineness_permille)
            .map_err(|_| odd("material_lot", &lot.id, "fineness"))?,
        amount_mg,
        lot_code: lot.code.clone(),
        supplier: lot.supplier.clone(),
        consigned: LotOwner::from_name(&lot.owner) == Some(LotOwner::Consigned),
        received_on: day("material_lot", &lot.id, &lot.received_on)?,
        certificate: row.map(|row| reference.certificate(row)).transpose()?,
        claim: with_names(claim, reference),
        documents: views,
    })
}

fn claim(
    reference: &Reference,
    lot: &LotRow,
    documented: bool,
    sold_on: Date,
) -> DbResult<OriginClaim> {
    let mut certificates = Vec::with_capacity(reference.certificates.len());
    for row in &reference.certificates {
        let valid = Period {
            from: day("certificate", &row.id, &row.valid_from)?,
            to: day("certificate", &row.id, &row.valid_until)?,
        };
        certificates.push(Certificate {
            mine_id: row.mine_id.clone(),
            valid,
            ecological_from: row.ecological.then_some(valid.from),
            document_id: row.document.as_ref().map(|_| row.id.clone()),
        });
    }
    let mut licences = Vec::with_capacity(reference.licences.len());
    for row in &reference.licences {
        let valid = Period {
            from: day("seller_licence", &row.id, &row.valid_from)?,
            to: day("seller_licence", &row.id, &row.valid_until)?,
        };
        licences.push(SellerLicence {
            valid,
            document_id: row.document.as_ref().map(|_| row.id.clone()),
        });
    }
    let facts = LotFacts {
        supplier_id: Some(lot.supplier.clone()),
        trading_model: TradingModel::from_name(&lot.trading_model)
            .ok_or_else(|| odd("material_lot", &lot.id, "trading_model"))?,
        mine_id: lot.mine_id.clone(),
        left_mine_on: lot
            .left_mine_on
            .as_deref()
            .map(|text| day("material_lot", &lot.id, text))
            .transpose()?,
        document_id: documented.then(|| lot.id.clone()),
        certificates,
    };
    let claim = claim_of(&facts, &licences, sold_on);
    Ok(if lot.mixed {
        // What was melted in besides is not on record: only who handed it over is true of all of it.
        claim.met_with(OriginClaim::SupplierOnly { supplier_id: lot.supplier.clone() })
    } else {
        claim
    })
}

/// The claim with the mine's name instead of its key: pages name what they may name.
fn with_names(claim: OriginClaim, reference: &Reference) -> OriginClaim {
    let name = |id: String| reference.mine(&id).map_or(id, |mine| mine.name.clone());
    let named = |facts: OriginFacts| OriginFacts { mine_id: name(facts.mine_id), ..facts };
    match claim {
        OriginClaim::Labeled(facts) => OriginClaim::Labeled(named(facts)),
        OriginClaim::FactsOfOrigin(facts) => OriginClaim::FactsOfOrigin(named(facts)),
        OriginClaim::MineOfOrigin { supplier_id, mine_id } => {
            OriginClaim::MineOfOrigin { supplier_id, mine_id: name(mine_id) }
        }
        other => other,
    }
}
