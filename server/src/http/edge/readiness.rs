//! Whether this node takes requests.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether this node takes requests. It takes none after the signal to stop.
#[derive(Debug, Default)]
pub struct Readiness(AtomicBool);

impl Readiness {
    /// Says whether this node takes requests.
    pub fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Release);
    }

    pub(in crate::http) fn is_ready(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
