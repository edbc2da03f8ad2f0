//! `/v1/payment_intents`

use serde_json::Value;

use crate::{
    base::{errors::ApiError, form::Fields},
    endpoints::{expand, lists::Page},
    objects::payment_intent::PaymentIntent,
    state::store::Store,
};

/// `GET /v1/payment_intents/{id}`
pub(crate) fn retrieve(store: &Store, id: &str, mut fields: Fields) -> Result<Value, ApiError> {
    let paths = expand::take(&mut fields, expand::Kind::Intent)?;
    fields.text("client_secret")?;
    fields.finish()?;
    let found = store.intents.get(id);
    let mut answer =
        found.ok_or_else(|| ApiError::no_such("payment_intent", id, "intent"))?.render();
    expand::apply(store, &mut answer, &paths);
    Ok(answer)
}

/// `GET /v1/payment_intents`
pub(crate) fn list(store: &Store, mut fields: Fields) -> Result<Value, ApiError> {
    fields.refuse_unsupported(&["customer", "customer_account"])?;
    let paths = expand::take_for_list(&mut fields, expand::Kind::Intent)?;
    let page = Page::take(&mut fields)?;
    fields.finish()?;
    let found = store.intents.newest_first();
    let mut answer = page.render("/v1/payment_intents", found, PaymentIntent::render)?;
    expand::apply(store, &mut answer, &paths);
    Ok(answer)
}
