//! Who holds unpaid pieces. The schema deletes a row when its order no longer awaits the payment.

use crate::db::{Db, DbResult, Tx, touched};
use domain::id::OrderId;

/// Who holds the pieces of an order: keyed hashes, which can only be compared.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct HoldRow {
    /// The order.
    #[sqlx(try_from = "String")]
    pub order_id: OrderId,
    /// Hash of the mailbox.
    pub mailbox: String,
    /// Hash of the session, when the browser keeps one.
    pub visitor: Option<String>,
    /// Hash of the network, when it is known.
    pub network: Option<String>,
}

/// How many pieces are already held under each mark of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct HeldRow {
    /// With its mailbox.
    pub mailbox: i64,
    /// By its visitor.
    pub visitor: i64,
    /// From its network.
    pub network: i64,
}

/// Stores who holds the pieces of an order.
pub async fn insert(tx: &mut Tx, row: &HoldRow) -> DbResult<()> {
    let rows = tx
        .query(
            "INSERT INTO order_hold (order_id, mailbox, visitor, network) VALUES ($1, $2, $3, $4)",
        )
        .bind_texts([&row.order_id, &row.mailbox])
        .bind_all([&row.visitor, &row.network])
        .execute()
        .await?;
    touched(rows, 1, ("order_hold", &row.order_id))
}

/// How many unpaid pieces are held under each of these marks.
pub async fn held_by(tx: &mut Tx, row: &HoldRow) -> DbResult<HeldRow> {
    tx.query(
        "SELECT CAST(COALESCE(SUM(CASE WHEN h.mailbox = $1 THEN 1 ELSE 0 END), 0) AS BIGINT) AS mailbox, \
         CAST(COALESCE(SUM(CASE WHEN h.visitor = $2 THEN 1 ELSE 0 END), 0) AS BIGINT) AS visitor, \
         CAST(COALESCE(SUM(CASE WHEN h.network = $3 THEN 1 ELSE 0 END), 0) AS BIGINT) AS network \
         FROM order_hold h JOIN piece p ON p.order_id = h.order_id AND p.state = 'checkout' \
         WHERE h.mailbox = $1 OR h.visitor = $2 OR h.network = $3",
    )
    .bind(&row.mailbox)
    .bind_all([&row.visitor, &row.network])
    .fetch_one()
    .await
}

/// How many pieces can be had now; counting stops once there are `enough`.
pub async fn free(tx: &mut Tx, enough: i64) -> DbResult<i64> {
    let (free,): (i64,) = tx
        .query(
            "SELECT CAST(COALESCE(SUM(first.pieces_available), 0) AS BIGINT) FROM \
             (SELECT pieces_available FROM design WHERE status = 'published' AND pieces_available > 0 LIMIT $1) AS first",
        )
        .bind(enough)
        .fetch_one()
        .await?;
    Ok(free)
}

/// A held piece that is not paid, and who holds it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct HeldPieceRow {
    /// The order's number.
    pub number: i64,
    /// The shopper's e-mail.
    pub email: String,
    /// When the order was placed.
    pub created_at_us: i64,
    /// Until when the pieces are held.
    pub hold_until_us: i64,
    /// State of the newest payment, e.g. `open`.
    pub payment: Option<String>,
    /// Mark of the network; the same for orders from one network.
    pub network: Option<String>,
    /// Mark of the session; the same for orders of one visitor.
    pub visitor: Option<String>,
    /// Serial of the piece.
    pub serial: String,
    /// Name of its design in the language asked for.
    pub name: String,
}

/// Every held piece that is not paid, sorted by the end of the hold.
pub async fn all(db: &Db, language: &str) -> DbResult<Vec<HeldPieceRow>> {
    db.query(
        "SELECT o.number, o.email, o.created_at_us, o.hold_until_us, \
         (SELECT pay.state FROM payment pay WHERE pay.order_id = o.id ORDER BY pay.id DESC LIMIT 1) AS payment, \
         h.network, h.visitor, p.serial, t.name \
         FROM piece p JOIN shop_order o ON o.id = p.order_id \
         JOIN design_text t ON t.design_id = p.design_id AND t.language = $1 \
         LEFT JOIN order_hold h ON h.order_id = o.id \
         WHERE p.state = 'checkout' ORDER BY o.hold_until_us, o.number, p.serial",
    )
    .bind(language)
    .fetch_all()
    .await
}
