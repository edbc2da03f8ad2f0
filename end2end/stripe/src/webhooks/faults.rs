//! Faults in the delivery of webhooks, which tests ask for.

use serde::{Deserialize, Serialize};

/// What goes wrong with deliveries.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct WebhookFaults {
    /// Never send anything.
    pub(crate) drop: bool,
    /// Never send the next so many events.
    pub(crate) drop_next: u32,
    /// Send each event so many times more.
    pub(crate) duplicate: u32,
    /// Wait so long before the first attempt.
    pub(crate) delay_ms: u64,
    /// Collect so many events, then send them one after the other, the last one first.
    pub(crate) reorder: usize,
    /// Only for events of these types; `charge.*` matches a group. Empty means all.
    pub(crate) types: Vec<String>,
}
