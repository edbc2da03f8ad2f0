//! Disputes: a payment whose bank wants the money back. The money leaves the balance at once; what
//! becomes of the dispute later is not played.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    balance::BalanceTransaction,
    errors::ApiError,
    expand,
    form::Fields,
    lists::Page,
    state::{Noun, Store, new_id},
};

/// Seconds in which the shop may answer: seven days.
const TIME_TO_ANSWER: i64 = 7 * 86_400;

/// What can be told to the bank; nothing ever is.
const EVIDENCE: [&str; 27] = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
];

/// A Dispute, waiting for an answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Dispute {
    pub(crate) id: String,
    created: i64,
    amount: i64,
    currency: String,
    charge: String,
    intent: String,
    withdrawn: BalanceTransaction,
}

impl Noun for Dispute {
    fn id(&self) -> &str {
        &self.id
    }
    fn created(&self) -> i64 {
        self.created
    }
}

impl Dispute {
    /// The dispute as the API shows it.
    pub(crate) fn render(&self) -> Value {
        let nothing = EVIDENCE.iter().map(|name| ((*name).to_owned(), Value::Null));
        let mut evidence: serde_json::Map<String, Value> = nothing.collect();
        evidence.insert("enhanced_evidence".to_owned(), json!({}));
        json!({
            "id": self.id, "object": "dispute", "amount": self.amount,
            "balance_transactions": [self.withdrawn.render()], "charge": self.charge,
            "created": self.created, "currency": self.currency,
            "enhanced_eligibility_types": [], "evidence": evidence,
            "evidence_details": {
                "due_by": self.created + TIME_TO_ANSWER, "enhanced_eligibility": {},
                "has_evidence": false, "past_due": false, "submission_count": 0,
            },
            "is_charge_refundable": false, "livemode": false, "metadata": {},
            "payment_intent": self.intent, "reason": "fraudulent", "status": "needs_response",
        })
    }
}

/// The bank of the payer disputes all of a charge.
pub(crate) fn open(store: &mut Store, charge: &str) {
    let (now, account) = (store.now(), store.rules().account.clone());
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
    .settled_in(account.as_ref());
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

/// `GET /v1/disputes/{id}`
pub(crate) fn retrieve(store: &Store, id: &str, mut fields: Fields) -> Result<Value, ApiError> {
    let wanted = expand::take(&mut fields, expand::Kind::Dispute)?;
    fields.finish()?;
    let found = store.disputes.get(id);
    let mut answer = found.ok_or_else(|| ApiError::no_such("dispute", id, "id"))?.render();
    expand::apply(store, &mut answer, &wanted);
    Ok(answer)
}

/// `GET /v1/disputes`
pub(crate) fn list(store: &Store, mut fields: Fields) -> Result<Value, ApiError> {
    let wanted = expand::take_for_list(&mut fields, expand::Kind::Dispute)?;
    let page = Page::take(&mut fields)?;
    let charge = fields.text("charge")?;
    let intent = fields.text("payment_intent")?;
    fields.finish()?;
    let found = store.disputes.newest().filter(|dispute| {
        charge.as_ref().is_none_or(|charge| dispute.charge == *charge)
            && intent.as_ref().is_none_or(|intent| dispute.intent == *intent)
    });
    let mut answer = page.render("/v1/disputes", found, Dispute::render)?;
    expand::apply(store, &mut answer, &wanted);
    Ok(answer)
}
