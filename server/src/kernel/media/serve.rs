//! Handing renditions to browsers.

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
    routing::get,
};

use super::{Photos, keys::RenditionName};

/// A name stands for one content for ever, so browsers need not ask again.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Serves `/photos/{hash}/{file}`, and nothing else of the store.
pub fn router(photos: Photos) -> Router {
    Router::new().route("/photos/{hash}/{file}", get(serve_photo)).with_state(photos)
}

async fn serve_photo(
    State(photos): State<Photos>,
    Path((hash, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response<Body> {
    let Some(name) = RenditionName::parse(&hash, &file) else {
        return bare(StatusCode::NOT_FOUND);
    };
    let etag = name.etag();
    if is_known(&headers, &etag) {
        // Who knows the name's validator has had the content, which cannot have changed.
        return with_validators(bare(StatusCode::NOT_MODIFIED), &etag);
    }
    match photos.get(&name.key()).await {
        Ok(Some(object)) => {
            let length = HeaderValue::from(object.meta.size);
            let mut response = Response::new(Body::from_stream(object.into_stream()));
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(name.format.mime()));
            headers.insert(header::CONTENT_LENGTH, length);
            with_validators(response, &etag)
        }
        Ok(None) => bare(StatusCode::NOT_FOUND),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "photo not served");
            bare(StatusCode::BAD_GATEWAY)
        }
    }
}

fn bare(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn with_validators(mut response: Response<Body>, etag: &str) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, FOR_EVER);
    // Made of hexadecimal digits and letters: always a valid header.
    if let Ok(etag) = HeaderValue::from_str(etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim().trim_start_matches("W/") == etag)
}
