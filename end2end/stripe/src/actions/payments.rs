//! Payments. The order of events is Stripe's:
//!
//! - The PaymentIntent is created when the shopper presses *Pay* for the first time.
//! - After a decline the charge has failed and the session is still open.
//! - A success emits `charge.succeeded`, `payment_intent.succeeded` and
//!   `checkout.session.completed`. The balance transaction is created afterwards, with
//!   `charge.updated`, because capture is `automatic_async`.

use crate::{
    actions::{
        settlement::schedule_settlement,
        updates::{update_charge, update_intent, update_session},
    },
    base::ids::new_id,
    objects::{
        charge::{self, Charge},
        payment_intent::{self, PaymentIntent},
        payment_method::{Behaviour, Decline, Instrument, Method},
        session::{Customer, Session, Status},
    },
    state::{schedule::Task, store::Store},
};

/// The result of an attempt to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The session is complete. A delayed payment is decided later.
    Done,
    /// The shopper must pass 3-D Secure first.
    Authenticate,
    /// The payment was declined. The shopper can try again.
    Declined(Decline),
}

/// Why there was no attempt to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no such session.
    Unknown,
    /// The session has expired.
    Expired,
    /// The session is already complete.
    Complete,
    /// The session does not accept this kind of payment method.
    Method,
    /// No card waits for 3-D Secure.
    NothingToAuthenticate,
}

