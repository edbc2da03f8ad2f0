//! Whether this node lives (`/healthz`) and whether it should get requests (`/readyz`).

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use http::StatusCode;
use store::version;
use tokio::sync::Mutex;

use crate::http::state::AppState;
use crate::kernel::media::Photos;

/// How long an answer of the photographs' store is used for all requests.
const PHOTOS_SEEN: Duration = Duration::from_secs(5);
/// How long each question may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// The state of the two handlers.
#[derive(Clone)]
struct Looked {
    state: AppState,
    photos: Photos,
    /// When the store of the photographs was last asked, and whether it answered.
    photos_seen: Arc<Mutex<Option<(Instant, bool)>>>,
}

pub(in crate::http) fn router(state: AppState, photos: Photos) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(Looked { state, photos, photos_seen: Arc::default() })
}

/// A node is ready while it reaches its database and its photographs. For payments and mail it
/// reports the result of their last use, without asking them.
async fn ready(State(looked): State<Looked>) -> (StatusCode, String) {
    let shop = &looked.state.shop;
    let not = |why: &str| (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n"));
    if !looked.state.readiness.is_ready() {
        return not("stopping");
    }
    let database = tokio::time::timeout(PATIENCE, version::current(&shop.db)).await;
    if !matches!(database, Ok(Ok(_))) {
        return not("the database does not answer");
    }
    let writable = tokio::time::timeout(PATIENCE, shop.db.takes_writes()).await;
    if !matches!(writable, Ok(Ok(true))) {
        return not("the database takes no writes");
    }
    if !looked.has_photos().await {
        return not("the photographs' store does not answer");
    }
    let mail = match shop.settings.mails_leave {
        true => shop.last_uses.mail.told(),
        false => "kept here".to_owned(),
    };
    let payments = shop.last_uses.payments.told();
    (StatusCode::OK, format!("ready\npayments: {payments}\nmail: {mail}\n"))
}

impl Looked {
    /// Asks now and then, once for all waiting requests: anybody may send many.
    async fn has_photos(&self) -> bool {
        let mut seen = self.photos_seen.lock().await;
        if let Some((_, there)) = seen.filter(|(at, _)| at.elapsed() < PHOTOS_SEEN) {
            return there;
        }
        let there =
            tokio::time::timeout(PATIENCE, self.photos.is_there()).await.unwrap_or_default();
        *seen = Some((Instant::now(), there));
        there
    }
}
