//! PaymentIntents: the amount to pay, and how far the payment has come.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::objects::{
    object::Object,
    payment_method::{Decline, Instrument},
    session::IntentData,
};

/// The status of a PaymentIntent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// It waits for a card, the first one or another.
    RequiresPaymentMethod,
    /// It waits for 3-D Secure.
    RequiresAction,
    /// The bank has not decided yet.
    Processing,
    /// It is paid.
    Succeeded,
    /// It was canceled.
    Canceled,
}

/// A PaymentIntent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PaymentIntent {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) created: i64,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) status: Status,
    pub(crate) data: IntentData,
    pub(crate) methods: Vec<String>,
    /// Ids of its charges, the newest last.
    pub(crate) charges: Vec<String>,
    pub(crate) instrument: Option<Instrument>,
    pub(crate) error: Option<(Decline, Option<String>)>,
    pub(crate) authenticate_at: Option<String>,
    pub(crate) canceled_at: Option<i64>,
}

impl Object for PaymentIntent {
    fn id(&self) -> &str {
        &self.id
    }
    fn created(&self) -> i64 {
        self.created
    }
}

fn doc_url(code: &str) -> String {
    format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-"))
}

impl PaymentIntent {
    /// The charge of the last attempt.
    pub(crate) fn latest_charge(&self) -> Option<&str> {
        self.charges.last().map(String::as_str)
    }

    fn render_error(&self) -> Value {
        let Some((decline, charge)) = &self.error else {
            return Value::Null;
        };
        let kind = if decline.code == "payment_intent_authentication_failure" {
            "invalid_request_error"
        } else {
            "card_error"
        };
        let mut shown = json!({
            "code": decline.code, "doc_url": doc_url(&decline.code),
            "message": decline.message, "type": kind,
        });
        if let Some(reason) = &decline.decline_code {
            shown["decline_code"] = json!(reason);
        }
        if let Some(charge) = charge {
            shown["charge"] = json!(charge);
        }
        shown
    }

    /// The intent as the API shows it.
    pub(crate) fn render(&self) -> Value {
        let paid = self.status == Status::Succeeded;
        json!({
            "id": self.id, "object": "payment_intent",
            "allowed_payment_method_types": null,
            "amount": self.amount, "amount_capturable": 0,
            "amount_details": { "tip": {} },
            "amount_received": if paid { self.amount } else { 0 },
            "application": null, "application_fee_amount": null,
            "automatic_payment_methods": null,
            "canceled_at": self.canceled_at,
            "cancellation_reason": self.canceled_at.map(|_| "automatic"),
            "capture_method": "automatic_async",
            "client_secret": format!("{}_secret_{}", self.id, self.secret),
            "confirmation_method": "automatic", "created": self.created,
            "currency": self.currency, "customer": null, "customer_account": null,
            "description": self.data.description, "excluded_payment_method_types": null,
            "last_payment_error": self.render_error(),
            "latest_charge": self.charges.last(),
            "livemode": false, "managed_payments": null, "metadata": self.data.metadata,
            "next_action": self.authenticate_at.as_ref().map(|url| json!({
                "type": "redirect_to_url", "redirect_to_url": { "return_url": null, "url": url },
            })),
            "on_behalf_of": null,
            "payment_method": self.instrument.as_ref().map(|instrument| &instrument.id),
            "payment_method_configuration_details": null,
            "payment_method_options": { "card": {
                "installments": null, "mandate_options": null, "network": null,
                "request_three_d_secure": "automatic",
            }},
            "payment_method_types": self.methods, "payment_record": null, "processing": null,
            "receipt_email": self.data.receipt_email, "review": null,
            "setup_future_usage": null, "shipping": self.data.shipping, "source": null,
            "statement_descriptor": self.data.statement_descriptor,
            "statement_descriptor_suffix": self.data.statement_descriptor_suffix,
            "status": self.status, "transfer_data": null,
            "transfer_group": self.data.transfer_group,
        })
    }
}
