//! The queries of the bare handlers that `make bench` compares pages with.

use super::statement::Statement;
use crate::db::{Db, DbResult};

/// A design's own columns, without joins.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct BareRow {
    /// Code of the category.
    pub category: String,
    /// Code of the metal.
    pub metal: String,
    /// Fineness in permille.
    pub fineness_permille: i64,
    /// Typical weight in mg.
    pub weight_mg: i64,
    /// Price in minor units of PEN.
    pub price_minor: i64,
    /// Pieces that can be had now.
    pub pieces_available: i64,
}

/// The design with this Spanish slug, by its unique index.
pub async fn design(db: &Db, slug: &str) -> DbResult<Option<BareRow>> {
    db.query("SELECT category, metal, fineness_permille, weight_mg, price_minor, pieces_available FROM design WHERE id = (SELECT design_id FROM design_slug WHERE language = 'es' AND slug = $1)")
        .bind(slug)
        .fetch_optional()
        .await
}

/// What a plain list would show of a design; one row per maker.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct BareCardRow {
    /// Key.
    pub id: String,
    /// Slug of its page.
    pub slug: String,
    /// Name.
    pub name: String,
    /// Price in minor units of PEN.
    pub price_minor: i64,
    /// Pieces that can be had now.
    pub pieces_available: i64,
    /// Pieces held in a checkout.
    pub pieces_held: i64,
    /// Content address of the first photograph.
    pub hash: Option<String>,
    /// Its colour.
    pub colour: Option<String>,
    /// Its widths.
    pub widths: Option<String>,
    /// Its alternative text.
    pub alt: Option<String>,
    /// A maker.
    pub member_id: Option<String>,
}

/// These designs with everything a card shows, in one statement.
pub async fn cards(db: &Db, design_ids: &[String]) -> DbResult<Vec<BareCardRow>> {
    let mut statement = Statement::new(
        "SELECT d.id, d.slug, t.name, d.price_minor, d.pieces_available, d.pieces_held,
           p.hash, p.colour, p.widths, dp.alt_es AS alt, dm.member_id
         FROM design d JOIN design_text t ON t.design_id = d.id AND t.language = 'es'
         LEFT JOIN design_photo dp ON dp.design_id = d.id AND dp.position = 0
         LEFT JOIN photo p ON p.hash = dp.photo_hash
         LEFT JOIN design_maker dm ON dm.design_id = d.id
         WHERE d.status = 'published' AND d.id IN ",
    );
    statement.list(design_ids).push(" ORDER BY dm.minutes DESC, dm.steps DESC, dm.member_id");
    statement.fetch_all(db).await
}
