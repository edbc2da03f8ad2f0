//! `expand[]`: an id in an answer replaced by the object it names.

use serde_json::Value;

use crate::{errors::ApiError, form::Fields, sessions, state::Store};

/// Stripe expands four levels and no more.
const MAX_LEVELS: usize = 4;

/// Fields that hold an id and can be expanded. The simulator never fills the ones it leaves
/// `null`, but naming them in `expand` is right at Stripe and so it is here.
fn expandable(object: &str) -> &'static [&'static str] {
    match object {
        "checkout.session" => &[
            "customer",
            "invoice",
            "line_items",
            "payment_intent",
            "payment_link",
            "setup_intent",
            "subscription",
        ],
        "payment_intent" => &[
            "application",
            "customer",
            "latest_charge",
            "on_behalf_of",
            "payment_record",
            "review",
            "source",
        ],
        "charge" => &[
            "application",
            "application_fee",
            "balance_transaction",
            "customer",
            "failure_balance_transaction",
            "on_behalf_of",
            "payment_intent",
            "refunds",
            "review",
            "source_transfer",
            "transfer",
        ],
        "refund" => &[
            "balance_transaction",
            "charge",
            "customer",
            "failure_balance_transaction",
            "payment_intent",
            "source_transfer_reversal",
            "transfer_reversal",
        ],
        "balance_transaction" => &["source"],
        _ => &[],
    }
}

/// Takes `expand` out of the parameters.
pub(crate) fn take(fields: &mut Fields) -> Result<Vec<String>, ApiError> {
    let wanted = fields.texts("expand")?.unwrap_or_default();
    for (number, path) in wanted.iter().enumerate() {
        if path.split('.').count() > MAX_LEVELS {
            return Err(ApiError::invalid(format!(
                "You cannot expand more than {MAX_LEVELS} levels of a property. Property: {path}"
            ))
            .param(format!("expand[{number}]")));
        }
    }
    Ok(wanted)
}

/// Expands every wanted path in `answer`.
pub(crate) fn apply(store: &Store, answer: &mut Value, wanted: &[String]) -> Result<(), ApiError> {
    for path in wanted {
        let steps: Vec<&str> = path.split('.').collect();
        walk(store, answer, &steps, path)?;
    }
    Ok(())
}

fn walk(store: &Store, value: &mut Value, steps: &[&str], path: &str) -> Result<(), ApiError> {
    let Some((step, rest)) = steps.split_first() else {
        return Ok(());
    };
    let kind = value["object"].as_str().unwrap_or_default().to_owned();
    if kind == "list" && *step == "data" {
        let items = value["data"].as_array_mut().map(Vec::as_mut_slice);
        return items
            .unwrap_or_default()
            .iter_mut()
            .try_for_each(|item| walk(store, item, rest, path));
    }
    // A list inside an object (`refunds.data.balance_transaction`) was included by its own step.
    if !expandable(&kind).contains(step) {
        return Err(ApiError::invalid(format!(
            "This property cannot be expanded ({path}). You may want to try expanding a different \
             property. (SIMULATOR: or it is one that the simulator does not play.)"
        ))
        .param("expand"));
    }
    match (kind.as_str(), *step) {
        ("checkout.session", "line_items") => {
            let id = value["id"].as_str().unwrap_or_default();
            if let Some(session) = store.sessions.get(id) {
                value["line_items"] = sessions::items_of(session);
            }
        }
        ("charge", "refunds") => {
            let id = value["id"].as_str().unwrap_or_default();
            if let Some(charge) = store.charges.get(id) {
                value["refunds"] = charge.refunds_list(store);
            }
        }
        _ => {
            if let Some(object) = value[*step].as_str().and_then(|id| look_up(store, id)) {
                value[*step] = object;
            }
        }
    }
    match &mut value[*step] {
        Value::Null => Ok(()),
        inner => walk(store, inner, rest, path),
    }
}

fn look_up(store: &Store, id: &str) -> Option<Value> {
    match id.split('_').next()? {
        "pi" => store.intents.get(id).map(|intent| intent.render()),
        "ch" | "py" => store.charges.get(id).map(|charge| charge.render()),
        "txn" => store.balance.get(id).map(|transaction| transaction.render()),
        "re" => store.refunds.get(id).map(|refund| refund.render()),
        _ => None,
    }
}
