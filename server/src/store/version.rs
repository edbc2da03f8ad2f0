//! The one number that every write to what shoppers see moves on (by triggers, inside the
//! same transaction). A page rendered under a version is good exactly as long as it stands.

use crate::db::{Db, DbResult};

/// The version now.
pub async fn current(db: &Db) -> DbResult<i64> {
    let (version,) = db
        .query("SELECT version FROM catalogue_version WHERE id = 1")
        .fetch_one::<(i64,)>()
        .await?;
    Ok(version)
}

/// Whether any demonstration data is in the catalogue.
pub async fn holds_demo_data(db: &Db) -> DbResult<bool> {
    let row =
        db.query("SELECT id FROM design WHERE demo LIMIT 1").fetch_optional::<(String,)>().await?;
    Ok(row.is_some())
}
