//! What the reconciliation reads: orders in ranges with everything that belongs to them, and a few
//! queries over a whole table.

use crate::text::Text;
use domain::id::{MemberId, OrderId, OrderLineId, PaymentId, PieceId, RefundId, SaleId};
use domain::order::OrderStatus;
use domain::payment::{PaymentState, RefundCause, RefundState};
use domain::piece::PieceState;

use super::payment::SettledRow;
use crate::db::{Db, DbResult, Query};

/// A range of orders: those with keys above `after` up to and including `upto`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// Key before the first.
    pub after: String,
    /// Key of the last.
    pub upto: String,
}

impl Range {
    fn bind<'q>(&self, query: Query<'q>) -> Query<'q> {
        query.bind(self.after.clone()).bind(self.upto.clone())
    }
}

/// An order.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct OrderRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: OrderId,
    /// Number the shopper quotes.
    pub number: i64,
    /// State.
    #[sqlx(try_from = "String")]
    pub state: OrderStatus,
    /// Currency of its amounts.
    pub currency: String,
    /// Price of the pieces.
    pub items_minor: i64,
    /// What must be paid.
    pub total_minor: i64,
    /// Until when its pieces are held.
    pub hold_until_us: i64,
    /// When it was paid.
    pub paid_at_us: Option<i64>,
}

/// The next orders after a key, in the order of their keys.
pub async fn orders_after(db: &Db, after: &str, limit: i64) -> DbResult<Vec<OrderRow>> {
    db.query(
        "SELECT id, number, state, currency, items_minor, total_minor, hold_until_us, paid_at_us \
         FROM shop_order WHERE id > $1 ORDER BY id LIMIT $2",
    )
    .bind(after)
    .bind(limit)
    .fetch_all()
    .await
}

/// A payment.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PaymentRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: PaymentId,
    /// Order.
    #[sqlx(try_from = "String")]
    pub order_id: OrderId,
    /// `stripe` or `manual`.
    pub provider: String,
    /// State.
    #[sqlx(try_from = "String")]
    pub state: PaymentState,
    /// Currency asked for.
    pub currency: String,
    /// Amount asked for.
    pub amount_minor: i64,
    /// Provider's id of the payment page.
    pub session_id: Option<String>,
    /// Provider's id of the payment.
    pub payment_intent: Option<String>,
    /// Provider's id of the charge.
    pub charge: Option<String>,
    /// What the provider kept.
    pub fee_minor: Option<i64>,
    /// When the payment page closes by itself.
    pub expires_at_us: i64,
    /// What came in on the account where the money lies.
    #[sqlx(flatten)]
    pub settled: SettledRow,
}

/// The payments of these orders.
pub async fn payments(db: &Db, range: &Range) -> DbResult<Vec<PaymentRow>> {
    let query = db.query(
        "SELECT id, order_id, provider, state, currency, amount_minor, session_id, payment_intent, charge, fee_minor, expires_at_us, \
         settled_currency, settled_minor, settled_fee_minor, settled_rate_nano FROM payment WHERE order_id > $1 AND order_id <= $2 ORDER BY order_id, id",
    );
    range.bind(query).fetch_all().await
}

/// A refund.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RefundRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: RefundId,
    /// Order.
    #[sqlx(try_from = "String")]
    pub order_id: OrderId,
    /// Payment it comes from.
    #[sqlx(try_from = "String")]
    pub payment_id: PaymentId,
    /// Currency.
    pub currency: String,
    /// How much.
    pub amount_minor: i64,
    /// What it is for.
    #[sqlx(try_from = "String")]
    pub reason: RefundCause,
    /// `intended`, `done`, `failed`.
    #[sqlx(try_from = "String")]
    pub state: RefundState,
    /// When it was booked as done.
    pub done_at_us: Option<i64>,
    /// The line whose goods it names.
    pub order_line_id: Option<Text<OrderLineId>>,
    /// Whether it names the shipping.
    pub of_shipping: bool,
    /// Whether the courier had the parcel when it was booked.
    pub handed_over: bool,
    /// Currency in which it left.
    pub settled_currency: Option<String>,
    /// What left the account.
    pub settled_minor: Option<i64>,
    /// The fee that was kept for it.
    pub settled_fee_minor: Option<i64>,
}

