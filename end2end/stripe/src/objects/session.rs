//! Checkout Sessions. The shop opens a session; the shopper pays on its page, or it expires.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::objects::{object::Object, payment_method::Instrument};

/// The status of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// It can be paid.
    Open,
    /// The shopper has paid, though a delayed payment may not have arrived yet.
    Complete,
    /// It can no longer be paid: its time is over, or the shop expired it.
    Expired,
}

/// A product in a session, with its price and quantity.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LineItem {
    pub(crate) id: String,
    pub(crate) price: String,
    pub(crate) product: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) unit_amount: i64,
    pub(crate) quantity: i64,
    pub(crate) tax_behavior: String,
    pub(crate) metadata: BTreeMap<String, String>,
}

/// What the shop wants the PaymentIntent of the session to carry.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct IntentData {
    pub(crate) description: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) receipt_email: Option<String>,
    pub(crate) statement_descriptor: Option<String>,
    pub(crate) statement_descriptor_suffix: Option<String>,
    pub(crate) transfer_group: Option<String>,
    pub(crate) shipping: Option<Value>,
}

/// The person who pays.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Customer {
    pub(crate) email: String,
    pub(crate) name: Option<String>,
    pub(crate) country: Option<String>,
}

/// A Checkout Session.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) expires_at: i64,
    pub(crate) status: Status,
    pub(crate) paid: bool,
    pub(crate) currency: String,
    pub(crate) line_items: Vec<LineItem>,
    pub(crate) success_url: String,
    pub(crate) cancel_url: Option<String>,
    pub(crate) client_reference_id: Option<String>,
    pub(crate) customer_email: Option<String>,
    pub(crate) customer: Option<Customer>,
    pub(crate) locale: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) intent_data: IntentData,
    pub(crate) submit_type: Option<String>,
    pub(crate) billing_address_collection: Option<String>,
    pub(crate) origin_context: Option<String>,
    pub(crate) integration_identifier: Option<String>,
    pub(crate) custom_text: BTreeMap<String, String>,
    pub(crate) allowed_methods: Option<Vec<String>>,
    pub(crate) excluded_methods: Vec<String>,
    pub(crate) payment_intent: Option<String>,
    /// The card that waits for 3-D Secure, and its holder.
    pub(crate) authenticating: Option<(Instrument, Customer)>,
}

impl Object for Session {
    fn id(&self) -> &str {
        &self.id
    }
    fn created(&self) -> i64 {
        self.created
    }
}

impl Session {
    /// The amount to pay, in the smallest unit.
    pub(crate) fn total(&self) -> i64 {
        self.line_items.iter().map(|item| item.unit_amount * item.quantity).sum()
    }

