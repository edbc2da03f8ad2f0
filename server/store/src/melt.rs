//! Melts: which lots became which, and whose fine metal is in a melted lot.

use crate::text::Text;
use domain::id::{LotId, MemberId, PieceId};
use domain::melt::{LotMetal, Lots, Melted};
use domain::piece::PieceState;

use super::metal::{LOT_COLUMNS, LotRow};
use crate::db::{Db, DbError, DbResult, Tx, inconsistent, placeholders, touched};

/// What one lot gave to the melt that another lot came out of.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct InputRow {
    /// The lot that came out.
    #[sqlx(try_from = "String")]
    pub lot_id: LotId,
    /// A lot that went in.
    #[sqlx(try_from = "String")]
    pub input_id: LotId,
    /// How much of it, in mg.
    pub gross_mg: i64,
    /// Fine metal in that, in mg.
    pub fine_mg: i64,
    /// Base metal added to the whole melt, in mg.
    pub alloy_mg: i64,
    /// What did not come out of the whole melt, in mg.
    pub loss_mg: i64,
}

/// What went into each melted lot, lot by lot, in the order of the book.
const INPUTS: &str =
    "SELECT l.id AS lot_id, m.lot_id AS input_id, CAST(SUM(m.amount_mg) AS BIGINT) AS gross_mg,
   CAST(SUM(m.fine_mg) AS BIGINT) AS fine_mg, t.alloy_mg, t.loss_mg
   FROM material_lot l JOIN melt t ON t.id = l.melt_id JOIN metal_movement m ON m.melt_id = t.id
   GROUP BY l.id, m.lot_id, t.alloy_mg, t.loss_mg ORDER BY l.id, MIN(m.id)";

/// Lots that came out of a melt or went into one.
fn melted_lots() -> String {
    format!(
        "SELECT {LOT_COLUMNS} FROM material_lot l LEFT JOIN supplier s ON s.id = l.supplier_id
         WHERE l.melt_id IS NOT NULL
         OR l.id IN (SELECT m.lot_id FROM metal_movement m WHERE m.melt_id IS NOT NULL) ORDER BY l.id"
    )
}

/// Every lot that came out of a melt or went into one, and what went into each.
pub async fn all(db: &Db) -> DbResult<(Vec<LotRow>, Vec<InputRow>)> {
    let lots = db.query(melted_lots()).fetch_all().await?;
    Ok((lots, db.query(INPUTS).fetch_all().await?))
}

/// These lots inside a transaction, with all that went into any melt if one of them was melted.
pub(super) async fn with_sources(
    tx: &mut Tx,
    lot_ids: &[LotId],
) -> DbResult<(Vec<LotRow>, Vec<InputRow>)> {
    if lot_ids.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let mut lots: Vec<LotRow> = tx
        .query(format!(
            "SELECT {LOT_COLUMNS} FROM material_lot l LEFT JOIN supplier s ON s.id = l.supplier_id
             WHERE l.id IN ({}) ORDER BY l.id",
            placeholders(1, lot_ids.len())
        ))
        .bind_all(lot_ids.iter().map(|id| id.as_str()))
        .fetch_all()
        .await?;
    if lots.iter().all(|lot| lot.melt_id.is_none()) {
        return Ok((lots, Vec::new()));
    }
    let others: Vec<LotRow> = tx.query(melted_lots()).fetch_all().await?;
    lots.extend(others.into_iter().filter(|lot| !lot_ids.contains(&lot.id)));
    Ok((lots, tx.query(INPUTS).fetch_all().await?))
}

fn odd(id: &str, what: impl std::fmt::Display) -> DbError {
    inconsistent("material_lot", id, &what.to_string())
}

/// The lots and what they were melted from, as values of the domain.
pub fn family<'a>(lots: impl IntoIterator<Item = &'a LotRow>, inputs: &[InputRow]) -> Lots {
    let mut family = Vec::new();
    for lot in lots {
        let mut melted_of = Vec::new();
        for input in inputs.iter().filter(|input| input.lot_id == lot.id) {
            melted_of.push((input.input_id.clone(), input.fine_mg));
        }
        let metal = LotMetal { gross_mg: lot.received_mg, fine_mg: lot.fine_mg, melted_of };
        family.push((lot.id.clone(), metal));
    }
    family.into_iter().collect()
}

