//! What happens when somebody pays: PaymentIntents, Charges, Balance Transactions.
//!
//! The order of things is Stripe's: the intent is made when the shopper presses *Pay*; a decline
//! leaves a failed charge and an open session; a success tells `charge.succeeded`,
//! `payment_intent.succeeded`, `checkout.session.completed`; the balance transaction comes after
//! the fact with `charge.updated` (capture is `automatic_async`).

use serde_json::{Value, json};

use crate::{
    balance::BalanceTransaction,
    cards::{Behaviour, Decline, Instrument, Method},
    charges::{self, Charge},
    intents::{self, PaymentIntent},
    sessions::{Customer, Session, Status},
    state::{Due, Store, new_id},
};

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
        Behaviour::Succeeds
        | Behaviour::RefundPends
        | Behaviour::RefundFails
        | Behaviour::Disputed => {
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
                intent.status = intents::Status::RequiresAction;
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
        status: intents::Status::RequiresPaymentMethod,
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
    status: charges::Status,
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
        disputed: false,
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
    let failed = charges::Status::Failed;
    let charge = new_charge(store, intent, instrument, customer, failed, Some(decline.clone()));
    let shown = set_charge(store, &charge, |_| {});
    store.emit("charge.failed", &shown, None);
    fail_intent(store, intent, decline, Some(charge));
}

fn fail_intent(store: &mut Store, intent: &str, decline: &Decline, charge: Option<String>) {
    let shown = set_intent(store, intent, |intent| {
        intent.status = intents::Status::RequiresPaymentMethod;
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
    let good = charges::Status::Succeeded;
    let disputed = instrument.behaviour == Behaviour::Disputed;
    let charge = new_charge(store, intent, instrument, customer.clone(), good, None);
    succeed(store, intent, &charge);
    if disputed {
        let at = store.now() + store.rules().async_delay;
        store.plan(at, Due::Dispute(charge.clone()));
    }
    let shown = set_session(store, session, |session| {
        session.status = Status::Complete;
        session.paid = true;
        session.customer = Some(customer);
    });
    store.emit("checkout.session.completed", &shown, None);
    plan_settlement(store, &charge);
}

fn succeed(store: &mut Store, intent: &str, charge: &str) {
    let shown = set_charge(store, charge, |charge| charge.status = charges::Status::Succeeded);
    store.emit("charge.succeeded", &shown, None);
    let shown = set_intent(store, intent, |intent| intent.status = intents::Status::Succeeded);
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
    let pending = charges::Status::Pending;
    let charge = new_charge(store, intent, instrument, customer.clone(), pending, None);
    let shown = set_charge(store, &charge, |_| {});
    store.emit("charge.pending", &shown, None);
    let shown = set_intent(store, intent, |intent| intent.status = intents::Status::Processing);
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
            charge.status = charges::Status::Failed;
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
    let (fees, account) = (store.rules().fees, store.rules().account.clone());
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
        exchange_rate: None,
        source: known.id.clone(),
        description: known.data.description.clone(),
    }
    .settled_in(account.as_ref());
    known.balance_transaction = Some(transaction.id.clone());
    let shown = known.render();
    store.balance.add(transaction);
    store.emit("charge.updated", &shown, Some(&json!({ "balance_transaction": null })));
}

/// The session is over: its unpaid intent is called off.
pub(crate) fn cancel(store: &mut Store, intent: &str) {
    let now = store.now();
    let shown = set_intent(store, intent, |intent| {
        intent.status = intents::Status::Canceled;
        intent.authenticate_at = None;
        intent.canceled_at = Some(now);
    });
    store.emit("payment_intent.canceled", &shown, None);
}
