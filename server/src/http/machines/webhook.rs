//! POST from the payment provider: verified over the raw bytes, stored once, processed later.

use axum::extract::State;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;

use crate::http::state::AppState;
use crate::sales::webhook::{self, Refusal};

/// Answers 200 once the event is stored; anything else makes the provider send it again.
pub(super) async fn receive(
    State(state): State<AppState>,
    headers: HeaderMap,
    raw: Bytes,
) -> (StatusCode, &'static str) {
    let signature =
        headers.get("stripe-signature").and_then(|v| v.to_str().ok()).unwrap_or_default();
    match webhook::receive(&state.shop, &raw, signature, Timestamp::now()).await {
        Ok(()) => (StatusCode::OK, "stored\n"),
        Err(Refusal::NotBelieved(why)) => {
            tracing::warn!(%why, "webhook refused");
            metrics::counter!("webhooks_refused_total").increment(1);
            (StatusCode::BAD_REQUEST, "not believed\n")
        }
        Err(Refusal::Shop(error)) => {
            tracing::error!(%error, "webhook not stored");
            (StatusCode::SERVICE_UNAVAILABLE, "try again\n")
        }
    }
}
