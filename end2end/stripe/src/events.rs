//! Events: what happened, as it was at that moment.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json, value::RawValue};

use crate::{
    API_VERSION,
    errors::ApiError,
    form::Fields,
    lists,
    state::{Noun, Store},
};

/// One thing that happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Event {
    /// `evt_…`
    pub(crate) id: String,
    /// `checkout.session.completed` and the like.
    pub(crate) kind: String,
    /// Unix seconds.
    pub(crate) created: i64,
    /// The object as it was then, as JSON text.
    pub(crate) object: String,
    /// What the changed fields were before, as JSON text.
    pub(crate) previous: Option<String>,
    /// The API request that caused it.
    pub(crate) request: Option<String>,
    /// And its key.
    pub(crate) idempotency_key: Option<String>,
    /// Webhook endpoints that have not yet answered with a 2xx.
    pub(crate) pending: i64,
}

impl Noun for Event {
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
struct Sent<'a> {
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
    /// The bytes that are signed and sent.
    pub(crate) fn payload(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Sent {
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

/// `checkout.session.*` matches every event of that group.
pub(crate) fn matches(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => kind.starts_with(start),
        None => pattern == kind,
    }
}

/// `GET /v1/events`
pub(crate) fn list(store: &Store, mut fields: Fields) -> Result<Value, ApiError> {
    let page = lists::Page::take(&mut fields)?;
    let mut kinds = fields.texts("types")?.unwrap_or_default();
    let kind = fields.text("type")?;
    let delivered = fields.boolean("delivery_success")?;
    fields.finish()?;
    if kind.is_some() && !kinds.is_empty() {
        return Err(ApiError::invalid(
            "You may only specify one of these parameters: type, types.",
        )
        .param("type"));
    }
    if kinds.len() > 20 {
        return Err(ApiError::invalid("Array too long: at most 20 event types.").param("types"));
    }
    kinds.extend(kind);
    let found = store.events.newest().filter(|event| {
        (kinds.is_empty() || kinds.iter().any(|pattern| matches(pattern, &event.kind)))
            && delivered.is_none_or(|wanted| wanted == (event.pending == 0))
    });
    page.render("/v1/events", found, Event::render)
}

/// `GET /v1/events/{id}`
pub(crate) fn retrieve(store: &Store, id: &str, fields: Fields) -> Result<Value, ApiError> {
    fields.finish()?;
    store.events.get(id).map(Event::render).ok_or_else(|| ApiError::no_such("event", id, "id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_groups() {
        assert!(matches("*", "charge.updated"));
        assert!(matches("charge.*", "charge.updated"));
        assert!(!matches("charge.*", "refund.updated"));
        assert!(!matches("charge", "charge.updated"));
    }
}
