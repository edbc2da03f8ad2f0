//! The versions of what shoppers see. Triggers raise them with every write, inside the same
//! transaction. What was made under a version is valid as long as the version stays the same.

use crate::db::{Db, DbResult};

/// The state of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Version {
    /// Changes with every write; pages are cached under it.
    pub version: i64,
    /// Does not change while pieces are only held, freed and sold. Names, texts, photographs,
    /// papers, policies and the work in pieces are cached under it.
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
