//! Where the metal came from: lots, mines, certificates, and what may be said of each.

use store::db::{DbResult, inconsistent};
use store::metal::{DocumentRow, LotRow, WholeLotRow};

use app::backend::shop::{
    DocumentView, LotArrival, LotView, MetalOrigin, MineView, OriginView, Visit,
};
use domain::claims::{
    Certificate, LotFacts, OriginClaim, OriginFacts, Period, SellerLicence, claim_of_melt,
};
use domain::metal::{LotOwner, Metal, TradingModel};
use jiff::civil::Date;

use super::Catalogue;
use super::reference::{Reference, day};
use crate::kernel::error::ShopResult;

/// Lots on the page; older ones stay in the book.
const LOTS_SHOWN: i64 = 100;

impl Catalogue {
    /// Mines with every certificate, and the newest lots with where their metal is.
    pub(crate) async fn read_origin(&self, visit: &Visit) -> ShopResult<OriginView> {
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
        let ids: Vec<&str> = rows.iter().map(|row| row.lot.id.as_str()).collect();
        let documents = store::metal::documents(&self.db, &ids).await?;
        let mut lots = Vec::with_capacity(rows.len());
        for WholeLotRow { lot, sums } in &rows {
            lots.push(LotView {
                origin: origin_of(&reference, lot, lot.received_mg, &documents, visit.today)?,
                received_mg: lot.received_mg,
                in_pieces_mg: sums.in_pieces_mg,
                scrap_mg: sums.scrap_mg,
                loss_mg: sums.loss_mg,
                returned_mg: sums.returned_mg,
                melted_mg: sums.melted_mg,
                on_hand_mg: lot.received_mg - sums.gone_mg(),
                became: reference.melts.became(lot)?,
            });
        }
        Ok(OriginView { mines, lots, photo: self.site_photo("origin", visit).await? })
    }
}

/// What the documents say about the metal of a lot, with the claim computed for a sale on
/// `sold_on`.
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
    // The certificate that carries the claim. Of several valid ones, the one that is valid longest.
    let fact = claim.certificates().iter().max_by_key(|fact| fact.valid.to);
    let row = fact
        .and_then(|fact| reference.certificates.iter().find(|row| *row.id == *fact.document_id));
    let mut views = Vec::with_capacity(papers.len());
    for paper in papers {
        let dated_on =
            paper.dated_on.as_deref().map(|text| day("lot_document", &lot.id, text)).transpose()?;
        views.push(DocumentView { title: paper.title.clone(), dated_on });
    }
    Ok(MetalOrigin {
        metal: Metal::from_name(&lot.metal)
            .ok_or_else(|| inconsistent("material_lot", &lot.id, "metal"))?,
        fineness_permille: u32::try_from(lot.fineness_permille)
            .map_err(|_| inconsistent("material_lot", &lot.id, "fineness"))?,
        amount_mg,
        lot_code: lot.code.clone(),
        arrival: arrival(reference, lot)?,
        received_on: day("material_lot", &lot.id, &lot.received_on)?,
        certificate: row.map(|row| reference.certificate(row)).transpose()?,
        claim: with_names(claim, reference),
        documents: views,
    })
}

/// How the lot came to the workshop.
fn arrival(reference: &Reference, lot: &LotRow) -> DbResult<LotArrival> {
    let wrong = |what: &str| inconsistent("material_lot", &lot.id, what);
    if lot.melt_id.is_some() {
        return reference.melts.arrival(lot);
    }
    let supplier = lot.supplier.clone().ok_or_else(|| wrong("supplier"))?;
    Ok(match LotOwner::from_name(&lot.owner).ok_or_else(|| wrong("owner"))? {
        LotOwner::Consigned => LotArrival::Consigned { supplier },
        LotOwner::Bought => LotArrival::Bought { supplier },
    })
}

/// The claim for a lot. A melted lot has the weakest claim of all lots that went into it.
fn claim(
    reference: &Reference,
    lot: &LotRow,
    documented: bool,
    sold_on: Date,
) -> DbResult<OriginClaim> {
    let certificates = certificates(reference)?;
    let mut licences = Vec::with_capacity(reference.licences.len());
    for row in &reference.licences {
        let valid = Period {
            from: day("seller_licence", &row.id, &row.valid_from)?,
            to: day("seller_licence", &row.id, &row.valid_until)?,
        };
        licences.push(SellerLicence {
            valid,
            document_id: row.document.as_ref().map(|_| row.id.to_string()),
        });
    }
    let mut received = Vec::new();
    for source in reference.melts.received(lot)? {
        let documented = if source.id == lot.id {
            documented
        } else {
            reference.melts.is_documented(&source.id)
        };
        received.push(lot_facts(source, documented, &certificates)?);
    }
    Ok(claim_of_melt(&received, &licences, sold_on))
}

fn certificates(reference: &Reference) -> DbResult<Vec<Certificate>> {
    let mut certificates = Vec::with_capacity(reference.certificates.len());
    for row in &reference.certificates {
        let valid = Period {
            from: day("certificate", &row.id, &row.valid_from)?,
            to: day("certificate", &row.id, &row.valid_until)?,
        };
        certificates.push(Certificate {
            mine_id: row.mine_id.to_string(),
            valid,
            ecological_from: row.ecological.then_some(valid.from),
            document_id: row.document.as_ref().map(|_| row.id.to_string()),
        });
    }
    Ok(certificates)
}

/// What is known of a lot that was received.
fn lot_facts(lot: &LotRow, documented: bool, certificates: &[Certificate]) -> DbResult<LotFacts> {
    let wrong = |what: &str| inconsistent("material_lot", &lot.id, what);
    let left_mine_on = lot.left_mine_on.as_deref();
    Ok(LotFacts {
        // The name is used here, because pages show it and no two suppliers share one.
        supplier_id: lot.supplier.clone(),
        trading_model: lot
            .trading_model
            .as_deref()
            .and_then(TradingModel::from_name)
            .ok_or_else(|| wrong("trading_model"))?,
        mine_id: lot.mine_id.as_ref().map(|id| id.to_string()),
        left_mine_on: left_mine_on.map(|text| day("material_lot", &lot.id, text)).transpose()?,
        document_id: documented.then(|| lot.id.to_string()),
        mixed: lot.mixed,
        certificates: certificates.to_vec(),
    })
}

/// The claim with the mine's name instead of its key, because pages show the name.
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
