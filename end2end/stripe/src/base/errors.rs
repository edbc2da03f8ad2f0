//! Error answers in the shape in which Stripe sends them.
//!
//! The messages are close to Stripe's, not equal. A client must decide by `type`, `code` and
//! `param`, never by the message.

use serde_json::{Map, Value, json};

/// Why a request is refused. It is sent as `{"error": {…}}` with its HTTP status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    /// HTTP status.
    pub(crate) status: u16,
    /// Stripe's `type`: `invalid_request_error`, `idempotency_error`, `api_error`.
    pub(crate) kind: &'static str,
    /// Stripe's `code`, if Stripe sends one.
    pub(crate) code: Option<&'static str>,
    /// The message for people.
    pub(crate) message: String,
    /// The parameter at fault, in bracket notation.
    pub(crate) param: Option<String>,
}

impl ApiError {
    /// An `invalid_request_error` without a `code`: status 400.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self {
            status: 400,
            kind: "invalid_request_error",
            code: None,
            message: message.into(),
            param: None,
        }
    }

    /// The same error, naming the wrong parameter.
    pub(crate) fn param(mut self, param: impl Into<String>) -> Self {
        self.param = Some(param.into());
        self
    }

    /// The same error with Stripe's error code.
    pub(crate) fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// The same error with another HTTP status.
    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// A required parameter is missing.
    pub(crate) fn missing(param: &str) -> Self {
        Self::invalid(format!("Missing required param: {param}."))
            .code("parameter_missing")
            .param(param)
    }

    /// Stripe does not know these parameters.
    pub(crate) fn unknown(params: &[String]) -> Self {
        let word = if params.len() == 1 { "parameter" } else { "parameters" };
        Self::invalid(format!("Received unknown {word}: {}", params.join(", ")))
            .code("parameter_unknown")
            .param(params.first().cloned().unwrap_or_default())
    }

    /// Stripe knows this parameter; the simulator does not simulate it.
    pub(crate) fn unsupported(param: &str) -> Self {
        Self::invalid(format!(
            "SIMULATOR: Stripe knows the parameter {param} (or this value of it), but the simulator \
             does not simulate it. Add it to the simulator before the shop relies on it."
        ))
        .code("parameter_unknown")
        .param(param)
    }

    /// There is no object with this id.
    pub(crate) fn no_such(object: &str, id: &str, param: &str) -> Self {
        Self::invalid(format!("No such {object}: '{id}'"))
            .code("resource_missing")
            .param(param)
            .status(404)
    }

    /// The API has no such path.
    pub(crate) fn unrecognized(method: &str, path: &str) -> Self {
        Self::invalid(format!(
            "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or \
             we can help at https://support.stripe.com/. (SIMULATOR: or it is a part of Stripe \
             that the simulator does not simulate.)"
        ))
        .status(404)
    }

    /// Stripe itself fails, because a test asked for it.
    pub(crate) fn requested_failure(status: u16) -> Self {
        let (kind, code, message) = match status {
            429 => (
                "invalid_request_error",
                Some("rate_limit"),
                "Request rate limit exceeded. (SIMULATOR: a test asked for this error.)",
            ),
            409 => (
                "invalid_request_error",
                Some("lock_timeout"),
                "This object cannot be accessed right now because another API request or Stripe \
                 process is currently accessing it. (SIMULATOR: a test asked for this error.)",
            ),
            _ => (
                "api_error",
                None,
                "An unknown error occurred. (SIMULATOR: a test asked for this error.)",
            ),
        };
        Self { status, kind, code, message: message.to_owned(), param: None }
    }

    /// The JSON body of the answer.
    pub(crate) fn body(&self, request_id: &str) -> Value {
        let mut error = Map::new();
        if let Some(code) = self.code {
            error.insert("code".into(), json!(code));
            let page = code.replace('_', "-");
            error.insert(
                "doc_url".into(),
                json!(format!("https://stripe.com/docs/error-codes/{page}")),
            );
        }
        error.insert("message".into(), json!(self.message));
        if let Some(param) = &self.param {
            error.insert("param".into(), json!(param));
        }
        error.insert(
            "request_log_url".into(),
            json!(format!("https://dashboard.stripe.com/test/logs/{request_id}")),
        );
        error.insert("type".into(), json!(self.kind));
        json!({ "error": error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_has_stripes_shape() {
        let body = ApiError::missing("line_items[0][quantity]").body("req_1");
        let error = &body["error"];
        assert_eq!(error["type"], "invalid_request_error");
        assert_eq!(error["code"], "parameter_missing");
        assert_eq!(error["param"], "line_items[0][quantity]");
        assert_eq!(error["doc_url"], "https://stripe.com/docs/error-codes/parameter-missing");
    }
}
