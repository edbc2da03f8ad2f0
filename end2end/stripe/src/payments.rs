//! What happens when somebody pays: PaymentIntents, Charges, Balance Transactions.
//!
//! The order of things is Stripe's: the intent is made when the shopper presses *Pay*; a decline
//! leaves a failed charge and an open session; a success tells `charge.succeeded`,
//! `payment_intent.succeeded`, `checkout.session.completed`; the balance transaction comes after
//! the fact with `charge.updated` (capture is `automatic_async`).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    cards::{Behaviour, Decline, Instrument, Method},
    errors::ApiError,
    expand,
    form::Fields,
    lists::Page,
    sessions::{Customer, IntentData, Session, Status},
    state::{Due, Noun, Store, new_id},
};

/// Where an intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum IntentStatus {
    /// Waits for a (better) card.
    RequiresPaymentMethod,
    /// Waits for 3-D Secure.
    RequiresAction,
    /// The bank takes its time.
    Processing,
    /// Paid.
    Succeeded,
    /// Called off.
    Canceled,
}

/// A PaymentIntent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PaymentIntent {
    pub(crate) id: String,
    secret: String,
    created: i64,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) status: IntentStatus,
    data: IntentData,
    methods: Vec<String>,
    /// Newest last.
    charges: Vec<String>,
    instrument: Option<Instrument>,
    error: Option<(Decline, Option<String>)>,
    authenticate_at: Option<String>,
    canceled_at: Option<i64>,
}

/// Where a charge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ChargeStatus {
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
    created: i64,
    pub(crate) intent: String,
    pub(crate) amount: i64,
    pub(crate) amount_refunded: i64,
    pub(crate) currency: String,
    pub(crate) status: ChargeStatus,
    data: IntentData,
    customer: Customer,
    pub(crate) instrument: Instrument,
    failure: Option<Decline>,
    pub(crate) balance_transaction: Option<String>,
    pub(crate) refunds: Vec<String>,
}

/// A movement of the shop's balance at Stripe.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BalanceTransaction {
    pub(crate) id: String,
    pub(crate) created: i64,
    /// `charge`, `payment`, `refund`, `payment_refund`, `refund_failure`.
    pub(crate) kind: String,
    pub(crate) amount: i64,
    pub(crate) fee: i64,
    pub(crate) currency: String,
    pub(crate) source: String,
    pub(crate) description: Option<String>,
}

macro_rules! nouns {
    ($($noun:ty),+) => {$(
        impl Noun for $noun {
            fn id(&self) -> &str {
                &self.id
            }
            fn created(&self) -> i64 {
                self.created
            }
        }
    )+};
}
nouns!(PaymentIntent, Charge, BalanceTransaction);

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
        let paid = self.status == IntentStatus::Succeeded;
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
        let good = self.status == ChargeStatus::Succeeded;
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
            "description": self.data.description, "disputed": false,
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

impl BalanceTransaction {
    /// The movement as the API shows it.
    pub(crate) fn render(&self) -> Value {
        let fees = (self.fee != 0).then(|| {
            json!({
                "amount": self.fee, "application": null, "currency": self.currency,
                "description": "Stripe processing fees", "type": "stripe_fee",
            })
        });
        json!({
            "id": self.id, "object": "balance_transaction", "amount": self.amount,
            "available_on": self.created + 7 * 86_400, "balance_type": "payments",
            "created": self.created, "currency": self.currency,
            "description": self.description, "exchange_rate": null, "fee": self.fee,
            "fee_details": fees.into_iter().collect::<Vec<_>>(), "net": self.amount - self.fee,
            "reporting_category": match self.kind.as_str() {
                "payment" => "charge",
                "payment_refund" => "refund",
                kind => kind,
            },
            "source": self.source, "status": "pending", "type": self.kind,
        })
    }
}

/// What came of pressing *Pay*.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Through; the money is there or on its way.
    Done,
    /// 3-D Secure first.
    Authenticate,
    /// The bank said no; the shopper may try another card.
    Declined(Decline),
}

/// Why pressing *Pay* came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No such session.
    Unknown,
    /// Too late.
    Expired,
    /// Already paid.
    Complete,
    /// The session does not take this kind of payment method.
    Method,
    /// There is no 3-D Secure under way.
    NothingToAuthenticate,
}

fn open_session<'a>(store: &'a Store, id: &str) -> Result<&'a Session, Refusal> {
    let session = store.sessions.get(id).ok_or(Refusal::Unknown)?;
    match session.status {
        Status::Open => Ok(session),
        Status::Complete => Err(Refusal::Complete),
        Status::Expired => Err(Refusal::Expired),
    }
}

