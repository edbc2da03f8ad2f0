//! Invented members with their words and what they consent to.

use std::collections::HashMap;

use domain::id::MemberId;
use jiff::Timestamp;
use store::db::Tx;
use store::ids::new_id;

use super::files::People;
use super::{DemoResult, afternoon_us, insert, unfit};

/// Writes the members. Returns their keys by slug.
pub(super) async fn write(
    tx: &mut Tx,
    people: &People,
    now: Timestamp,
) -> DemoResult<HashMap<String, MemberId>> {
    let mut ids = HashMap::new();
    let (mut members, mut texts, mut consents) = (Vec::new(), Vec::new(), Vec::new());
    for member in &people.members {
        let id = new_id();
        members.push(vec![
            id.as_str().into(),
            member.slug.as_str().into(),
            member.name.as_str().into(),
            member.community.as_str().into(),
            member.admitted_on.to_string().into(),
            "active".into(),
            member.office.clone().into(),
            true.into(),
        ]);
        for (language, words) in [("es", &member.words.es), ("en", &member.words.en)] {
            let (crafts, quote, story) =
                (words.crafts.as_str(), words.quote.as_str(), words.story.as_str());
            texts.push(vec![
                id.as_str().into(),
                language.into(),
                crafts.into(),
                quote.into(),
                story.into(),
            ]);
        }
        let given_at_us = afternoon_us(member.admitted_on).min(now.as_microsecond());
        for subject in &member.consents {
            consents.push(vec![
                new_id().into(),
                id.as_str().into(),
                subject.into(),
                "site".into(),
                given_at_us.into(),
            ]);
        }
        ids.insert(member.slug.clone(), MemberId::parse(id).map_err(unfit)?);
    }
    insert(
        tx,
        "member (id, slug, display_name, community, admitted_on, status, office, demo)",
        members,
    )
    .await?;
    insert(tx, "member_text (member_id, language, crafts, quote, story)", texts).await?;
    insert(tx, "member_consent (id, member_id, subject, purpose, given_at_us)", consents).await?;
    Ok(ids)
}
