//! Faults of the API, which tests ask for: errors, slow answers, cut connections.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::base::lock::lock;

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// An error is sent.
    Error,
    /// The right answer is sent late.
    Slow,
    /// The connection is cut without an answer.
    HangUp,
}

/// Whether the request is handled nevertheless.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum When {
    /// The fault comes first. Unless it only slows the request, the request is not handled.
    #[default]
    Before,
    /// The request is handled first, e.g. a refund is made, but the shop does not learn of it.
    After,
}

/// A fault. It applies to the next `count` requests that match it, or until it is cleared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// What goes wrong.
    pub(crate) kind: Kind,
    /// Before or after the request is handled.
    #[serde(default)]
    pub(crate) when: When,
    /// The HTTP status of the error.
    #[serde(default = "five_hundred")]
    pub(crate) status: u16,
    /// By how many milliseconds a slow answer is late.
    #[serde(default)]
    pub(crate) ms: u64,
    /// How many requests are left; `None` means until it is cleared.
    #[serde(default)]
    pub(crate) count: Option<u32>,
    /// Only for this method.
    #[serde(default)]
    pub(crate) method: Option<String>,
    /// Only for paths that begin like this.
    #[serde(default)]
    pub(crate) path: Option<String>,
}

fn five_hundred() -> u16 {
    500
}

/// All faults in force. The first one that matches a request applies.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Adds a fault.
    pub(crate) fn add(&self, fault: Fault) {
        lock(&self.0).push(fault);
    }

    /// Removes all faults.
    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }

    /// All faults in force.
    pub(crate) fn all(&self) -> Vec<Fault> {
        lock(&self.0).clone()
    }

    /// The fault that applies to this request, if any. Counts it down.
    pub(crate) fn take_for(&self, method: &str, path: &str) -> Option<Fault> {
        let mut faults = lock(&self.0);
        let at = faults.iter().position(|fault| {
            fault.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
                && fault.path.as_deref().is_none_or(|start| path.starts_with(start))
        })?;
        let fault = faults[at].clone();
        if let Some(count) = &mut faults[at].count {
            *count = count.saturating_sub(1);
            if *count == 0 {
                faults.remove(at);
            }
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_ends_after_its_count_of_matching_requests() {
        let faults = Faults::default();
        let text = r#"{"kind":"error","count":2,"method":"post","path":"/v1/refunds"}"#;
        faults.add(serde_json::from_str(text).unwrap());
        assert!(faults.take_for("GET", "/v1/refunds").is_none());
        assert!(faults.take_for("POST", "/v1/charges").is_none());
        assert_eq!(faults.take_for("POST", "/v1/refunds").unwrap().status, 500);
        assert!(faults.take_for("POST", "/v1/refunds").is_some());
        assert!(faults.take_for("POST", "/v1/refunds").is_none());
    }
}
