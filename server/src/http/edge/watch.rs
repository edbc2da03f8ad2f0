//! Around every request: an id, a line in the log, a count and a duration, security headers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue, Method, header};
use tracing::Instrument as _;

use super::headers::Headers;

/// Name of the header that carries a request's id.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A request that took longer is logged even when it succeeded.
const SLOW: Duration = Duration::from_millis(500);

/// The id under which a request is found in the log.
#[derive(Debug, Clone)]
pub(in crate::http) struct RequestId(pub(in crate::http) String);

static NEXT: AtomicU64 = AtomicU64::new(0);

/// The layer around every request.
#[derive(Debug, Clone)]
pub(in crate::http) struct Watch {
    /// Random number of this node, for request ids.
    node: u32,
    /// The headers of an answer that has none of its own.
    headers: Arc<Headers>,
}

impl Watch {
    pub(in crate::http) fn new(headers: Arc<Headers>) -> Self {
        Self { node: rand::random(), headers }
    }

    fn new_id(&self) -> String {
        // A random prefix of the node and a running number: unique enough for a log, and cheap.
        format!("{:08x}-{:x}", self.node, NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

pub(in crate::http) async fn around(
    State(watch): State<Watch>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let id = watch.new_id();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("none", |_| "matched");
    let path = request.uri().path().to_owned();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", id = %id);
    let mut response = next.run(request).instrument(span).await;

    let took = started.elapsed();
    let status = response.status();
    let writes = !matches!(method, Method::GET | Method::HEAD | Method::OPTIONS);
    if status.is_server_error() || took > SLOW || writes {
        tracing::info!(id = %id, %method, path = %redacted(&path), status = status.as_u16(), took_us = took.as_micros() as u64, "request");
    } else {
        tracing::debug!(id = %id, %method, path = %redacted(&path), status = status.as_u16(), took_us = took.as_micros() as u64, "request");
    }
    let route = matched.as_ref().map_or(route, MatchedPath::as_str).to_owned();
    let labels = [
        ("method", known(&method).to_owned()),
        ("route", route),
        ("status", status.as_u16().to_string()),
    ];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_seconds").record(took.as_secs_f64());

    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    // An answer without Cache-Control is not cached: redirects, refusals, health.
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    watch.headers.put_on(response.headers_mut());
    response
}

/// A method as a label. Clients may invent methods, and every label is kept in memory.
fn known(method: &Method) -> &str {
    match *method {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::OPTIONS
        | Method::PUT
        | Method::DELETE
        | Method::PATCH => method.as_str(),
        _ => "other",
    }
}

/// The path without the secret of an order's link, because more people read a log than a mail.
fn redacted(path: &str) -> String {
    let mut parts = path.split('/');
    let (_, language, place) = (parts.next(), parts.next(), parts.next());
    match (language, place, parts.next()) {
        (Some(language), Some(place @ ("pedido" | "order")), Some(_)) => {
            format!("/{language}/{place}/…")
        }
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_secret_of_an_order_stays_out_of_the_log() {
        assert_eq!(super::redacted("/es/pedido/abcdef/cancelar"), "/es/pedido/…");
        assert_eq!(super::redacted("/en/order/abcdef"), "/en/order/…");
        assert_eq!(super::redacted("/es/piezas/anillo"), "/es/piezas/anillo");
    }
}
