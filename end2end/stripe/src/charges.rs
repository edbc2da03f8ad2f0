//! Charges: each attempt to take money, good or not.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    cards::{Decline, Instrument, Method},
    errors::ApiError,
    expand,
    form::Fields,
    lists::Page,
    sessions::{Customer, IntentData},
    state::{Noun, Store},
};

/// Where a charge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// The bank takes its time.
    Pending,
    /// The money is there.
    Succeeded,
    /// It is not.
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

impl Noun for Charge {
    fn id(&self) -> &str {
        &self.id
    }
    fn created(&self) -> i64 {
        self.created
    }
}

impl Charge {
    /// Money that can still be given back.
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
        let good = self.status == Status::Succeeded;
        json!({
            "id": self.id, "object": "charge", "amount": self.amount,
            "amount_captured": if good { self.amount } else { 0 },
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
            "calculated_statement_descriptor": "SIMULATOR", "captured": good,
            "created": self.created, "currency": self.currency, "customer": null,
            "description": self.data.description, "disputed": self.disputed,
            "failure_balance_transaction": null,
            "failure_code": self.failure.as_ref().map(|failure| &failure.code),
            "failure_message": self.failure.as_ref().map(|failure| &failure.message),
            "fraud_details": {}, "livemode": false, "metadata": self.data.metadata,
            "on_behalf_of": null, "outcome": self.render_outcome(), "paid": good,
            "payment_intent": self.intent, "payment_method": self.instrument.id,
            "payment_method_details": self.render_method(), "radar_options": {},
            "receipt_email": self.data.receipt_email, "receipt_number": null,
            "receipt_url": null, "refunded": good && self.refundable() == 0, "review": null,
            "shipping": self.data.shipping, "source": null, "source_transfer": null,
            "statement_descriptor": self.data.statement_descriptor,
            "statement_descriptor_suffix": self.data.statement_descriptor_suffix,
            "status": self.status, "transfer_data": null,
            "transfer_group": self.data.transfer_group,
        })
    }

    /// Its refunds as the list inside the expanded charge.
    pub(crate) fn refunds_list(&self, store: &Store) -> Value {
        let newest = self.refunds.iter().rev().filter_map(|id| store.refunds.get(id));
        let data: Vec<Value> = newest.map(|refund| refund.render()).collect();
        json!({
            "object": "list", "has_more": false, "data": data,
            "url": format!("/v1/charges/{}/refunds", self.id),
        })
    }
}

/// `GET /v1/charges/{id}`
pub(crate) fn retrieve(store: &Store, id: &str, mut fields: Fields) -> Result<Value, ApiError> {
    let wanted = expand::take(&mut fields, expand::Kind::Charge)?;
    fields.finish()?;
    let found = store.charges.get(id);
    let mut answer = found.ok_or_else(|| ApiError::no_such("charge", id, "id"))?.render();
    expand::apply(store, &mut answer, &wanted);
    Ok(answer)
}

/// `GET /v1/charges`
pub(crate) fn list(store: &Store, mut fields: Fields) -> Result<Value, ApiError> {
    fields.not_played(&["customer"])?;
    let wanted = expand::take_for_list(&mut fields, expand::Kind::Charge)?;
    let page = Page::take(&mut fields)?;
    let intent = fields.text("payment_intent")?;
    let group = fields.text("transfer_group")?;
    fields.finish()?;
    let candidates: Box<dyn Iterator<Item = &Charge>> = match &intent {
        None => Box::new(store.charges.newest()),
        Some(intent) => {
            let known = store.intents.get(intent).into_iter();
            let ids = known.flat_map(|intent| intent.charges.iter().rev());
            Box::new(ids.filter_map(|id| store.charges.get(id)))
        }
    };
    let found = candidates.filter(|charge| group.is_none() || charge.data.transfer_group == group);
    let mut answer = page.render("/v1/charges", found, Charge::render)?;
    expand::apply(store, &mut answer, &wanted);
    Ok(answer)
}
