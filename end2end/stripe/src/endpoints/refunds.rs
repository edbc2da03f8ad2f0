//! `/v1/refunds`

use serde_json::Value;

use crate::{
    actions::refunds::{self, RefundRequest},
    base::{errors::ApiError, form::Fields},
    endpoints::{expand, lists::Page},
    objects::{charge, refund::Refund},
    state::store::Store,
};

/// The id of the charge to refund, which the request names itself or by its PaymentIntent.
fn charge_of(store: &Store, fields: &mut Fields) -> Result<String, ApiError> {
    let charge = fields.text("charge")?;
    let intent_id = fields.text("payment_intent")?;
    match (charge, intent_id) {
        (None, None) => Err(ApiError::invalid(
            "One of the following params should be provided for this request: payment_intent or \
             charge.",
        )
        .code("parameter_missing")),
        (charge, Some(intent_id)) => {
            let intent = store
                .intents
                .get(&intent_id)
                .ok_or_else(|| ApiError::no_such("payment_intent", &intent_id, "payment_intent"))?;
            let latest = intent.latest_charge().filter(|id| {
                let found = store.charges.get(id);
                found.is_some_and(|charge| charge.status != charge::Status::Failed)
            });
            let Some(latest) = latest else {
                return Err(ApiError::invalid(format!(
                    "This PaymentIntent ({intent_id}) does not have a successful charge to refund."
                )));
            };
            match charge {
                Some(charge) if charge != latest => Err(ApiError::invalid(
                    "The charge and the payment_intent you passed do not belong together.",
                )
                .param("charge")),
                _ => Ok(latest.to_owned()),
            }
        }
        (Some(charge), None) => match store.charges.get(&charge) {
            Some(_) => Ok(charge),
            None => Err(ApiError::no_such("charge", &charge, "charge")),
        },
    }
}

/// `POST /v1/refunds`
pub(crate) fn create(store: &mut Store, mut fields: Fields) -> Result<Value, ApiError> {
    fields.refuse_unsupported(&["currency", "customer", "instructions_email", "origin"])?;
    for option in ["refund_application_fee", "reverse_transfer"] {
        if fields.boolean(option)? == Some(true) {
            return Err(ApiError::unsupported(option));
        }
    }
    let paths = expand::take(&mut fields, expand::Kind::Refund)?;
    let amount = fields.integer("amount")?;
    let reasons = ["duplicate", "fraudulent", "requested_by_customer"];
    let reason = fields.choice("reason", &reasons)?.map(str::to_owned);
    let metadata = fields.metadata()?;
    let charge = charge_of(store, &mut fields)?;
    fields.finish()?;
    let request = RefundRequest { charge, amount, reason, metadata };
    let mut answer = refunds::create(store, request)?;
    expand::apply(store, &mut answer, &paths);
    Ok(answer)
}

/// `GET /v1/refunds/{id}`
pub(crate) fn retrieve(store: &Store, id: &str, mut fields: Fields) -> Result<Value, ApiError> {
    let paths = expand::take(&mut fields, expand::Kind::Refund)?;
    fields.finish()?;
    let found = store.refunds.get(id);
    let mut answer = found.ok_or_else(|| ApiError::no_such("refund", id, "id"))?.render();
    expand::apply(store, &mut answer, &paths);
    Ok(answer)
}

/// `GET /v1/refunds`
pub(crate) fn list(store: &Store, mut fields: Fields) -> Result<Value, ApiError> {
    let paths = expand::take_for_list(&mut fields, expand::Kind::Refund)?;
    let page = Page::take(&mut fields)?;
    let charge = fields.text("charge")?;
    let intent = fields.text("payment_intent")?;
    fields.finish()?;
    let by_intent = |id: &String| store.intents.get(id)?.latest_charge().map(str::to_owned);
    // Only the last charge of a PaymentIntent can have succeeded, so only it has refunds.
    let by_charge = charge.clone().or_else(|| intent.as_ref().and_then(by_intent));
    let candidates: Box<dyn Iterator<Item = &Refund>> = match (&charge, &intent) {
        (None, None) => Box::new(store.refunds.newest_first()),
        _ => {
            let charge = by_charge.and_then(|id| store.charges.get(&id));
            let ids = charge.into_iter().flat_map(|charge| charge.refunds.iter().rev());
            Box::new(ids.filter_map(|id| store.refunds.get(id)))
        }
    };
    let found =
        candidates.filter(|refund| intent.as_ref().is_none_or(|intent| refund.intent == *intent));
    let mut answer = page.render("/v1/refunds", found, Refund::render)?;
    expand::apply(store, &mut answer, &paths);
    Ok(answer)
}
