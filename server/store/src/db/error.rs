//! What can go wrong between a statement and its answer, seen from a use case.

use sqlx::error::ErrorKind;

use super::read_only;

/// What caused an error: another error, or a sentence.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Result of a statement.
pub type DbResult<T> = Result<T, DbError>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The database is unreachable, locked for too long, full or shutting down: worth trying again.
    #[error("database unavailable: {0}")]
    Unavailable(#[source] Cause),
    /// A unique index refused: another transaction was faster, or it was done already.
    #[error("unique constraint: {0}")]
    Unique(#[source] Cause),
    /// A CHECK, foreign key or guard refused: the code tried something that is not allowed.
    #[error("constraint: {0}")]
    Constraint(#[source] Cause),
    /// Two transactions blocked each other; this one was rolled back and may be run again.
    #[error("transaction gave way: {0}")]
    Deadlock(#[source] Cause),
    /// A row contradicts an invariant the code relies on.
    #[error("inconsistent row: {table} {id}: {what}")]
    Inconsistent {
        /// Table.
        table: &'static str,
        /// Key of the row.
        id: String,
        /// What contradicts.
        what: String,
    },
    /// Anything else.
    #[error("database: {0}")]
    Other(#[source] Cause),
}

/// Asserts that a write touched exactly as many rows as expected. The table, and the key of the row
/// or of what the rows belong to, appear in the error.
pub fn touched(rows: u64, expected: u64, (table, id): (&'static str, &str)) -> DbResult<()> {
    if rows == expected {
        return Ok(());
    }
    Err(inconsistent(table, id, &format!("{rows} rows touched instead of {expected}")))
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        let kind = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Tls(_)
            | sqlx::Error::WorkerCrashed => Self::Unavailable,
            sqlx::Error::Database(inner) => match inner.kind() {
                ErrorKind::UniqueViolation => Self::Unique,
                ErrorKind::ForeignKeyViolation
                | ErrorKind::NotNullViolation
                | ErrorKind::CheckViolation => Self::Constraint,
                _ => kind_of_code(inner.code().as_deref().unwrap_or_default()),
            },
            _ => Self::Other,
        };
        kind(error.into())
    }
}

/// What SQLite's result codes (<https://sqlite.org/rescode.html>) and PostgreSQL's SQLSTATE
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>) mean for a use case.
fn kind_of_code(code: &str) -> fn(Cause) -> DbError {
    match code {
        "40001" | "40P01" => DbError::Deadlock,
        // 57P0x: shutting down; 53xxx: out of memory, disk or connections; 08xxx: connection.
        c if c.len() == 5
            && (c.starts_with("57P")
                || c.starts_with("53")
                || c.starts_with("08")
                || c == "55P03") =>
        {
            DbError::Unavailable
        }
        read_only::CODE => {
            read_only::note();
            DbError::Unavailable
        }
        // Raised by our guards: plpgsql RAISE EXCEPTION is P0001.
        "P0001" => DbError::Constraint,
        c => match c.parse::<i32>().map(|n| n & 0xff) {
            // 5 busy, 6 locked, 8 read-only, 10 I/O, 13 full, 14 cannot open.
            Ok(5 | 6 | 8 | 10 | 13 | 14) if c.len() < 5 => DbError::Unavailable,
            // 19: constraint, among them our triggers' RAISE(ABORT).
            Ok(19) if c.len() < 5 => DbError::Constraint,
            _ => DbError::Other,
        },
    }
}

/// A row that contradicts what the code relies on.
#[must_use]
pub fn inconsistent(table: &'static str, id: &str, what: &str) -> DbError {
    DbError::Inconsistent { table, id: id.to_owned(), what: what.to_owned() }
}
