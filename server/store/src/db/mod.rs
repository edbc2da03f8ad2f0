//! The two engines behind one [`Db`], [`Tx`] and [`Query`].
//!
//! A statement is written once, with `$1` parameters and the column types of the
//! migrations (TEXT, BIGINT, BOOLEAN), and runs on the embedded SQLite file or on
//! PostgreSQL. What differs between the engines is in this folder and nowhere else.

mod error;
mod migrate;
mod query;
mod read_only;
pub mod sqlite_triggers;
mod writer;

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

pub use error::{Cause, DbError, DbResult, inconsistent, touched};
pub use query::{AnyRow, Query};
pub use writer::{Writer, WriterTx};

/// How long a request waits for a connection, for the one SQLite writer or for a locked row.
const WAIT: Duration = Duration::from_secs(5);

/// How many prepared statements a connection remembers; filters and lists make more than the shop's
/// own hundred.
const STATEMENTS: usize = 256;

/// Which database answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The embedded file.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

impl Engine {
    /// What a `SELECT … LIMIT 1` adds so that two workers never take the same row; SQLite
    /// has one writer and needs nothing.
    pub(crate) const fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }
}

/// A handle on the database; cheap to clone.
#[derive(Debug, Clone)]
pub enum Db {
    /// The embedded file: many readers, one writer.
    Sqlite {
        /// Pool for reads.
        read: SqlitePool,
        /// The one writer.
        write: Writer,
    },
    /// A PostgreSQL server.
    Postgres(PgPool),
}

/// A write transaction. Dropped without [`Tx::commit`] it rolls back.
#[derive(Debug)]
pub enum Tx {
    /// A transaction of the one writer.
    Sqlite(WriterTx),
    /// `BEGIN` on a pooled connection.
    Postgres(sqlx::Transaction<'static, sqlx::Postgres>),
}

impl Db {
    /// Opens `url`: `sqlite:path/to/file.db` (made when missing) or `postgres://…`.
    /// `connections` is the size of the pool (of readers, for SQLite).
    pub async fn open(url: &str, connections: u32) -> DbResult<Self> {
        if url.starts_with("sqlite:") {
            Self::open_sqlite(url, connections).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            // A row that stays locked counts as a database that does not answer.
            let options = PgConnectOptions::from_str(url)?
                .application_name("divinas")
                .statement_cache_capacity(STATEMENTS)
                .options([("lock_timeout", format!("{}s", WAIT.as_secs()))]);
            let pool = PgPoolOptions::new()
                .max_connections(connections)
                .min_connections(connections.min(2))
                .acquire_timeout(WAIT)
                .test_before_acquire(false)
                .before_acquire(|connection, _| Box::pin(read_only::may_be_used(connection)))
                .connect_with(options)
                .await?;
            Ok(Self::Postgres(pool))
        } else {
            Err(DbError::Other("DATABASE_URL starts with sqlite: or postgres:".into()))
        }
    }

    async fn open_sqlite(url: &str, connections: u32) -> DbResult<Self> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .foreign_keys(true)
            .busy_timeout(WAIT)
            .pragma("temp_store", "memory")
            .pragma("mmap_size", "268435456")
            .pragma("cache_size", "-16000")
            .statement_cache_capacity(STATEMENTS);
        // The writer books money, so a commit that was answered must survive a power cut.
        let write = Writer::open(&options.clone().synchronous(SqliteSynchronous::Full)).await?;
        let read = SqlitePoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(WAIT)
            .test_before_acquire(false)
            .connect_with(options.synchronous(SqliteSynchronous::Normal).pragma("query_only", "on"))
            .await?;
        Ok(Self::Sqlite { read, write })
    }

