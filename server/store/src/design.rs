//! Designs with their texts, photographs, pieces and the work in them.

use domain::contribution::Effort;
use domain::id::{ContributionId, DesignId, MemberId, PieceId};
use domain::language::Language;
use domain::piece::PieceState;

use super::slug::{SlugRow, slug_columns};
use super::statement::Statement;
use crate::db::{Db, DbResult, inconsistent};

/// A published design in one language.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct DesignRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: DesignId,
    /// Address of its page.
    #[sqlx(flatten)]
    pub slug: SlugRow,
    /// Code of the category.
    pub category: String,
    /// Code of the metal.
    pub metal: String,
    /// Fineness in permille.
    pub fineness_permille: i64,
    /// Typical weight in mg.
    pub weight_mg: i64,
    /// Gold of 750 permille in it, in mg.
    pub gold_750_mg: i64,
    /// Retail price in minor units of PEN, tax included.
    pub price_minor: i64,
    /// Business days when it is made to order.
    pub made_to_order_days: Option<i64>,
    /// JSON list of measures.
    pub dimensions: String,
    /// JSON list of stones.
    pub stones: String,
    /// JSON list of techniques.
    pub techniques: String,
    /// When it was first shown.
    pub published_at_us: i64,
    /// Name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// How to care for it.
    pub care: String,
}

/// A measure in [`DesignRow::dimensions`].
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct DimensionJson {
    /// Code.
    pub code: String,
    /// Hundredths of a millimetre.
    pub hundredths_mm: i64,
}

/// A stone in [`DesignRow::stones`].
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct StoneJson {
    /// Code of the stone.
    pub kind: String,
    /// Where it came from, as documented.
    pub origin: String,
    /// Code of the cut.
    pub cut: String,
    /// Weight of each in hundredths of a carat.
    pub weight_hundredths_ct: i64,
    /// How many.
    pub count: u32,
}

/// The published design with this slug.
pub async fn published_by_slug(
    db: &Db,
    slug: &str,
    language: Language,
) -> DbResult<Option<DesignRow>> {
    db.query(concat!(
        "SELECT d.id, ",
        slug_columns!(),
        ", d.category, d.metal, d.fineness_permille, d.weight_mg, d.gold_750_mg, d.price_minor,
           d.made_to_order_days, d.dimensions, d.stones, d.techniques, d.published_at_us,
           t.name, t.description, t.care
         FROM design_slug a JOIN design d ON d.id = a.design_id
           JOIN design_text t ON t.design_id = d.id AND t.language = $2
         WHERE a.language = $2 AND a.slug = $1 AND a.in_use = TRUE AND d.status = 'published'"
    ))
    .bind(slug)
    .bind(language.code())
    .fetch_optional()
    .await
}

/// A photograph as a page shows it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PhotoRow {
    /// Content address.
    pub hash: String,
    /// Width of the upright original.
    pub width_px: i64,
    /// Height of the upright original.
    pub height_px: i64,
    /// Dominant colour.
    pub colour: String,
    /// JSON list of the widths that exist.
    pub widths: String,
    /// Alternative text.
    pub alt: String,
}

/// The column of alternative texts in a language.
pub(super) const fn alt_column(language: Language) -> &'static str {
    match language {
        Language::Es => "alt_es",
        Language::En => "alt_en",
    }
}

/// The photographs of a design in order.
pub async fn photos(db: &Db, design_id: &str, language: Language) -> DbResult<Vec<PhotoRow>> {
    let mut statement =
        Statement::new("SELECT p.hash, p.width_px, p.height_px, p.colour, p.widths, dp.");
    statement
        .push(alt_column(language))
        .push(" AS alt FROM design_photo dp JOIN photo p ON p.hash = dp.photo_hash WHERE dp.design_id = ")
        .value(design_id)
        .push(" ORDER BY dp.position");
    statement.fetch_all(db).await
}

/// A photograph of the site itself.
pub async fn site_photo(db: &Db, place: &str, language: Language) -> DbResult<Option<PhotoRow>> {
    let mut statement =
        Statement::new("SELECT p.hash, p.width_px, p.height_px, p.colour, p.widths, sp.");
    statement
        .push(alt_column(language))
        .push(" AS alt FROM site_photo sp JOIN photo p ON p.hash = sp.photo_hash WHERE sp.place = ")
        .value(place);
    Ok(statement.fetch_all(db).await?.pop())
}

/// A piece.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PieceRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: PieceId,
    /// Serial.
    pub serial: String,
    /// Where it is.
    #[sqlx(try_from = "String")]
    pub state: PieceState,
    /// End of the hold.
    pub held_until_us: Option<i64>,
    /// When it was sold.
    pub sold_at_us: Option<i64>,
    /// Weight in mg.
    pub weight_mg: i64,
    /// Inner circumference in tenths of a mm.
    pub circumference_tenths_mm: Option<i64>,
    /// Cost of its stones in minor units of PEN.
    pub stones_cost_minor: i64,
    /// Cost of its findings in minor units of PEN.
    pub findings_cost_minor: i64,
    /// Day of the inspection.
    pub inspected_on: Option<String>,
}

/// Maximum number of pieces of one design that a page shows; most designs have only a few.
const PIECES_SHOWN: i64 = 60;