/// The received lots that the metal in a piece is owed to, with the fine metal of each, in mg.
/// `parts` are the lots recorded into the piece, with mg; `lots` holds them and all that they were
/// melted from.
///
/// # Errors
/// [`DbError::Inconsistent`] when the book does not say what a melted lot is made of.
pub fn material<'a>(
    family: &Lots,
    lots: &'a [LotRow],
    parts: &[(LotId, i64)],
) -> DbResult<Vec<(&'a LotRow, i64)>> {
    let name = || parts.first().map(|(id, _)| id.to_string()).unwrap_or_default();
    let owed = family
        .fine_in_piece(parts.iter().map(|(id, mg)| (id, *mg)))
        .map_err(|error| odd(&name(), error))?;
    owed.into_iter()
        .map(|(id, fine_mg)| {
            let lot = lots.iter().find(|lot| lot.id == id);
            lot.map(|lot| (lot, fine_mg)).ok_or_else(|| odd(id.as_str(), "not at hand"))
        })
        .collect()
}

/// A lot for a melt, locked until the transaction ends; `None` if no lot has this code.
pub async fn lock_lot(tx: &mut Tx, code: &str) -> DbResult<Option<LotRow>> {
    let found: Option<(String,)> = tx
        .query_locked("SELECT id FROM material_lot WHERE code = $1")
        .bind(code)
        .fetch_optional()
        .await?;
    let Some((id,)) = found else { return Ok(None) };
    let sql = format!(
        "SELECT {LOT_COLUMNS} FROM material_lot l LEFT JOIN supplier s ON s.id = l.supplier_id WHERE l.id = $1"
    );
    tx.query(sql).bind(id).fetch_optional().await
}

/// A movement as it was written down.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MovementRow {
    /// `receive`, `issue`, `into_piece`, `scrap`, `loss`, `return` or `melt`.
    pub kind: String,
    /// How much, in mg.
    pub amount_mg: i64,
    /// The member at whose bench it was.
    pub member_id: Option<Text<MemberId>>,
    /// Reason for a loss.
    pub reason: Option<String>,
    /// Source of a melt: `stock`, `scrap` or `piece`.
    pub taken_from: Option<String>,
}

/// Every movement of a lot in the order in which it was written down.
pub async fn movements(tx: &mut Tx, lot_id: &str) -> DbResult<Vec<MovementRow>> {
    tx.query(
        "SELECT kind, amount_mg, member_id, reason, taken_from FROM metal_movement WHERE lot_id = $1 ORDER BY id",
    )
    .bind(lot_id)
    .fetch_all()
    .await
}

/// A piece whose metal may be melted: key, state, and what it still holds of a lot, in mg.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PieceMetalRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub piece_id: PieceId,
    /// State of the piece.
    #[sqlx(try_from = "String")]
    pub state: PieceState,
    /// Metal of the lot in it, in mg.
    pub held_mg: i64,
}

/// What the piece with this serial holds of a lot; `None` if there is no such piece.
pub async fn held_by_piece(
    tx: &mut Tx,
    serial: &str,
    lot_id: &str,
) -> DbResult<Option<PieceMetalRow>> {
    tx.query(
        "SELECT p.id AS piece_id, p.state, CAST(COALESCE((SELECT SUM(CASE m.kind WHEN 'into_piece' THEN m.amount_mg ELSE -m.amount_mg END)
           FROM metal_movement m WHERE m.piece_id = p.id AND m.lot_id = $2 AND (m.kind = 'into_piece' OR m.taken_from = 'piece')), 0) AS BIGINT) AS held_mg
         FROM piece p WHERE p.serial = $1",
    )
    .bind_all([serial, lot_id])
    .fetch_optional()
    .await
}

