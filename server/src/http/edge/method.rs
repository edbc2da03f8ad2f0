//! `HEAD` answers as `GET` does, without the body (RFC 9110, 9.3.2). The same handlers and layers
//! run, so that the encoding and the length of the body are the same. axum knows the original
//! method and leaves the body out.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::Method;

/// Marks a request that was a `HEAD`.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct IsHead;

/// Runs a `HEAD` as a `GET`.
pub(in crate::http) async fn head_as_get(mut request: Request, next: Next) -> Response {
    if *request.method() == Method::HEAD {
        *request.method_mut() = Method::GET;
        request.extensions_mut().insert(IsHead);
    }
    next.run(request).await
}
