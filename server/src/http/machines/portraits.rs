//! Portraits: each request asks whether the woman consents, so that a portrait whose consent was
//! withdrawn is gone at once, also for a browser that has it.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{HeaderMap, StatusCode};
use store::maker;

use crate::http::state::AppState;
use crate::kernel::media::{Answer, Photos, Rendition};

/// Serves `/people/{hash}/{file}`.
pub(super) fn router(state: &AppState, photos: Photos) -> Router {
    Router::new().route("/people/{hash}/{file}", get(show)).with_state((state.clone(), photos))
}

async fn show(
    State((state, photos)): State<(AppState, Photos)>,
    Path((hash, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some(rendition) = Rendition::parse(&hash, &file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let answer = match maker::consents_to_portrait(&state.shop.db, rendition.hash()).await {
        Ok(Some(true)) => Answer::Consented,
        Ok(Some(false)) => Answer::Withdrawn,
        Ok(None) => return StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::warn!(%error, "a portrait's consent cannot be asked for");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    };
    photos.answer(&rendition, answer, &headers).await
}
