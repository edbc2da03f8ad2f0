//! Charges: one for each attempt to take money, whether it succeeds or fails.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::objects::{
    object::Object,
    payment_method::{Decline, Instrument, Method},
    session::{Customer, IntentData},
};

/// The status of a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// The bank has not decided yet.
    Pending,
    /// The money was taken.
    Succeeded,
    /// No money was taken.
    Failed,
}

/// A Charge.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Charge {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) intent: String,
    pub(crate) amount: i64,
    pub(crate) amount_refunded: i64,
    pub(crate) currency: String,
    pub(crate) status: Status,
    pub(crate) data: IntentData,
    pub(crate) customer: Customer,
    pub(crate) instrument: Instrument,
    pub(crate) failure: Option<Decline>,
    pub(crate) balance_transaction: Option<String>,
    pub(crate) refunds: Vec<String>,
    #[serde(default)]
    pub(crate) disputed: bool,
}

impl Object for Charge {
    fn id(&self) -> &str {
        &self.id
    }
    fn created(&self) -> i64 {
        self.created
    }
}

impl Charge {
    /// The amount that can still be refunded.
    pub(crate) fn refundable(&self) -> i64 {
        self.amount - self.amount_refunded
    }

    fn render_method(&self) -> Value {
        let last4 = &self.instrument.last4;
        match &self.instrument.method {
            Method::Card { brand, country, funding, exp_month, exp_year, authenticated } => json!({
                "type": "card",
                "card": {
                    "amount_authorized": self.amount, "authorization_code": null, "brand": brand,
                    "checks": {
                        "address_line1_check": null, "address_postal_code_check": null,
                        "cvc_check": match &self.failure {
                            Some(failure) if failure.code == "incorrect_cvc" => "fail",
                            _ => "pass",
                        },
                    },
                    "country": country, "electronic_commerce_indicator": null,
                    "exp_month": exp_month, "exp_year": exp_year,
                    "extended_authorization": { "status": "disabled" },
                    "fingerprint": format!("simulated{last4}"), "funding": funding,
                    "incremental_authorization": { "status": "unavailable" },
                    "installments": null, "last4": last4, "mandate": null,
                    "multicapture": { "status": "unavailable" },
                    "network": brand, "network_token": { "used": false },
                    "network_transaction_id": null,
                    "overcapture": { "maximum_amount_capturable": self.amount, "status": "unavailable" },
                    "regulated_status": "unregulated",
                    "three_d_secure": authenticated.then(|| json!({
                        "authentication_flow": "challenge",
                        "electronic_commerce_indicator": "05", "exemption_indicator": null,
                        "result": "authenticated", "result_reason": null,
                        "transaction_id": null, "version": "2.2.0",
                    })),
                    "transaction_link_id": null, "wallet": null,
                },
            }),
            Method::SepaDebit { country } => json!({
                "type": "sepa_debit",
                "sepa_debit": {
                    "bank_code": null, "branch_code": null, "country": country,
                    "fingerprint": format!("simulated{last4}"), "last4": last4, "mandate": null,
                },
            }),
        }
    }

    fn render_outcome(&self) -> Value {
        match (&self.failure, self.status) {
            (Some(failure), _) => json!({
                "advice_code": null, "network_advice_code": null, "network_decline_code": null,
                "network_status": "declined_by_network", "reason": failure.decline_code,
                "risk_level": "normal", "risk_score": 10,
                "seller_message": "The bank did not return any further details with this decline.",
                "type": "issuer_declined",
            }),
            (None, _) => json!({
                "advice_code": null, "network_advice_code": null, "network_decline_code": null,
                "network_status": "approved_by_network", "reason": null,
                "risk_level": "normal", "risk_score": 10,
                "seller_message": "Payment complete.", "type": "authorized",
            }),
        }
    }

    /// The charge as the API shows it.
    pub(crate) fn render(&self) -> Value {
        let succeeded = self.status == Status::Succeeded;
        json!({
            "id": self.id, "object": "charge", "amount": self.amount,
            "amount_captured": if succeeded { self.amount } else { 0 },
            "amount_refunded": self.amount_refunded,
            "application": null, "application_fee": null, "application_fee_amount": null,
            "balance_transaction": self.balance_transaction,
            "billing_details": {
                "address": {
                    "city": null, "country": self.customer.country, "line1": null, "line2": null,
                    "postal_code": null, "state": null,
                },
                "email": self.customer.email, "name": self.customer.name, "phone": null,
                "tax_id": null,
            },
            "calculated_statement_descriptor": "SIMULATOR", "captured": succeeded,
            "created": self.created, "currency": self.currency, "customer": null,
            "description": self.data.description, "disputed": self.disputed,
            "failure_balance_transaction": null,
            "failure_code": self.failure.as_ref().map(|failure| &failure.code),
            "failure_message": self.failure.as_ref().map(|failure| &failure.message),
            "fraud_details": {}, "livemode": false, "metadata": self.data.metadata,
            "on_behalf_of": null, "outcome": self.render_outcome(), "paid": succeeded,
            "payment_intent": self.intent, "payment_method": self.instrument.id,
            "payment_method_details": self.render_method(), "radar_options": {},
            "receipt_email": self.data.receipt_email, "receipt_number": null,
            "receipt_url": null, "refunded": succeeded && self.refundable() == 0, "review": null,
            "shipping": self.data.shipping, "source": null, "source_transfer": null,
            "statement_descriptor": self.data.statement_descriptor,
            "statement_descriptor_suffix": self.data.statement_descriptor_suffix,
            "status": self.status, "transfer_data": null,
            "transfer_group": self.data.transfer_group,
        })
    }
}
