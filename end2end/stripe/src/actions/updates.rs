//! Changes of one object. Each function returns the changed object as the API shows it, for the
//! event, and `null` if there is no such object.

use serde_json::Value;

use crate::{
    objects::{charge::Charge, payment_intent::PaymentIntent, session::Session},
    state::store::Store,
};

/// Changes a PaymentIntent.
pub(crate) fn update_intent(
    store: &mut Store,
    id: &str,
    change: impl FnOnce(&mut PaymentIntent),
) -> Value {
    store.intents.get_mut(id).map_or(Value::Null, |intent| {
        change(intent);
        intent.render()
    })
}

/// Changes a charge.
pub(crate) fn update_charge(
    store: &mut Store,
    id: &str,
    change: impl FnOnce(&mut Charge),
) -> Value {
    store.charges.get_mut(id).map_or(Value::Null, |charge| {
        change(charge);
        charge.render()
    })
}

/// Changes a session.
pub(crate) fn update_session(
    store: &mut Store,
    id: &str,
    change: impl FnOnce(&mut Session),
) -> Value {
    let settings = store.settings();
    store.sessions.get_mut(id).map_or(Value::Null, |session| {
        change(session);
        session.render(&settings.public_url)
    })
}
