//! The one query of the bare handler that `make bench` compares pages with.

use crate::db::{Db, DbResult};

/// A design's own columns, nothing joined.
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

/// The design with this slug, by its unique index.
pub async fn design(db: &Db, slug: &str) -> DbResult<Option<BareRow>> {
    db.query("SELECT category, metal, fineness_permille, weight_mg, price_minor, pieces_available FROM design WHERE slug = $1")
        .bind(slug)
        .fetch_optional()
        .await
}
