//! One statement with its parameters, for either engine.

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{
    Arguments, AssertSqlSafe, Encode, FromRow, PgPool, Postgres, SqlSafeStr, SqlStr, Sqlite,
    SqliteConnection, SqlitePool, Type,
};

use super::error::{DbError, DbResult};
use super::writer::Writer;

/// A row type that both engines can fill.
pub trait AnyRow:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}
impl<T> AnyRow for T where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

/// Text of a statement. A `String` is one assembled from constant fragments; values are
/// always bound, never written into it.
#[derive(Debug)]
pub struct Sql(SqlStr);

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self(text.into_sql_str())
    }
}

impl From<String> for Sql {
    fn from(text: String) -> Self {
        Self(AssertSqlSafe(text).into_sql_str())
    }
}

/// Where a statement runs.
#[derive(Debug)]
pub(super) enum On<'c> {
    Sqlite(&'c SqlitePool),
    SqliteWriter(&'c Writer),
    /// Like the one before, but the caller does not wait until the write is durable.
    SqliteWriterSoon(&'c Writer),
    SqliteTx(DbResult<&'c mut SqliteConnection>),
    Postgres(&'c PgPool),
    PostgresTx(&'c mut sqlx::Transaction<'static, Postgres>),
}

#[derive(Debug)]
enum Parameters {
    Sqlite(SqliteArguments),
    Postgres(PgArguments),
}

/// A statement with its parameters, ready to run.
#[derive(Debug)]
#[must_use]
pub struct Query<'c> {
    sql: SqlStr,
    on: On<'c>,
    parameters: Parameters,
    failed: Option<String>,
}

/// Runs `$method` of a `query`/`query_as` on wherever the statement goes.
macro_rules! run {
    ($self:ident, $make:ident $(::<$row:ident>)?, $method:ident) => {{
        if let Some(what) = $self.failed {
            return Err(DbError::Other(what.into()));
        }
        match ($self.on, $self.parameters) {
            (On::Sqlite(pool), Parameters::Sqlite(p)) => {
                sqlx::$make::<Sqlite, $($row,)? _>($self.sql, p).$method(pool).await.map(Into::into)
            }
            (On::SqliteWriter(writer), Parameters::Sqlite(p)) => {
                let mut tx = writer.begin().await?;
                let done = sqlx::$make::<Sqlite, $($row,)? _>($self.sql, p).$method(tx.connection()?).await;
                if done.is_ok() {
                    tx.commit().await?;
                }
                done.map(Into::into)
            }
            (On::SqliteWriterSoon(writer), Parameters::Sqlite(p)) => {
                let mut tx = writer.begin().await?;
                let done = sqlx::$make::<Sqlite, $($row,)? _>($self.sql, p).$method(tx.connection()?).await;
                if done.is_ok() {
                    tx.commit_soon()?;
                }
                done.map(Into::into)
            }
            (On::SqliteTx(tx), Parameters::Sqlite(p)) => {
                sqlx::$make::<Sqlite, $($row,)? _>($self.sql, p).$method(tx?).await.map(Into::into)
            }
            (On::Postgres(pool), Parameters::Postgres(p)) => {
                sqlx::$make::<Postgres, $($row,)? _>($self.sql, p).$method(pool).await.map(Into::into)
            }
            (On::PostgresTx(tx), Parameters::Postgres(p)) => {
                sqlx::$make::<Postgres, $($row,)? _>($self.sql, p).$method(&mut **tx).await.map(Into::into)
            }
            _ => unreachable!("a statement is made for the engine it runs on"),
        }
        .map_err(DbError::from)
    }};
}

/// Rows touched by a statement.
struct Touched(u64);

impl From<sqlx::sqlite::SqliteQueryResult> for Touched {
    fn from(result: sqlx::sqlite::SqliteQueryResult) -> Self {
        Self(result.rows_affected())
    }
}

impl From<sqlx::postgres::PgQueryResult> for Touched {
    fn from(result: sqlx::postgres::PgQueryResult) -> Self {
        Self(result.rows_affected())
    }
}

impl<'c> Query<'c> {
    pub(super) fn sqlite(sql: Sql, on: On<'c>) -> Self {
        Self {
            sql: sql.0,
            on,
            parameters: Parameters::Sqlite(SqliteArguments::default()),
            failed: None,
        }
    }

    pub(super) fn postgres(sql: Sql, on: On<'c>) -> Self {
        Self {
            sql: sql.0,
            on,
            parameters: Parameters::Postgres(PgArguments::default()),
            failed: None,
        }
    }

    /// Binds the next parameter.
    pub fn bind<'t, T>(mut self, value: T) -> Self
    where
        T: Encode<'t, Sqlite> + Type<Sqlite> + Encode<'t, Postgres> + Type<Postgres>,
    {
        let added = match &mut self.parameters {
            Parameters::Sqlite(p) => p.add(value),
            Parameters::Postgres(p) => p.add(value),
        };
        if let Err(error) = added {
            self.failed = Some(format!("a parameter cannot be encoded: {error}"));
        }
        self
    }

    /// Binds every value of a list, in order.
    pub fn bind_all<'t, T>(self, values: impl IntoIterator<Item = T>) -> Self
    where
        T: Encode<'t, Sqlite> + Type<Sqlite> + Encode<'t, Postgres> + Type<Postgres>,
    {
        values.into_iter().fold(self, Query::bind)
    }

    /// Binds the next parameter: a text, or a key of any type.
    pub fn bind_text(self, text: &str) -> Self {
        self.bind(text)
    }

    /// Binds texts and keys, in order.
    pub fn bind_texts<const N: usize>(self, texts: [&str; N]) -> Self {
        self.bind_all(texts)
    }

    /// The row, or `None`.
    pub async fn fetch_optional<R: AnyRow>(self) -> DbResult<Option<R>> {
        run!(self, query_as_with::<R>, fetch_optional)
    }

    /// The row that must be there.
    pub async fn fetch_one<R: AnyRow>(self) -> DbResult<R> {
        run!(self, query_as_with::<R>, fetch_one)
    }

    /// All rows.
    pub async fn fetch_all<R: AnyRow>(self) -> DbResult<Vec<R>> {
        run!(self, query_as_with::<R>, fetch_all)
    }

    /// Runs it and tells how many rows it touched.
    pub async fn execute(self) -> DbResult<u64> {
        let touched: DbResult<Touched> = run!(self, query_with, execute);
        touched.map(|t| t.0)
    }
}