    /// The payment methods that the pay page offers: `card`, `sepa_debit`.
    pub(crate) fn methods(&self) -> Vec<&'static str> {
        ["card", "sepa_debit"]
            .into_iter()
            .filter(|kind| {
                let allowed = self.allowed_methods.as_ref();
                allowed.is_none_or(|list| list.iter().any(|allowed| allowed == kind))
                    && !self.excluded_methods.iter().any(|excluded| excluded == kind)
            })
            .collect()
    }

    /// Where the shopper goes after the payment.
    pub(crate) fn return_url(&self) -> String {
        self.success_url.replace("{CHECKOUT_SESSION_ID}", &self.id)
    }

    fn customer_details(&self) -> Value {
        let details = |email: &Option<String>, name: &Option<String>, country: &Option<String>| {
            json!({
                "address": country.as_ref().map(|country| json!({
                    "city": null, "country": country, "line1": null, "line2": null,
                    "postal_code": null, "state": null,
                })),
                "business_name": null, "email": email, "individual_name": null, "name": name,
                "phone": null, "tax_exempt": "none", "tax_ids": [],
            })
        };
        match (&self.customer, &self.customer_email) {
            (Some(customer), _) => {
                details(&Some(customer.email.clone()), &customer.name, &customer.country)
            }
            (None, Some(_)) => {
                let mut known = details(&self.customer_email, &None, &None);
                known["tax_ids"] = Value::Null;
                known
            }
            (None, None) => Value::Null,
        }
    }

    /// The session as the API shows it; `public_url` is where the pay pages are.
    pub(crate) fn render(&self, public_url: &str) -> Value {
        let total = self.total();
        json!({
            "id": self.id, "object": "checkout.session",
            "adaptive_pricing": { "enabled": false },
            "after_expiration": null, "allow_promotion_codes": null,
            "allowed_payment_method_types": self.allowed_methods,
            "amount_subtotal": total, "amount_total": total,
            "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
            "billing_address_collection": self.billing_address_collection,
            "cancel_url": self.cancel_url,
            "client_reference_id": self.client_reference_id,
            "client_secret": null,
            "collected_information":
                { "business_name": null, "individual_name": null, "shipping_details": null },
            "consent": null, "consent_collection": null,
            "created": self.created, "currency": self.currency, "currency_conversion": null,
            "custom_fields": [], "custom_text": self.render_custom_text(),
            "customer": null, "customer_account": null, "customer_creation": "if_required",
            "customer_details": self.customer_details(),
            "customer_email": self.customer_email,
            "discounts": [],
            "expires_at": self.expires_at,
            "integration_identifier": self.integration_identifier,
            "invoice": null,
            "invoice_creation": { "enabled": false, "invoice_data": {
                "account_tax_ids": null, "custom_fields": null, "description": null,
                "footer": null, "issuer": null, "metadata": {}, "rendering_options": null,
            }},
            "livemode": false, "locale": self.locale,
            "managed_payments": { "enabled": false },
            "metadata": self.metadata, "mode": "payment",
            "origin_context": self.origin_context,
            "payment_intent": self.payment_intent, "payment_link": null,
            "payment_method_collection": "if_required",
            "payment_method_configuration_details": null,
            "payment_method_options": { "card": { "request_three_d_secure": "automatic" } },
            "payment_method_types": self.methods(),
            "payment_status": if self.paid { "paid" } else { "unpaid" },
            "permissions": null,
            "phone_number_collection": { "enabled": false },
            "recovered_from": null, "saved_payment_method_options": null, "setup_intent": null,
            "shipping_address_collection": null, "shipping_cost": null, "shipping_options": [],
            "status": self.status, "submit_type": self.submit_type, "subscription": null,
            "success_url": self.success_url,
            "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 },
            "ui_mode": "hosted_page",
            "url": (self.status == Status::Open)
                .then(|| format!("{public_url}/c/pay/{}", self.id)),
            "wallet_options": null,
        })
    }

    fn render_custom_text(&self) -> Value {
        let text =
            |position: &str| self.custom_text.get(position).map(|text| json!({ "message": text }));
        json!({
            "after_submit": text("after_submit"), "shipping_address": text("shipping_address"),
            "submit": text("submit"),
            "terms_of_service_acceptance": text("terms_of_service_acceptance"),
        })
    }
}

/// A line item as the API shows it.
pub(crate) fn render_line_item(item: &LineItem, session: &Session) -> Value {
    let amount = item.unit_amount * item.quantity;
    json!({
        "id": item.id, "object": "item", "adjustable_quantity": null,
        "amount_discount": 0, "amount_subtotal": amount, "amount_tax": 0, "amount_total": amount,
        "currency": session.currency, "description": item.name, "metadata": item.metadata,
        "price": {
            "id": item.price, "object": "price", "active": false, "billing_scheme": "per_unit",
            "created": session.created, "currency": session.currency,
            "custom_unit_amount": null, "livemode": false, "lookup_key": null, "metadata": {},
            "nickname": null, "product": item.product, "recurring": null,
            "tax_behavior": item.tax_behavior, "tiers_mode": null, "transform_quantity": null,
            "type": "one_time", "unit_amount": item.unit_amount,
            "unit_amount_decimal": item.unit_amount.to_string(),
        },
        "quantity": item.quantity,
    })
}

/// The line items as the list inside an expanded session.
pub(crate) fn render_line_items(session: &Session) -> Value {
    let data: Vec<Value> =
        session.line_items.iter().map(|item| render_line_item(item, session)).collect();
    json!({
        "object": "list", "data": data, "has_more": false,
        "url": format!("/v1/checkout/sessions/{}/line_items", session.id),
    })
}
