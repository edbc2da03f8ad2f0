//! Members as makers, and what they consent to on the site.

use crate::db::{Db, DbResult, Tx};
use domain::id::MemberId;

/// A member with what she consents to on the site, now.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MakerRow {
    /// Key.
    #[sqlx(try_from = "String")]
    pub id: MemberId,
    /// Slug of her page.
    pub slug: String,
    /// Name as she wants it shown.
    pub display_name: String,
    /// Community.
    pub community: String,
    /// Day of her admission.
    pub admitted_on: String,
    /// Whether she works now.
    pub status: String,
    /// How many published designs she worked on.
    pub designs_shown: i64,
    /// Whether she consents to be named.
    pub named: bool,
    /// Whether she consents to her story.
    pub story: bool,
    /// Name of her portrait, if there is one and she consents to it.
    pub portrait_hash: Option<String>,
    /// Widths of its files in pixels.
    pub portrait_widths: Option<String>,
}

/// Whether the member `m` consents to her portrait on the site.
const PORTRAIT: &str = "EXISTS (SELECT 1 FROM member_consent c WHERE c.member_id = m.id \
    AND c.subject = 'portrait' AND c.purpose = 'site' AND c.withdrawn_at_us IS NULL)";

/// Every member in the order of the register.
pub async fn all(db: &Db) -> DbResult<Vec<MakerRow>> {
    db.query(format!(
        "SELECT m.id, m.slug, m.display_name, m.community, m.admitted_on, m.status, m.designs_shown,
           EXISTS (SELECT 1 FROM member_consent c WHERE c.member_id = m.id AND c.subject = 'name'
             AND c.purpose = 'site' AND c.withdrawn_at_us IS NULL) AS named,
           EXISTS (SELECT 1 FROM member_consent c WHERE c.member_id = m.id AND c.subject = 'story'
             AND c.purpose = 'site' AND c.withdrawn_at_us IS NULL) AS story,
           p.hash AS portrait_hash, p.widths AS portrait_widths
         FROM member m LEFT JOIN photo p ON p.hash = m.portrait_hash AND {PORTRAIT}
         ORDER BY m.admitted_on, m.id",
    ))
    .fetch_all()
    .await
}

/// Whether the member whose portrait this is consents to it now; `None` when no member has it.
pub async fn consents_to_portrait(db: &Db, hash: &str) -> DbResult<Option<bool>> {
    let row: Option<(bool,)> = db
        .query(format!("SELECT {PORTRAIT} FROM member m WHERE m.portrait_hash = $1"))
        .bind_text(hash)
        .fetch_optional()
        .await?;
    Ok(row.map(|(consents,)| consents))
}

/// A photograph as its row has it.
#[derive(Debug, Clone, Copy)]
pub struct NewPhoto<'a> {
    /// Name.
    pub hash: &'a str,
    /// Width of the upright original in pixels.
    pub width_px: u32,
    /// Height of the upright original in pixels.
    pub height_px: u32,
    /// Dominant colour, `#rrggbb`.
    pub colour: &'a str,
    /// Widths of its files in pixels, as JSON.
    pub widths: &'a str,
}

/// Makes a photograph the portrait of the member with this slug; `false` when there is none.
pub async fn set_portrait(tx: &mut Tx, slug: &str, photo: NewPhoto<'_>) -> DbResult<bool> {
    tx.query(
        "INSERT INTO photo (hash, width_px, height_px, colour, widths) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (hash) DO NOTHING",
    )
    .bind_text(photo.hash)
    .bind(i64::from(photo.width_px))
    .bind(i64::from(photo.height_px))
    .bind_texts([photo.colour, photo.widths])
    .execute()
    .await?;
    let rows = tx
        .query("UPDATE member SET portrait_hash = $2 WHERE slug = $1")
        .bind_texts([slug, photo.hash])
        .execute()
        .await?;
    Ok(rows == 1)
}

/// Key and name of every member, for the books of the house: whatever she consents to be shown.
pub async fn names(db: &Db) -> DbResult<Vec<(String, String)>> {
    db.query("SELECT id, display_name FROM member ORDER BY id").fetch_all().await
}

/// The texts about a member in one language.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MakerTextRow {
    /// Member.
    #[sqlx(try_from = "String")]
    pub member_id: MemberId,
    /// Code of the language.
    pub language: String,
    /// What she does.
    pub crafts: String,
    /// A sentence of hers.
    pub quote: String,
    /// Her story, paragraphs separated by blank lines.
    pub story: String,
}

/// Every text of every member.
pub async fn texts(db: &Db) -> DbResult<Vec<MakerTextRow>> {
    db.query("SELECT member_id, language, crafts, quote, story FROM member_text").fetch_all().await
}
