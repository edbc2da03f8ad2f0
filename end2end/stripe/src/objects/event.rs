//! Events: each records a change, and the object as it was at that moment.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};

use crate::{base::api_version::API_VERSION, objects::object::Object};

/// An Event.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Event {
    /// `evt_…`
    pub(crate) id: String,
    /// The type, e.g. `checkout.session.completed`.
    pub(crate) kind: String,
    /// Unix seconds.
    pub(crate) created: i64,
    /// The object as it was then; JSON.
    pub(crate) object: String,
    /// The changed fields with their old values; JSON.
    pub(crate) previous: Option<String>,
    /// The API request that caused it.
    pub(crate) request: Option<String>,
    /// The idempotency key of that request.
    pub(crate) idempotency_key: Option<String>,
    /// How many webhook endpoints have not answered with a 2xx yet.
    pub(crate) pending: i64,
}

impl Object for Event {
    fn id(&self) -> &str {
        &self.id
    }
    fn created(&self) -> i64 {
        self.created
    }
}

#[derive(Serialize)]
struct Data<'a> {
    object: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_attributes: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Request<'a> {
    id: Option<&'a str>,
    idempotency_key: Option<&'a str>,
}

#[derive(Serialize)]
struct Payload<'a> {
    id: &'a str,
    object: &'static str,
    api_version: &'static str,
    created: i64,
    data: Data<'a>,
    livemode: bool,
    pending_webhooks: i64,
    request: Request<'a>,
    #[serde(rename = "type")]
    kind: &'a str,
}

impl Event {
    /// The JSON that is signed and sent.
    pub(crate) fn payload(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Payload {
            id: &self.id,
            object: "event",
            api_version: API_VERSION,
            created: self.created,
            data: Data {
                object: serde_json::from_str(&self.object)?,
                previous_attributes: self
                    .previous
                    .as_deref()
                    .map(serde_json::from_str)
                    .transpose()?,
            },
            livemode: false,
            pending_webhooks: self.pending,
            request: Request {
                id: self.request.as_deref(),
                idempotency_key: self.idempotency_key.as_deref(),
            },
            kind: &self.kind,
        })
    }

    /// The event as the API shows it.
    pub(crate) fn render(&self) -> Value {
        self.payload()
            .and_then(|text| serde_json::from_str(&text))
            .unwrap_or_else(|_| json!({ "id": self.id, "object": "event", "type": self.kind }))
    }
}

/// Whether an event type matches a pattern. `checkout.session.*` matches every type of that group.
pub(crate) fn matches(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => kind.starts_with(start),
        None => pattern == kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_with_a_star_matches_a_group() {
        assert!(matches("*", "charge.updated"));
        assert!(matches("charge.*", "charge.updated"));
        assert!(!matches("charge.*", "refund.updated"));
        assert!(!matches("charge", "charge.updated"));
    }
}
