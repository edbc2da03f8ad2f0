//! Finds connections that no longer take writes. A PostgreSQL primary that was demoted keeps its
//! connections and refuses every write on them. After one write was refused, each idle connection
//! is tested before it is used, and a read-only one is closed; new ones lead to the new primary.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use sqlx::PgConnection;

/// SQLSTATE `read_only_sql_transaction`.
pub(super) const CODE: &str = "25006";

/// How long connections are tested after a refused write. One that is idle for longer costs one
/// more refused write.
const ASKED_FOR: Duration = Duration::from_secs(60);

/// When a write was last refused, for all pools of the process: a needless test does no harm.
static LAST_REFUSED: Mutex<Option<Instant>> = Mutex::new(None);

/// Notes that a connection refused a write.
pub(super) fn note() {
    if let Ok(mut last) = LAST_REFUSED.lock() {
        *last = Some(Instant::now());
    }
}

fn is_asked() -> bool {
    LAST_REFUSED.lock().is_ok_and(|last| last.is_some_and(|at| at.elapsed() < ASKED_FOR))
}

/// Whether an idle connection of the pool may be used.
pub(super) async fn may_be_used(connection: &mut PgConnection) -> sqlx::Result<bool> {
    if !is_asked() {
        return Ok(true);
    }
    takes_writes(connection).await
}

/// Whether a connection takes writes.
pub(super) async fn takes_writes(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let (read_only,): (String,) =
        sqlx::query_as("SHOW transaction_read_only").fetch_one(connection).await?;
    Ok(read_only == "off")
}
