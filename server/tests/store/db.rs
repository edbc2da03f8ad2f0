//! The two engines: the same tables, the same guards, the same answers.

use std::collections::{BTreeMap, BTreeSet};

use store::db::sqlite_triggers::{APPEND_ONLY, Content, SHOWN, Shown};
use store::db::{Db, DbError, Engine};
use store::session;

use crate::support::{TestDb, key};

on_both_engines!(
    a_ledger_entry_sums_to_zero,
    a_sealed_entry_is_final,
    migrating_again_changes_nothing,
    a_bag_of_before_is_carried_over,
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

/// Sessions of versions that kept bag and attempt as one text.
async fn a_bag_of_before_is_carried_over(test: TestDb) {
    let mut tx = test.db.begin().await.unwrap();
    for (id, data) in [
        ("full", r#"{"bag":["piece-b","piece-a","piece-b"],"attempt":"attempt-1"}"#),
        ("bare", r#"{"attempt":"attempt-2"}"#),
        ("none", "{}"),
    ] {
        tx.query("INSERT INTO session (id, data, expires_at_us) VALUES ($1, $2, 9)")
            .bind_all([id, data])
            .execute()
            .await
            .unwrap();
    }
    let migration = match tx.engine() {
        Engine::Sqlite => include_str!("../../../migrations/sqlite/0005_visits.sql"),
        Engine::Postgres => include_str!("../../../migrations/postgres/0005_visits.sql"),
    };
    let (_, carrying) = migration.split_once("-- Bags and attempts of before.").unwrap();
    for statement in carrying.split_inclusive(';').filter(|part| !part.trim().is_empty()) {
        tx.query(statement.to_owned()).execute().await.unwrap();
    }
    tx.commit().await.unwrap();
    let held = async |id| session::held(&test.db, &key(id), 1).await.unwrap().unwrap();
    let full = held("full").await;
    assert_eq!(full.bag, ["piece-b", "piece-a"]);
    assert_eq!(full.attempt.as_deref(), Some("attempt-1"));
    let bare = held("bare").await;
    assert_eq!((bare.bag.len(), bare.attempt.as_deref()), (0, Some("attempt-2")));
    let none = held("none").await;
    assert_eq!((none.bag.len(), none.attempt, none.is_notified), (0, None, false));
}

async fn every_write_is_seen_by_the_version(test: TestDb) {
    let before = store::version::current(&test.db).await.unwrap();
    let mut tx = test.db.begin().await.unwrap();
    tx.query("INSERT INTO supplier (id, name) VALUES ('s', 'Sissaï')").execute().await.unwrap();
    tx.commit().await.unwrap();
    let after = store::version::current(&test.db).await.unwrap();
    assert!(after.version > before.version && after.content > before.content);
    let mut tx = test.db.begin().await.unwrap();
    tx.query("UPDATE supplier SET name = 'Otra'").execute().await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(store::version::current(&test.db).await.unwrap(), after);
}

/// One trigger of the list is missing, and one of an earlier version is still there.
#[tokio::test]
async fn the_migrator_makes_generated_triggers_exactly_as_listed() {
    let test = TestDb::sqlite().await;
    assert!(test.db.is_migrated().await.unwrap());
    let mut tx = test.db.begin().await.unwrap();
    for sql in [
        "DROP TRIGGER generated_sale_append_only_update",
        "CREATE TRIGGER generated_of_before AFTER DELETE ON supplier BEGIN SELECT RAISE(ABORT, 'old'); END",
        "INSERT INTO supplier (id, name) VALUES ('s', 'Sissaï')",
    ] {
        tx.query(sql).execute().await.unwrap();
    }
    tx.commit().await.unwrap();
    assert!(!test.db.is_migrated().await.unwrap());
    test.db.migrate().await.unwrap();
    assert!(test.db.is_migrated().await.unwrap());
    test.db.write("DELETE FROM supplier").execute().await.unwrap();
}

/// What a table's triggers do on each engine: SQLite's are generated from the lists, PostgreSQL's
/// are in its migrations.
#[tokio::test]
async fn both_engines_watch_and_guard_the_same_tables() {
    let Some(db) = TestDb::postgres().await else { return };
    let rows: Vec<(String, String, String)> = db
        .db
        .query(
            "SELECT t.tgname, c.relname, pg_get_triggerdef(t.oid) FROM pg_trigger t \
             JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal",
        )
        .fetch_all()
        .await
        .unwrap();
    let of = |kind: &str| -> BTreeMap<&str, &str> {
        let named = rows.iter().filter(|(name, table, _)| *name == format!("{table}_{kind}"));
        named.map(|(_, table, text)| (table.as_str(), text.as_str())).collect()
    };
    let (seen, content) = (of("seen"), of("content"));
    let listed: BTreeSet<&str> = SHOWN.iter().map(|shown| shown.table).collect();
    assert_eq!(seen.keys().copied().collect::<BTreeSet<_>>(), listed);
    for Shown { table, content: moved } in SHOWN {
        let trigger = content.get(table).copied();
        match moved {
            Content::Always => {
                assert!(trigger.is_some_and(|t| !t.contains("UPDATE OF")), "{table}")
            }
            Content::Columns(columns) => {
                let of = format!("UPDATE OF {columns} ON");
                assert!(trigger.is_some_and(|text| text.contains(&of)), "{table}: {trigger:?}");
            }
            Content::Never => assert_eq!(trigger, None, "{table}"),
        }
    }
    let guarded: BTreeSet<&str> = of("append_only").into_keys().collect();
    assert_eq!(guarded, BTreeSet::from(APPEND_ONLY));
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

/// The migrations of an engine whose numbers lie in a range, in their order.
fn migrations(engine: &str, numbers: std::ops::RangeInclusive<u32>) -> Vec<String> {
    let folder = format!("{}/../migrations/{engine}", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let number = |path: &std::path::PathBuf| -> u32 {
        path.file_name().unwrap().to_str().unwrap()[..4].parse().unwrap()
    };
    files.retain(|path| numbers.contains(&number(path)));
    files.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// Lots, papers and movements as a shop of before melts has them.
const BEFORE_MELTS: &str = "
    INSERT INTO supplier (id, name) VALUES ('s', 'Sissaï');
    INSERT INTO mine (id, slug, name, place) VALUES ('m', 'm', 'Mina', 'Ananea');
    INSERT INTO material_lot (id, code, metal, fineness_permille, received_mg, supplier_id, mine_id, trading_model, owner, mixed,
      left_mine_on, received_on, price_per_fine_g_minor, price_currency) VALUES
      ('a', 'L-001', 'silver', 925, 3910, 's', 'm', 'labeled', 'consigned', FALSE, '2026-01-01', '2026-01-02', 410, 'PEN'),
      ('b', 'L-002', 'silver', 950, 30, 's', NULL, 'recycled', 'bought', TRUE, NULL, '2026-01-03', 0, 'USD');
    INSERT INTO lot_document (id, lot_id, title) VALUES ('d', 'a', 'Guía');
    INSERT INTO metal_movement (id, lot_id, kind, amount_mg, at_us) VALUES ('r', 'a', 'receive', 3910, 1), ('x', 'a', 'melt', 1000, 2);";

/// What must be there afterwards: every lot with its fine metal, and the melt that names none.
const AFTER_MELTS: &str = "SELECT l.code || ' ' || CAST(l.fine_mg AS TEXT) || ' ' || COALESCE(l.mine_id, '-') || ' ' || l.trading_model
    || ' ' || CAST((SELECT COUNT(*) FROM metal_movement m WHERE m.lot_id = l.id) AS TEXT)
    || ' ' || CAST((SELECT COUNT(*) FROM lot_document d WHERE d.lot_id = l.id) AS TEXT) FROM material_lot l ORDER BY l.code";
const KEPT: [&str; 2] = ["L-001 3617 m labeled 2 1", "L-002 28 - recycled 0 0"];

/// The lots' table is made again on SQLite: nothing in it, and nothing that refers to it, is lost.
#[tokio::test]
async fn lots_of_before_melts_are_kept_on_sqlite() {
    use sqlx::{Connection as _, SqliteConnection, raw_sql};
    let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    raw_sql("PRAGMA foreign_keys = ON").execute(&mut db).await.unwrap();
    for sql in migrations("sqlite", 1..=6) {
        raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut db).await.unwrap();
    }
    raw_sql(BEFORE_MELTS).execute(&mut db).await.unwrap();
    // As the migrator does it: each file in a transaction of its own.
    for sql in migrations("sqlite", 7..=7) {
        let sql = format!("BEGIN; {sql} COMMIT;");
        raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut db).await.unwrap();
    }
    let rows: Vec<(String,)> = sqlx::query_as(AFTER_MELTS).fetch_all(&mut db).await.unwrap();
    assert_eq!(rows.iter().map(|(row,)| row.as_str()).collect::<Vec<_>>(), KEPT);
    let broken = raw_sql("PRAGMA foreign_key_check").fetch_all(&mut db).await.unwrap();
    assert!(broken.is_empty());
    assert!(raw_sql("DELETE FROM material_lot WHERE id = 'a'").execute(&mut db).await.is_err());
}

#[tokio::test]
async fn lots_of_before_melts_are_kept_on_postgres() {
    use sqlx::{Connection as _, PgConnection, raw_sql};
    let Some(test) = TestDb::postgres().await else { return };
    let mut db = PgConnection::connect(&test.url).await.unwrap();
    raw_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public").execute(&mut db).await.unwrap();
    for sql in migrations("postgres", 1..=6) {
        raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut db).await.unwrap();
    }
    raw_sql(BEFORE_MELTS).execute(&mut db).await.unwrap();
    for sql in migrations("postgres", 7..=7) {
        let sql = format!("BEGIN; {sql} COMMIT;");
        raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut db).await.unwrap();
    }
    let rows: Vec<(String,)> = sqlx::query_as(AFTER_MELTS).fetch_all(&mut db).await.unwrap();
    assert_eq!(rows.iter().map(|(row,)| row.as_str()).collect::<Vec<_>>(), KEPT);
    assert!(raw_sql("DELETE FROM material_lot WHERE id = 'a'").execute(&mut db).await.is_err());
}

/// SQLite is compiled as `.cargo/config.toml` asks, on every machine.
#[tokio::test]
async fn sqlite_has_no_lock_that_all_readers_wait_for() {
    let test = TestDb::sqlite().await;
    let options = test.db.query("SELECT compile_options FROM pragma_compile_options");
    let options: Vec<(String,)> = options.fetch_all().await.unwrap();
    let has = |wanted: &str| options.iter().any(|(option,)| option == wanted);
    assert!(has("ENABLE_FTS5") && has("DEFAULT_MEMSTATUS=0"));
    assert!(!has("ENABLE_MEMORY_MANAGEMENT"));
}

mod demoted {
    use store::db::{Db, DbError};
    use store::session;

    use crate::support::{TestDb, key};

    /// Makes every connection of the pool read-only, as those of a demoted primary are.
    async fn demote(db: &Db) {
        let Db::Postgres(pool) = db else { panic!("only PostgreSQL is demoted") };
        let mut all = Vec::new();
        while all.len() < pool.options().get_max_connections() as usize {
            let mut connection = pool.acquire().await.unwrap();
            sqlx::query("SET default_transaction_read_only = on")
                .execute(&mut *connection)
                .await
                .unwrap();
            all.push(connection);
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn writes_resume_by_themselves_on_the_new_primary() {
        let Some(test) = TestDb::postgres().await else { return };
        assert!(test.db.takes_writes().await.unwrap());
        demote(&test.db).await;
        let refused = session::save(&test.db, &key("one"), "{}", 9).await;
        assert!(matches!(refused, Err(DbError::Unavailable(_))), "{refused:?}");
        // After the refused write, idle connections are checked before they are used.
        session::save(&test.db, &key("one"), "{}", 9).await.unwrap();
        assert!(test.db.takes_writes().await.unwrap());
        demote(&test.db).await;
        session::save(&test.db, &key("two"), "{}", 9).await.unwrap();
    }
}
