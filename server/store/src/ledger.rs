//! The books: entries are inserted with their postings and sealed together.

use domain::id::OrderId;
use domain::ledger::{AccountCode, Entry};

use crate::db::{Db, DbResult, Tx, placeholders, touched};
use crate::ids::new_id;
use crate::{Value, insert_rows};

/// Writes entries of an order and seals them. A second entry of the same kind and reference is
/// refused by the schema, so nothing is ever posted twice.
pub async fn post(tx: &mut Tx, entries: &[Entry], order_id: &OrderId) -> DbResult<()> {
    let ids: Vec<&str> = entries.iter().map(|entry| entry.header().id.as_str()).collect();
    let headers: Vec<Vec<Value>> =
        entries.iter().map(|entry| header_row(entry, order_id)).collect();
    let postings: Vec<Vec<Value>> = entries.iter().flat_map(posting_rows).collect();
    let count = postings.len() as u64;
    let into = "ledger_entry (id, kind, reference, order_id, at_us)";
    touched(
        insert_rows(tx, into, "", headers).await?,
        ids.len() as u64,
        ("ledger_entry", order_id),
    )?;
    let into =
        "ledger_posting (id, entry_id, position, account, member_id, currency, amount_minor)";
    touched(insert_rows(tx, into, "", postings).await?, count, ("ledger_posting", order_id))?;
    let sealed = tx
        .query(format!(
            "UPDATE ledger_entry SET sealed = TRUE WHERE id IN ({}) AND NOT sealed",
            placeholders(1, ids.len())
        ))
        .bind_all(&ids)
        .execute()
        .await?;
    touched(sealed, ids.len() as u64, ("ledger_entry", order_id))
}

fn header_row(entry: &Entry, order_id: &OrderId) -> Vec<Value> {
    let header = entry.header();
    vec![
        header.id.as_str().into(),
        entry.kind().as_str().into(),
        header.reference.as_str().into(),
        order_id.into(),
        header.occurred_at_us.into(),
    ]
}

fn posting_rows(entry: &Entry) -> impl Iterator<Item = Vec<Value>> {
    (1_i64..).zip(entry.postings()).map(|(position, posting)| {
        let member = match &posting.account {
            AccountCode::Member(member) => Some(member.as_str().to_owned()),
            _ => None,
        };
        vec![
            new_id().into(),
            entry.header().id.as_str().into(),
            position.into(),
            posting.account.to_string().into(),
            member.into(),
            posting.currency.code().into(),
            posting.amount_minor.into(),
        ]
    })
}

/// Balance of every account and currency, for the trial balance.
pub async fn balances(db: &Db) -> DbResult<Vec<(String, String, i64)>> {
    db.query(
        "SELECT p.account, p.currency, CAST(SUM(p.amount_minor) AS BIGINT) FROM ledger_posting p \
         JOIN ledger_entry e ON e.id = p.entry_id AND e.sealed GROUP BY p.account, p.currency ORDER BY p.account, p.currency",
    )
    .fetch_all()
    .await
}
