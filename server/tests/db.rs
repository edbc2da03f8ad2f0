//! The two engines: the same tables, the same guards, the same answers.

use std::collections::BTreeMap;

use server::db::{Db, DbError};

use crate::support::TestDb;

on_both_engines!(
    a_ledger_entry_sums_to_zero,
    a_sealed_entry_is_final,
    migrating_again_changes_nothing,
    every_write_is_seen_by_the_version
);

async fn entry(db: &Db, id: &str, amounts: &[(&str, i64)]) -> Result<(), DbError> {
    let mut tx = db.begin().await?;
    tx.query("INSERT INTO ledger_entry (id, kind, reference, at_us) VALUES ($1, 'sale', $1, 1)")
        .bind(id)
        .execute()
        .await?;
    for (position, (currency, amount)) in amounts.iter().enumerate() {
        tx.query(
            "INSERT INTO ledger_posting (id, entry_id, position, account, currency, amount_minor)
             VALUES ($1, $2, $3, 'stripe:balance', $4, $5)",
        )
        .bind(format!("{id}-{position}"))
        .bind(id)
        .bind(position as i64)
        .bind(*currency)
        .bind(*amount)
        .execute()
        .await?;
    }
    tx.query("UPDATE ledger_entry SET sealed = TRUE WHERE id = $1").bind(id).execute().await?;
    tx.commit().await
}

async fn a_ledger_entry_sums_to_zero(test: TestDb) {
    entry(&test.db, "good", &[("PEN", 5), ("PEN", -5), ("USD", 7), ("USD", -7)]).await.unwrap();
    for (id, bad) in [
        ("one", vec![("PEN", 5)]),
        ("mixed", vec![("PEN", 5), ("USD", -5)]),
        ("none", vec![]),
        ("off", vec![("PEN", 5), ("PEN", -4)]),
    ] {
        let refused = entry(&test.db, id, &bad).await;
        assert!(matches!(refused, Err(DbError::Constraint(_))), "{id}: {refused:?}");
    }
    let kept = test.db.query("SELECT id FROM ledger_entry").fetch_all::<(String,)>().await.unwrap();
    assert_eq!(kept, [("good".to_owned(),)]);
}

async fn a_sealed_entry_is_final(test: TestDb) {
    entry(&test.db, "e", &[("PEN", 5), ("PEN", -5)]).await.unwrap();
    for statement in [
        "UPDATE ledger_entry SET at_us = 2",
        "DELETE FROM ledger_entry",
        "UPDATE ledger_posting SET amount_minor = 6",
        "DELETE FROM ledger_posting",
        "INSERT INTO ledger_posting (id, entry_id, position, account, currency, amount_minor) VALUES ('p', 'e', 9, 'a', 'PEN', 1)",
        "INSERT INTO ledger_entry (id, kind, reference, at_us, sealed) VALUES ('f', 'sale', 'f', 1, TRUE)",
        "INSERT INTO ledger_entry (id, kind, reference, at_us) VALUES ('g', 'sale', 'e', 1)",
    ] {
        let mut tx = test.db.begin().await.unwrap();
        let refused = tx.query(statement).execute().await;
        assert!(
            matches!(refused, Err(DbError::Constraint(_) | DbError::Unique(_))),
            "{statement}: {refused:?}"
        );
        tx.rollback().await.unwrap();
    }
}

async fn migrating_again_changes_nothing(test: TestDb) {
    assert!(test.db.is_migrated().await.unwrap());
    test.db.migrate().await.unwrap();
    assert!(test.db.is_migrated().await.unwrap());
}

async fn every_write_is_seen_by_the_version(test: TestDb) {
    let before = server::store::version::current(&test.db).await.unwrap();
    let mut tx = test.db.begin().await.unwrap();
    tx.query("INSERT INTO supplier (id, name) VALUES ('s', 'Sissaï')").execute().await.unwrap();
    tx.commit().await.unwrap();
    let after = server::store::version::current(&test.db).await.unwrap();
    assert!(after.version > before.version && after.content > before.content);
    let mut tx = test.db.begin().await.unwrap();
    tx.query("UPDATE supplier SET name = 'Otra'").execute().await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(server::store::version::current(&test.db).await.unwrap(), after);
}

/// Tables that only one engine needs, each with its reason.
const OWN: [(&str, &str); 3] = [
    ("_sqlx_migrations", "the migrator's"),
    ("design_search", "full text, its own on each engine"),
    ("design_search_text", "full text, its own on each engine"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_engines_have_the_same_tables_and_columns() {
    let lite = TestDb::sqlite().await;
    let Some(postgres) = TestDb::postgres().await else { return };
    let of_sqlite = lite
        .db
        .query(
            "SELECT m.name, c.name, UPPER(c.type) FROM sqlite_master m, pragma_table_info(m.name) c
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'design_search%'",
        )
        .fetch_all::<(String, String, String)>()
        .await
        .unwrap();
    let of_postgres = postgres
        .db
        .query(
            "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), UPPER(CAST(data_type AS TEXT))
             FROM information_schema.columns WHERE table_schema = 'public'",
        )
        .fetch_all::<(String, String, String)>()
        .await
        .unwrap();
    assert_eq!(columns(of_sqlite), columns(of_postgres));
}

fn columns(rows: Vec<(String, String, String)>) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut tables = BTreeMap::<String, BTreeMap<String, String>>::new();
    for (table, column, kind) in rows {
        if !OWN.iter().any(|(own, _)| *own == table) {
            tables.entry(table).or_default().insert(column, kind);
        }
    }
    tables
}

#[test]
fn both_engines_have_the_same_migration_files() {
    let names = |folder: &str| {
        let path = format!("{}/../migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
        let mut names: Vec<_> =
            std::fs::read_dir(path).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

/// As `.cargo/config.toml` asks for it, wherever it was compiled.
#[tokio::test]
async fn sqlite_has_no_lock_that_all_readers_wait_for() {
    let test = TestDb::sqlite().await;
    let options = test.db.query("SELECT compile_options FROM pragma_compile_options");
    let options: Vec<(String,)> = options.fetch_all().await.unwrap();
    let has = |wanted: &str| options.iter().any(|(option,)| option == wanted);
    assert!(has("ENABLE_FTS5") && has("DEFAULT_MEMSTATUS=0"));
    assert!(!has("ENABLE_MEMORY_MANAGEMENT"));
}
