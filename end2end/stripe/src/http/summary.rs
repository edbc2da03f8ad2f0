//! Counts and sums of everything in the store, for `/_simulator/summary`.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    objects::{charge, refund, session::Status},
    state::store::Store,
};

/// The sums of one currency.
#[derive(Debug, Default, Clone, Copy)]
struct Sums {
    charged: i64,
    refunded: i64,
    fees: i64,
    balance: i64,
}

fn sums(store: &Store) -> Value {
    let mut sums: BTreeMap<&str, Sums> = BTreeMap::new();
    for charge in store.charges.newest_first() {
        if charge.status == charge::Status::Succeeded {
            sums.entry(&charge.currency).or_default().charged += charge.amount;
        }
    }
    for refund in store.refunds.newest_first() {
        if refund.status != refund::Status::Failed {
            sums.entry(&refund.currency).or_default().refunded += refund.amount;
        }
    }
    for transaction in store.balance.newest_first() {
        let sum = sums.entry(&transaction.currency).or_default();
        sum.fees += transaction.fee;
        sum.balance += transaction.amount - transaction.fee;
    }
    let shown = sums.into_iter().map(|(currency, sum)| {
        let sum = json!({
            "charged": sum.charged, "refunded": sum.refunded, "fees": sum.fees,
            "balance": sum.balance,
        });
        (currency.to_owned(), sum)
    });
    Value::Object(shown.collect())
}

/// How often each value occurs, by its name in JSON.
fn count_values<T: Serialize>(values: impl Iterator<Item = T>) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for value in values {
        *counts.entry(name_in_json(value)).or_default() += 1;
    }
    counts
}

/// The name of a value that serialises as text, e.g. a status.
pub(crate) fn name_in_json(value: impl Serialize) -> String {
    json!(value).as_str().unwrap_or_default().to_owned()
}

/// The summary.
pub(crate) fn summarize(store: &Store) -> Value {
    let sessions =
        store.sessions.newest_first().map(|session| match (session.status, session.paid) {
            (Status::Open, _) => "open",
            (Status::Expired, _) => "expired",
            (Status::Complete, true) => "complete_paid",
            (Status::Complete, false) => "complete_unpaid",
        });
    json!({
        "now": store.now(),
        "sessions": count_values(sessions),
        "payment_intents": count_values(store.intents.newest_first().map(|intent| intent.status)),
        "charges": count_values(store.charges.newest_first().map(|charge| charge.status)),
        "refunds": count_values(store.refunds.newest_first().map(|refund| refund.status)),
        "balance_transactions": store.balance.len(),
        "events": count_values(store.events.newest_first().map(|event| &event.kind)),
        "deliveries": count_values(store.deliveries.newest_first().map(|delivery| delivery.status)),
        "currencies": sums(store),
    })
}
