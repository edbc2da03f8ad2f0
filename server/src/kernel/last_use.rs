//! Whether the last use of payments and of mail succeeded. A node without them still shows its
//! pieces, so `/readyz` reports the result and stays ready.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// The last use of one of them.
#[derive(Debug, Default)]
pub struct LastUse(Mutex<Option<(Instant, bool)>>);

impl LastUse {
    /// Notes that it was used, and whether that worked.
    pub fn note(&self, worked: bool) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), worked));
    }

    /// A short text for the operator: `worked 12 s ago`.
    pub fn told(&self) -> String {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            None => "not used yet".to_owned(),
            Some((at, worked)) => {
                let how = if worked { "worked" } else { "failed" };
                format!("{how} {} s ago", at.elapsed().as_secs())
            }
        }
    }
}

/// The last use of each of them.
#[derive(Debug, Default)]
pub struct LastUses {
    /// The payment provider.
    pub payments: LastUse,
    /// The mail server.
    pub mail: LastUse,
}
