//! Sold pieces that came back.

use crate::db::{DbResult, Tx, touched};
use crate::text::Text;
use domain::id::{OrderId, OrderLineId};

/// The lines of an order whose pieces came back.
pub async fn of_order(tx: &mut Tx, order_id: &OrderId) -> DbResult<Vec<OrderLineId>> {
    let rows: Vec<(Text<OrderLineId>,)> = tx
        .query(
            "SELECT b.order_line_id FROM piece_return b JOIN order_line l ON l.id = b.order_line_id \
             WHERE l.order_id = $1 ORDER BY l.position",
        )
        .bind_text(order_id)
        .fetch_all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| id.0).collect())
}

/// Writes down that the piece of a line came back.
pub async fn insert(tx: &mut Tx, line_id: &OrderLineId, at_us: i64) -> DbResult<()> {
    let rows = tx
        .query("INSERT INTO piece_return (order_line_id, at_us) VALUES ($1, $2)")
        .bind_text(line_id)
        .bind(at_us)
        .execute()
        .await?;
    touched(rows, 1, ("piece_return", line_id))
}
