//! The numbers that every write to what shoppers see moves on (by triggers, inside the same
//! transaction). What was made under a number is good exactly as long as it stands.

use crate::db::{Db, DbResult};

/// The state of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Version {
    /// Moves with every write: pages are kept under it.
    pub version: i64,
    /// Stands still while pieces are only held, freed and sold: names, texts, photographs,
    /// papers, policies and the work in pieces are remembered under it.
    pub content: i64,
}

/// The version now.
pub async fn current(db: &Db) -> DbResult<Version> {
    db.query("SELECT version, content FROM catalogue_version WHERE id = 1").fetch_one().await
}

/// Whether any demonstration data is in the catalogue.
pub async fn holds_demo_data(db: &Db) -> DbResult<bool> {
    let row =
        db.query("SELECT id FROM design WHERE demo LIMIT 1").fetch_optional::<(String,)>().await?;
    Ok(row.is_some())
}
