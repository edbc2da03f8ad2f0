//! What surrounds the parameters of an API request: key, version, content type.

use axum::{body::to_bytes, extract::Request, http::HeaderMap};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use crate::base::{api_version::API_VERSION, errors::ApiError, ids::new_id};

/// The largest body in bytes.
const MAX_BODY: usize = 1_000_000;

/// The parts of an API request.
#[derive(Debug)]
pub(crate) struct ApiRequest {
    /// `req_…`
    pub(crate) id: String,
    /// GET, POST.
    pub(crate) method: String,
    /// Without the query.
    pub(crate) path: String,
    /// Query and body as they were sent.
    pub(crate) parameters: String,
    /// The `Idempotency-Key`; only a POST has one.
    pub(crate) idempotency_key: Option<String>,
    is_form: bool,
    is_readable: bool,
    headers: HeaderMap,
}

impl ApiRequest {
    /// Reads the whole request.
    pub(crate) async fn read(request: Request) -> Self {
        let (parts, body) = request.into_parts();
        let query = parts.uri.query().unwrap_or_default();
        let body = to_bytes(body, MAX_BODY).await;
        let is_readable = body.is_ok();
        let body = String::from_utf8_lossy(&body.unwrap_or_default()).into_owned();
        let content_type = header_text(&parts.headers, "content-type").unwrap_or_default();
        Self {
            id: new_id("req_", 14),
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().trim_end_matches('/').to_owned(),
            idempotency_key: header_text(&parts.headers, "idempotency-key")
                .filter(|key| !key.is_empty() && parts.method == "POST"),
            is_readable,
            is_form: body.is_empty()
                || content_type.starts_with("application/x-www-form-urlencoded"),
            parameters: match (query.is_empty(), body.is_empty()) {
                (false, false) => format!("{query}&{body}"),
                (false, true) => query.to_owned(),
                _ => body,
            },
            headers: parts.headers,
        }
    }

    /// Checks everything but the parameters: API key, version, form.
    pub(crate) fn check(&self, secret_key: &str) -> Result<(), ApiError> {
        check_key(&self.headers, secret_key)?;
        check_version(&self.headers)?;
        if !self.is_readable {
            return Err(ApiError::invalid("Request body too large or cut off.").status(413));
        }
        if self.is_form {
            return Ok(());
        }
        Err(ApiError::invalid(
            "Invalid request (check that your POST content type is \
             application/x-www-form-urlencoded). If you have any questions, we can help at \
             https://support.stripe.com/.",
        ))
    }
}

fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// The API key of a request: `Bearer sk_…`, or the user name of `Basic`.
fn key_of(headers: &HeaderMap) -> Option<String> {
    let text = header_text(headers, "authorization")?;
    if let Some(key) = text.strip_prefix("Bearer ") {
        return Some(key.trim().to_owned());
    }
    let decoded = BASE64.decode(text.strip_prefix("Basic ")?.trim()).ok()?;
    let pair = String::from_utf8(decoded).ok()?;
    Some(pair.split(':').next().unwrap_or_default().to_owned())
}

fn check_key(headers: &HeaderMap, secret_key: &str) -> Result<(), ApiError> {
    match key_of(headers).filter(|key| !key.is_empty()) {
        Some(key) if key == secret_key => Ok(()),
        Some(key) => {
            let start: String = key.chars().take(8).collect();
            Err(ApiError::invalid(format!("Invalid API Key provided: {start}****")).status(401))
        }
        None => Err(ApiError::invalid(
            "You did not provide an API key. You need to provide your API key in the \
             Authorization header, using Bearer auth (e.g. 'Authorization: Bearer \
             YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we \
             can help at https://support.stripe.com/.",
        )
        .status(401)),
    }
}

fn check_version(headers: &HeaderMap) -> Result<(), ApiError> {
    match header_text(headers, "stripe-version") {
        Some(version) if version != API_VERSION => Err(ApiError::invalid(format!(
            "Invalid Stripe API version: {version}. (SIMULATOR: it knows only \
             {API_VERSION}.)"
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_key_is_a_bearer_token_or_a_basic_user_name() {
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("authorization", HeaderValue::from_str(value).unwrap());
            key_of(&headers)
        };
        assert_eq!(with("Bearer sk_test_1").as_deref(), Some("sk_test_1"));
        let basic = format!("Basic {}", BASE64.encode("sk_test_1:"));
        assert_eq!(with(&basic).as_deref(), Some("sk_test_1"));
        assert_eq!(with("Digest x"), None);
    }
}
