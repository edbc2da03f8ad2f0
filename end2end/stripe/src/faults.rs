//! Stripe unwell, on demand: errors, slowness, cut lines.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::app::locked;

/// How a request goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// An error answer.
    Error,
    /// The right answer, late.
    Slow,
    /// The line is cut without an answer.
    HangUp,
}

/// Whether the work is done all the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum When {
    /// Nothing happens at Stripe.
    #[default]
    Before,
    /// The session is opened, the refund made; the shop does not hear of it.
    After,
}

/// A fault, for the next `count` API requests it fits, or until it is cleared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    /// What happens.
    pub(crate) kind: Kind,
    /// Before or after the work.
    #[serde(default)]
    pub(crate) when: When,
    /// For errors: 500 unless told otherwise.
    #[serde(default = "five_hundred")]
    pub(crate) status: u16,
    /// For slowness.
    #[serde(default)]
    pub(crate) ms: u64,
    /// Requests left; none means until cleared.
    #[serde(default)]
    pub(crate) count: Option<u32>,
    /// Only this method.
    #[serde(default)]
    pub(crate) method: Option<String>,
    /// Only paths that begin so.
    #[serde(default)]
    pub(crate) path: Option<String>,
}

fn five_hundred() -> u16 {
    500
}

/// All faults in force; the first that fits a request is taken.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// One more.
    pub(crate) fn add(&self, fault: Fault) {
        locked(&self.0).push(fault);
    }

    /// None any more.
    pub(crate) fn clear(&self) {
        locked(&self.0).clear();
    }

    /// Those in force.
    pub(crate) fn all(&self) -> Vec<Fault> {
        locked(&self.0).clone()
    }

    /// The fault this request meets.
    pub(crate) fn meet(&self, method: &str, path: &str) -> Option<Fault> {
        let mut faults = locked(&self.0);
        let at = faults.iter().position(|fault| {
            fault.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
                && fault.path.as_deref().is_none_or(|start| path.starts_with(start))
        })?;
        let met = faults[at].clone();
        if let Some(count) = &mut faults[at].count {
            *count = count.saturating_sub(1);
            if *count == 0 {
                faults.remove(at);
            }
        }
        Some(met)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_wears_out() {
        let faults = Faults::default();
        let text = r#"{"kind":"error","count":2,"method":"post","path":"/v1/refunds"}"#;
        faults.add(serde_json::from_str(text).unwrap());
        assert!(faults.meet("GET", "/v1/refunds").is_none());
        assert!(faults.meet("POST", "/v1/charges").is_none());
        assert_eq!(faults.meet("POST", "/v1/refunds").unwrap().status, 500);
        assert!(faults.meet("POST", "/v1/refunds").is_some());
        assert!(faults.meet("POST", "/v1/refunds").is_none());
    }
}
