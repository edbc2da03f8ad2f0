//! Answers that are made for one visitor.

use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};

use app::Page;

/// The browser of a visitor with a session keeps no page: after Back it would show an old count of
/// her bag, and without script nothing could correct it.
pub(super) const KEEP_NONE: HeaderValue = HeaderValue::from_static("private, no-store");
/// The media type of a page.
pub(super) const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
/// Seconds after which it is worth asking again when something did not answer.
const SOON: HeaderValue = HeaderValue::from_static("10");

/// A page that is made for one visitor and must not be cached.
pub(super) fn personal(page: Page) -> Response {
    let status = StatusCode::from_u16(page.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = [(header::CONTENT_TYPE, HTML), (header::CACHE_CONTROL, KEEP_NONE)];
    let mut response = (status, headers, page.html).into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, SOON);
    }
    response
}
