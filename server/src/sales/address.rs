//! Gives a design another address in one language. An address belongs to one design for ever, and
//! links to a former address are redirected.

use domain::language::Language;
use domain::slug::Slug;
use store::db::{Db, DbError, DbResult};
use store::slug;

/// The result of changing an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readdressed {
    /// The design is shown at the new address from now on.
    Done,
    /// No design has or had the address that was named.
    Unknown,
    /// Another design has or had the new address: links to it lead to that design.
    Taken,
}

/// Shows the design that has or had the address `known` in `language` at the address `wanted`.
pub async fn change(
    db: &Db,
    language: Language,
    known: &Slug,
    wanted: &Slug,
) -> DbResult<Readdressed> {
    let mut tx = db.begin().await?;
    let Some(design_id) = slug::owner(&mut tx, known.as_str(), language).await? else {
        return Ok(Readdressed::Unknown);
    };
    match slug::put_in_use(&mut tx, &design_id, language, wanted).await {
        Ok(()) => {}
        Err(DbError::Unique(_)) => return Ok(Readdressed::Taken),
        Err(error) => return Err(error),
    }
    tx.commit().await?;
    Ok(Readdressed::Done)
}
