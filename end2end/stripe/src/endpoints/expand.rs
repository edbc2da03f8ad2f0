//! `expand[]`: replaces an id in an answer by the object with that id.

use serde_json::{Value, json};

use crate::{
    base::{errors::ApiError, form::Fields},
    objects::{charge::Charge, session::render_line_items},
    state::store::Store,
};

/// Stripe expands at most four levels.
const MAX_LEVELS: usize = 4;

/// The type of an object in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A Checkout Session.
    Session,
    /// A PaymentIntent.
    Intent,
    /// A Charge.
    Charge,
    /// A Refund.
    Refund,
    /// A Dispute.
    Dispute,
    /// A Balance Transaction.
    Balance,
    /// The source of a Balance Transaction: a Charge, a Refund or a Dispute.
    Source,
    /// A line item. It has nothing to expand.
    Item,
    /// An object that the simulator never has. Expanding it is allowed and changes nothing.
    Absent,
}

/// What a field expands to, and whether that is a list; `None` if it cannot be expanded.
fn expands_to(kind: Kind, field: &str) -> Option<(Kind, bool)> {
    let one = |kind| Some((kind, false));
    match (kind, field) {
        (Kind::Session, "payment_intent") => one(Kind::Intent),
        (Kind::Session, "line_items") => Some((Kind::Item, true)),
        (
            Kind::Session,
            "customer" | "invoice" | "payment_link" | "setup_intent" | "subscription",
        ) => one(Kind::Absent),
        (Kind::Intent, "latest_charge") => one(Kind::Charge),
        (
            Kind::Intent,
            "application" | "customer" | "on_behalf_of" | "payment_record" | "review" | "source",
        ) => one(Kind::Absent),
        (Kind::Charge | Kind::Source, "balance_transaction" | "failure_balance_transaction") => {
            one(Kind::Balance)
        }
        (Kind::Charge | Kind::Source, "payment_intent") => one(Kind::Intent),
        (Kind::Charge | Kind::Source, "refunds") => Some((Kind::Refund, true)),
        (
            Kind::Charge | Kind::Source,
            "application" | "application_fee" | "customer" | "on_behalf_of" | "review"
            | "source_transfer" | "transfer",
        ) => one(Kind::Absent),
        (Kind::Refund, "balance_transaction" | "failure_balance_transaction") => one(Kind::Balance),
        (Kind::Refund | Kind::Dispute | Kind::Source, "charge") => one(Kind::Charge),
        (Kind::Refund | Kind::Dispute, "payment_intent") => one(Kind::Intent),
        (Kind::Refund, "customer" | "source_transfer_reversal" | "transfer_reversal") => {
            one(Kind::Absent)
        }
        (Kind::Balance, "source") => one(Kind::Source),
        _ => None,
    }
}

fn check(path: &str, root: Kind, is_list: bool) -> Result<(), ()> {
    let (mut kind, mut in_list) = (root, is_list);
    for step in path.split('.') {
        if in_list {
            if step != "data" {
                return Err(());
            }
            in_list = false;
        } else {
            (kind, in_list) = expands_to(kind, step).ok_or(())?;
        }
    }
    Ok(())
}

/// Reads `expand` for an answer that is an object.
pub(crate) fn take(fields: &mut Fields, kind: Kind) -> Result<Vec<String>, ApiError> {
    read(fields, kind, false)
}

/// Reads `expand` for an answer that is a list of objects.
pub(crate) fn take_for_list(fields: &mut Fields, kind: Kind) -> Result<Vec<String>, ApiError> {
    read(fields, kind, true)
}

fn read(fields: &mut Fields, kind: Kind, is_list: bool) -> Result<Vec<String>, ApiError> {
    let paths = fields.texts("expand")?.unwrap_or_default();
    for (number, path) in paths.iter().enumerate() {
        let refuse = |message| Err(ApiError::invalid(message).param(format!("expand[{number}]")));
        if path.split('.').count() > MAX_LEVELS {
            return refuse(format!(
                "You cannot expand more than {MAX_LEVELS} levels of a property. Property: {path}"
            ));
        }
        if check(path, kind, is_list).is_err() {
            return refuse(format!(
                "This property cannot be expanded ({path}). You may want to try expanding a \
                 different property. (SIMULATOR: or it is one that the simulator does not simulate.)"
            ));
        }
    }
    Ok(paths)
}

/// Expands the paths in `answer`.
pub(crate) fn apply(store: &Store, answer: &mut Value, paths: &[String]) {
    for path in paths {
        let steps: Vec<&str> = path.split('.').collect();
        expand_path(store, answer, &steps);
    }
}

fn expand_path(store: &Store, value: &mut Value, steps: &[&str]) {
    let Some((step, rest)) = steps.split_first() else {
        return;
    };
    if let Some(items) = value.get_mut("data").and_then(Value::as_array_mut) {
        items.iter_mut().for_each(|item| expand_path(store, item, rest));
        return;
    }
    let id = value["id"].as_str().unwrap_or_default();
    let found = match *step {
        "line_items" => store.sessions.get(id).map(render_line_items),
        "refunds" => store.charges.get(id).map(|charge| render_refunds(store, charge)),
        field => value[field].as_str().and_then(|id| look_up(store, id)),
    };
    if let Some(found) = found {
        value[*step] = found;
    }
    if let Some(inner) = value.get_mut(*step) {
        expand_path(store, inner, rest);
    }
}

/// The refunds of a charge as the list inside the expanded charge.
fn render_refunds(store: &Store, charge: &Charge) -> Value {
    let newest_first = charge.refunds.iter().rev().filter_map(|id| store.refunds.get(id));
    let data: Vec<Value> = newest_first.map(|refund| refund.render()).collect();
    json!({
        "object": "list", "has_more": false, "data": data,
        "url": format!("/v1/charges/{}/refunds", charge.id),
    })
}

fn look_up(store: &Store, id: &str) -> Option<Value> {
    match id.split('_').next()? {
        "pi" => store.intents.get(id).map(|intent| intent.render()),
        "ch" | "py" => store.charges.get(id).map(|charge| charge.render()),
        "txn" => store.balance.get(id).map(|transaction| transaction.render()),
        "re" => store.refunds.get(id).map(|refund| refund.render()),
        "du" => store.disputes.get(id).map(|dispute| dispute.render()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_paths_can_be_expanded() {
        let deep = "payment_intent.latest_charge.balance_transaction";
        assert!(check(deep, Kind::Session, false).is_ok());
        assert!(check("data.refunds.data.charge", Kind::Charge, true).is_ok());
        assert!(check("customer", Kind::Session, false).is_ok());
        for (path, kind, is_list) in [
            ("payment_intent", Kind::Session, true),
            ("data", Kind::Session, false),
            ("data.colour", Kind::Charge, true),
            ("amount", Kind::Charge, false),
            ("payment_intent.charges", Kind::Session, false),
        ] {
            assert!(check(path, kind, is_list).is_err(), "{path}");
        }
    }
}
