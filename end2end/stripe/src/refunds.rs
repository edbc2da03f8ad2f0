//! Refunds: money given back, in parts or whole, and never more than was taken.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    balance::BalanceTransaction,
    cards::{Behaviour, Method},
    charges::{self, Charge},
    errors::ApiError,
    expand,
    form::Fields,
    lists::Page,
    money,
    state::{Due, Noun, Store, new_id},
};

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// On its way.
    Pending,
    /// Given back.
    Succeeded,
    /// The bank would not have it.
    Failed,
}

/// A Refund.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    created: i64,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) charge: String,
    pub(crate) intent: String,
    pub(crate) status: Status,
    reason: Option<String>,
    metadata: BTreeMap<String, String>,
    balance_transaction: String,
    failure_balance_transaction: Option<String>,
    by_card: bool,
}

impl Noun for Refund {
    fn id(&self) -> &str {
        &self.id
    }
    fn created(&self) -> i64 {
        self.created
    }
}

impl Refund {
    /// The refund as the API shows it.
    pub(crate) fn render(&self) -> Value {
        let mut shown = json!({
            "id": self.id, "object": "refund", "amount": self.amount,
            "balance_transaction": self.balance_transaction, "charge": self.charge,
            "created": self.created, "currency": self.currency,
            "customer": null, "customer_account": null,
            "metadata": self.metadata, "payment_intent": self.intent, "payment_method": null,
            "reason": self.reason, "receipt_number": null, "source_transfer_reversal": null,
            "status": self.status, "transfer_reversal": null,
            "destination_details": if self.by_card {
                json!({ "type": "card", "card": {
                    "reference_status": "pending",
                    "reference_type": "acquirer_reference_number", "type": "refund",
                }})
            } else {
                json!({ "type": "sepa_debit" })
            },
        });
        if self.status == Status::Pending {
            shown["pending_reason"] = json!("processing");
        }
        if let Some(transaction) = &self.failure_balance_transaction {
            shown["failure_balance_transaction"] = json!(transaction);
            shown["failure_reason"] = json!("expired_or_canceled_card");
        }
        shown
    }
}