/// A melt as it is written down.
#[derive(Debug)]
pub struct NewMelt<'a> {
    /// Key.
    pub id: &'a str,
    /// The day, in Lima.
    pub melted_on: &'a str,
    /// Base metal added, in mg.
    pub alloy_mg: i64,
    /// Why more was lost than is tolerated.
    pub reason: Option<&'a str>,
    /// When it is written down.
    pub noted_at_us: i64,
}

/// Opens a melt.
pub async fn open(tx: &mut Tx, melt: &NewMelt<'_>, melted: &Melted) -> DbResult<()> {
    let rows = tx
        .query(
            "INSERT INTO melt (id, melted_on, alloy_mg, loss_mg, loss_fine_mg, reason, noted_at_us)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind_all([melt.id, melt.melted_on])
        .bind(melt.alloy_mg)
        .bind(melted.loss_mg)
        .bind(melted.loss_fine_mg)
        .bind(melt.reason)
        .bind(melt.noted_at_us)
        .execute()
        .await?;
    touched(rows, 1, ("melt", melt.id))
}

/// What goes into an open melt.
#[derive(Debug)]
pub struct NewInput<'a> {
    /// Of which lot.
    pub lot_id: &'a str,
    /// Whether it comes out of the safe, the scrap or a piece.
    pub taken_from: &'a str,
    /// Which piece.
    pub piece_id: Option<&'a str>,
    /// How much, in mg.
    pub gross_mg: i64,
    /// Fine metal in it, in mg.
    pub fine_mg: i64,
}

/// Writes down what goes into an open melt.
pub async fn take(tx: &mut Tx, melt_id: &str, input: &NewInput<'_>, at_us: i64) -> DbResult<()> {
    let id = crate::ids::new_id();
    let rows = tx
        .query(
            "INSERT INTO metal_movement (id, lot_id, kind, amount_mg, piece_id, at_us, melt_id, taken_from, fine_mg)
             VALUES ($1, $2, 'melt', $3, $4, $5, $6, $7, $8)",
        )
        .bind_all([id.as_str(), input.lot_id])
        .bind(input.gross_mg)
        .bind(input.piece_id)
        .bind(at_us)
        .bind_all([melt_id, input.taken_from])
        .bind(input.fine_mg)
        .execute()
        .await?;
    touched(rows, 1, ("metal_movement", &id))
}

/// Stores the lot that came out and its receipt, which closes the melt.
pub async fn close(
    tx: &mut Tx,
    melt: &NewMelt<'_>,
    (lot_id, code): (&str, &str),
    melted: &Melted,
    at_us: i64,
) -> DbResult<()> {
    let rows = tx
        .query(
            "INSERT INTO material_lot (id, code, metal, fineness_permille, received_mg, fine_mg, supplier_id, owner, received_on, melt_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind_all([lot_id, code, melted.metal.as_str()])
        .bind(i64::from(melted.fineness.permille()))
        .bind(melted.gross_mg)
        .bind(melted.fine_mg)
        .bind(melted.owner.supplier_id())
        .bind_all([melted.owner.kind().as_str(), melt.melted_on, melt.id])
        .execute()
        .await?;
    touched(rows, 1, ("material_lot", lot_id))?;
    let id = crate::ids::new_id();
    let rows = tx
        .query("INSERT INTO metal_movement (id, lot_id, kind, amount_mg, at_us) VALUES ($1, $2, 'receive', $3, $4)")
        .bind_all([id.as_str(), lot_id])
        .bind(melted.gross_mg)
        .bind(at_us)
        .execute()
        .await?;
    touched(rows, 1, ("metal_movement", &id))
}

/// Adds a document to a lot.
pub async fn add_document(tx: &mut Tx, lot_id: &str, title: &str, dated_on: &str) -> DbResult<()> {
    let id = crate::ids::new_id();
    let rows = tx
        .query("INSERT INTO lot_document (id, lot_id, title, dated_on) VALUES ($1, $2, $3, $4)")
        .bind_all([id.as_str(), lot_id, title, dated_on])
        .execute()
        .await?;
    touched(rows, 1, ("lot_document", &id))
}