/// The refunds of these orders.
pub async fn refunds(db: &Db, range: &Range) -> DbResult<Vec<RefundRow>> {
    let query = db.query(
        "SELECT id, order_id, payment_id, currency, amount_minor, reason, state, done_at_us, order_line_id, of_shipping, \
         handed_over, settled_currency, settled_minor, settled_fee_minor FROM refund WHERE order_id > $1 AND order_id <= $2 ORDER BY order_id, id",
    );
    range.bind(query).fetch_all().await
}

/// A line, the current state of its piece, and its frozen split, if any.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LineRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: OrderLineId,
    /// Order.
    #[sqlx(try_from = "String")]
    pub order_id: OrderId,
    /// Its piece.
    #[sqlx(try_from = "String")]
    pub piece_id: PieceId,
    /// Price in the order's currency.
    pub price_minor: i64,
    /// Serial of the piece.
    pub serial: String,
    /// Where the piece is now.
    #[sqlx(try_from = "String")]
    pub piece_state: PieceState,
    /// The order that holds or bought the piece now.
    pub piece_order_id: Option<Text<OrderId>>,
    /// Until when it is held.
    pub held_until_us: Option<i64>,
    /// Key of the split.
    pub sale_id: Option<Text<SaleId>>,
    /// Its currency.
    pub sale_currency: Option<String>,
    /// Price plus delivery.
    pub gross_minor: Option<i64>,
    /// IGV.
    pub tax_minor: Option<i64>,
    /// Delivery without tax.
    pub shipping_minor: Option<i64>,
    /// Part of the fee.
    pub fee_minor: Option<i64>,
    /// Consigned metal.
    pub material_consigned_minor: Option<i64>,
    /// Own material.
    pub material_own_minor: Option<i64>,
    /// The amount that is shared.
    pub net_minor: Option<i64>,
    /// The amount that is held for makers.
    pub held_minor: Option<i64>,
    /// The fund that bore a loss.
    pub loss_fund: Option<String>,
    /// The fund that balances refunds.
    pub reserve_fund: Option<String>,
    /// When the piece came back.
    pub returned_at_us: Option<i64>,
}

/// The lines of these orders.
pub async fn lines(db: &Db, range: &Range) -> DbResult<Vec<LineRow>> {
    let query = db.query(
        "SELECT l.id, l.order_id, l.piece_id, l.price_minor, p.serial, p.state AS piece_state, p.order_id AS piece_order_id, p.held_until_us, \
         s.id AS sale_id, s.currency AS sale_currency, s.gross_minor, s.tax_minor, s.shipping_minor, s.fee_minor, \
         s.material_consigned_minor, s.material_own_minor, s.net_minor, s.held_minor, s.loss_fund, \
         COALESCE(y.reserve_fund, s.loss_fund) AS reserve_fund, b.at_us AS returned_at_us \
         FROM order_line l JOIN piece p ON p.id = l.piece_id LEFT JOIN sale s ON s.order_line_id = l.id \
         LEFT JOIN split_policy y ON y.id = s.policy_id LEFT JOIN piece_return b ON b.order_line_id = l.id \
         WHERE l.order_id > $1 AND l.order_id <= $2 ORDER BY l.order_id, l.position",
    );
    range.bind(query).fetch_all().await
}

/// A frozen share.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ShareRow {
    /// Order.
    #[sqlx(try_from = "String")]
    pub order_id: OrderId,
    /// Split it belongs to.
    #[sqlx(try_from = "String")]
    pub sale_id: SaleId,
    /// The fund, if the share is a fund's.
    pub fund: Option<String>,
    /// The member, if the share is a member's.
    pub member_id: Option<Text<MemberId>>,
    /// How much.
    pub amount_minor: i64,
}

/// The shares of these orders' sales.
pub async fn shares(db: &Db, range: &Range) -> DbResult<Vec<ShareRow>> {
    let query = db.query(
        "SELECT l.order_id, h.sale_id, h.fund, h.member_id, h.amount_minor \
         FROM order_line l JOIN sale s ON s.order_line_id = l.id JOIN sale_share h ON h.sale_id = s.id \
         WHERE l.order_id > $1 AND l.order_id <= $2 ORDER BY l.order_id, h.sale_id, h.position",
    );
    range.bind(query).fetch_all().await
}

/// A material of a sold piece.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MaterialRow {
    /// Order.
    #[sqlx(try_from = "String")]
    pub order_id: OrderId,
    /// Split it belongs to.
    #[sqlx(try_from = "String")]
    pub sale_id: SaleId,
    /// `consigned` or `own`.
    pub source: String,
    /// Currency of its cost.
    pub currency: String,
    /// What it cost.
    pub cost_minor: i64,
    /// What the sale was charged.
    pub deducted_minor: i64,
}

