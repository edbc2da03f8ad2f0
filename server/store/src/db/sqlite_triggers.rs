//! SQLite's triggers that are the same for many tables, generated from two lists after the
//! migrations have run.
//!
//! PostgreSQL has one function for each rule and one line for each table in its migrations. SQLite
//! has no functions and needs a trigger for each event, so that a table would need up to six of
//! them. `tests/store/db.rs` compares the lists with PostgreSQL's triggers.
//!
//! To add a table, add a line here and the trigger in PostgreSQL's migration.

use std::collections::BTreeMap;

use sqlx::{Connection as _, Executor as _, SqliteConnection};

/// Every trigger made here has a name that begins with this.
const PREFIX: &str = "generated_";

/// A table with data that shoppers see: every write to it raises the catalogue's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// The table.
    pub table: &'static str,
    /// Which writes raise the content version too.
    pub content: Content,
}

/// Which writes to a table raise the content version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Every write.
    Always,
    /// An insert, a delete, or a change of one of these columns.
    Columns(&'static str),
    /// No write.
    Never,
}

const fn shown(table: &'static str) -> Shown {
    Shown { table, content: Content::Always }
}

/// The tables with data that shoppers see.
pub const SHOWN: [Shown; 23] = [
    shown("member"),
    shown("member_text"),
    shown("member_consent"),
    shown("mine"),
    shown("certificate"),
    shown("supplier"),
    shown("seller_licence"),
    shown("material_lot"),
    shown("lot_document"),
    shown("photo"),
    shown("site_photo"),
    shown("design_slug"),
    shown("design_text"),
    shown("design_photo"),
    shown("contribution"),
    shown("metal_movement"),
    shown("melt"),
    shown("exchange_rate"),
    shown("split_policy"),
    shown("split_policy_fund"),
    Shown {
        table: "design",
        content: Content::Columns(
            "id, slug, category, status, metal, fineness_permille, weight_mg, gold_750_mg, price_minor, \
             wholesale_price_minor, made_to_order_days, dimensions, stones, techniques, published_at_us, demo",
        ),
    },
    Shown {
        table: "piece",
        content: Content::Columns(
            "id, serial, design_id, weight_mg, stones_mg, findings_mg, circumference_tenths_mm, stones_cost_minor, \
             findings_cost_minor, inspected_on",
        ),
    },
    Shown { table: "sale", content: Content::Never },
];

/// Tables whose rows are never changed or removed.
pub const APPEND_ONLY: [&str; 13] = [
    "metal_movement",
    "ledger_posting",
    "sale",
    "sale_share",
    "piece_event",
    "split_policy",
    "split_policy_fund",
    "order_rate",
    "sale_material",
    "refund_part",
    "refund_share",
    "piece_return",
    "melt",
];

/// Every trigger by its name, as SQLite stores its text.
fn expected() -> BTreeMap<String, String> {
    let mut triggers = BTreeMap::new();
    let mut add = |name: String, when: String, then: String| {
        let sql = format!("CREATE TRIGGER {name} {when} BEGIN {then}; END");
        triggers.insert(name, sql);
    };
    for Shown { table, content } in SHOWN {
        let moves = |columns: &[&str]| {
            let set: Vec<String> = columns.iter().map(|c| format!("{c} = {c} + 1")).collect();
            format!("UPDATE catalogue_version SET {} WHERE id = 1", set.join(", "))
        };
        let (whole_row, any_column): (&[&str], &[&str]) = match content {
            Content::Always => (&["version", "content"], &["version", "content"]),
            Content::Columns(_) => (&["version", "content"], &["version"]),
            Content::Never => (&["version"], &["version"]),
        };
        for (event, moved) in [("insert", whole_row), ("update", any_column), ("delete", whole_row)]
        {
            let when = format!("AFTER {} ON {table}", event.to_uppercase());
            add(format!("{PREFIX}{table}_shown_{event}"), when, moves(moved));
        }
        if let Content::Columns(columns) = content {
            let when = format!("AFTER UPDATE OF {columns} ON {table}");
            add(format!("{PREFIX}{table}_content_update"), when, moves(&["content"]));
        }
    }
    for table in APPEND_ONLY {
        for event in ["update", "delete"] {
            let when = format!("BEFORE {} ON {table}", event.to_uppercase());
            let then = format!("SELECT RAISE(ABORT, '{table} is append-only')");
            add(format!("{PREFIX}{table}_append_only_{event}"), when, then);
        }
    }
    triggers
}

async fn stored(connection: &mut SqliteConnection) -> sqlx::Result<BTreeMap<String, String>> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().filter(|(name, _)| name.starts_with(PREFIX)).collect())
}

/// Whether the database has exactly the triggers of the lists.
pub(super) async fn are_in_place(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    Ok(stored(connection).await? == expected())
}

/// Gives the database exactly the triggers of the lists; existing ones that are right stay.
pub(super) async fn put_in_place(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    let (before, wanted) = (stored(connection).await?, expected());
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
    for (name, sql) in &before {
        if wanted.get(name) != Some(sql) {
            tx.execute(sqlx::AssertSqlSafe(format!("DROP TRIGGER {name}"))).await?;
        }
    }
    for (name, sql) in wanted {
        if before.get(&name) != Some(&sql) {
            tx.execute(sqlx::AssertSqlSafe(sql)).await?;
        }
    }
    tx.commit().await
}
