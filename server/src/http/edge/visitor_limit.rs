//! A limit on the requests of one visitor, by network address.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use http::request::Parts;
use http::{Extensions, HeaderMap};

/// A limit on the requests of one visitor, by network address.
#[derive(Debug)]
pub struct VisitorLimit {
    limiter: Option<DefaultKeyedRateLimiter<IpAddr>>,
    /// How many purchase forms of a visitor over the limit are still kept as drafts.
    drafts: Option<DefaultKeyedRateLimiter<IpAddr>>,
    trusted_proxies: usize,
}

impl VisitorLimit {
    /// A limit per minute. All of them may come at once. 0: no limit.
    pub fn per_minute(times: u32, trusted_proxies: usize) -> Self {
        let quota = NonZeroU32::new(times).map(Quota::per_minute);
        let [limiter, drafts] = [quota, quota].map(|quota| quota.map(RateLimiter::keyed));
        Self { limiter, drafts, trusted_proxies }
    }

    /// Counts a request of an address. Returns whether it is within the limit.
    pub(in crate::http) fn allows(&self, address: IpAddr) -> bool {
        Self::counts(self.limiter.as_ref(), address)
    }

    /// Counts a purchase form over the limit. Returns whether it is still kept as a draft.
    pub(in crate::http) fn keeps_draft(&self, address: IpAddr) -> bool {
        Self::counts(self.drafts.as_ref(), address)
    }

    fn counts(limiter: Option<&DefaultKeyedRateLimiter<IpAddr>>, address: IpAddr) -> bool {
        limiter.is_none_or(|limiter| limiter.check_key(&network(address)).is_ok())
    }

    /// Drops visitors without recent requests; called now and then.
    pub fn sweep(&self) {
        for limiter in [&self.limiter, &self.drafts].into_iter().flatten() {
            limiter.retain_recent();
        }
    }

    /// The visitor's address: the one that the outermost trusted proxy saw, else the peer's.
    pub(in crate::http) fn address(&self, headers: &HeaderMap, extensions: &Extensions) -> IpAddr {
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

/// The network address of the visitor.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Network(pub(in crate::http) IpAddr);

impl<S> FromRequestParts<S> for Network
where
    S: Send + Sync,
    Arc<VisitorLimit>: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let limit = Arc::<VisitorLimit>::from_ref(state);
        Ok(Self(network(limit.address(&parts.headers, &parts.extensions))))
    }
}

/// The addresses that one visitor has: one of IPv4, a whole /64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