/// What these orders' pieces were made of.
pub async fn material(db: &Db, range: &Range) -> DbResult<Vec<MaterialRow>> {
    let query = db.query(
        "SELECT l.order_id, m.sale_id, m.source, m.currency, m.cost_minor, m.deducted_minor \
         FROM order_line l JOIN sale s ON s.order_line_id = l.id JOIN sale_material m ON m.sale_id = s.id \
         WHERE l.order_id > $1 AND l.order_id <= $2 ORDER BY l.order_id, m.sale_id, m.position",
    );
    range.bind(query).fetch_all().await
}

/// What a booked refund paid back of a line's goods, or of the shipping.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PartRow {
    /// Order.
    #[sqlx(try_from = "String")]
    pub order_id: OrderId,
    /// Refund.
    #[sqlx(try_from = "String")]
    pub refund_id: RefundId,
    /// The line; `None` for the shipping.
    pub order_line_id: Option<Text<OrderLineId>>,
    /// How much.
    pub amount_minor: i64,
}

/// What these orders' refunds paid back.
pub async fn refund_parts(db: &Db, range: &Range) -> DbResult<Vec<PartRow>> {
    let query = db.query(
        "SELECT r.order_id, p.refund_id, p.order_line_id, p.amount_minor FROM refund r \
         JOIN refund_part p ON p.refund_id = r.id \
         WHERE r.order_id > $1 AND r.order_id <= $2 ORDER BY r.order_id, p.refund_id, p.position",
    );
    range.bind(query).fetch_all().await
}

/// What a booked refund took from a member's share.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct TakenRow {
    /// Order.
    #[sqlx(try_from = "String")]
    pub order_id: OrderId,
    /// Refund.
    #[sqlx(try_from = "String")]
    pub refund_id: RefundId,
    /// The line.
    #[sqlx(try_from = "String")]
    pub order_line_id: OrderLineId,
    /// The member.
    #[sqlx(try_from = "String")]
    pub member_id: MemberId,
    /// How much.
    pub amount_minor: i64,
}

/// What these orders' refunds took from shares.
pub async fn refund_shares(db: &Db, range: &Range) -> DbResult<Vec<TakenRow>> {
    let query = db.query(
        "SELECT r.order_id, h.refund_id, h.order_line_id, h.member_id, h.amount_minor FROM refund r \
         JOIN refund_share h ON h.refund_id = r.id \
         WHERE r.order_id > $1 AND r.order_id <= $2 ORDER BY r.order_id, h.refund_id",
    );
    range.bind(query).fetch_all().await
}

/// A posting with its entry; an entry without postings gives one row without account.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PostingRow {
    /// Order the entry is about.
    #[sqlx(try_from = "String")]
    pub order_id: OrderId,
    /// Kind of the entry.
    pub kind: String,
    /// What it is about.
    pub reference: String,
    /// Account.
    pub account: Option<String>,
    /// Currency.
    pub currency: Option<String>,
    /// Amount.
    pub amount_minor: Option<i64>,
}

/// The entries about these orders.
pub async fn postings(db: &Db, range: &Range) -> DbResult<Vec<PostingRow>> {
    let query = db.query(
        "SELECT e.order_id, e.kind, e.reference, p.account, p.currency, p.amount_minor \
         FROM ledger_entry e LEFT JOIN ledger_posting p ON p.entry_id = e.id \
         WHERE e.order_id > $1 AND e.order_id <= $2 ORDER BY e.order_id, e.id, p.position",
    );
    range.bind(query).fetch_all().await
}

/// Entries that are not sealed or have no postings: kind and reference.
pub async fn unfinished_entries(db: &Db) -> DbResult<Vec<(String, String)>> {
    db.query(
        "SELECT e.kind, e.reference FROM ledger_entry e \
         WHERE NOT e.sealed OR NOT EXISTS (SELECT 1 FROM ledger_posting p WHERE p.entry_id = e.id) ORDER BY e.id",
    )
    .fetch_all()
    .await
}

/// Entries that do not sum to zero: kind, reference, currency, sum.
pub async fn unbalanced_entries(db: &Db) -> DbResult<Vec<(String, String, String, i64)>> {
    db.query(
        "SELECT e.kind, e.reference, p.currency, CAST(SUM(p.amount_minor) AS BIGINT) \
         FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id \
         GROUP BY e.id, e.kind, e.reference, p.currency HAVING SUM(p.amount_minor) <> 0 ORDER BY e.id",
    )
    .fetch_all()
    .await
}

