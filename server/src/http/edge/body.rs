//! Bodies of requests. A form is read completely, up to its limit, before any handler runs. The rest
//! of a body that no handler read is read to its end: a client that is still sending would meet a
//! closed connection instead of the answer.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, HttpBody as _};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt as _};
use http::{HeaderMap, Method, StatusCode, header};
use tokio::sync::oneshot;

/// How long a form may be.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct FormLimit {
    /// In bytes.
    pub(in crate::http) bytes: usize,
}

/// A body larger than this is not read to its end.
const PATIENCE_BYTES: usize = 64 * 1024 * 1024;
/// A body that takes longer is not read to its end.
const PATIENCE: Duration = Duration::from_secs(20);

/// Passes a form on once it was read completely.
pub(in crate::http) async fn whole(
    State(limit): State<FormLimit>,
    request: Request,
    next: Next,
) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    // A client that asks first (`Expect: 100-continue`) need not send the body.
    if announced(&parts.headers).is_some_and(|length| length > limit.bytes) {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    match read(body, limit).await {
        Ok(form) => next.run(Request::from_parts(parts, Body::from(form))).await,
        Err(status) => status.into_response(),
    }
}

fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn read(body: Body, limit: FormLimit) -> Result<Bytes, StatusCode> {
    let mut chunks = body.into_data_stream();
    let mut form = BytesMut::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| StatusCode::BAD_REQUEST)?;
        if form.len() + chunk.len() > limit.bytes {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        form.extend_from_slice(&chunk);
    }
    Ok(form.freeze())
}

/// Answers once the body was read to its end, by the handler or here.
pub(in crate::http) async fn to_the_end(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let asks_first = request.headers().contains_key(header::EXPECT);
    let (parts, body) = request.into_parts();
    let (back, mut rest) = oneshot::channel();
    let lent = Lent { stream: Some(body.into_data_stream()), was_asked: false, back: Some(back) };
    let response = next.run(Request::from_parts(parts, Body::from_stream(lent))).await;
    if let Ok(rest) = rest.try_recv()
        && (rest.was_asked || !asks_first)
    {
        // A late answer is better than none.
        let _ = tokio::time::timeout(PATIENCE, discard(rest.stream)).await;
    }
    response
}

async fn discard(mut chunks: BodyDataStream) {
    let mut seen = 0_usize;
    while let Some(Ok(chunk)) = chunks.next().await {
        seen = seen.saturating_add(chunk.len());
        if seen > PATIENCE_BYTES {
            return;
        }
    }
}

/// The rest of a body.
struct Rest {
    stream: BodyDataStream,
    /// Whether a handler began to read it.
    was_asked: bool,
}

/// A body that gives its unread rest back.
struct Lent {
    stream: Option<BodyDataStream>,
    was_asked: bool,
    back: Option<oneshot::Sender<Rest>>,
}

impl Stream for Lent {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.was_asked = true;
        match &mut self.stream {
            Some(stream) => stream.poll_next_unpin(context),
            None => Poll::Ready(None),
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(stream), Some(back)) = (self.stream.take(), self.back.take()) {
            // The receiver may be gone.
            let _ = back.send(Rest { stream, was_asked: self.was_asked });
        }
    }
}
