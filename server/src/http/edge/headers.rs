//! Security headers. Each audience has its own. An answer of no audience gets the strictest.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// What the pages of an audience may do in the browser.
#[derive(Debug, Clone)]
pub(in crate::http) struct Powers {
    /// Permissions-Policy: which features of the device they may use.
    pub(in crate::http) permissions: &'static str,
    /// Content-Security-Policy: the sources of what they load. `form-action`, `base-uri` and
    /// `frame-ancestors` are the same for all.
    pub(in crate::http) sources: &'static str,
    /// Origins, besides our own, to which their forms may lead.
    pub(in crate::http) forms_lead_to: Vec<String>,
}

impl Powers {
    /// No powers: files, notifications, health.
    pub(in crate::http) const NONE: Self = Self {
        permissions: "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
        sources: "default-src 'none'",
        forms_lead_to: Vec::new(),
    };
}

/// Security headers, made once.
#[derive(Debug)]
pub(in crate::http) struct Headers(Vec<(HeaderName, HeaderValue)>);

impl Headers {
    pub(in crate::http) fn new(powers: &Powers, is_secure: bool) -> Arc<Self> {
        let Powers { permissions, sources, forms_lead_to } = powers;
        let targets = [&["'self'".to_owned()], forms_lead_to.as_slice()].concat().join(" ");
        let policy =
            format!("{sources}; form-action {targets}; base-uri 'none'; frame-ancestors 'none'");
        let mut fixed = vec![
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
            // An order's link is a secret, so it must not be sent to other sites as a referrer.
            (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
            (HeaderName::from_static("permissions-policy"), HeaderValue::from_static(permissions)),
            (
                HeaderName::from_static("cross-origin-opener-policy"),
                HeaderValue::from_static("same-origin"),
            ),
        ];
        if let Ok(policy) = HeaderValue::try_from(policy) {
            fixed.push((header::CONTENT_SECURITY_POLICY, policy));
        }
        if is_secure {
            let two_years = HeaderValue::from_static("max-age=63072000; includeSubDomains");
            fixed.push((header::STRICT_TRANSPORT_SECURITY, two_years));
        }
        Arc::new(Self(fixed))
    }

    /// Adds the headers that no audience added.
    pub(super) fn put_on(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.0 {
            headers.entry(name).or_insert_with(|| value.clone());
        }
    }
}

/// Adds the headers of an audience to its answers.
pub(in crate::http) async fn of_audience(
    State(headers): State<Arc<Headers>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    headers.put_on(response.headers_mut());
    response
}
