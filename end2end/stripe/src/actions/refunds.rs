//! Refunds.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    base::{errors::ApiError, ids::new_id, money},
    objects::{
        balance_transaction::BalanceTransaction,
        charge::{self, Charge},
        payment_method::{Behaviour, Method},
        refund::{Refund, Status},
    },
    state::{schedule::Task, store::Store},
};

/// A refund to make.
#[derive(Debug)]
pub(crate) struct RefundRequest {
    /// The id of the charge.
    pub(crate) charge: String,
    /// In the smallest unit; `None` means all that is left.
    pub(crate) amount: Option<i64>,
    /// `duplicate`, `fraudulent` or `requested_by_customer`.
    pub(crate) reason: Option<String>,
    /// The shop's own data.
    pub(crate) metadata: BTreeMap<String, String>,
}

/// The amount to refund, if it can be refunded.
fn amount_to_refund(charge: &Charge, wanted: Option<i64>) -> Result<i64, ApiError> {
    if charge.status != charge::Status::Succeeded {
        return Err(ApiError::invalid(format!(
            "Charge {} has not been paid and cannot be refunded.",
            charge.id
        )));
    }
    if charge.disputed {
        return Err(ApiError::invalid(format!(
            "Charge {} has been charged back; cannot issue a refund.",
            charge.id
        ))
        .code("charge_disputed"));
    }
    let left = charge.refundable();
    if left == 0 {
        return Err(ApiError::invalid(format!("Charge {} has already been refunded.", charge.id))
            .code("charge_already_refunded"));
    }
    let amount = money::check_amount(wanted.unwrap_or(left), &charge.currency, "amount")?;
    if amount == 0 {
        return Err(ApiError::invalid("Invalid positive integer")
            .code("parameter_invalid_integer")
            .param("amount"));
    }
    if amount > left {
        return Err(ApiError::invalid(format!(
            "Refund amount ({}) is greater than unrefunded amount on charge ({})",
            money::format_amount(amount, &charge.currency),
            money::format_amount(left, &charge.currency)
        ))
        .param("amount"));
    }
    Ok(amount)
}

/// Makes a refund. Returns it as the API shows it.
pub(crate) fn create(store: &mut Store, request: RefundRequest) -> Result<Value, ApiError> {
    let (now, settings) = (store.now(), store.settings());
    let charge_id = &request.charge;
    let Some(charge) = store.charges.get_mut(charge_id) else {
        return Err(ApiError::no_such("charge", charge_id, "charge"));
    };
    let amount = amount_to_refund(charge, request.amount)?;
    let by_card = matches!(charge.instrument.method, Method::Card { .. });
    let behaviour = charge.instrument.behaviour.clone();
    let transaction = BalanceTransaction {
        id: new_id("txn_3", 23),
        created: now,
        kind: if by_card { "refund" } else { "payment_refund" }.to_owned(),
        amount: -amount,
        fee: 0,
        currency: charge.currency.clone(),
        exchange_rate: None,
        source: new_id("re_3", 23),
        description: Some(format!("REFUND FOR CHARGE ({})", charge.id)),
    }
    .converted(settings.settle_in.as_ref());
    let refund = Refund {
        id: transaction.source.clone(),
        created: now,
        amount,
        currency: charge.currency.clone(),
        charge: charge.id.clone(),
        intent: charge.intent.clone(),
        status: match behaviour {
            Behaviour::RefundPends => Status::Pending,
            _ => Status::Succeeded,
        },
        reason: request.reason,
        metadata: request.metadata,
        balance_transaction: transaction.id.clone(),
        failure_balance_transaction: None,
        by_card,
    };
    let old_values = json!({
        "amount_refunded": charge.amount_refunded, "refunded": false,
        "receipt_url": null,
    });
    charge.amount_refunded += amount;
    charge.refunds.push(refund.id.clone());
    let shown_charge = charge.render();
    if matches!(behaviour, Behaviour::RefundPends | Behaviour::RefundFails) {
        let at = now + settings.async_delay;
        store.schedule.add(at, Task::FinishRefund(refund.id.clone()));
    }
    let shown = refund.render();
    store.balance.add(transaction);
    store.refunds.add(refund);
    store.emit("refund.created", &shown, None);
    store.emit("charge.refunded", &shown_charge, Some(&old_values));
    Ok(shown)
}

/// Lets a pending refund succeed. Any other refund fails: its money comes back to the balance.
pub(crate) fn finish(store: &mut Store, id: &str) {
    let (now, settings) = (store.now(), store.settings());
    let Some(refund) = store.refunds.get_mut(id) else {
        return;
    };
    if refund.status == Status::Pending {
        refund.status = Status::Succeeded;
        let shown = refund.render();
        store.emit("refund.updated", &shown, Some(&json!({ "status": "pending" })));
        return;
    }
    let transaction = BalanceTransaction {
        id: new_id("txn_3", 23),
        created: now,
        kind: "refund_failure".to_owned(),
        amount: refund.amount,
        fee: 0,
        currency: refund.currency.clone(),
        exchange_rate: None,
        source: refund.id.clone(),
        description: Some(format!("REFUND FAILURE FOR CHARGE ({})", refund.charge)),
    }
    .converted(settings.settle_in.as_ref());
    refund.status = Status::Failed;
    refund.failure_balance_transaction = Some(transaction.id.clone());
    let (amount, charge, shown) = (refund.amount, refund.charge.clone(), refund.render());
    store.balance.add(transaction);
    if let Some(charge) = store.charges.get_mut(&charge) {
        charge.amount_refunded -= amount;
    }
    store.emit("refund.failed", &shown, Some(&json!({ "status": "succeeded" })));
    store.emit("refund.updated", &shown, Some(&json!({ "status": "succeeded" })));
}