/// Entries that should name an order and do not: kind and reference.
pub async fn entries_of_no_order(db: &Db) -> DbResult<Vec<(String, String)>> {
    db.query(
        "SELECT kind, reference FROM ledger_entry \
         WHERE order_id IS NULL AND kind NOT IN ('manual', 'reversal') ORDER BY id",
    )
    .fetch_all()
    .await
}

/// Postings whose member is not the one their account names: account and member.
pub async fn misnamed_members(db: &Db) -> DbResult<Vec<(String, Option<String>)>> {
    db.query(
        "SELECT account, member_id FROM ledger_posting \
         WHERE (account LIKE 'member:%' AND (member_id IS NULL OR account <> 'member:' || member_id)) \
         OR (account NOT LIKE 'member:%' AND member_id IS NOT NULL) ORDER BY id",
    )
    .fetch_all()
    .await
}

/// Pieces that name an order which has no line for them: serial and state.
pub async fn pieces_of_no_line(db: &Db) -> DbResult<Vec<(String, String)>> {
    db.query(
        "SELECT p.serial, p.state FROM piece p WHERE p.order_id IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM order_line l WHERE l.order_id = p.order_id AND l.piece_id = p.id) ORDER BY p.serial",
    )
    .fetch_all()
    .await
}

/// How many pieces are held and sold.
pub async fn claimed_pieces(db: &Db) -> DbResult<(i64, i64)> {
    db.query(
        "SELECT CAST(COALESCE(SUM(CASE WHEN state = 'checkout' THEN 1 ELSE 0 END), 0) AS BIGINT), \
         CAST(COALESCE(SUM(CASE WHEN state = 'sold' THEN 1 ELSE 0 END), 0) AS BIGINT) FROM piece",
    )
    .fetch_one()
    .await
}

/// Designs whose counts differ from their pieces: slug, then available and held as stored on the
/// design, then both as counted.
pub async fn miscounted_designs(db: &Db) -> DbResult<Vec<(String, i64, i64, i64, i64)>> {
    db.query(
        "SELECT d.slug, d.pieces_available, d.pieces_held, \
         CAST(COALESCE(c.available, 0) AS BIGINT), CAST(COALESCE(c.held, 0) AS BIGINT) \
         FROM design d LEFT JOIN (SELECT design_id, \
           SUM(CASE WHEN state = 'retail' THEN 1 ELSE 0 END) AS available, \
           SUM(CASE WHEN state = 'checkout' THEN 1 ELSE 0 END) AS held FROM piece GROUP BY design_id) c ON c.design_id = d.id \
         WHERE d.pieces_available <> COALESCE(c.available, 0) OR d.pieces_held <> COALESCE(c.held, 0) ORDER BY d.slug",
    )
    .fetch_all()
    .await
}

/// How many orders there are, the highest number given, and the value of the counter.
pub async fn numbering(db: &Db) -> DbResult<(i64, i64, i64)> {
    db.query(
        "SELECT CAST(COUNT(*) AS BIGINT), CAST(COALESCE(MAX(number), 0) AS BIGINT), \
         CAST(COALESCE((SELECT value FROM counter WHERE name = 'order'), 0) AS BIGINT) FROM shop_order",
    )
    .fetch_one()
    .await
}

/// Notifications that were not acted on yet: provider's id, kind, when it came.
pub async fn unprocessed_events(db: &Db) -> DbResult<Vec<(String, String, i64)>> {
    db.query("SELECT event_id, kind, received_at_us FROM webhook_event WHERE processed_at_us IS NULL ORDER BY received_at_us")
        .fetch_all()
        .await
}

/// Jobs that gave up: kind, payload, last error.
pub async fn dead_jobs(db: &Db) -> DbResult<Vec<(String, String, Option<String>)>> {
    db.query("SELECT kind, payload, last_error FROM job WHERE state = 'dead' ORDER BY id")
        .fetch_all()
        .await
}

/// Mails that failed, or that may not have been sent: reason, state, last error.
pub async fn doubtful_mails(db: &Db) -> DbResult<Vec<(String, String, Option<String>)>> {
    db.query("SELECT dedup_key, state, last_error FROM mail WHERE state IN ('failed', 'unsure') ORDER BY id").fetch_all().await
}
