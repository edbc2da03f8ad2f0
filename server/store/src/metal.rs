//! Mines, certificates, lots and the metal book.

use super::statement::Statement;
use crate::db::{Db, DbResult, inconsistent};
use crate::text::Text;
use domain::id::{CertificateId, LotId, MeltId, MineId, PieceId, SupplierId};

/// The metal in a piece that comes from one received lot, through any number of melts.
#[derive(Debug, Clone)]
pub struct MetalInPiece {
    /// The lot.
    pub lot_id: LotId,
    /// `consigned` or `bought`.
    pub owner: String,
    /// Who handed it over.
    pub supplier_id: SupplierId,
    /// Fine metal of the lot in the piece, in mg.
    pub fine_mg: i64,
    /// Price per gram of fine metal, minor units.
    pub price_per_fine_g_minor: i64,
    /// Its currency.
    pub price_currency: String,
}

/// A mine.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MineRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: MineId,
    /// Name.
    pub name: String,
    /// Place.
    pub place: String,
    /// Height above the sea in m.
    pub altitude_m: Option<i64>,
}

/// Every mine by name.
pub async fn mines(db: &Db) -> DbResult<Vec<MineRow>> {
    db.query("SELECT id, name, place, altitude_m FROM mine ORDER BY name, id").fetch_all().await
}

/// A certificate of a mine.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct CertificateRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: CertificateId,
    /// Mine.
    #[sqlx(try_from = "String")]
    pub mine_id: MineId,
    /// Scheme.
    pub scheme: String,
    /// Number.
    pub number: String,
    /// Whether it is of the Ecological kind.
    pub ecological: bool,
    /// First day.
    pub valid_from: String,
    /// Last day.
    pub valid_until: String,
    /// Title of the document that shows it.
    pub document: Option<String>,
}

/// Every certificate, newest first.
pub async fn certificates(db: &Db) -> DbResult<Vec<CertificateRow>> {
    db.query(
        "SELECT id, mine_id, scheme, number, ecological, valid_from, valid_until, document FROM certificate
         ORDER BY valid_from DESC, id DESC",
    )
    .fetch_all()
    .await
}

/// How metal with papers came from each mine: mine, trading model, whether it was mixed.
pub async fn documented_mines(db: &Db) -> DbResult<Vec<(String, String, bool)>> {
    db.query(
        "SELECT DISTINCT l.mine_id, l.trading_model, l.mixed FROM material_lot l
         WHERE l.mine_id IS NOT NULL AND EXISTS (SELECT 1 FROM lot_document d WHERE d.lot_id = l.id)",
    )
    .fetch_all()
    .await
}

/// Whether any lot is in the book.
pub async fn is_any_lot(db: &Db) -> DbResult<bool> {
    let row = db.query("SELECT id FROM material_lot LIMIT 1").fetch_optional::<(String,)>().await?;
    Ok(row.is_some())
}

/// A licence of the association as a seller.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LicenceRow {
    /// Key.
    pub id: String,
    /// Scheme.
    pub scheme: String,
    /// Number.
    pub number: String,
    /// First day.
    pub valid_from: String,
    /// Last day.
    pub valid_until: String,
    /// Title of the document that shows it.
    pub document: Option<String>,
}

/// Every licence of the association.
pub async fn seller_licences(db: &Db) -> DbResult<Vec<LicenceRow>> {
    db.query("SELECT id, scheme, number, valid_from, valid_until, document FROM seller_licence ORDER BY valid_from, id")
        .fetch_all()
        .await
}

/// A lot as it was received, or came out of a melt.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LotRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: LotId,
    /// Code, e.g. `L-014`.
    pub code: String,
    /// Code of the metal.
    pub metal: String,
    /// Its stamp: fineness in permille.
    pub fineness_permille: i64,
    /// Weight as received, in mg.
    pub received_mg: i64,
    /// Fine metal in it, in mg.
    pub fine_mg: i64,
    /// Key of the supplier; for a melted lot the supplier who still owns it, `None` when the
    /// association owns it.
    pub supplier_id: Option<Text<SupplierId>>,
    /// Name of the same.
    pub supplier: Option<String>,
    /// Mine, if known.
    pub mine_id: Option<Text<MineId>>,
    /// How its metal was traded; a melted lot has no trading model of its own.
    pub trading_model: Option<String>,
    /// Whose it is: `consigned` or `bought`.
    pub owner: String,
    /// Whether its supplier melted metal without papers into it.
    pub mixed: bool,
    /// Day it left the mine, if known.
    pub left_mine_on: Option<String>,
    /// Day the workshop received or melted it.
    pub received_on: String,
    /// Price per gram of fine metal, minor units; a melted lot has none of its own.
    pub price_per_fine_g_minor: Option<i64>,
    /// Its currency.
    pub price_currency: Option<String>,
    /// The melt it came out of.
    pub melt_id: Option<Text<MeltId>>,
}

impl LotRow {
    /// The metal of this lot in a piece, with its supplier and price.
    ///
    /// # Errors
    /// [`DbError::Inconsistent`] for a lot without supplier and price, which is a melted one.
    pub fn material(&self, fine_mg: i64) -> DbResult<MetalInPiece> {
        let missing = || inconsistent("material_lot", &self.id, "no supplier or price");
        Ok(MetalInPiece {
            lot_id: self.id.clone(),
            owner: self.owner.clone(),
            supplier_id: self.supplier_id.clone().ok_or_else(missing)?.0,
            fine_mg,
            price_per_fine_g_minor: self.price_per_fine_g_minor.ok_or_else(missing)?,
            price_currency: self.price_currency.clone().ok_or_else(missing)?,
        })
    }
}

