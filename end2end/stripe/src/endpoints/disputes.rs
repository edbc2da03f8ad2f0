//! `/v1/disputes`

use serde_json::Value;

use crate::{
    base::{errors::ApiError, form::Fields},
    endpoints::{expand, lists::Page},
    objects::dispute::Dispute,
    state::store::Store,
};

/// `GET /v1/disputes/{id}`
pub(crate) fn retrieve(store: &Store, id: &str, mut fields: Fields) -> Result<Value, ApiError> {
    let paths = expand::take(&mut fields, expand::Kind::Dispute)?;
    fields.finish()?;
    let found = store.disputes.get(id);
    let mut answer = found.ok_or_else(|| ApiError::no_such("dispute", id, "id"))?.render();
    expand::apply(store, &mut answer, &paths);
    Ok(answer)
}

/// `GET /v1/disputes`
pub(crate) fn list(store: &Store, mut fields: Fields) -> Result<Value, ApiError> {
    let paths = expand::take_for_list(&mut fields, expand::Kind::Dispute)?;
    let page = Page::take(&mut fields)?;
    let charge = fields.text("charge")?;
    let intent = fields.text("payment_intent")?;
    fields.finish()?;
    let found = store.disputes.newest_first().filter(|dispute| {
        charge.as_ref().is_none_or(|charge| dispute.charge == *charge)
            && intent.as_ref().is_none_or(|intent| dispute.intent == *intent)
    });
    let mut answer = page.render("/v1/disputes", found, Dispute::render)?;
    expand::apply(store, &mut answer, &paths);
    Ok(answer)
}