/// The pieces of a design that are or were shown: first those that can be had, then those held in a
/// checkout, then the sold ones, the last sold first, then those at a fair.
pub async fn pieces(db: &Db, design_id: &str) -> DbResult<Vec<PieceRow>> {
    db.query(
        "SELECT id, serial, state, held_until_us, sold_at_us, weight_mg, circumference_tenths_mm,
           stones_cost_minor, findings_cost_minor, inspected_on
         FROM piece WHERE design_id = $1 AND state IN ('retail', 'checkout', 'sold', 'fair')
         ORDER BY CASE state WHEN 'retail' THEN 0 WHEN 'checkout' THEN 1 WHEN 'sold' THEN 2 ELSE 3 END,
           COALESCE(sold_at_us, 0) DESC, COALESCE(circumference_tenths_mm, 0), serial
         LIMIT $2",
    )
    .bind(design_id)
    .bind(PIECES_SHOWN)
    .fetch_all()
    .await
}

/// A step of work on a piece.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct ContributionRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: ContributionId,
    /// Piece.
    #[sqlx(try_from = "String")]
    pub piece_id: PieceId,
    /// The member who did it.
    #[sqlx(try_from = "String")]
    pub member_id: MemberId,
    /// Code of the step.
    pub step: String,
    /// Minutes at the bench; `None` when the work has a piece rate.
    pub minutes: Option<i64>,
    /// The rate agreed for the step, in minor units of PEN; `None` when minutes count.
    pub piece_rate_minor: Option<i64>,
    /// When an inspection closed it.
    pub closed_at_us: Option<i64>,
}

impl ContributionRow {
    /// How the work is measured.
    ///
    /// # Errors
    /// [`DbError::Inconsistent`](crate::db::DbError::Inconsistent) when it has both measures or none.
    pub fn effort(&self) -> DbResult<Effort> {
        let odd = |what: &str| inconsistent("contribution", &self.id, what);
        match (self.minutes, self.piece_rate_minor) {
            (Some(minutes), None) => {
                u32::try_from(minutes).map(Effort::Minutes).map_err(|_| odd("minutes"))
            }
            (None, Some(rate)) => {
                u32::try_from(rate).map(Effort::PieceRateMinor).map_err(|_| odd("piece_rate_minor"))
            }
            _ => Err(odd("minutes or a piece rate")),
        }
    }
}

/// The work in every piece of a design, in the order it was written down.
pub async fn work(db: &Db, design_id: &str) -> DbResult<Vec<ContributionRow>> {
    db.query(
        "SELECT c.id, c.piece_id, c.member_id, c.step, c.minutes, c.piece_rate_minor, c.closed_at_us FROM piece p JOIN contribution c ON c.piece_id = p.id
         WHERE p.design_id = $1 ORDER BY c.id",
    )
    .bind(design_id)
    .fetch_all()
    .await
}

/// The work in these pieces, in the order it was written down.
pub async fn contributions(db: &Db, piece_ids: &[&PieceId]) -> DbResult<Vec<ContributionRow>> {
    if piece_ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement = Statement::new(
        "SELECT id, piece_id, member_id, step, minutes, piece_rate_minor, closed_at_us FROM contribution WHERE piece_id IN ",
    );
    statement.list(piece_ids.iter().map(|id| id.as_str())).push(" ORDER BY id");
    statement.fetch_all(db).await
}

/// A piece in a bag, with what its line shows.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct BagRow {
    /// Key of the piece.
    #[sqlx(try_from = "String")]
    pub id: PieceId,
    /// Serial.
    pub serial: String,
    /// Where it is.
    #[sqlx(try_from = "String")]
    pub state: PieceState,
    /// End of the hold.
    pub held_until_us: Option<i64>,
    /// The attempt at buying whose unpaid order holds it.
    pub held_by_attempt: Option<String>,
    /// When it was sold.
    pub sold_at_us: Option<i64>,
    /// Weight in mg.
    pub weight_mg: i64,
    /// Inner circumference in tenths of a mm.
    pub circumference_tenths_mm: Option<i64>,
    /// Address of the design.
    #[sqlx(flatten)]
    pub slug: SlugRow,
    /// Name of the design.
    pub name: String,
    /// Price in minor units of PEN.
    pub price_minor: i64,
    /// Content address of the first photograph.
    pub hash: Option<String>,
    /// Its width.
    pub width_px: Option<i64>,
    /// Its height.
    pub height_px: Option<i64>,
    /// Its colour.
    pub colour: Option<String>,
    /// Its widths.
    pub widths: Option<String>,
    /// Its alternative text.
    pub alt: Option<String>,
}

/// These pieces as a bag shows them, without those that are not for sale or no longer shown.
pub async fn bag_lines(
    db: &Db,
    piece_ids: &[PieceId],
    language: Language,
) -> DbResult<Vec<BagRow>> {
    if piece_ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut statement = Statement::new(concat!(
        "SELECT pc.id, pc.serial, pc.state, pc.held_until_us, o.attempt AS held_by_attempt, pc.sold_at_us, pc.weight_mg,
           pc.circumference_tenths_mm, ",
        slug_columns!(),
        ", t.name, d.price_minor, p.hash, p.width_px, p.height_px, p.colour, p.widths, dp."
    ));
    statement
        .push(alt_column(language))
        .push(
            " AS alt FROM piece pc JOIN design d ON d.id = pc.design_id
             JOIN design_text t ON t.design_id = d.id AND t.language = ",
        )
        .value(language.code())
        .push(
            " LEFT JOIN design_photo dp ON dp.design_id = d.id AND dp.position = 0
             LEFT JOIN photo p ON p.hash = dp.photo_hash
             LEFT JOIN shop_order o ON o.id = pc.order_id AND o.state = 'pending_payment' AND pc.state = 'checkout'
             WHERE d.status = 'published' AND pc.state IN ('retail', 'checkout', 'sold') AND pc.id IN ",
        )
        .list(piece_ids.iter().map(PieceId::as_str));
    statement.fetch_all(db).await
}
