//! What the reconciliation reads of the metal book.

use super::metal::{WholeLotRow, whole_lots};
use crate::db::{Db, DbResult, Engine};
use domain::id::{LotId, MeltId};

/// Every lot with all its movements.
pub async fn all_lots(db: &Db) -> DbResult<Vec<WholeLotRow>> {
    db.query(format!("{} ORDER BY l.code", whole_lots("material_lot"))).fetch_all().await
}

/// Lots whose weight differs from what the book received: code, weight, received. A lot without a
/// receive movement is left out, because nothing contradicts its weight.
pub async fn misreceived_lots(db: &Db) -> DbResult<Vec<(String, i64, i64)>> {
    db.query(
        "SELECT l.code, l.received_mg, CAST(SUM(m.amount_mg) AS BIGINT) AS noted_mg FROM material_lot l \
         JOIN metal_movement m ON m.lot_id = l.id AND m.kind = 'receive' \
         GROUP BY l.code, l.received_mg HAVING SUM(m.amount_mg) <> l.received_mg ORDER BY l.code",
    )
    .fetch_all()
    .await
}

/// Lots with losses but without any reason for them: code, lost, issued.
pub async fn unexplained_losses(db: &Db) -> DbResult<Vec<(String, i64, i64)>> {
    db.query(
        "SELECT l.code, CAST(SUM(CASE WHEN m.kind = 'loss' THEN m.amount_mg ELSE 0 END) AS BIGINT) AS loss_mg, \
         CAST(SUM(CASE WHEN m.kind = 'issue' THEN m.amount_mg ELSE 0 END) AS BIGINT) AS issued_mg \
         FROM material_lot l JOIN metal_movement m ON m.lot_id = l.id WHERE m.kind IN ('loss', 'issue') \
         GROUP BY l.code HAVING SUM(CASE WHEN m.kind = 'loss' THEN 1 ELSE 0 END) > 0 \
         AND SUM(CASE WHEN m.kind = 'loss' AND TRIM(COALESCE(m.reason, '')) <> '' THEN 1 ELSE 0 END) = 0 ORDER BY l.code",
    )
    .fetch_all()
    .await
}

/// Lots whose metal was melted without a record of the melt: code, how much.
pub async fn unnamed_melts(db: &Db) -> DbResult<Vec<(String, i64)>> {
    db.query(
        "SELECT l.code, CAST(SUM(m.amount_mg) AS BIGINT) AS melted_mg FROM metal_movement m JOIN material_lot l ON l.id = m.lot_id \
         WHERE m.kind = 'melt' AND m.melt_id IS NULL GROUP BY l.code ORDER BY l.code",
    )
    .fetch_all()
    .await
}

/// A melt.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MeltRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: MeltId,
    /// The day.
    pub melted_on: String,
    /// Base metal added, in mg.
    pub alloy_mg: i64,
    /// Metal that did not come out, in mg.
    pub loss_mg: i64,
    /// Fine metal in that, in mg.
    pub loss_fine_mg: i64,
    /// Why more was lost than is tolerated.
    pub reason: Option<String>,
}

/// Every melt in the order in which it was written down.
pub async fn melts(db: &Db) -> DbResult<Vec<MeltRow>> {
    db.query("SELECT id, melted_on, alloy_mg, loss_mg, loss_fine_mg, reason FROM melt ORDER BY id")
        .fetch_all()
        .await
}

/// What went into a melt.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MeltInputRow {
    /// Which melt.
    #[sqlx(try_from = "String")]
    pub melt_id: MeltId,
    /// Of which lot.
    #[sqlx(try_from = "String")]
    pub lot_id: LotId,
    /// How much, in mg.
    pub amount_mg: i64,
    /// Fine metal in it, in mg.
    pub fine_mg: Option<i64>,
    /// The day in Lima.
    pub on_day: String,
    /// State of the piece it came out of.
    pub piece_state: Option<String>,
}

/// What went into all melts.
pub async fn melt_inputs(db: &Db) -> DbResult<Vec<MeltInputRow>> {
    // Lima is five hours behind UTC all year.
    let on_day = match db.engine() {
        Engine::Sqlite => "date(m.at_us / 1000000 - 18000, 'unixepoch')",
        Engine::Postgres => {
            "to_char(to_timestamp(m.at_us / 1000000 - 18000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
        }
    };
    db.query(format!(
        "SELECT m.melt_id, m.lot_id, m.amount_mg, m.fine_mg, {on_day} AS on_day, p.state AS piece_state \
         FROM metal_movement m LEFT JOIN piece p ON p.id = m.piece_id WHERE m.melt_id IS NOT NULL ORDER BY m.id"
    ))
    .fetch_all()
    .await
}

/// Inspected pieces with the stamp of their design and the lowest stamp among the lots of its metal
/// in them: serial and both in permille.
pub async fn stamped_pieces(db: &Db) -> DbResult<Vec<(String, i64, i64)>> {
    db.query(
        "SELECT p.serial, d.fineness_permille, MIN(l.fineness_permille) AS poorest FROM piece p \
         JOIN design d ON d.id = p.design_id JOIN metal_movement m ON m.piece_id = p.id AND m.kind = 'into_piece' \
         JOIN material_lot l ON l.id = m.lot_id AND l.metal = d.metal WHERE p.inspected_on IS NOT NULL \
         GROUP BY p.serial, d.fineness_permille ORDER BY p.serial",
    )
    .fetch_all()
    .await
}

/// Inspected pieces with what went into them: serial, weight, metal, stones, findings, in mg.
pub async fn weighed_pieces(db: &Db) -> DbResult<Vec<(String, i64, i64, i64, i64)>> {
    db.query(
        "SELECT p.serial, p.weight_mg, CAST(COALESCE(m.metal_mg, 0) AS BIGINT) AS metal_mg, p.stones_mg, p.findings_mg FROM piece p \
         LEFT JOIN (SELECT piece_id, SUM(amount_mg) AS metal_mg FROM metal_movement WHERE kind = 'into_piece' GROUP BY piece_id) m \
         ON m.piece_id = p.id WHERE p.inspected_on IS NOT NULL ORDER BY p.serial",
    )
    .fetch_all()
    .await
}
