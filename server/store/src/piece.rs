//! Claims on pieces: held, released, sold. A piece is one row, so it has at most one claim.
//!
//! Writers lock pieces in the order (design, piece), so that two orders with several pieces never
//! deadlock.

use super::metal::MetalInPiece;
use domain::id::{DesignId, LotId, OrderId, PieceId};
use domain::piece::PieceState;

use super::design::ContributionRow;
use super::melt;
use crate::db::{Db, DbResult, Tx, placeholders, touched};
use crate::ids::new_id;
use crate::text::Text;

/// A piece as a checkout sees it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PieceForSale {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: PieceId,
    /// Its design.
    #[sqlx(try_from = "String")]
    pub design_id: DesignId,
    /// Serial.
    pub serial: String,
    /// Where it is.
    #[sqlx(try_from = "String")]
    pub state: PieceState,
    /// The order that holds or bought it.
    pub order_id: Option<Text<OrderId>>,
    /// Weight in mg.
    pub weight_mg: i64,
    /// Price in PEN, tax included.
    pub price_minor: i64,
    /// State of the design.
    pub design_status: String,
    /// Name of the design in the language asked for.
    pub name: String,
}

impl PieceForSale {
    /// Whether it can be had by the order with this id (or by anybody, for `None`).
    pub fn can_be_had(&self, by_order: Option<&OrderId>) -> bool {
        self.design_status == "published"
            && (self.state == PieceState::Retail
                || (self.state == PieceState::Checkout
                    && by_order.is_some()
                    && self.order_id.as_deref() == by_order))
    }
}

/// A piece of an order and who claims it now.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ClaimRow {
    /// Piece.
    #[sqlx(try_from = "String")]
    pub id: PieceId,
    /// Where it is.
    #[sqlx(try_from = "String")]
    pub state: PieceState,
    /// The order that holds or bought it.
    pub order_id: Option<Text<OrderId>>,
}

const FOR_SALE: &str = "SELECT p.id, p.design_id, p.serial, p.state, p.order_id, p.weight_mg, d.price_minor, \
    d.status AS design_status, t.name \
    FROM piece p JOIN design d ON d.id = p.design_id JOIN design_text t ON t.design_id = d.id AND t.language = $1";

/// The current state of these pieces, in the order in which writers lock them.
pub async fn for_sale(db: &Db, ids: &[String], language: &str) -> DbResult<Vec<PieceForSale>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    db.query(format!(
        "{FOR_SALE} WHERE p.id IN ({}) ORDER BY p.design_id, p.id",
        placeholders(2, ids.len())
    ))
    .bind(language)
    .bind_all(ids)
    .fetch_all()
    .await
}

/// The same inside a transaction.
pub async fn for_sale_in(
    tx: &mut Tx,
    ids: &[String],
    language: &str,
) -> DbResult<Vec<PieceForSale>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    tx.query(format!(
        "{FOR_SALE} WHERE p.id IN ({}) ORDER BY p.design_id, p.id",
        placeholders(2, ids.len())
    ))
    .bind(language)
    .bind_all(ids)
    .fetch_all()
    .await
}

/// Puts a hold on a piece that is free; `false` when it is not.
pub async fn hold(
    tx: &mut Tx,
    id: &PieceId,
    order_id: &OrderId,
    until_us: i64,
    at_us: i64,
) -> DbResult<bool> {
    let rows = tx
        .query(
            "UPDATE piece SET state = 'checkout', order_id = $2, held_until_us = $3 \
             WHERE id = $1 AND state = 'retail' \
             AND EXISTS (SELECT 1 FROM design d WHERE d.id = piece.design_id AND d.status = 'published')",
        )
        .bind_texts([id, order_id])
        .bind(until_us)
        .execute()
        .await?;
    if rows == 1 {
        event(tx, id, order_id, "held", at_us).await?;
    }
    Ok(rows == 1)
}

/// Locks these pieces until the transaction ends. A transaction that changes pieces locks all of
/// them first, in one order, and only then writes. Triggers also write the counts of their designs,
/// which are rows of their own, and two orders must not deadlock on them.
pub async fn lock(tx: &mut Tx, ids: &[String]) -> DbResult<()> {
    if tx.is_alone() {
        return Ok(());
    }
    let marks = placeholders(1, ids.len());
    let _: Vec<(String,)> = tx
        .query_locked(format!("SELECT id FROM piece WHERE id IN ({marks}) ORDER BY design_id, id"))
        .bind_all(ids)
        .fetch_all()
        .await?;
    Ok(())
}

/// The pieces of an order's lines with their claims, locked, in the order in which writers lock
/// them.
pub async fn claims(tx: &mut Tx, order_id: &OrderId) -> DbResult<Vec<ClaimRow>> {
    tx.query_locked(
        "SELECT id, state, order_id FROM piece WHERE id IN (SELECT piece_id FROM order_line WHERE order_id = $1) \
         ORDER BY design_id, id",
    )
    .bind_text(order_id)
    .fetch_all()
    .await
}

/// Frees what the order holds; `false` when it did not hold the piece.
pub async fn release(tx: &mut Tx, id: &PieceId, order_id: &OrderId, at_us: i64) -> DbResult<bool> {
    let rows = tx
        .query(
            "UPDATE piece SET state = 'retail', order_id = NULL, held_until_us = NULL \
             WHERE id = $1 AND order_id = $2 AND state = 'checkout'",
        )
        .bind_texts([id, order_id])
        .execute()
        .await?;
    if rows == 1 {
        event(tx, id, order_id, "released", at_us).await?;
    }
    Ok(rows == 1)
}