/// The shopper presses *Pay*.
pub(crate) fn pay(
    store: &mut Store,
    session: &str,
    instrument: Instrument,
    customer: Customer,
) -> Result<Outcome, Refusal> {
    let open = open_session(store, session)?;
    if !open.methods().contains(&instrument.kind()) {
        return Err(Refusal::Method);
    }
    let intent = intent_of(store, session);
    set_intent(store, &intent, |intent| {
        intent.instrument = Some(instrument.clone());
        intent.authenticate_at = None;
        intent.error = None;
    });
    set_session(store, session, |session| session.authenticating = None);
    match instrument.behaviour.clone() {
        Behaviour::Succeeds | Behaviour::RefundPends | Behaviour::RefundFails => {
            charge_and_complete(store, session, &intent, instrument, customer);
            Ok(Outcome::Done)
        }
        Behaviour::Declines(decline) => {
            decline_charge(store, &intent, instrument, customer, &decline);
            Ok(Outcome::Declined(decline))
        }
        Behaviour::Authenticates(_) => {
            let url = format!("{}/c/pay/{session}/authenticate", store.rules().public_url);
            set_session(store, session, |session| {
                session.authenticating = Some((instrument, customer));
            });
            let shown = set_intent(store, &intent, |intent| {
                intent.status = IntentStatus::RequiresAction;
                intent.authenticate_at = Some(url);
            });
            store.emit("payment_intent.requires_action", &shown, None);
            Ok(Outcome::Authenticate)
        }
        Behaviour::SucceedsLater | Behaviour::FailsLater => {
            process(store, session, &intent, instrument, customer);
            Ok(Outcome::Done)
        }
    }
}

/// The shopper passes 3-D Secure, or fails it.
pub(crate) fn authenticate(
    store: &mut Store,
    session: &str,
    passed: bool,
) -> Result<Outcome, Refusal> {
    let open = open_session(store, session)?;
    let Some((mut instrument, customer)) = open.authenticating.clone() else {
        return Err(Refusal::NothingToAuthenticate);
    };
    let intent = intent_of(store, session);
    set_session(store, session, |session| session.authenticating = None);
    set_intent(store, &intent, |intent| intent.authenticate_at = None);
    if !passed {
        let decline = Decline::authentication();
        fail_intent(store, &intent, &decline, None);
        return Ok(Outcome::Declined(decline));
    }
    if let Method::Card { authenticated, .. } = &mut instrument.method {
        *authenticated = true;
    }
    if let Behaviour::Authenticates(Some(decline)) = instrument.behaviour.clone() {
        decline_charge(store, &intent, instrument, customer, &decline);
        return Ok(Outcome::Declined(decline));
    }
    charge_and_complete(store, session, &intent, instrument, customer);
    Ok(Outcome::Done)
}

/// The intent of a session; made at the first attempt to pay.
fn intent_of(store: &mut Store, session: &str) -> String {
    let now = store.now();
    let Some(known) = store.sessions.get_mut(session) else {
        return String::new();
    };
    if let Some(intent) = &known.payment_intent {
        return intent.clone();
    }
    let intent = PaymentIntent {
        id: new_id("pi_3", 23),
        secret: new_id("", 25),
        created: now,
        amount: known.total(),
        currency: known.currency.clone(),
        status: IntentStatus::RequiresPaymentMethod,
        data: known.intent_data.clone(),
        methods: known.methods().into_iter().map(str::to_owned).collect(),
        charges: Vec::new(),
        instrument: None,
        error: None,
        authenticate_at: None,
        canceled_at: None,
    };
    let id = intent.id.clone();
    known.payment_intent = Some(id.clone());
    let shown = intent.render();
    store.intents.add(intent);
    store.emit("payment_intent.created", &shown, None);
    id
}

fn set_intent(store: &mut Store, id: &str, change: impl FnOnce(&mut PaymentIntent)) -> Value {
    store.intents.get_mut(id).map_or(Value::Null, |intent| {
        change(intent);
        intent.render()
    })
}

fn set_charge(store: &mut Store, id: &str, change: impl FnOnce(&mut Charge)) -> Value {
    store.charges.get_mut(id).map_or(Value::Null, |charge| {
        change(charge);
        charge.render()
    })
}

fn set_session(store: &mut Store, id: &str, change: impl FnOnce(&mut Session)) -> Value {
    let rules = store.rules();
    store.sessions.get_mut(id).map_or(Value::Null, |session| {
        change(session);
        session.render(&rules)
    })
}

