//! Bodies of forms: read whole before any handler, and to the end even when they are too large,
//! because a browser that is still sending does not read the page that says so.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use http::{Method, StatusCode};

use super::FORM_LIMIT_BYTES;

/// A body beyond this is not even read to its end.
const PATIENCE_BYTES: usize = 16 * 1024 * 1024;

/// Hands a form on once it is whole.
pub(super) async fn whole(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    match read(body).await {
        Ok(form) => next.run(Request::from_parts(parts, Body::from(form))).await,
        Err(status) => status.into_response(),
    }
}

async fn read(body: Body) -> Result<Bytes, StatusCode> {
    let mut chunks = body.into_data_stream();
    let (mut kept, mut seen) = (BytesMut::new(), 0_usize);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| StatusCode::BAD_REQUEST)?;
        seen = seen.saturating_add(chunk.len());
        if seen > PATIENCE_BYTES {
            break;
        }
        if seen > FORM_LIMIT_BYTES {
            kept.clear();
        } else {
            kept.extend_from_slice(&chunk);
        }
    }
    if seen > FORM_LIMIT_BYTES { Err(StatusCode::PAYLOAD_TOO_LARGE) } else { Ok(kept.freeze()) }
}