/// Holds a free piece, whether its design is shown or not, for an order that was paid after its
/// hold had ended; `false` when it is not free.
pub async fn reclaim(tx: &mut Tx, id: &PieceId, order_id: &OrderId, at_us: i64) -> DbResult<bool> {
    let rows = tx
        .query(
            "UPDATE piece SET state = 'checkout', order_id = $2, held_until_us = $3 \
             WHERE id = $1 AND state = 'retail'",
        )
        .bind_texts([id, order_id])
        .bind(at_us)
        .execute()
        .await?;
    if rows == 1 {
        event(tx, id, order_id, "held", at_us).await?;
    }
    Ok(rows == 1)
}

/// Sells a piece to the order that holds it; `false` when it does not.
pub async fn sell(tx: &mut Tx, id: &PieceId, order_id: &OrderId, at_us: i64) -> DbResult<bool> {
    let rows = tx
        .query(
            "UPDATE piece SET state = 'sold', held_until_us = NULL, sold_at_us = $3 \
             WHERE id = $1 AND state = 'checkout' AND order_id = $2",
        )
        .bind_texts([id, order_id])
        .bind(at_us)
        .execute()
        .await?;
    if rows == 1 {
        event(tx, id, order_id, "sold", at_us).await?;
    }
    Ok(rows == 1)
}

/// Takes a sold piece back; `false` when it no longer belongs to this order.
pub async fn take_back(
    tx: &mut Tx,
    id: &PieceId,
    order_id: &OrderId,
    at_us: i64,
) -> DbResult<bool> {
    let rows = tx
        .query(
            "UPDATE piece SET state = 'returned', order_id = NULL, sold_at_us = NULL \
             WHERE id = $1 AND order_id = $2 AND state = 'sold'",
        )
        .bind_texts([id, order_id])
        .execute()
        .await?;
    if rows == 1 {
        event(tx, id, order_id, "unsold", at_us).await?;
    }
    Ok(rows == 1)
}

/// Puts a returned piece on sale again.
pub async fn put_on_sale_again(tx: &mut Tx, id: &PieceId) -> DbResult<()> {
    let rows = tx
        .query("UPDATE piece SET state = 'retail' WHERE id = $1 AND state = 'returned'")
        .bind_text(id)
        .execute()
        .await?;
    touched(rows, 1, ("piece", id))
}

/// Prolongs the hold of the pieces that the order holds.
pub async fn extend_hold(tx: &mut Tx, order_id: &OrderId, until_us: i64) -> DbResult<u64> {
    tx.query("UPDATE piece SET held_until_us = $2 WHERE order_id = $1 AND state = 'checkout'")
        .bind_text(order_id)
        .bind(until_us)
        .execute()
        .await
}

async fn event(
    tx: &mut Tx,
    piece_id: &PieceId,
    order_id: &OrderId,
    kind: &str,
    at_us: i64,
) -> DbResult<()> {
    let id = new_id();
    tx.query(
        "INSERT INTO piece_event (id, piece_id, order_id, kind, at_us) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind_texts([id.as_str(), piece_id, order_id, kind])
    .bind(at_us)
    .execute()
    .await?;
    Ok(())
}

/// The metal in a piece by the received lots it is owed to: [`domain::melt::Lots::fine_in_piece`].
pub async fn metal(tx: &mut Tx, piece_id: &PieceId) -> DbResult<Vec<MetalInPiece>> {
    let parts: Vec<(Text<LotId>, i64)> = tx
        .query(
            "SELECT lot_id, CAST(SUM(CASE kind WHEN 'into_piece' THEN amount_mg ELSE -amount_mg END) AS BIGINT) AS held_mg \
             FROM metal_movement WHERE piece_id = $1 AND (kind = 'into_piece' OR taken_from = 'piece') \
             GROUP BY lot_id HAVING SUM(CASE kind WHEN 'into_piece' THEN amount_mg ELSE -amount_mg END) > 0 ORDER BY lot_id",
        )
        .bind_text(piece_id)
        .fetch_all()
        .await?;
    let parts: Vec<(LotId, i64)> = parts.into_iter().map(|(id, mg)| (id.0, mg)).collect();
    let ids: Vec<LotId> = parts.iter().map(|(id, _)| id.clone()).collect();
    let (lots, inputs) = melt::with_sources(tx, &ids).await?;
    let family = melt::family(&lots, &inputs);
    melt::material(&family, &lots, &parts)?
        .into_iter()
        .map(|(lot, fine_mg)| lot.material(fine_mg))
        .collect()
}

/// Cost of stones and of findings in minor units of PEN.
pub async fn other_costs(tx: &mut Tx, piece_id: &PieceId) -> DbResult<(i64, i64)> {
    tx.query("SELECT stones_cost_minor, findings_cost_minor FROM piece WHERE id = $1")
        .bind_text(piece_id)
        .fetch_one()
        .await
}

/// All work in a piece, closed or open.
pub async fn work(tx: &mut Tx, piece_id: &PieceId) -> DbResult<Vec<ContributionRow>> {
    tx.query(
        "SELECT id, piece_id, member_id, step, minutes, piece_rate_minor, closed_at_us FROM contribution WHERE piece_id = $1 ORDER BY id",
    )
    .bind_text(piece_id)
    .fetch_all()
    .await
}
