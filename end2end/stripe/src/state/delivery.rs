//! Deliveries of events to the webhook endpoint.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::objects::object::Object;

/// How a delivery is signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Signature {
    /// Correctly.
    #[default]
    Valid,
    /// Correctly, but with the time of an hour ago.
    Stale,
    /// With a wrong secret.
    Forged,
}

/// The status of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// It will be attempted, or attempted again.
    Pending,
    /// The endpoint answered with a 2xx.
    Delivered,
    /// There will be no more attempts.
    Failed,
    /// It was never sent, because a test asked for that.
    Dropped,
}

/// The delivery of an event to the webhook endpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) event: String,
    pub(crate) kind: String,
    pub(crate) status: Status,
    pub(crate) attempts: u32,
    pub(crate) last_status: Option<u16>,
    pub(crate) last_error: Option<String>,
    pub(crate) signature: Signature,
}

impl Object for Delivery {
    fn id(&self) -> &str {
        &self.id
    }
    fn created(&self) -> i64 {
        self.created
    }
}

impl Delivery {
    /// The delivery as the control API shows it.
    pub(crate) fn render(&self) -> Value {
        json!(self)
    }
}
