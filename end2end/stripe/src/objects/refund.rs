//! Refunds: a charge given back, whole or in parts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::objects::object::Object;

/// The status of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// The money is on its way.
    Pending,
    /// The money was given back.
    Succeeded,
    /// The payer's bank did not accept the money.
    Failed,
}

/// A Refund.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) charge: String,
    pub(crate) intent: String,
    pub(crate) status: Status,
    pub(crate) reason: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) balance_transaction: String,
    pub(crate) failure_balance_transaction: Option<String>,
    /// Whether the charge was paid by card.
    pub(crate) by_card: bool,
}

impl Object for Refund {
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
