//! Checkout Sessions.

use serde_json::{Value, json};

use crate::{
    actions::updates::update_intent,
    base::errors::ApiError,
    objects::{payment_intent, session::Status},
    state::store::Store,
};

/// The error for a session that does not exist.
pub(crate) fn no_such_session(id: &str) -> ApiError {
    ApiError::no_such("checkout.session", id, "session")
}

/// Expires an open session and cancels its PaymentIntent. Returns the session as the API shows it.
pub(crate) fn expire(store: &mut Store, id: &str) -> Result<Value, ApiError> {
    let settings = store.settings();
    let session = store.sessions.get_mut(id).ok_or_else(|| no_such_session(id))?;
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
    let shown = session.render(&settings.public_url);
    if let Some(intent) = session.payment_intent.clone() {
        cancel_intent(store, &intent);
    }
    store.emit("checkout.session.expired", &shown, None);
    Ok(shown)
}

fn cancel_intent(store: &mut Store, intent: &str) {
    let now = store.now();
    let shown = update_intent(store, intent, |intent| {
        intent.status = payment_intent::Status::Canceled;
        intent.authenticate_at = None;
        intent.canceled_at = Some(now);
    });
    store.emit("payment_intent.canceled", &shown, None);
}
