//! Members as makers, and what they consent to on the site.

use crate::db::{Db, DbResult};
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
    /// Whether she consents to her portrait.
    pub portrait: bool,
}

/// Every member in the order of the register.
pub async fn all(db: &Db) -> DbResult<Vec<MakerRow>> {
    db.query(
        "SELECT m.id, m.slug, m.display_name, m.community, m.admitted_on, m.status, m.designs_shown,
           EXISTS (SELECT 1 FROM member_consent c WHERE c.member_id = m.id AND c.subject = 'name'
             AND c.purpose = 'site' AND c.withdrawn_at_us IS NULL) AS named,
           EXISTS (SELECT 1 FROM member_consent c WHERE c.member_id = m.id AND c.subject = 'story'
             AND c.purpose = 'site' AND c.withdrawn_at_us IS NULL) AS story,
           EXISTS (SELECT 1 FROM member_consent c WHERE c.member_id = m.id AND c.subject = 'portrait'
             AND c.purpose = 'site' AND c.withdrawn_at_us IS NULL) AS portrait
         FROM member m ORDER BY m.admitted_on, m.id",
    )
    .fetch_all()
    .await
}

/// Key and name of every member, for internal books, independent of what she consents to on the
/// site.
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