    /// Which engine answers.
    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite { .. } => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// A read outside any transaction.
    pub fn query(&self, sql: impl Into<query::Sql>) -> Query<'_> {
        match self {
            Self::Sqlite { read, .. } => Query::sqlite(sql.into(), query::On::Sqlite(read)),
            Self::Postgres(pool) => Query::postgres(sql.into(), query::On::Postgres(pool)),
        }
    }

    /// A write of one statement in a transaction of its own. Its result is durable when it returns.
    /// PostgreSQL is asked once instead of three times.
    pub fn write(&self, sql: impl Into<query::Sql>) -> Query<'_> {
        match self {
            Self::Sqlite { write, .. } => Query::sqlite(sql.into(), query::On::SqliteWriter(write)),
            Self::Postgres(pool) => Query::postgres(sql.into(), query::On::Postgres(pool)),
        }
    }

    /// A write of one statement that may return before it is durable: a power cut within the next
    /// milliseconds undoes it, so use it only where that does no harm. Other writes see it at once;
    /// reads, a moment later. On PostgreSQL it is the same as [`Db::write`].
    pub fn write_soon(&self, sql: impl Into<query::Sql>) -> Query<'_> {
        match self {
            Self::Sqlite { write, .. } => {
                Query::sqlite(sql.into(), query::On::SqliteWriterSoon(write))
            }
            Self::Postgres(_) => self.write(sql),
        }
    }

    /// Begins a write transaction.
    pub async fn begin(&self) -> DbResult<Tx> {
        Ok(match self {
            Self::Sqlite { write, .. } => Tx::Sqlite(write.begin().await?),
            Self::Postgres(pool) => Tx::Postgres(begin_for_certain(pool.clone()).await?),
        })
    }

    /// Whether it takes writes: a PostgreSQL primary that was demoted does not.
    pub async fn takes_writes(&self) -> DbResult<bool> {
        match self {
            Self::Sqlite { .. } => Ok(true),
            Self::Postgres(pool) => {
                let mut connection = pool.acquire().await?;
                let takes = read_only::takes_writes(&mut connection).await?;
                if !takes {
                    read_only::note();
                }
                Ok(takes)
            }
        }
    }

    /// Brings the schema up to date; concurrent callers wait for each other.
    pub async fn migrate(&self) -> DbResult<()> {
        migrate::run(self).await
    }

    /// Whether every migration of this binary is applied.
    pub async fn is_migrated(&self) -> DbResult<bool> {
        migrate::is_done(self).await
    }

    /// Closes every connection; SQLite writes its write-ahead log into the file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { read, write } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// Begins a transaction that is ended even if the caller is dropped meanwhile. sqlx counts a
/// transaction once `BEGIN` has been answered. If nobody waits for that answer, the connection goes
/// back to the pool inside a transaction that nobody ends, and what the next user writes there is
/// never committed (sqlx issue 4393, fixed after 0.9.0). So a task of its own waits.
async fn begin_for_certain(pool: PgPool) -> DbResult<sqlx::Transaction<'static, sqlx::Postgres>> {
    let begun = tokio::spawn(async move { pool.begin().await }).await;
    Ok(begun
        .map_err(|error| DbError::Unavailable(format!("no transaction begun: {error}").into()))??)
}

impl Tx {
    /// A statement inside this transaction.
    pub fn query(&mut self, sql: impl Into<query::Sql>) -> Query<'_> {
        match self {
            Self::Sqlite(tx) => Query::sqlite(sql.into(), query::On::SqliteTx(tx.connection())),
            Self::Postgres(tx) => Query::postgres(sql.into(), query::On::PostgresTx(tx)),
        }
    }

    /// Whether no other transaction writes meanwhile, so that rows need no lock: SQLite has one
    /// writer at a time.
    #[must_use]
    pub const fn is_alone(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// A `SELECT` whose rows stay locked until the transaction ends. On SQLite the whole
    /// transaction is the lock.
    pub fn query_locked(&mut self, sql: impl Into<String>) -> Query<'_> {
        let sql = sql.into();
        match self {
            Self::Sqlite(_) => self.query(sql),
            Self::Postgres(_) => self.query(sql + " FOR UPDATE"),
        }
    }

    /// Which engine answers.
    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// Makes everything in this transaction durable, or nothing.
    pub async fn commit(self) -> DbResult<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => Ok(tx.commit().await?),
        }
    }

    /// Undoes everything in this transaction. Await it wherever the caller acts on what was read in
    /// the transaction: one that is only dropped may have read what never became durable.
    pub async fn rollback(self) -> DbResult<()> {
        match self {
            Self::Sqlite(tx) => tx.rollback().await,
            Self::Postgres(tx) => Ok(tx.rollback().await?),
        }
    }
}

/// `$from, $from+1, …` for a list of `count` values in an `IN (…)`.
pub fn placeholders(from: usize, count: usize) -> String {
    let mut out = String::with_capacity(count * 5);
    for n in 0..count {
        if n > 0 {
            out.push_str(", ");
        }
        out.push('$');
        out.push_str(&(from + n).to_string());
    }
    out
}
