//! Orders, their lines and their numbers. Each number is given once.

use domain::id::{DesignId, OrderId, OrderLineId, PieceId};
use domain::order::{IllegalOrderChange, OrderStatus};

use super::slug::{SlugRow, slug_columns};
use crate::db::{Db, DbResult, Tx, inconsistent, touched};
use crate::text::Text;

/// An order as stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct OrderRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: OrderId,
    /// Number, counted without gaps.
    pub number: i64,
    /// Secret of the shopper's link.
    pub secret: String,
    /// Identifier of the form that made it. An order that ended unpaid has its own id here, so that
    /// the form may be used again.
    pub attempt: String,
    /// Its status.
    #[sqlx(try_from = "String")]
    pub state: OrderStatus,
    /// `es` or `en`.
    pub language: String,
    /// Currency of every amount.
    pub currency: String,
    /// Soles per unit of the currency, in millionths.
    pub rate_micro: i64,
    /// Price of the pieces.
    pub items_minor: i64,
    /// Price of delivery.
    pub shipping_minor: i64,
    /// IGV contained in the total.
    pub tax_minor: i64,
    /// What must be paid.
    pub total_minor: i64,
    /// Code of the way of delivery.
    pub delivery: String,
    /// First likely day.
    pub delivery_from: String,
    /// Last likely day.
    pub delivery_to: String,
    /// Shopper's e-mail.
    pub email: String,
    /// Recipient.
    pub name: String,
    /// Phone for the courier.
    pub phone: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Departamento or state.
    pub region: String,
    /// City or district.
    pub city: String,
    /// Street and number.
    pub street: String,
    /// Postal code.
    pub postal_code: String,
    /// Gift message.
    pub gift_message: Option<String>,
    /// When it was placed.
    pub created_at_us: i64,
    /// Until when its pieces are held.
    pub hold_until_us: i64,
    /// When it was paid.
    pub paid_at_us: Option<i64>,
    /// When it expired or was cancelled.
    pub closed_at_us: Option<i64>,
}

const COLUMNS: &str = "id, number, secret, attempt, state, language, currency, rate_micro, items_minor, shipping_minor, \
    tax_minor, total_minor, delivery, delivery_from, delivery_to, email, name, phone, country, region, city, street, \
    postal_code, gift_message, created_at_us, hold_until_us, paid_at_us, closed_at_us";

/// A line with the current values of its piece and design.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LineRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: OrderLineId,
    /// Piece.
    #[sqlx(try_from = "String")]
    pub piece_id: PieceId,
    /// Price in the order's currency.
    pub price_minor: i64,
    /// Serial of the piece.
    pub serial: String,
    /// Weight in mg.
    pub weight_mg: i64,
    /// Inner circumference in tenths of a mm, for rings.
    pub circumference_tenths_mm: Option<i64>,
    /// Design.
    #[sqlx(try_from = "String")]
    pub design_id: DesignId,
    /// Address of the design's page.
    #[sqlx(flatten)]
    pub slug: SlugRow,
    /// Name of the design in the language asked for.
    pub name: String,
}

/// Takes the next order number. If the transaction rolls back, the number is free again.
pub async fn next_number(tx: &mut Tx) -> DbResult<i64> {
    let (number,): (i64,) = tx
        .query("UPDATE counter SET value = value + 1 WHERE name = 'order' RETURNING value")
        .fetch_one()
        .await?;
    Ok(number)
}

/// Stores a new order.
pub async fn insert(tx: &mut Tx, row: &OrderRow) -> DbResult<()> {
    let sql =
        format!("INSERT INTO shop_order ({COLUMNS}) VALUES ({})", crate::db::placeholders(1, 28));
    let rows = tx
        .query(sql)
        .bind_text(&row.id)
        .bind(row.number)
        .bind(&row.secret)
        .bind(&row.attempt)
        .bind(row.state.as_str())
        .bind(&row.language)
        .bind(&row.currency)
        .bind(row.rate_micro)
        .bind(row.items_minor)
        .bind(row.shipping_minor)
        .bind(row.tax_minor)
        .bind(row.total_minor)
        .bind_texts([
            &row.delivery,
            &row.delivery_from,
            &row.delivery_to,
            &row.email,
            &row.name,
            &row.phone,
        ])
        .bind_texts([&row.country, &row.region, &row.city, &row.street, &row.postal_code])
        .bind(&row.gift_message)
        .bind(row.created_at_us)
        .bind(row.hold_until_us)
        .bind(row.paid_at_us)
        .bind(row.closed_at_us)
        .execute()
        .await?;
    touched(rows, 1, ("shop_order", &row.id))
}

/// Stores a line.
pub async fn insert_line(
    tx: &mut Tx,
    id: &OrderLineId,
    order_id: &OrderId,
    position: i64,
    piece_id: &PieceId,
    price_minor: i64,
) -> DbResult<()> {
    let rows = tx
        .query("INSERT INTO order_line (id, order_id, position, piece_id, price_minor) VALUES ($1, $2, $3, $4, $5)")
        .bind_texts([id, order_id])
        .bind(position)
        .bind_text(piece_id)
        .bind(price_minor)
        .execute()
        .await?;
    touched(rows, 1, ("order_line", id))
}

