//! Checkout Sessions: the shop opens one, the shopper pays on its page, or it expires.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    cards::Instrument,
    errors::ApiError,
    expand,
    form::Fields,
    lists::Page,
    payments,
    state::{Due, Noun, Rules, Store},
};

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Can be paid.
    Open,
    /// The shopper is through; the money may still be on its way.
    Complete,
    /// Too late, or called off by the shop.
    Expired,
}

/// Something being bought.
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

/// What the shop wants on the payment that the session will make.
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

/// Who paid.
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
    /// The card that waits for 3-D Secure, with who holds it.
    pub(crate) authenticating: Option<(Instrument, Customer)>,
}

impl Noun for Session {
    fn id(&self) -> &str {
        &self.id
    }
    fn created(&self) -> i64 {
        self.created
    }
}

impl Session {
    /// What there is to pay, in the smallest unit.
    pub(crate) fn total(&self) -> i64 {
        self.line_items.iter().map(|item| item.unit_amount * item.quantity).sum()
    }

    /// `card`, `sepa_debit`: what the page offers.
    pub(crate) fn methods(&self) -> Vec<&'static str> {
        ["card", "sepa_debit"]
            .into_iter()
            .filter(|kind| {
                let wanted = self.allowed_methods.as_ref();
                wanted.is_none_or(|list| list.iter().any(|allowed| allowed == kind))
                    && !self.excluded_methods.iter().any(|excluded| excluded == kind)
            })
            .collect()
    }

    /// Where the shopper goes after paying.
    pub(crate) fn after_payment(&self) -> String {
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

    /// The session as the API shows it.
    pub(crate) fn render(&self, rules: &Rules) -> Value {
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
                .then(|| format!("{}/c/pay/{}", rules.public_url, self.id)),
            "wallet_options": null,
        })
    }

    fn render_custom_text(&self) -> Value {
        let text = |place: &str| self.custom_text.get(place).map(|text| json!({ "message": text }));
        json!({
            "after_submit": text("after_submit"), "shipping_address": text("shipping_address"),
            "submit": text("submit"),
            "terms_of_service_acceptance": text("terms_of_service_acceptance"),
        })
    }
}

fn render_item(item: &LineItem, session: &Session) -> Value {
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
pub(crate) fn items_of(session: &Session) -> Value {
    let data: Vec<Value> =
        session.line_items.iter().map(|item| render_item(item, session)).collect();
    json!({
        "object": "list", "data": data, "has_more": false,
        "url": format!("/v1/checkout/sessions/{}/line_items", session.id),
    })
}

fn no_such(id: &str) -> ApiError {
    ApiError::no_such("checkout.session", id, "session")
}

/// `POST /v1/checkout/sessions`
pub(crate) fn create(store: &mut Store, mut fields: Fields) -> Result<Value, ApiError> {
    let wanted = expand::take(&mut fields, expand::Kind::Session)?;
    let session = crate::opening::read(fields, store.now())?;
    store.account.admit(&session)?;
    let id = session.id.clone();
    store.plan(session.expires_at, Due::Expire(id.clone()));
    let mut answer = session.render(&store.rules());
    store.sessions.add(session);
    expand::apply(store, &mut answer, &wanted);
    Ok(answer)
}

/// `GET /v1/checkout/sessions/{id}`
pub(crate) fn retrieve(store: &Store, id: &str, mut fields: Fields) -> Result<Value, ApiError> {
    let wanted = expand::take(&mut fields, expand::Kind::Session)?;
    fields.finish()?;
    let session = store.sessions.get(id).ok_or_else(|| no_such(id))?;
    let mut answer = session.render(&store.rules());
    expand::apply(store, &mut answer, &wanted);
    Ok(answer)
}

/// `POST /v1/checkout/sessions/{id}/expire`
pub(crate) fn expire(store: &mut Store, id: &str, mut fields: Fields) -> Result<Value, ApiError> {
    let wanted = expand::take(&mut fields, expand::Kind::Session)?;
    fields.finish()?;
    let mut answer = close(store, id)?;
    expand::apply(store, &mut answer, &wanted);
    Ok(answer)
}

/// Open → expired, with the payment called off and the event told.
pub(crate) fn close(store: &mut Store, id: &str) -> Result<Value, ApiError> {
    let rules = store.rules();
    let session = store.sessions.get_mut(id).ok_or_else(|| no_such(id))?;
    if session.status != Status::Open {
        let status = json!(session.status);
        return Err(ApiError::invalid(format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout \
             Session has a status of {}.",
            status.as_str().unwrap_or_default()
        )));
    }
    session.status = Status::Expired;
    session.authenticating = None;
    let shown = session.render(&rules);
    if let Some(intent) = session.payment_intent.clone() {
        payments::cancel(store, &intent);
    }
    store.emit("checkout.session.expired", &shown, None);
    Ok(shown)
}

/// `GET /v1/checkout/sessions/{id}/line_items`
pub(crate) fn line_items(store: &Store, id: &str, mut fields: Fields) -> Result<Value, ApiError> {
    let session = store.sessions.get(id).ok_or_else(|| no_such(id))?;
    let page = Page::take(&mut fields)?;
    fields.finish()?;
    let shown: Vec<ShownItem<'_>> =
        session.line_items.iter().map(|item| ShownItem(item, session)).collect();
    let url = format!("/v1/checkout/sessions/{id}/line_items");
    page.render(&url, shown.iter(), |item| render_item(item.0, session))
}

struct ShownItem<'a>(&'a LineItem, &'a Session);

impl Noun for ShownItem<'_> {
    fn id(&self) -> &str {
        &self.0.id
    }
    fn created(&self) -> i64 {
        self.1.created
    }
}

/// `GET /v1/checkout/sessions`
pub(crate) fn list(store: &Store, mut fields: Fields) -> Result<Value, ApiError> {
    fields.not_played(&["customer", "customer_account", "payment_link", "subscription"])?;
    let wanted = expand::take_for_list(&mut fields, expand::Kind::Session)?;
    let page = Page::take(&mut fields)?;
    let intent = fields.text("payment_intent")?;
    let status = fields.choice("status", &["complete", "expired", "open"])?;
    let email = match fields.object("customer_details")? {
        Some(mut inner) => {
            let email = inner.required("email")?;
            inner.finish()?;
            Some(email)
        }
        None => None,
    };
    fields.finish()?;
    let found = store.sessions.newest().filter(|session| {
        let is = match session.status {
            Status::Open => "open",
            Status::Complete => "complete",
            Status::Expired => "expired",
        };
        let known_email = session.customer.as_ref().map(|customer| &customer.email);
        (intent.is_none() || session.payment_intent == intent)
            && status.is_none_or(|wanted| wanted == is)
            && (email.is_none()
                || known_email.or(session.customer_email.as_ref()) == email.as_ref())
    });
    let rules = store.rules();
    let mut answer =
        page.render("/v1/checkout/sessions", found, |session| session.render(&rules))?;
    expand::apply(store, &mut answer, &wanted);
    Ok(answer)
}
