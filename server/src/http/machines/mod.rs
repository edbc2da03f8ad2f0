//! The audience of programs: notifications of the payment provider, feeds, the site's files and
//! photographs, health. They get status codes.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler as _;
use axum::routing::post;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::http::edge::{assets, panic};
use crate::http::state::AppState;
use crate::kernel::media::{self, Photos};

mod feeds;
pub(super) mod health;
mod portraits;
mod webhook;

/// The longest notification that is read.
const NOTIFICATION_BYTES: usize = 1024 * 1024;
/// A request that takes longer is answered with 503.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

pub(super) fn router(state: &AppState, photos: Photos) -> Router {
    let timeout =
        TimeoutLayer::with_status_code(http::StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIMEOUT);
    let notified = webhook::receive.layer(DefaultBodyLimit::max(NOTIFICATION_BYTES));
    Router::new()
        .merge(feeds::router())
        .route("/webhooks/stripe", post(notified))
        .with_state(state.clone())
        .merge(assets::router(&state.assets))
        .merge(portraits::router(state, photos.clone()))
        .merge(media::router(photos))
        .layer(timeout)
        .layer(CatchPanicLayer::custom(panic::of_panic))
}
