//! `/v1/events`

use serde_json::Value;

use crate::{
    base::{errors::ApiError, form::Fields},
    endpoints::lists::Page,
    objects::event::{Event, matches},
    state::store::Store,
};

/// `GET /v1/events`
pub(crate) fn list(store: &Store, mut fields: Fields) -> Result<Value, ApiError> {
    let page = Page::take(&mut fields)?;
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
    let found = store.events.newest_first().filter(|event| {
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
