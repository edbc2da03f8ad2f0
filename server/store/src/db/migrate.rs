//! The migrations of both engines, built into the binary.

use sqlx::Executor as _;
use sqlx::migrate::{Migrate, MigrateError, Migrator};

use super::{Db, DbError, DbResult, sqlite_triggers};

static SQLITE: Migrator = sqlx::migrate!("../../migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../../migrations/postgres");

pub(super) async fn run(db: &Db) -> DbResult<()> {
    match db {
        Db::Sqlite { write, .. } => {
            write
                .alone(async |connection| {
                    SQLITE.run(&mut *connection).await?;
                    Ok(sqlite_triggers::put_in_place(connection).await?)
                })
                .await?
        }
        Db::Postgres(pool) => {
            let mut connection = pool.acquire().await?;
            // A second migrator waits for the first, however long that one takes.
            connection.execute("SET lock_timeout = 0").await?;
            let done = POSTGRES.run(&mut *connection).await;
            connection.execute("RESET lock_timeout").await?;
            done
        }
    }
    .map_err(explain)
}

pub(super) async fn is_done(db: &Db) -> DbResult<bool> {
    let (ours, applied) = match db {
        Db::Sqlite { read, .. } => {
            let mut connection = read.acquire().await?;
            if !sqlite_triggers::are_in_place(&mut connection).await? {
                return Ok(false);
            }
            (&SQLITE, connection.list_applied_migrations(&SQLITE.table_name).await)
        }
        Db::Postgres(pool) => {
            let mut connection = pool.acquire().await?;
            (&POSTGRES, connection.list_applied_migrations(&POSTGRES.table_name).await)
        }
    };
    // A database that was never migrated has no such table.
    let Ok(applied) = applied else { return Ok(false) };
    Ok(ours
        .iter()
        .all(|m| applied.iter().any(|a| a.version == m.version && a.checksum == m.checksum)))
}

fn explain(error: MigrateError) -> DbError {
    match error {
        MigrateError::Execute(inner) | MigrateError::ExecuteMigration(inner, _) => inner.into(),
        other => DbError::Other(format!("migration: {other}").into()),
    }
}
