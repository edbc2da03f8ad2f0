//! Disputes.

use crate::{
    base::ids::new_id,
    objects::{balance_transaction::BalanceTransaction, dispute::Dispute},
    state::store::Store,
};

/// The payer's bank disputes the whole charge.
pub(crate) fn open(store: &mut Store, charge: &str) {
    let (now, settings) = (store.now(), store.settings());
    let Some(charge) = store.charges.get_mut(charge).filter(|charge| !charge.disputed) else {
        return;
    };
    charge.disputed = true;
    let id = new_id("du_1", 23);
    let withdrawn = BalanceTransaction {
        id: new_id("txn_1", 23),
        created: now,
        kind: "adjustment".to_owned(),
        amount: charge.amount_refunded - charge.amount,
        fee: 0,
        currency: charge.currency.clone(),
        exchange_rate: None,
        source: id.clone(),
        description: Some(format!("Chargeback withdrawal for {}", charge.id)),
    }
    .converted(settings.settle_in.as_ref());
    let dispute = Dispute {
        id,
        created: now,
        amount: charge.refundable(),
        currency: charge.currency.clone(),
        charge: charge.id.clone(),
        intent: charge.intent.clone(),
        withdrawn: withdrawn.clone(),
    };
    let shown = dispute.render();
    store.balance.add(withdrawn);
    store.disputes.add(dispute);
    store.emit("charge.dispute.created", &shown, None);
    store.emit("charge.dispute.funds_withdrawn", &shown, None);
}
