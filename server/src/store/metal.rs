//! Mines, certificates, lots and the metal book.

use super::statement::Statement;
use crate::db::{Db, DbResult};

/// A mine.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MineRow {
    /// Key.
    pub id: String,
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
    pub id: String,
    /// Mine.
    pub mine_id: String,
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

/// Keys of the mines from which a lot with papers came.
pub async fn documented_mines(db: &Db) -> DbResult<Vec<String>> {
    let rows: Vec<(String,)> = db
        .query(
            "SELECT DISTINCT l.mine_id FROM material_lot l
             WHERE l.mine_id IS NOT NULL AND EXISTS (SELECT 1 FROM lot_document d WHERE d.lot_id = l.id)",
        )
        .fetch_all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
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

/// A lot with what the metal book says of it: of one piece, or of all.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LotRow {
    /// Key.
    pub id: String,
    /// Code, e.g. `L-014`.
    pub code: String,
    /// Code of the metal.
    pub metal: String,
    /// Fineness in permille.
    pub fineness_permille: i64,
    /// Received, in mg.
    pub received_mg: i64,
    /// Who handed it over.
    pub supplier: String,
    /// Mine, if known.
    pub mine_id: Option<String>,
    /// How its metal was traded.
    pub trading_model: String,
    /// Whose it is: `consigned` or `bought`.
    pub owner: String,
    /// Whether metal of different origins was melted together in it.
    pub mixed: bool,
    /// Day it left the mine, if known.
    pub left_mine_on: Option<String>,
    /// Day the workshop received it.
    pub received_on: String,
    /// Price per gram of fine metal, minor units.
    pub price_per_fine_g_minor: i64,
    /// Its currency.
    pub price_currency: String,
    /// Issued to members, in mg.
    pub issued_mg: i64,
    /// In pieces, in mg.
    pub in_pieces_mg: i64,
    /// Scrap, in mg.
    pub scrap_mg: i64,
    /// Lost, in mg.
    pub loss_mg: i64,
    /// Returned to the supplier, in mg.
    pub returned_mg: i64,
    /// Melted into another lot, in mg.
    pub melted_mg: i64,
}

/// The columns of [`LotRow`] from `material_lot l`, `supplier s` and movements `m`.
const LOT_COLUMNS: &str = "SELECT l.id, l.code, l.metal, l.fineness_permille, l.received_mg, s.name AS supplier, l.mine_id,
   l.trading_model, l.owner, l.mixed, l.left_mine_on, l.received_on, l.price_per_fine_g_minor, l.price_currency,
   CAST(COALESCE(SUM(CASE WHEN m.kind = 'issue' THEN m.amount_mg END), 0) AS BIGINT) AS issued_mg,
   CAST(COALESCE(SUM(CASE WHEN m.kind = 'into_piece' THEN m.amount_mg END), 0) AS BIGINT) AS in_pieces_mg,
   CAST(COALESCE(SUM(CASE WHEN m.kind = 'scrap' THEN m.amount_mg END), 0) AS BIGINT) AS scrap_mg,
   CAST(COALESCE(SUM(CASE WHEN m.kind = 'loss' THEN m.amount_mg END), 0) AS BIGINT) AS loss_mg,
   CAST(COALESCE(SUM(CASE WHEN m.kind = 'return' THEN m.amount_mg END), 0) AS BIGINT) AS returned_mg,
   CAST(COALESCE(SUM(CASE WHEN m.kind = 'melt' THEN m.amount_mg END), 0) AS BIGINT) AS melted_mg ";

/// A lot with the movements that name one piece.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PieceLotRow {
    /// The piece.
    pub piece_id: String,
    /// The lot.
    #[sqlx(flatten)]
    pub lot: LotRow,
}

/// The lots whose metal went to the pieces of a design, with the movements that name the piece;
/// of each piece the metal that weighs most first.
pub async fn lots_of_design(db: &Db, design_id: &str) -> DbResult<Vec<PieceLotRow>> {
    let mut statement = Statement::new(LOT_COLUMNS);
    statement
        .push(
            ", m.piece_id FROM piece p JOIN metal_movement m ON m.piece_id = p.id JOIN material_lot l ON l.id = m.lot_id
             JOIN supplier s ON s.id = l.supplier_id WHERE p.design_id = ",
        )
        .value(design_id)
        .push(" GROUP BY m.piece_id, l.id, s.id ORDER BY m.piece_id, in_pieces_mg DESC, l.code");
    statement.fetch_all(db).await
}

/// The newest lots with all their movements.
pub async fn newest_lots(db: &Db, limit: i64) -> DbResult<Vec<LotRow>> {
    let mut statement = Statement::new(LOT_COLUMNS);
    statement
        .push(
            "FROM (SELECT * FROM material_lot ORDER BY received_on DESC, code DESC LIMIT ",
        )
        .value(limit)
        .push(
            ") l JOIN supplier s ON s.id = l.supplier_id LEFT JOIN metal_movement m ON m.lot_id = l.id
             GROUP BY l.id, l.code, l.metal, l.fineness_permille, l.received_mg, s.name, l.mine_id, l.trading_model, l.owner,
               l.mixed, l.left_mine_on, l.received_on, l.price_per_fine_g_minor, l.price_currency
             ORDER BY l.received_on DESC, l.code DESC",
        );
    statement.fetch_all(db).await
}

/// A document of a lot by name.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct DocumentRow {
    /// Lot.
    pub lot_id: String,
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
