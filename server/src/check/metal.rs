//! Checks the metal book as a whole: every milligram is accounted for, melts conserve fine metal,
//! and no piece is heavier than what went into it.

use domain::melt::{
    Crucible, MetalOwner, PieceInputs, fineness_allowed, melt as melt_metal, weight_allowed,
};
use domain::metal::{DEFAULT_LOSS_TOLERANCE_PERMILLE, Fineness, LotOwner};
use store::check_metal::{self as rows, MeltInputRow, MeltRow};
use store::db::{Db, DbResult};
use store::metal::{LotRow, WholeLotRow};

use super::Report;
use crate::workshop::melt::melt_input;

/// Looks at every lot, melt and piece.
pub(super) async fn metal_as_a_whole(db: &Db, report: &mut Report) -> DbResult<()> {
    let lots = rows::all_lots(db).await?;
    report.looked.lots = lots.len() as u64;
    for lot in &lots {
        report.differences.extend(faults_of_lot(lot));
    }
    for (code, received_mg, noted_mg) in rows::misreceived_lots(db).await? {
        report.differences.push(format!(
            "lot {code}: it weighs {received_mg} mg, the book received {noted_mg} mg"
        ));
    }
    for (code, loss_mg, issued_mg) in rows::unexplained_losses(db).await? {
        // The tolerance, rounded down, of all that was issued so far.
        if loss_mg > issued_mg * i64::from(DEFAULT_LOSS_TOLERANCE_PERMILLE) / 1000 {
            report.differences.push(format!(
                "lot {code}: {loss_mg} mg of {issued_mg} mg issued are lost, and nobody says why"
            ));
        }
    }
    melts(db, &lots, report).await?;
    for (serial, weight_mg, metal_mg, stones_mg, findings_mg) in rows::weighed_pieces(db).await? {
        if !weight_allowed(weight_mg, PieceInputs { metal_mg, stones_mg, findings_mg }) {
            report.differences.push(format!(
                "piece {serial}: it weighs {weight_mg} mg, of {metal_mg} mg metal, {stones_mg} mg stones and {findings_mg} mg findings"
            ));
        }
    }
    for (serial, stamped, poorest) in rows::stamped_pieces(db).await? {
        let permille = |number| {
            u16::try_from(number).ok().and_then(|number| Fineness::from_permille(number).ok())
        };
        let allowed = permille(stamped)
            .zip(permille(poorest))
            .is_some_and(|(stamp, input)| fineness_allowed(stamp, &[input]));
        if !allowed {
            report.differences.push(format!(
                "piece {serial}: it is sold as {stamped} and holds metal of {poorest} permille"
            ));
        }
    }
    Ok(())
}

fn faults_of_lot(WholeLotRow { lot, sums }: &WholeLotRow) -> Vec<String> {
    let mut faults = Vec::new();
    let parts = [
        ("in pieces", sums.in_pieces_mg),
        ("scrap", sums.scrap_mg),
        ("on hand", lot.received_mg - sums.gone_mg()),
    ];
    for (part, mg) in parts.into_iter().filter(|(_, mg)| *mg < 0) {
        faults.push(format!("lot {}: {mg} mg are {part}", lot.code));
    }
    let stamped = i128::from(lot.fineness_permille) * i128::from(lot.received_mg);
    // Fine metal was rounded to the milligram once.
    if stamped > i128::from(lot.fine_mg) * 1000 + 500 {
        faults.push(format!(
            "lot {}: it is stamped {} and holds {} mg fine in {} mg",
            lot.code, lot.fineness_permille, lot.fine_mg, lot.received_mg
        ));
    }
    faults
}

/// Computes each melt again by the rule and compares it with the lot that came out.
async fn melts(db: &Db, lots: &[WholeLotRow], report: &mut Report) -> DbResult<()> {
    for (code, melted_mg) in rows::unnamed_melts(db).await? {
        report.open.push(format!(
            "lot {code}: {melted_mg} mg were melted before the book said into which lot"
        ));
    }
    let inputs = rows::melt_inputs(db).await?;
    let melts = rows::melts(db).await?;
    report.looked.melts = melts.len() as u64;
    for melt in &melts {
        let of: Vec<&MeltInputRow> =
            inputs.iter().filter(|input| input.melt_id == melt.id).collect();
        let lot = lots.iter().find(|row| row.lot.melt_id.as_deref() == Some(&melt.id));
        let Some(lot) = lot else {
            report.differences.push(format!("melt of {}: it never became a lot", melt.melted_on));
            continue;
        };
        for what in faults_of_melt(melt, &of, &lot.lot, lots)? {
            report.differences.push(format!("lot {}: {what}", lot.lot.code));
        }
    }
    Ok(())
}

fn faults_of_melt(
    melt: &MeltRow,
    inputs: &[&MeltInputRow],
    lot: &LotRow,
    lots: &[WholeLotRow],
) -> DbResult<Vec<String>> {
    let mut faults = Vec::new();
    let mut metals = Vec::with_capacity(inputs.len());
    for input in inputs {
        let Some(of) = lots.iter().find(|row| row.lot.id == input.lot_id) else { continue };
        let metal = melt_input(&of.lot, input.amount_mg)?;
        if Some(metal.fine_mg) != input.fine_mg {
            faults.push(format!(
                "of lot {} it took {} mg with {:?} mg fine, by the lot's own measure {}",
                of.lot.code, input.amount_mg, input.fine_mg, metal.fine_mg
            ));
        }
        if input.on_day != melt.melted_on {
            faults.push(format!("lot {} went in on {}, not that day", of.lot.code, input.on_day));
        }
        if input.piece_state.as_deref().is_some_and(|state| state != "retired") {
            faults.push(format!("lot {} went in out of a piece that is not retired", of.lot.code));
        }
        metals.push(metal);
    }
    let crucible = Crucible {
        alloy_mg: melt.alloy_mg,
        weighed_mg: lot.received_mg,
        reason: melt.reason.as_deref(),
    };
    match melt_metal(&metals, crucible) {
        Err(why) => faults.push(why.to_string()),
        Ok(melted) => {
            let owner = LotOwner::from_name(&lot.owner).and_then(|kind| {
                MetalOwner::of(kind, lot.supplier_id.as_ref().map(|id| id.as_str()))
            });
            let ours = (lot.fine_mg, melt.loss_mg, melt.loss_fine_mg, lot.fineness_permille);
            let rule = (
                melted.fine_mg,
                melted.loss_mg,
                melted.loss_fine_mg,
                i64::from(melted.fineness.permille()),
            );
            if ours != rule || lot.metal != melted.metal.as_str() || owner != Some(melted.owner) {
                faults.push(format!(
                    "(fine, loss, fine of the loss, stamp) are {ours:?}, by its melt {rule:?}, or its metal or owner is another"
                ));
            }
            if lot.received_on != melt.melted_on {
                faults
                    .push(format!("it is of {}, its melt of {}", lot.received_on, melt.melted_on));
            }
        }
    }
    Ok(faults)
}
