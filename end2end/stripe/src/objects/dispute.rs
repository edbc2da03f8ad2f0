//! Disputes: the payer's bank wants the money of a charge back. The money leaves the balance at
//! once. The simulator never decides a dispute.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::objects::{balance_transaction::BalanceTransaction, object::Object};

/// The shop has seven days, in seconds, to answer.
const TIME_TO_ANSWER: i64 = 7 * 86_400;

/// Fields of the evidence that a shop can send to the bank. They are always empty here.
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

/// A Dispute that waits for an answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Dispute {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) charge: String,
    pub(crate) intent: String,
    pub(crate) withdrawn: BalanceTransaction,
}

impl Object for Dispute {
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
        let empty_fields = EVIDENCE.iter().map(|name| ((*name).to_owned(), Value::Null));
        let mut evidence: serde_json::Map<String, Value> = empty_fields.collect();
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