/// The order with this id.
pub async fn by_id(db: &Db, id: &OrderId) -> DbResult<Option<OrderRow>> {
    db.query(format!("SELECT {COLUMNS} FROM shop_order WHERE id = $1"))
        .bind_text(id)
        .fetch_optional()
        .await
}

/// The key of the order with this number.
pub async fn id_of_number(db: &Db, number: i64) -> DbResult<Option<OrderId>> {
    let row: Option<(Text<OrderId>,)> = db
        .query("SELECT id FROM shop_order WHERE number = $1")
        .bind(number)
        .fetch_optional()
        .await?;
    Ok(row.map(|(id,)| id.0))
}

/// The order behind a secret link.
pub async fn by_secret(db: &Db, secret: &str) -> DbResult<Option<OrderRow>> {
    db.query(format!("SELECT {COLUMNS} FROM shop_order WHERE secret = $1"))
        .bind(secret)
        .fetch_optional()
        .await
}

/// The order that a form already made, unless it ended unpaid.
pub async fn by_attempt(db: &Db, attempt: &str) -> DbResult<Option<OrderRow>> {
    db.query(format!("SELECT {COLUMNS} FROM shop_order WHERE attempt = $1"))
        .bind(attempt)
        .fetch_optional()
        .await
}

/// The order, locked until the transaction ends. Every change of an order takes this lock first.
pub async fn locked(tx: &mut Tx, id: &OrderId) -> DbResult<Option<OrderRow>> {
    tx.query_locked(format!("SELECT {COLUMNS} FROM shop_order WHERE id = $1"))
        .bind_text(id)
        .fetch_optional()
        .await
}

/// The order of a payment, locked in the same way.
pub async fn locked_of_payment(tx: &mut Tx, payment_id: &str) -> DbResult<Option<OrderRow>> {
    tx.query_locked(format!(
        "SELECT {COLUMNS} FROM shop_order WHERE id = (SELECT order_id FROM payment WHERE id = $1)"
    ))
    .bind_text(payment_id)
    .fetch_optional()
    .await
}

const LINES: &str = concat!(
    "SELECT l.id, l.piece_id, l.price_minor, p.serial, p.weight_mg, p.circumference_tenths_mm, p.design_id, ",
    slug_columns!(),
    ", t.name FROM order_line l JOIN piece p ON p.id = l.piece_id JOIN design d ON d.id = p.design_id \
    JOIN design_text t ON t.design_id = d.id AND t.language = $2 \
    WHERE l.order_id = $1 ORDER BY l.position"
);

/// The lines of an order, sorted by position.
pub async fn lines(db: &Db, order_id: &OrderId, language: &str) -> DbResult<Vec<LineRow>> {
    db.query(LINES).bind_texts([order_id, language]).fetch_all().await
}

/// The lines of an order, sorted by position, inside a transaction.
pub async fn lines_in(tx: &mut Tx, order_id: &OrderId, language: &str) -> DbResult<Vec<LineRow>> {
    tx.query(LINES).bind_texts([order_id, language]).fetch_all().await
}

/// Marks the order as paid.
pub async fn mark_paid(tx: &mut Tx, order: &OrderRow, paid_at_us: i64) -> DbResult<()> {
    let to = next_status(order, OrderStatus::Paid)?;
    let rows = tx
        .query("UPDATE shop_order SET state = $3, paid_at_us = $4, closed_at_us = NULL WHERE id = $1 AND state = $2")
        .bind_texts([order.id.as_str(), order.state.as_str(), to.as_str()])
        .bind(paid_at_us)
        .execute()
        .await?;
    touched(rows, 1, ("shop_order", &order.id))
}

/// Closes an unpaid order as `status` (expired or cancelled). Its form may be used again.
pub async fn close(tx: &mut Tx, order: &OrderRow, status: OrderStatus, at_us: i64) -> DbResult<()> {
    let to = next_status(order, status)?;
    let rows = tx
        .query("UPDATE shop_order SET state = $3, closed_at_us = $4, attempt = id WHERE id = $1 AND state = $2")
        .bind_texts([order.id.as_str(), order.state.as_str(), to.as_str()])
        .bind(at_us)
        .execute()
        .await?;
    touched(rows, 1, ("shop_order", &order.id))
}

/// The status that the order changes to, if that transition is allowed.
fn next_status(order: &OrderRow, next: OrderStatus) -> DbResult<OrderStatus> {
    let illegal =
        |error: IllegalOrderChange| inconsistent("shop_order", &order.id, &error.to_string());
    order.state.become_status(next).map_err(illegal)
}

/// Prolongs the hold, because a delayed payment is on its way.
pub async fn extend_hold(tx: &mut Tx, id: &OrderId, until_us: i64) -> DbResult<()> {
    let rows = tx
        .query(
            "UPDATE shop_order SET hold_until_us = $2 WHERE id = $1 AND state = 'pending_payment'",
        )
        .bind_text(id)
        .bind(until_us)
        .execute()
        .await?;
    touched(rows, 1, ("shop_order", id))
}