/// What the metal book says of a lot, for one piece or for all, in milligrams.
#[derive(Debug, Clone, Copy, Default, sqlx::FromRow)]
pub struct LotSums {
    /// Issued to members.
    pub issued_mg: i64,
    /// In pieces, without what was melted out of a retired one.
    pub in_pieces_mg: i64,
    /// Scrap that was not melted.
    pub scrap_mg: i64,
    /// Lost.
    pub loss_mg: i64,
    /// Returned to the supplier.
    pub returned_mg: i64,
    /// Melted into another lot.
    pub melted_mg: i64,
}

impl LotSums {
    /// All that is no longer in the safe or at a bench.
    #[must_use]
    pub fn gone_mg(&self) -> i64 {
        self.in_pieces_mg + self.scrap_mg + self.loss_mg + self.returned_mg + self.melted_mg
    }
}

/// The columns of [`LotRow`] from `material_lot l` and `supplier s`.
pub(super) const LOT_COLUMNS: &str = "l.id, l.code, l.metal, l.fineness_permille, l.received_mg, l.fine_mg, l.supplier_id, s.name AS supplier,
   l.mine_id, l.trading_model, l.owner, l.mixed, l.left_mine_on, l.received_on, l.price_per_fine_g_minor, l.price_currency, l.melt_id";

/// The columns of [`LotSums`] from movements `m`. What was melted out of scrap or a piece is
/// subtracted there.
const SUM_COLUMNS: &str = "
   CAST(COALESCE(SUM(CASE WHEN m.kind = 'issue' THEN m.amount_mg END), 0) AS BIGINT) AS issued_mg,
   CAST(COALESCE(SUM(CASE WHEN m.kind = 'into_piece' THEN m.amount_mg WHEN m.taken_from = 'piece' THEN -m.amount_mg END), 0) AS BIGINT) AS in_pieces_mg,
   CAST(COALESCE(SUM(CASE WHEN m.kind = 'scrap' THEN m.amount_mg WHEN m.taken_from = 'scrap' THEN -m.amount_mg END), 0) AS BIGINT) AS scrap_mg,
   CAST(COALESCE(SUM(CASE WHEN m.kind = 'loss' THEN m.amount_mg END), 0) AS BIGINT) AS loss_mg,
   CAST(COALESCE(SUM(CASE WHEN m.kind = 'return' THEN m.amount_mg END), 0) AS BIGINT) AS returned_mg,
   CAST(COALESCE(SUM(CASE WHEN m.kind = 'melt' THEN m.amount_mg END), 0) AS BIGINT) AS melted_mg ";

/// A lot with the movements that name one piece.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PieceLotRow {
    /// The piece.
    #[sqlx(try_from = "String")]
    pub piece_id: PieceId,
    /// The lot.
    #[sqlx(flatten)]
    pub lot: LotRow,
    /// Its movements.
    #[sqlx(flatten)]
    pub sums: LotSums,
}

/// The lots whose metal went to the pieces of a design, with the movements that name the piece; for
/// each piece the heaviest metal comes first.
pub async fn lots_of_design(db: &Db, design_id: &str) -> DbResult<Vec<PieceLotRow>> {
    let mut statement = Statement::new("SELECT ");
    statement
        .push(LOT_COLUMNS)
        .push(", ")
        .push(SUM_COLUMNS)
        .push(
            ", m.piece_id FROM piece p JOIN metal_movement m ON m.piece_id = p.id JOIN material_lot l ON l.id = m.lot_id
             LEFT JOIN supplier s ON s.id = l.supplier_id WHERE p.design_id = ",
        )
        .value(design_id)
        .push(" GROUP BY m.piece_id, l.id, s.id ORDER BY m.piece_id, in_pieces_mg DESC, l.code");
    statement.fetch_all(db).await
}

/// A lot with all its movements.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct WholeLotRow {
    /// The lot.
    #[sqlx(flatten)]
    pub lot: LotRow,
    /// Its movements.
    #[sqlx(flatten)]
    pub sums: LotSums,
}

/// The newest lots with all their movements.
pub async fn newest_lots(db: &Db, limit: i64) -> DbResult<Vec<WholeLotRow>> {
    let newest = "(SELECT * FROM material_lot ORDER BY received_on DESC, code DESC LIMIT $1)";
    db.query(format!("{} ORDER BY l.received_on DESC, l.code DESC", whole_lots(newest)))
        .bind(limit)
        .fetch_all()
        .await
}

/// The statement for these lots with all their movements, without `ORDER BY`.
pub(super) fn whole_lots(of: &'static str) -> String {
    let group = LOT_COLUMNS.replace(" AS supplier", "");
    format!(
        "SELECT {LOT_COLUMNS}, {SUM_COLUMNS} FROM {of} l LEFT JOIN supplier s ON s.id = l.supplier_id
         LEFT JOIN metal_movement m ON m.lot_id = l.id GROUP BY {group}"
    )
}

/// A document of a lot by name.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct DocumentRow {
    /// Lot.
    #[sqlx(try_from = "String")]
    pub lot_id: LotId,
    /// Title.
    pub title: String,
    /// Its date.
    pub dated_on: Option<String>,
}

/// The documents of these lots, oldest first.
pub async fn documents(db: &Db, lot_ids: &[&str]) -> DbResult<Vec<DocumentRow>> {
    if lot_ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement =
        Statement::new("SELECT lot_id, title, dated_on FROM lot_document WHERE lot_id IN ");
    statement.list(lot_ids.iter().copied()).push(" ORDER BY dated_on, id");
    statement.fetch_all(db).await
}
