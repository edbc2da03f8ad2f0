//! Serves renditions to browsers.

use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
    routing::get,
};

use super::{Photos, Policy, keys::RenditionName};

/// A name always has the same content, so browsers need not ask again.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Browsers ask each time, and proxies keep no copy.
const ASK_EACH_TIME: HeaderValue = HeaderValue::from_static("private, no-cache");

/// Serves `/photos/{hash}/{file}`, and nothing else of the store. A photo of a person is served by
/// the handler that checks her consent: [`Photos::answer`].
pub fn router(photos: Photos) -> Router {
    Router::new().route("/photos/{hash}/{file}", get(serve_photo)).with_state(photos)
}

async fn serve_photo(
    State(photos): State<Photos>,
    Path((hash, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response<Body> {
    match Rendition::parse(&hash, &file) {
        Some(rendition) => photos.answer(&rendition, Answer::Public, &headers).await,
        None => bare(StatusCode::NOT_FOUND),
    }
}

/// A rendition as a path names it, see [`StoredPhoto::key`](super::StoredPhoto::key).
#[derive(Debug, Clone)]
pub struct Rendition(RenditionName);

impl Rendition {
    /// Parses the last two segments of the path; `None` for anything malformed.
    #[must_use]
    pub fn parse(hash: &str, file: &str) -> Option<Self> {
        RenditionName::parse(hash, file).map(Self)
    }

    /// The photo's name.
    #[must_use]
    pub fn hash(&self) -> &str {
        self.0.hash()
    }
}

/// What a request for a rendition may be answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Everybody may see it, for ever.
    Public,
    /// She consents now.
    Consented,
    /// She withdrew her consent: even a browser that has the photo is told that it is gone.
    Withdrawn,
}

impl Photos {
    /// The answer to a request for a rendition.
    pub async fn answer(
        &self,
        rendition: &Rendition,
        answer: Answer,
        headers: &HeaderMap,
    ) -> Response<Body> {
        let name = &rendition.0;
        let (policy, caching) = match answer {
            Answer::Public => (Policy::Public, FOR_EVER),
            Answer::Consented => (Policy::Consented, ASK_EACH_TIME),
            Answer::Withdrawn => return gone(),
        };
        let etag = name.etag();
        if is_known(headers, &etag) {
            // A browser that has the name's validator has the content, which cannot have changed.
            return with_validators(bare(StatusCode::NOT_MODIFIED), &etag, caching);
        }
        match self.get(&name.key(policy)).await {
            Ok(Some(object)) => {
                let length = HeaderValue::from(object.meta.size);
                let mut response = Response::new(Body::from_stream(object.into_stream()));
                let headers = response.headers_mut();
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(name.format.mime()));
                headers.insert(header::CONTENT_LENGTH, length);
                with_validators(response, &etag, caching)
            }
            Ok(None) => bare(StatusCode::NOT_FOUND),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "photo not served");
                bare(StatusCode::BAD_GATEWAY)
            }
        }
    }
}

fn gone() -> Response<Body> {
    let mut response = bare(StatusCode::GONE);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn bare(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn with_validators(
    mut response: Response<Body>,
    etag: &str,
    caching: HeaderValue,
) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, caching);
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
