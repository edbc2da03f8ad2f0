//! Settlement: a charge gets its balance transaction.

use serde_json::json;

use crate::{
    base::ids::new_id,
    objects::{balance_transaction::BalanceTransaction, payment_method::Method},
    state::{schedule::Task, store::Store},
};

/// Settles the charge now, or later if the settings say so.
pub(crate) fn schedule_settlement(store: &mut Store, charge: &str) {
    match store.settings().settle_delay {
        0 => settle(store, charge),
        delay => store.schedule.add(store.now() + delay, Task::Settle(charge.to_owned())),
    }
}

/// Gives the charge its balance transaction.
pub(crate) fn settle(store: &mut Store, charge: &str) {
    let (now, settings) = (store.now(), store.settings());
    let Some(charge) = store.charges.get_mut(charge) else {
        return;
    };
    let transaction = BalanceTransaction {
        id: new_id("txn_3", 23),
        created: now,
        kind: match charge.instrument.method {
            Method::Card { .. } => "charge".to_owned(),
            Method::SepaDebit { .. } => "payment".to_owned(),
        },
        amount: charge.amount,
        fee: settings.fees.of(charge.amount),
        currency: charge.currency.clone(),
        exchange_rate: None,
        source: charge.id.clone(),
        description: charge.data.description.clone(),
    }
    .converted(settings.settle_in.as_ref());
    charge.balance_transaction = Some(transaction.id.clone());
    let shown = charge.render();
    store.balance.add(transaction);
    store.emit("charge.updated", &shown, Some(&json!({ "balance_transaction": null })));
}
