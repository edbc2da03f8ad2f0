//! `expand[]`: an id in an answer replaced by the object it names.

use serde_json::Value;

use crate::{errors::ApiError, form::Fields, sessions, state::Store};

/// Stripe expands four levels and no more.
const MAX_LEVELS: usize = 4;

/// What an answer is made of.
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
    /// What a Balance Transaction comes from: a Charge, a Refund or a Dispute.
    Source,
    /// A line item; nothing in it can be expanded here.
    Item,
    /// Something the simulator never fills: expanding it is right and changes nothing.
    Absent,
}

/// What sits behind a field, and whether it is a list; none when it cannot be expanded.
fn behind(kind: Kind, field: &str) -> Option<(Kind, bool)> {
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
            (kind, in_list) = behind(kind, step).ok_or(())?;
        }
    }
    Ok(())
}

/// Takes `expand` of an object of a kind out of the parameters.
pub(crate) fn take(fields: &mut Fields, kind: Kind) -> Result<Vec<String>, ApiError> {
    read(fields, kind, false)
}

/// Takes `expand` of a list of objects of a kind out of the parameters.
pub(crate) fn take_for_list(fields: &mut Fields, kind: Kind) -> Result<Vec<String>, ApiError> {
    read(fields, kind, true)
}

fn read(fields: &mut Fields, kind: Kind, is_list: bool) -> Result<Vec<String>, ApiError> {
    let wanted = fields.texts("expand")?.unwrap_or_default();
    for (number, path) in wanted.iter().enumerate() {
        let refuse = |message| Err(ApiError::invalid(message).param(format!("expand[{number}]")));
        if path.split('.').count() > MAX_LEVELS {
            return refuse(format!(
                "You cannot expand more than {MAX_LEVELS} levels of a property. Property: {path}"
            ));
        }
        if check(path, kind, is_list).is_err() {
            return refuse(format!(
                "This property cannot be expanded ({path}). You may want to try expanding a \
                 different property. (SIMULATOR: or it is one that the simulator does not play.)"
            ));
        }
    }
    Ok(wanted)
}

/// Expands every wanted path in `answer`.
pub(crate) fn apply(store: &Store, answer: &mut Value, wanted: &[String]) {
    for path in wanted {
        let steps: Vec<&str> = path.split('.').collect();
        walk(store, answer, &steps);
    }
}

fn walk(store: &Store, value: &mut Value, steps: &[&str]) {
    let Some((step, rest)) = steps.split_first() else {
        return;
    };
    if let Some(items) = value.get_mut("data").and_then(Value::as_array_mut) {
        items.iter_mut().for_each(|item| walk(store, item, rest));
        return;
    }
    let id = value["id"].as_str().unwrap_or_default();
    let found = match *step {
        "line_items" => store.sessions.get(id).map(sessions::items_of),
        "refunds" => store.charges.get(id).map(|charge| charge.refunds_list(store)),
        field => value[field].as_str().and_then(|id| look_up(store, id)),
    };
    if let Some(found) = found {
        value[*step] = found;
    }
    if let Some(inner) = value.get_mut(*step) {
        walk(store, inner, rest);
    }
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
    fn paths_are_checked_before_anything_is_looked_up() {
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
