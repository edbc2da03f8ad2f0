//! Lots that came out of a melt: which lots they are made of, and whose metal they are.

use store::db::{Db, DbResult, inconsistent};
use store::melt::{self, InputRow};
use store::metal::MetalInPiece;
use store::metal::{self, DocumentRow, LotRow};

use app::backend::shop::LotArrival;
use domain::id::LotId;
use domain::melt::Lots;

/// Every lot that came out of a melt or went into one.
#[derive(Debug, Default)]
pub(super) struct Melts {
    family: Lots,
    lots: Vec<LotRow>,
    inputs: Vec<InputRow>,
    documents: Vec<DocumentRow>,
}

impl Melts {
    pub(super) async fn read(db: &Db) -> DbResult<Self> {
        let (lots, inputs) = melt::all(db).await?;
        let ids: Vec<&str> = lots.iter().map(|lot| lot.id.as_str()).collect();
        let documents = metal::documents(db, &ids).await?;
        Ok(Self { family: melt::family(&lots, &inputs), lots, inputs, documents })
    }

    fn lot(&self, id: &LotId) -> DbResult<&LotRow> {
        let lot = self.lots.iter().find(|lot| lot.id == *id);
        lot.ok_or_else(|| inconsistent("material_lot", id, "not among the melted lots"))
    }

    /// How a lot that came out of a melt was melted. The lots that went into it are in the order of
    /// the book.
    pub(super) fn arrival(&self, lot: &LotRow) -> DbResult<LotArrival> {
        let inputs = || self.inputs.iter().filter(|input| input.lot_id == lot.id);
        let first = inputs()
            .next()
            .ok_or_else(|| inconsistent("material_lot", &lot.id, "melted of nothing"))?;
        let of = inputs()
            .map(|input| Ok((self.lot(&input.input_id)?.code.clone(), input.gross_mg)))
            .collect::<DbResult<_>>()?;
        let (alloy_mg, loss_mg) = (first.alloy_mg, first.loss_mg);
        Ok(LotArrival::Melted { of, alloy_mg, loss_mg, owner: lot.supplier.clone() })
    }

    /// Codes of the lots that this one went into, in the order of the book.
    pub(super) fn became(&self, lot: &LotRow) -> DbResult<Vec<String>> {
        let outputs = self.inputs.iter().filter(|input| input.input_id == lot.id);
        outputs.map(|input| Ok(self.lot(&input.lot_id)?.code.clone())).collect()
    }

    /// The received lots whose metal is in this one: the lot itself, or the lots of its melts.
    pub(super) fn received<'a>(&'a self, lot: &'a LotRow) -> DbResult<Vec<&'a LotRow>> {
        if lot.melt_id.is_none() {
            return Ok(vec![lot]);
        }
        let ids = self.family.received_lots(&lot.id);
        let ids = ids.map_err(|error| inconsistent("material_lot", &lot.id, &error.to_string()))?;
        ids.iter().map(|id| self.lot(id)).collect()
    }

    /// Whether a lot that went into a melt has papers.
    pub(super) fn is_documented(&self, lot_id: &LotId) -> bool {
        self.documents.iter().any(|document| document.lot_id == *lot_id)
    }

    /// The metal in a piece by the received lots to which it is attributed. `inside` are the lots
    /// in the piece, each with its mg.
    pub(super) fn material(&self, inside: &[(&LotRow, i64)]) -> DbResult<Vec<MetalInPiece>> {
        let parts: Vec<(LotId, i64)> =
            inside.iter().map(|(lot, mg)| (lot.id.clone(), *mg)).collect();
        let mut lots: Vec<LotRow> = inside.iter().map(|(lot, _)| (*lot).clone()).collect();
        let owed = if lots.iter().all(|lot| lot.melt_id.is_none()) {
            let family = melt::family(&lots, &[]);
            melt::material(&family, &lots, &parts)?
        } else {
            lots.extend(
                self.lots.iter().filter(|lot| !parts.iter().any(|(id, _)| *id == lot.id)).cloned(),
            );
            let family = melt::family(&lots, &self.inputs);
            melt::material(&family, &lots, &parts)?
        };
        owed.into_iter().map(|(lot, fine_mg)| lot.material(fine_mg)).collect()
    }
}
