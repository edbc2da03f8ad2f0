//! `HEAD` answers as `GET` does, without the body (RFC 9110, 9.3.2): the same handlers run, and
//! what they answer is measured and left out.

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderValue, Method, StatusCode, header};

/// Marks a request that was a `HEAD`.
#[derive(Debug, Clone, Copy)]
pub(super) struct IsHead;

/// Runs a `HEAD` as a `GET`.
pub(super) async fn head_as_get(mut request: Request, next: Next) -> Response {
    if *request.method() != Method::HEAD {
        return next.run(request).await;
    }
    *request.method_mut() = Method::GET;
    request.extensions_mut().insert(IsHead);
    let (mut parts, body) = next.run(request).await.into_parts();
    let has_content = !matches!(parts.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if let Some(length) = body.size_hint().exact().filter(|_| has_content) {
        parts.headers.entry(header::CONTENT_LENGTH).or_insert(HeaderValue::from(length));
    }
    Response::from_parts(parts, Body::empty())
}
