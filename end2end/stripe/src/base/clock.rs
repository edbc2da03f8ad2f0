//! The real clock. The simulated clock, which tests can move, is in the store.

use std::time::{SystemTime, UNIX_EPOCH};

/// The real time, Unix seconds.
#[expect(clippy::disallowed_methods, reason = "the only place that asks the real clock")]
pub(crate) fn real_now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
