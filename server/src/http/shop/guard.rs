//! Limits on writes: the origin of a form, and how often a visitor may send one.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::language::Language;
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method, StatusCode, header};

use app::routes::Route;

use crate::http::state::AppState;

/// Seconds after which a visitor who wrote too often may write again.
pub(super) const RETRY_AFTER_S: u32 = 60;

/// Whether a visitor is within the limit on writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// The visitor is within the limit.
    Within,
    /// The visitor is over the limit: what she typed may be kept, and nothing else happens.
    Over,
}

impl<S: Send + Sync> FromRequestParts<S> for Pace {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self::Within))
    }
}

/// Refuses writes from other sites and from visitors who write too often.
pub(super) async fn writes(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    if !is_from_our_pages(request.headers(), &state.shop.settings.public_url) {
        metrics::counter!("writes_refused_total", "why" => "origin").increment(1);
        return StatusCode::FORBIDDEN.into_response();
    }
    let address = state.writes.address(request.headers(), request.extensions());
    if !state.writes.allows(address) {
        metrics::counter!("writes_refused_total", "why" => "limit").increment(1);
        let is_purchase = Language::ALL
            .into_iter()
            .any(|language| Route::Checkout.path(language) == request.uri().path());
        if !(is_purchase && state.writes.keeps_draft(address)) {
            return StatusCode::TOO_MANY_REQUESTS.into_response();
        }
        request.extensions_mut().insert(Pace::Over);
    }
    next.run(request).await
}

/// Whether a write comes from a page of ours. Every recent browser sends `Origin` with a POST. A
/// browser that does not must at least report `same-origin`. Another host name of the shop is
/// accepted too, but never the same name over a scheme that anyone on the network can change.
fn is_from_our_pages(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    match text(header::ORIGIN) {
        Some(origin) => {
            let (scheme, host) = origin.split_once("://").unwrap_or_default();
            let same_scheme = public_url.split_once("://").is_some_and(|(ours, _)| ours == scheme);
            origin == public_url
                || (same_scheme && !host.is_empty() && text(header::HOST) == Some(host))
        }
        None => matches!(text(HeaderName::from_static("sec-fetch-site")), Some("same-origin")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v)))
            .collect()
    }

    #[test]
    fn only_our_pages_write() {
        let ours = "https://divinas.example";
        assert!(is_from_our_pages(&headers(&[("origin", "https://divinas.example")]), ours));
        assert!(is_from_our_pages(
            &headers(&[("origin", "https://www.divinas.example"), ("host", "www.divinas.example")]),
            ours
        ));
        let dev = "http://127.0.0.1:3000";
        assert!(is_from_our_pages(
            &headers(&[("origin", "http://localhost:3000"), ("host", "localhost:3000")]),
            dev
        ));
        assert!(is_from_our_pages(&headers(&[("sec-fetch-site", "same-origin")]), ours));
        for bad in [
            headers(&[("origin", "https://evil.example"), ("host", "divinas.example")]),
            headers(&[("origin", "null"), ("host", "divinas.example")]),
            headers(&[("origin", "http://divinas.example"), ("host", "divinas.example")]),
            headers(&[("origin", "https://"), ("host", "")]),
            headers(&[("origin", "https://divinas.example.evil.example")]),
            headers(&[("sec-fetch-site", "cross-site")]),
            headers(&[]),
        ] {
            assert!(!is_from_our_pages(&bad, ours), "{bad:?}");
        }
    }
}
