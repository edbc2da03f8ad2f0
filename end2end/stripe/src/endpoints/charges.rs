//! `/v1/charges`

use serde_json::Value;

use crate::{
    base::{errors::ApiError, form::Fields},
    endpoints::{expand, lists::Page},
    objects::charge::Charge,
    state::store::Store,
};

/// `GET /v1/charges/{id}`
pub(crate) fn retrieve(store: &Store, id: &str, mut fields: Fields) -> Result<Value, ApiError> {
    let paths = expand::take(&mut fields, expand::Kind::Charge)?;
    fields.finish()?;
    let found = store.charges.get(id);
    let mut answer = found.ok_or_else(|| ApiError::no_such("charge", id, "id"))?.render();
    expand::apply(store, &mut answer, &paths);
    Ok(answer)
}

/// `GET /v1/charges`
pub(crate) fn list(store: &Store, mut fields: Fields) -> Result<Value, ApiError> {
    fields.refuse_unsupported(&["customer"])?;
    let paths = expand::take_for_list(&mut fields, expand::Kind::Charge)?;
    let page = Page::take(&mut fields)?;
    let intent = fields.text("payment_intent")?;
    let group = fields.text("transfer_group")?;
    fields.finish()?;
    let candidates: Box<dyn Iterator<Item = &Charge>> = match &intent {
        None => Box::new(store.charges.newest_first()),
        Some(intent) => {
            let known = store.intents.get(intent).into_iter();
            let ids = known.flat_map(|intent| intent.charges.iter().rev());
            Box::new(ids.filter_map(|id| store.charges.get(id)))
        }
    };
    let found = candidates.filter(|charge| group.is_none() || charge.data.transfer_group == group);
    let mut answer = page.render("/v1/charges", found, Charge::render)?;
    expand::apply(store, &mut answer, &paths);
    Ok(answer)
}