/// The charge that is to be refunded, by either of its names.
fn charge_of(store: &Store, fields: &mut Fields) -> Result<String, ApiError> {
    let charge = fields.text("charge")?;
    let intent = fields.text("payment_intent")?;
    match (charge, intent) {
        (None, None) => Err(ApiError::invalid(
            "One of the following params should be provided for this request: payment_intent or \
             charge.",
        )
        .code("parameter_missing")),
        (charge, Some(intent)) => {
            let known = store
                .intents
                .get(&intent)
                .ok_or_else(|| ApiError::no_such("payment_intent", &intent, "payment_intent"))?;
            let latest = known.latest_charge().filter(|id| {
                let found = store.charges.get(id);
                found.is_some_and(|charge| charge.status != charges::Status::Failed)
            });
            let Some(latest) = latest else {
                return Err(ApiError::invalid(format!(
                    "This PaymentIntent ({intent}) does not have a successful charge to refund."
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

fn refundable_amount(charge: &Charge, wanted: Option<i64>) -> Result<i64, ApiError> {
    if charge.status != charges::Status::Succeeded {
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
    let amount = money::amount(wanted.unwrap_or(left), &charge.currency, "amount")?;
    if amount == 0 {
        return Err(ApiError::invalid("Invalid positive integer")
            .code("parameter_invalid_integer")
            .param("amount"));
    }
    if amount > left {
        return Err(ApiError::invalid(format!(
            "Refund amount ({}) is greater than unrefunded amount on charge ({})",
            money::spelled(amount, &charge.currency),
            money::spelled(left, &charge.currency)
        ))
        .param("amount"));
    }
    Ok(amount)
}

/// `POST /v1/refunds`
pub(crate) fn create(store: &mut Store, mut fields: Fields) -> Result<Value, ApiError> {
    fields.not_played(&["currency", "customer", "instructions_email", "origin"])?;
    for switch in ["refund_application_fee", "reverse_transfer"] {
        if fields.boolean(switch)? == Some(true) {
            return Err(ApiError::unsupported(switch));
        }
    }
    let wanted = expand::take(&mut fields, expand::Kind::Refund)?;
    let amount = fields.integer("amount")?;
    let reasons = ["duplicate", "fraudulent", "requested_by_customer"];
    let reason = fields.choice("reason", &reasons)?;
    let metadata = fields.metadata()?;
    let charge_id = charge_of(store, &mut fields)?;
    fields.finish()?;
    let (now, account) = (store.now(), store.rules().account.clone());
    let Some(charge) = store.charges.get_mut(&charge_id) else {
        return Err(ApiError::no_such("charge", &charge_id, "charge"));
    };
    let amount = refundable_amount(charge, amount)?;
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
        description: Some(format!("REFUND FOR CHARGE ({charge_id})")),
    }
    .settled_in(account.as_ref());
    let refund = Refund {
        id: transaction.source.clone(),
        created: now,
        amount,
        currency: charge.currency.clone(),
        charge: charge_id.clone(),
        intent: charge.intent.clone(),
        status: match behaviour {
            Behaviour::RefundPends => Status::Pending,
            _ => Status::Succeeded,
        },
        reason: reason.map(str::to_owned),
        metadata,
        balance_transaction: transaction.id.clone(),
        failure_balance_transaction: None,
        by_card,
    };
    let before = json!({
        "amount_refunded": charge.amount_refunded, "refunded": false,
        "receipt_url": null,
    });
    charge.amount_refunded += amount;
    charge.refunds.push(refund.id.clone());
    let shown_charge = charge.render();
    if matches!(behaviour, Behaviour::RefundPends | Behaviour::RefundFails) {
        let at = now + store.rules().async_delay;
        store.plan(at, Due::FinishRefund(refund.id.clone()));
    }
    let mut answer = refund.render();
    store.balance.add(transaction);
    store.refunds.add(refund);
    store.emit("refund.created", &answer, None);
    store.emit("charge.refunded", &shown_charge, Some(&before));
    expand::apply(store, &mut answer, &wanted);
    Ok(answer)
}

/// A pending refund arrives; one that the bank will not have comes back.
pub(crate) fn finish(store: &mut Store, id: &str) {
    let (now, account) = (store.now(), store.rules().account.clone());
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
    .settled_in(account.as_ref());
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

/// `GET /v1/refunds/{id}`
pub(crate) fn retrieve(store: &Store, id: &str, mut fields: Fields) -> Result<Value, ApiError> {
    let wanted = expand::take(&mut fields, expand::Kind::Refund)?;
    fields.finish()?;
    let found = store.refunds.get(id);
    let mut answer = found.ok_or_else(|| ApiError::no_such("refund", id, "id"))?.render();
    expand::apply(store, &mut answer, &wanted);
    Ok(answer)
}

/// `GET /v1/refunds`
pub(crate) fn list(store: &Store, mut fields: Fields) -> Result<Value, ApiError> {
    let wanted = expand::take_for_list(&mut fields, expand::Kind::Refund)?;
    let page = Page::take(&mut fields)?;
    let charge = fields.text("charge")?;
    let intent = fields.text("payment_intent")?;
    fields.finish()?;
    let by_intent = |id: &String| store.intents.get(id)?.latest_charge().map(str::to_owned);
    // Only the last attempt of an intent can have been paid, and so refunded.
    let by_charge = charge.clone().or_else(|| intent.as_ref().and_then(by_intent));
    let candidates: Box<dyn Iterator<Item = &Refund>> = match (&charge, &intent) {
        (None, None) => Box::new(store.refunds.newest()),
        _ => {
            let known = by_charge.and_then(|id| store.charges.get(&id));
            let ids = known.into_iter().flat_map(|charge| charge.refunds.iter().rev());
            Box::new(ids.filter_map(|id| store.refunds.get(id)))
        }
    };
    let found =
        candidates.filter(|refund| intent.as_ref().is_none_or(|intent| refund.intent == *intent));
    let mut answer = page.render("/v1/refunds", found, Refund::render)?;
    expand::apply(store, &mut answer, &wanted);
    Ok(answer)
}
