//! Addresses of designs. Each language has one in use; the former ones redirect to it for ever.

use domain::language::Language;
use domain::slug::{Slug, Slugs};

use crate::db::{Db, DbError, DbResult, Tx, touched};

/// The columns of a [`SlugRow`] in a statement whose `d` is the design.
macro_rules! slug_columns {
    () => {
        "(SELECT slug FROM design_slug WHERE design_id = d.id AND language = 'es' AND in_use = TRUE) AS slug_es, \
         (SELECT slug FROM design_slug WHERE design_id = d.id AND language = 'en' AND in_use = TRUE) AS slug_en"
    };
}
pub(super) use slug_columns;

/// The slugs in use of a design.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SlugRow {
    slug_es: String,
    slug_en: String,
}

impl From<SlugRow> for Slugs {
    fn from(row: SlugRow) -> Self {
        Self::new(row.slug_es, row.slug_en)
    }
}

/// The design that an address belongs to.
#[derive(Debug, sqlx::FromRow)]
pub struct OwnerRow {
    /// Its addresses in use.
    #[sqlx(flatten)]
    pub slugs: SlugRow,
    /// Whether it is shown.
    pub published: bool,
}

/// The design that an address belongs to, if it was ever shown. The address may be in use or a
/// former one, of this language or another. An address of the language asked for comes before the
/// same word in another one.
pub async fn owner_shown(db: &Db, slug: &str, language: Language) -> DbResult<Option<OwnerRow>> {
    let rows: Vec<OwnerRow> = db
        .query(concat!(
            "SELECT ",
            slug_columns!(),
            ", d.status = 'published' AS published FROM design_slug a JOIN design d ON d.id = a.design_id \
             WHERE a.slug = $1 AND d.published_at_us IS NOT NULL AND d.status <> 'draft' \
             ORDER BY CASE WHEN a.language = $2 THEN 0 ELSE 1 END, a.language"
        ))
        .bind(slug)
        .bind(language.code())
        .fetch_all()
        .await?;
    Ok(rows.into_iter().next())
}

/// Key of the design that an address in any language belongs to, in use or not.
pub async fn owner(tx: &mut Tx, slug: &str, language: Language) -> DbResult<Option<String>> {
    let row: Option<(String,)> = tx
        .query("SELECT design_id FROM design_slug WHERE slug = $1 AND language = $2")
        .bind(slug)
        .bind(language.code())
        .fetch_optional()
        .await?;
    Ok(row.map(|(design_id,)| design_id))
}

/// Puts an address of a design in use; the one before redirects to it from now on. An address that
/// the design had before is put in use again.
///
/// # Errors
/// [`DbError::Unique`] when another design has it or had it.
pub async fn put_in_use(
    tx: &mut Tx,
    design_id: &str,
    language: Language,
    slug: &Slug,
) -> DbResult<()> {
    match owner(tx, slug.as_str(), language).await? {
        Some(owner) if owner != design_id => {
            return Err(DbError::Unique(
                format!("the address {slug} belongs to another design").into(),
            ));
        }
        _ => {}
    }
    let rows = tx
        .query("UPDATE design_slug SET in_use = FALSE WHERE design_id = $1 AND language = $2 AND in_use = TRUE")
        .bind(design_id)
        .bind(language.code())
        .execute()
        .await?;
    touched(rows, 1, ("design_slug", design_id))?;
    let rows = tx
        .query(
            "INSERT INTO design_slug (language, slug, design_id, in_use) VALUES ($1, $2, $3, TRUE)
             ON CONFLICT (language, slug) DO UPDATE SET in_use = TRUE",
        )
        .bind(language.code())
        .bind(slug.as_str())
        .bind(design_id)
        .execute()
        .await?;
    touched(rows, 1, ("design_slug", design_id))
}
