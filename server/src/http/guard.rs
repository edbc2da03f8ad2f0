//! What keeps strangers out: security headers, the origin of writes, the limit on them.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;

use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::language::Language;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use app::routes::Route;

use super::AppState;

/// Seconds after which a visitor who wrote too often may write again.
pub(super) const RETRY_AFTER_S: u32 = 60;

/// Security headers of every response.
#[derive(Debug)]
pub(super) struct Headers {
    /// Random number of this node, for request ids.
    pub(super) node: u32,
    fixed: Vec<(HeaderName, HeaderValue)>,
}

impl Headers {
    pub(super) fn new(state: &AppState) -> Self {
        // No inline script and no inline style exist, so no nonce is needed and a rendered page
        // can be kept and sent again byte for byte. Data blocks (JSON-LD) are not scripts.
        let policy = format!(
            "default-src 'none'; img-src 'self' data:; style-src 'self'; font-src 'self'; \
             script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; manifest-src 'self'; media-src 'self'; \
             form-action 'self' {}; base-uri 'none'; frame-ancestors 'none'",
            state.form_targets.join(" ")
        );
        let mut fixed = vec![
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
            // An order's link is a secret: it never leaves as a referrer.
            (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
            (
                HeaderName::from_static("permissions-policy"),
                HeaderValue::from_static(
                    "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
                ),
            ),
            (
                HeaderName::from_static("cross-origin-opener-policy"),
                HeaderValue::from_static("same-origin"),
            ),
        ];
        if let Ok(policy) = HeaderValue::try_from(policy) {
            fixed.push((header::CONTENT_SECURITY_POLICY, policy));
        }
        if state.is_secure() {
            let two_years = HeaderValue::from_static("max-age=63072000; includeSubDomains");
            fixed.push((header::STRICT_TRANSPORT_SECURITY, two_years));
        }
        Self { node: rand::random(), fixed }
    }

    pub(super) fn put_on(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.fixed {
            headers.insert(name.clone(), value.clone());
        }
    }
}

/// Limit on what one visitor does, by address.
#[derive(Debug)]
pub struct VisitorLimit {
    limiter: Option<DefaultKeyedRateLimiter<IpAddr>>,
    /// How many purchase forms of one who is over the limit are still kept as drafts.
    drafts: Option<DefaultKeyedRateLimiter<IpAddr>>,
    trusted_proxies: usize,
}

impl VisitorLimit {
    /// So many times in a minute, all of which may come at once; 0: no limit.
    pub fn per_minute(times: u32, trusted_proxies: usize) -> Self {
        let quota = NonZeroU32::new(times).map(Quota::per_minute);
        let [limiter, drafts] = [quota, quota].map(|quota| quota.map(RateLimiter::keyed));
        Self { limiter, drafts, trusted_proxies }
    }

    /// Counts once more for an address; whether that is within the limit.
    pub(super) fn allows(&self, address: IpAddr) -> bool {
        Self::counts(self.limiter.as_ref(), address)
    }

    /// Counts a purchase form of one who is over the limit; whether what she typed is kept.
    fn keeps_draft(&self, address: IpAddr) -> bool {
        Self::counts(self.drafts.as_ref(), address)
    }

    fn counts(limiter: Option<&DefaultKeyedRateLimiter<IpAddr>>, address: IpAddr) -> bool {
        limiter.is_none_or(|limiter| limiter.check_key(&network(address)).is_ok())
    }

    /// Forgets visitors who have been quiet; called now and then.
    pub fn sweep(&self) {
        for limiter in [&self.limiter, &self.drafts].into_iter().flatten() {
            limiter.retain_recent();
        }
    }

    /// The visitor's address: what the outermost proxy we trust saw, else the peer's.
    fn address(&self, headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
        let peer = extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::from([127, 0, 0, 1]), |ConnectInfo(peer)| peer.ip());
        if self.trusted_proxies == 0 {
            return peer;
        }
        let forwarded: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(','))
            .map(str::trim)
            .collect();
        let index = forwarded.len().checked_sub(self.trusted_proxies);
        index.and_then(|i| forwarded.get(i)).and_then(|text| text.parse().ok()).unwrap_or(peer)
    }
}

/// What whoever asks has of the network's addresses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Network(pub(super) IpAddr);

impl FromRequestParts<AppState> for Network {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self(network(state.writes.address(&parts.headers, &parts.extensions))))
    }
}

/// What one visitor has of the address space: IPv4 an address, IPv6 a whole /64 to change within.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

/// Whether a visitor is within the limit on writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// She is.
    Within,
    /// She is not: what she typed may be kept, and nothing else is done.
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

/// Whether a write comes from a page of ours. Every browser of the last years sends `Origin`
/// with a POST; one that does not must at least say that it is the same origin. Another name of
/// the shop is ours too, but never the same name over a scheme that anyone on the way can write.
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

    #[test]
    fn a_visitor_who_writes_too_often_waits() {
        let limit = VisitorLimit::per_minute(3, 0);
        let someone = IpAddr::from([127, 0, 0, 9]);
        assert!((0..3).all(|_| limit.allows(someone)));
        assert!(!limit.allows(someone));
        assert!(limit.allows(IpAddr::from([127, 0, 0, 10])));
        assert!((0..1000).all(|_| VisitorLimit::per_minute(0, 0).allows(someone)));
        let wanders = |n: u16| IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, n]);
        assert!((0..3).all(|n| limit.allows(wanders(n))), "a visitor has a whole network of IPv6");
        assert!(
            !limit.allows(wanders(3))
                && limit.allows(IpAddr::from([0x2001, 0xdb8, 0, 2, 0, 0, 0, 1]))
        );
        assert!(
            !limit.allows("::ffff:127.0.0.9".parse().expect("an address")),
            "the same IPv4 address"
        );
    }
}