fn new_charge(
    store: &mut Store,
    intent: &str,
    instrument: Instrument,
    customer: Customer,
    status: ChargeStatus,
    failure: Option<Decline>,
) -> String {
    // What is paid by card is a `ch_`, everything else a `py_`.
    let prefix = match instrument.method {
        Method::Card { .. } => "ch_3",
        Method::SepaDebit { .. } => "py_3",
    };
    let created = store.now();
    let Some(intent) = store.intents.get_mut(intent) else {
        return String::new();
    };
    let charge = Charge {
        id: new_id(prefix, 23),
        created,
        intent: intent.id.clone(),
        amount: intent.amount,
        amount_refunded: 0,
        currency: intent.currency.clone(),
        status,
        data: intent.data.clone(),
        customer,
        instrument,
        failure,
        balance_transaction: None,
        refunds: Vec::new(),
    };
    let id = charge.id.clone();
    intent.charges.push(id.clone());
    store.charges.add(charge);
    id
}

fn decline_charge(
    store: &mut Store,
    intent: &str,
    instrument: Instrument,
    customer: Customer,
    decline: &Decline,
) {
    let failed = ChargeStatus::Failed;
    let charge = new_charge(store, intent, instrument, customer, failed, Some(decline.clone()));
    let shown = set_charge(store, &charge, |_| {});
    store.emit("charge.failed", &shown, None);
    fail_intent(store, intent, decline, Some(charge));
}

fn fail_intent(store: &mut Store, intent: &str, decline: &Decline, charge: Option<String>) {
    let shown = set_intent(store, intent, |intent| {
        intent.status = IntentStatus::RequiresPaymentMethod;
        intent.instrument = None;
        intent.error = Some((decline.clone(), charge));
    });
    store.emit("payment_intent.payment_failed", &shown, None);
}

fn charge_and_complete(
    store: &mut Store,
    session: &str,
    intent: &str,
    instrument: Instrument,
    customer: Customer,
) {
    let good = ChargeStatus::Succeeded;
    let charge = new_charge(store, intent, instrument, customer.clone(), good, None);
    succeed(store, intent, &charge);
    let shown = set_session(store, session, |session| {
        session.status = Status::Complete;
        session.paid = true;
        session.customer = Some(customer);
    });
    store.emit("checkout.session.completed", &shown, None);
    plan_settlement(store, &charge);
}

fn succeed(store: &mut Store, intent: &str, charge: &str) {
    let shown = set_charge(store, charge, |charge| charge.status = ChargeStatus::Succeeded);
    store.emit("charge.succeeded", &shown, None);
    let shown = set_intent(store, intent, |intent| intent.status = IntentStatus::Succeeded);
    store.emit("payment_intent.succeeded", &shown, None);
}

fn plan_settlement(store: &mut Store, charge: &str) {
    match store.rules().settle_delay {
        0 => settle(store, charge),
        delay => store.plan(store.now() + delay, Due::Settle(charge.to_owned())),
    }
}

/// A bank debit: the session is complete, the money is not there.
fn process(
    store: &mut Store,
    session: &str,
    intent: &str,
    instrument: Instrument,
    customer: Customer,
) {
    let pending = ChargeStatus::Pending;
    let charge = new_charge(store, intent, instrument, customer.clone(), pending, None);
    let shown = set_charge(store, &charge, |_| {});
    store.emit("charge.pending", &shown, None);
    let shown = set_intent(store, intent, |intent| intent.status = IntentStatus::Processing);
    store.emit("payment_intent.processing", &shown, None);
    let shown = set_session(store, session, |session| {
        session.status = Status::Complete;
        session.customer = Some(customer);
    });
    store.emit("checkout.session.completed", &shown, None);
    let at = store.now() + store.rules().async_delay;
    store.plan(at, Due::Decide(session.to_owned()));
}

/// The bank has decided about the delayed payment of a session.
pub(crate) fn decide(store: &mut Store, session: &str) {
    let Some(intent) = store.sessions.get(session).and_then(|open| open.payment_intent.clone())
    else {
        return;
    };
    let Some(charge) = store.intents.get(&intent).and_then(|known| known.charges.last().cloned())
    else {
        return;
    };
    let fails = store
        .charges
        .get(&charge)
        .is_some_and(|charge| charge.instrument.behaviour == Behaviour::FailsLater);
    if fails {
        let decline = Decline::debit();
        let shown = set_charge(store, &charge, |charge| {
            charge.status = ChargeStatus::Failed;
            charge.failure = Some(decline.clone());
        });
        store.emit("charge.failed", &shown, None);
        fail_intent(store, &intent, &decline, Some(charge));
        let shown = set_session(store, session, |_| {});
        store.emit("checkout.session.async_payment_failed", &shown, None);
        return;
    }
    succeed(store, &intent, &charge);
    let shown = set_session(store, session, |session| session.paid = true);
    store.emit("checkout.session.async_payment_succeeded", &shown, None);
    plan_settlement(store, &charge);
}

