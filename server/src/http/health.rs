//! Whether this node lives (`/healthz`) and whether it should get requests (`/readyz`).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::StatusCode;

use super::AppState;
use crate::store::version;

/// Whether this node takes requests; it stops saying so when it is told to stop.
#[derive(Debug, Default)]
pub struct Readiness(AtomicBool);

impl Readiness {
    /// Says whether this node takes requests.
    pub fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Release);
    }
}

pub(super) fn router(state: AppState) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(state)
}

async fn ready(State(state): State<AppState>) -> (StatusCode, &'static str) {
    if !state.readiness.0.load(Ordering::Acquire) {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    let answer =
        tokio::time::timeout(Duration::from_secs(2), version::current(&state.shop.db)).await;
    match answer {
        Ok(Ok(_)) => (StatusCode::OK, "ready\n"),
        Ok(Err(_)) | Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}
