//! The books: entries are inserted with their postings and sealed in one go.

use std::collections::BTreeMap;

use domain::id::MemberId;
use domain::ledger::{AccountCode, Entry};

use crate::db::{Db, DbError, DbResult, Tx, touched};
use crate::ids::new_id;
use crate::store::{Value, insert_rows};

/// Writes an entry and seals it. A second entry of the same kind and reference is refused
/// by the schema, so nothing is ever posted twice.
pub async fn post(tx: &mut Tx, entry: &Entry, order_id: Option<&str>) -> DbResult<()> {
    let header = entry.header();
    let rows = tx
        .query("INSERT INTO ledger_entry (id, kind, reference, order_id, at_us) VALUES ($1, $2, $3, $4, $5)")
        .bind_all([header.id.as_str(), entry.kind().as_str(), header.reference.as_str()])
        .bind(order_id)
        .bind(header.occurred_at_us)
        .execute()
        .await?;
    touched(rows, 1, "ledger_entry")?;
    let postings = (1_i64..).zip(entry.postings()).map(|(position, posting)| {
        let member = match &posting.account {
            AccountCode::Member(member) => Some(member.as_str().to_owned()),
            _ => None,
        };
        vec![
            new_id().into(),
            header.id.as_str().into(),
            position.into(),
            posting.account.to_string().into(),
            member.into(),
            posting.currency.code().into(),
            posting.amount_minor.into(),
        ]
    });
    let rows: Vec<Vec<Value>> = postings.collect();
    let (into, count) = (
        "ledger_posting (id, entry_id, position, account, member_id, currency, amount_minor)",
        rows.len() as u64,
    );
    touched(insert_rows(tx, into, "", rows).await?, count, "ledger_posting")?;
    let rows = tx
        .query("UPDATE ledger_entry SET sealed = TRUE WHERE id = $1 AND NOT sealed")
        .bind(header.id.as_str())
        .execute()
        .await?;
    touched(rows, 1, "ledger_entry")
}

/// What each of these members is owed in a currency: her account's balance, the sign turned.
pub async fn owed(
    tx: &mut Tx,
    members: &[MemberId],
    currency: &str,
) -> DbResult<BTreeMap<MemberId, i64>> {
    let mut owed = BTreeMap::new();
    for member in members {
        let (balance,): (i64,) = tx
            .query(
                "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM ledger_posting \
                 WHERE account = $1 AND currency = $2",
            )
            .bind(AccountCode::Member(member.clone()).to_string())
            .bind(currency)
            .fetch_one()
            .await?;
        owed.insert(
            member.clone(),
            balance.checked_neg().ok_or_else(|| DbError::Other("balance out of range".into()))?,
        );
    }
    Ok(owed)
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