/// The charge gets its balance transaction.
pub(crate) fn settle(store: &mut Store, charge: &str) {
    let now = store.now();
    let fees = store.rules().fees;
    let Some(known) = store.charges.get_mut(charge) else {
        return;
    };
    let transaction = BalanceTransaction {
        id: new_id("txn_3", 23),
        created: now,
        kind: match known.instrument.method {
            Method::Card { .. } => "charge".to_owned(),
            Method::SepaDebit { .. } => "payment".to_owned(),
        },
        amount: known.amount,
        fee: fees.on(known.amount),
        currency: known.currency.clone(),
        source: known.id.clone(),
        description: known.data.description.clone(),
    };
    known.balance_transaction = Some(transaction.id.clone());
    let shown = known.render();
    store.balance.add(transaction);
    store.emit("charge.updated", &shown, Some(&json!({ "balance_transaction": null })));
}

/// The session is over: its unpaid intent is called off.
pub(crate) fn cancel(store: &mut Store, intent: &str) {
    let now = store.now();
    let shown = set_intent(store, intent, |intent| {
        intent.status = IntentStatus::Canceled;
        intent.authenticate_at = None;
        intent.canceled_at = Some(now);
    });
    store.emit("payment_intent.canceled", &shown, None);
}

/// `GET /v1/payment_intents/{id}`
pub(crate) fn intent(store: &Store, id: &str, mut fields: Fields) -> Result<Value, ApiError> {
    let wanted = expand::take(&mut fields, expand::Kind::Intent)?;
    fields.text("client_secret")?;
    fields.finish()?;
    let found = store.intents.get(id);
    let mut answer =
        found.ok_or_else(|| ApiError::no_such("payment_intent", id, "intent"))?.render();
    expand::apply(store, &mut answer, &wanted);
    Ok(answer)
}

/// `GET /v1/payment_intents`
pub(crate) fn intents(store: &Store, mut fields: Fields) -> Result<Value, ApiError> {
    fields.not_played(&["customer", "customer_account"])?;
    let wanted = expand::take_for_list(&mut fields, expand::Kind::Intent)?;
    let page = Page::take(&mut fields)?;
    fields.finish()?;
    let found = store.intents.newest();
    let mut answer = page.render("/v1/payment_intents", found, PaymentIntent::render)?;
    expand::apply(store, &mut answer, &wanted);
    Ok(answer)
}

/// `GET /v1/charges/{id}`
pub(crate) fn charge(store: &Store, id: &str, mut fields: Fields) -> Result<Value, ApiError> {
    let wanted = expand::take(&mut fields, expand::Kind::Charge)?;
    fields.finish()?;
    let found = store.charges.get(id);
    let mut answer = found.ok_or_else(|| ApiError::no_such("charge", id, "id"))?.render();
    expand::apply(store, &mut answer, &wanted);
    Ok(answer)
}

/// `GET /v1/charges`
pub(crate) fn charges(store: &Store, mut fields: Fields) -> Result<Value, ApiError> {
    fields.not_played(&["customer"])?;
    let wanted = expand::take_for_list(&mut fields, expand::Kind::Charge)?;
    let page = Page::take(&mut fields)?;
    let intent = fields.text("payment_intent")?;
    let group = fields.text("transfer_group")?;
    fields.finish()?;
    let found = store.charges.newest().filter(|charge| {
        intent.as_ref().is_none_or(|intent| charge.intent == *intent)
            && (group.is_none() || charge.data.transfer_group == group)
    });
    let mut answer = page.render("/v1/charges", found, Charge::render)?;
    expand::apply(store, &mut answer, &wanted);
    Ok(answer)
}

/// `GET /v1/balance_transactions/{id}`
pub(crate) fn balance(store: &Store, id: &str, mut fields: Fields) -> Result<Value, ApiError> {
    let wanted = expand::take(&mut fields, expand::Kind::Balance)?;
    fields.finish()?;
    let found = store.balance.get(id);
    let mut answer =
        found.ok_or_else(|| ApiError::no_such("balance transaction", id, "id"))?.render();
    expand::apply(store, &mut answer, &wanted);
    Ok(answer)
}

/// `GET /v1/balance_transactions`
pub(crate) fn balances(store: &Store, mut fields: Fields) -> Result<Value, ApiError> {
    fields.not_played(&["payout"])?;
    let wanted = expand::take_for_list(&mut fields, expand::Kind::Balance)?;
    let page = Page::take(&mut fields)?;
    let currency = fields.text("currency")?;
    let source = fields.text("source")?;
    let kind = fields.text("type")?;
    fields.finish()?;
    let is = |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|w| w == value);
    let found = store.balance.newest().filter(|transaction| {
        is(&currency, &transaction.currency)
            && is(&source, &transaction.source)
            && is(&kind, &transaction.kind)
    });
    let mut answer = page.render("/v1/balance_transactions", found, BalanceTransaction::render)?;
    expand::apply(store, &mut answer, &wanted);
    Ok(answer)
}
