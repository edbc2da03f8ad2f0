//! Builds [`Making`] from rows: what a piece costs and who is paid for it. The page before a sale and
//! the sale itself use the same function.

use domain::contribution::{Contribution, Step};
use domain::id::{MemberId, PieceId};
use domain::making::{Making, MetalUsed, RecordedWork};
use domain::metal::LotOwner;
use domain::money::{Currency, Money};
use domain::split::MaterialSource;
use store::db::{DbError, DbResult, inconsistent};
use store::design::ContributionRow;
use store::metal::MetalInPiece;

/// A piece as the books know it: its metal by lot, its stones and findings in minor units of PEN,
/// all work in it.
pub(crate) fn of(
    piece_id: &str,
    metal: &[MetalInPiece],
    (stones_minor, findings_minor): (i64, i64),
    work: &[ContributionRow],
) -> DbResult<Making> {
    Ok(Making {
        piece_id: PieceId::parse(piece_id).map_err(|_| odd("piece", piece_id, "id"))?,
        metal: metal.iter().map(metal_used).collect::<DbResult<_>>()?,
        stones_minor,
        findings_minor,
        work: work.iter().map(recorded).collect::<DbResult<_>>()?,
    })
}

fn odd(table: &'static str, id: &str, what: &str) -> DbError {
    inconsistent(table, id, what)
}

fn metal_used(metal: &MetalInPiece) -> DbResult<MetalUsed> {
    let wrong = |what: &str| odd("material_lot", &metal.lot_id, what);
    let source = match LotOwner::from_name(&metal.owner).ok_or_else(|| wrong("owner"))? {
        LotOwner::Consigned => MaterialSource::Consigned,
        LotOwner::Bought => MaterialSource::Own,
    };
    let currency =
        Currency::from_code(&metal.price_currency).ok_or_else(|| wrong("price_currency"))?;
    Ok(MetalUsed {
        source,
        fine_mg: metal.fine_mg,
        price_per_fine_g: Money::new(metal.price_per_fine_g_minor, currency),
    })
}

fn recorded(row: &ContributionRow) -> DbResult<RecordedWork> {
    let wrong = |what: &str| odd("contribution", &row.id, what);
    let contribution = Contribution {
        member_id: MemberId::parse(row.member_id.as_str()).map_err(|_| wrong("member_id"))?,
        step: Step::from_name(&row.step).ok_or_else(|| wrong("step"))?,
        effort: row.effort()?,
    };
    Ok(RecordedWork { id: row.id.to_string(), contribution, closed_at_us: row.closed_at_us })
}