/// The session, if it is open.
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
    if !open_session(store, session)?.methods().contains(&instrument.kind()) {
        return Err(Refusal::Method);
    }
    let intent = intent_of(store, session);
    update_intent(store, &intent, |intent| {
        intent.instrument = Some(instrument.clone());
        intent.authenticate_at = None;
        intent.error = None;
    });
    update_session(store, session, |session| session.authenticating = None);
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
            let url = format!("{}/c/pay/{session}/authenticate", store.settings().public_url);
            update_session(store, session, |session| {
                session.authenticating = Some((instrument, customer));
            });
            let shown = update_intent(store, &intent, |intent| {
                intent.status = payment_intent::Status::RequiresAction;
                intent.authenticate_at = Some(url);
            });
            store.emit("payment_intent.requires_action", &shown, None);
            Ok(Outcome::Authenticate)
        }
        Behaviour::SucceedsLater | Behaviour::FailsLater => {
            start_delayed_payment(store, session, &intent, instrument, customer);
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
    update_session(store, session, |session| session.authenticating = None);
    update_intent(store, &intent, |intent| intent.authenticate_at = None);
    if !passed {
        let decline = Decline::failed_authentication();
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

/// The id of the session's PaymentIntent, which is created at the first attempt to pay.
fn intent_of(store: &mut Store, session: &str) -> String {
    let now = store.now();
    let Some(session) = store.sessions.get_mut(session) else {
        return String::new();
    };
    if let Some(intent) = &session.payment_intent {
        return intent.clone();
    }
    let intent = PaymentIntent {
        id: new_id("pi_3", 23),
        secret: new_id("", 25),
        created: now,
        amount: session.total(),
        currency: session.currency.clone(),
        status: payment_intent::Status::RequiresPaymentMethod,
        data: session.intent_data.clone(),
        methods: session.methods().into_iter().map(str::to_owned).collect(),
        charges: Vec::new(),
        instrument: None,
        error: None,
        authenticate_at: None,
        canceled_at: None,
    };
    let id = intent.id.clone();
    session.payment_intent = Some(id.clone());
    let shown = intent.render();
    store.intents.add(intent);
    store.emit("payment_intent.created", &shown, None);
    id
}

/// Adds a charge to a PaymentIntent; returns its id.
fn new_charge(
    store: &mut Store,
    intent: &str,
    instrument: Instrument,
    customer: Customer,
    status: charge::Status,
    failure: Option<Decline>,
) -> String {
    // Stripe's prefix is `ch_` for cards and `py_` for everything else.
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

/// Adds a charge that is declined.
fn decline_charge(
    store: &mut Store,
    intent: &str,
    instrument: Instrument,
    customer: Customer,
    decline: &Decline,
) {
    let failed = charge::Status::Failed;
    let charge = new_charge(store, intent, instrument, customer, failed, Some(decline.clone()));
    let shown = update_charge(store, &charge, |_| {});
    store.emit("charge.failed", &shown, None);
    fail_intent(store, intent, decline, Some(charge));
}

/// Lets a PaymentIntent wait for another payment method.
fn fail_intent(store: &mut Store, intent: &str, decline: &Decline, charge: Option<String>) {
    let shown = update_intent(store, intent, |intent| {
        intent.status = payment_intent::Status::RequiresPaymentMethod;
        intent.instrument = None;
        intent.error = Some((decline.clone(), charge));
    });
    store.emit("payment_intent.payment_failed", &shown, None);
}

/// Adds a charge that succeeds, and completes the session.
fn charge_and_complete(
    store: &mut Store,
    session: &str,
    intent: &str,
    instrument: Instrument,
    customer: Customer,
) {
    let succeeded = charge::Status::Succeeded;
    let disputed = instrument.behaviour == Behaviour::Disputed;
    let charge = new_charge(store, intent, instrument, customer.clone(), succeeded, None);
    succeed(store, intent, &charge);
    if disputed {
        let at = store.now() + store.settings().async_delay;
        store.schedule.add(at, Task::Dispute(charge.clone()));
    }
    let shown = update_session(store, session, |session| {
        session.status = Status::Complete;
        session.paid = true;
        session.customer = Some(customer);
    });
    store.emit("checkout.session.completed", &shown, None);
    schedule_settlement(store, &charge);
}

/// Marks a charge and its PaymentIntent as succeeded.
fn succeed(store: &mut Store, intent: &str, charge: &str) {
    let shown = update_charge(store, charge, |charge| charge.status = charge::Status::Succeeded);
    store.emit("charge.succeeded", &shown, None);
    let shown =
        update_intent(store, intent, |intent| intent.status = payment_intent::Status::Succeeded);
    store.emit("payment_intent.succeeded", &shown, None);
}

/// A bank debit: the session is complete at once, the payment is decided later.
fn start_delayed_payment(
    store: &mut Store,
    session: &str,
    intent: &str,
    instrument: Instrument,
    customer: Customer,
) {
    let pending = charge::Status::Pending;
    let charge = new_charge(store, intent, instrument, customer.clone(), pending, None);
    let shown = update_charge(store, &charge, |_| {});
    store.emit("charge.pending", &shown, None);
    let shown =
        update_intent(store, intent, |intent| intent.status = payment_intent::Status::Processing);
    store.emit("payment_intent.processing", &shown, None);
    let shown = update_session(store, session, |session| {
        session.status = Status::Complete;
        session.customer = Some(customer);
    });
    store.emit("checkout.session.completed", &shown, None);
    let at = store.now() + store.settings().async_delay;
    store.schedule.add(at, Task::Decide(session.to_owned()));
}

/// Decides the delayed payment of a session.
pub(crate) fn decide(store: &mut Store, session: &str) {
    let Some(intent) =
        store.sessions.get(session).and_then(|session| session.payment_intent.clone())
    else {
        return;
    };
    let Some(charge) = store.intents.get(&intent).and_then(|intent| intent.charges.last().cloned())
    else {
        return;
    };
    let fails = store
        .charges
        .get(&charge)
        .is_some_and(|charge| charge.instrument.behaviour == Behaviour::FailsLater);
    if fails {
        let decline = Decline::failed_debit();
        let shown = update_charge(store, &charge, |charge| {
            charge.status = charge::Status::Failed;
            charge.failure = Some(decline.clone());
        });
        store.emit("charge.failed", &shown, None);
        fail_intent(store, &intent, &decline, Some(charge));
        let shown = update_session(store, session, |_| {});
        store.emit("checkout.session.async_payment_failed", &shown, None);
        return;
    }
    succeed(store, &intent, &charge);
    let shown = update_session(store, session, |session| session.paid = true);
    store.emit("checkout.session.async_payment_succeeded", &shown, None);
    schedule_settlement(store, &charge);
}
