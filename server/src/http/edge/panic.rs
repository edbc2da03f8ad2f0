//! A handler that panicked.

use std::any::Any;

use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

/// Marks the answer to a request whose handler panicked.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Panicked;

/// The bare answer to a panic. The cause goes to the log, [`render_error_pages`] makes the page.
pub(in crate::http) fn of_panic(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<&str>().copied();
    let what = text
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("something that is no text");
    tracing::error!(%what, "panic");
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(Panicked);
    response
}
