//! Which endpoint answers which method and path.

use serde_json::Value;

use crate::{
    base::{errors::ApiError, form::Fields},
    endpoints::{
        balance_transactions, charges, disputes, events, payment_intents, refunds, sessions,
    },
    state::store::Store,
};

/// Calls the endpoint of a request.
pub(crate) fn call(
    store: &mut Store,
    method: &str,
    path: &str,
    parameters: &str,
) -> Result<Value, ApiError> {
    let fields = Fields::parse(parameters)?;
    let steps: Vec<&str> = path.strip_prefix("/v1/").unwrap_or_default().split('/').collect();
    match (method, steps.as_slice()) {
        ("POST", ["checkout", "sessions"]) => sessions::create(store, fields),
        ("GET", ["checkout", "sessions"]) => sessions::list(store, fields),
        ("GET", ["checkout", "sessions", id]) => sessions::retrieve(store, id, fields),
        ("POST", ["checkout", "sessions", id, "expire"]) => sessions::expire(store, id, fields),
        ("GET", ["checkout", "sessions", id, "line_items"]) => {
            sessions::line_items(store, id, fields)
        }
        ("GET", ["payment_intents"]) => payment_intents::list(store, fields),
        ("GET", ["payment_intents", id]) => payment_intents::retrieve(store, id, fields),
        ("GET", ["charges"]) => charges::list(store, fields),
        ("GET", ["charges", id]) => charges::retrieve(store, id, fields),
        ("GET", ["balance_transactions"]) => balance_transactions::list(store, fields),
        ("GET", ["balance_transactions", id]) => balance_transactions::retrieve(store, id, fields),
        ("POST", ["refunds"]) => refunds::create(store, fields),
        ("GET", ["refunds"]) => refunds::list(store, fields),
        ("GET", ["refunds", id]) => refunds::retrieve(store, id, fields),
        ("GET", ["disputes"]) => disputes::list(store, fields),
        ("GET", ["disputes", id]) => disputes::retrieve(store, id, fields),
        ("GET", ["events"]) => events::list(store, fields),
        ("GET", ["events", id]) => events::retrieve(store, id, fields),
        _ => Err(ApiError::unrecognized(method, path)),
    }
}
