//! The envelope of every `/v1/…` request: key, version, faults, idempotency, answer.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde_json::Value;

use crate::{
    API_VERSION,
    app::{App, Asked},
    balance, charges, disputes,
    errors::ApiError,
    events,
    faults::{Fault, Kind, When},
    form::Fields,
    idempotency::{self, Answer, Turn},
    intents, refunds, sessions,
    state::{Caller, Store, new_id},
};

const MAX_BODY: usize = 1_000_000;

/// Marks an answer that must not be sent: the line is cut instead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HangUp;

/// A request taken apart.
struct Asking {
    id: String,
    method: String,
    path: String,
    parameters: String,
    key: Option<String>,
    is_form: bool,
    is_readable: bool,
}

fn header_text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// The API key a request carries: `Bearer sk_…`, or as the user of Basic.
fn key_of(headers: &HeaderMap) -> Option<String> {
    let text = header_text(headers, "authorization")?;
    if let Some(key) = text.strip_prefix("Bearer ") {
        return Some(key.trim().to_owned());
    }
    let decoded = BASE64.decode(text.strip_prefix("Basic ")?.trim()).ok()?;
    let pair = String::from_utf8(decoded).ok()?;
    Some(pair.split(':').next().unwrap_or_default().to_owned())
}

fn authorized(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    match key_of(headers).filter(|key| !key.is_empty()) {
        Some(key) if key == app.secret_key => Ok(()),
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

fn version_agrees(headers: &HeaderMap) -> Result<(), ApiError> {
    match header_text(headers, "stripe-version") {
        Some(version) if version != API_VERSION => Err(ApiError::invalid(format!(
            "Invalid Stripe API version: {version}. (SIMULATOR: it speaks {API_VERSION} and \
             nothing else.)"
        ))),
        _ => Ok(()),
    }
}

/// Does the work of one endpoint.
fn endpoint(store: &mut Store, asking: &Asking) -> Result<Value, ApiError> {
    let fields = Fields::parse(&asking.parameters)?;
    let path = asking.path.strip_prefix("/v1/").unwrap_or_default();
    let steps: Vec<&str> = path.split('/').collect();
    match (asking.method.as_str(), steps.as_slice()) {
        ("POST", ["checkout", "sessions"]) => sessions::create(store, fields),
        ("GET", ["checkout", "sessions"]) => sessions::list(store, fields),
        ("GET", ["checkout", "sessions", id]) => sessions::retrieve(store, id, fields),
        ("POST", ["checkout", "sessions", id, "expire"]) => sessions::expire(store, id, fields),
        ("GET", ["checkout", "sessions", id, "line_items"]) => {
            sessions::line_items(store, id, fields)
        }
        ("GET", ["payment_intents"]) => intents::list(store, fields),
        ("GET", ["payment_intents", id]) => intents::retrieve(store, id, fields),
        ("GET", ["charges"]) => charges::list(store, fields),
        ("GET", ["charges", id]) => charges::retrieve(store, id, fields),
        ("GET", ["balance_transactions"]) => balance::list(store, fields),
        ("GET", ["balance_transactions", id]) => balance::retrieve(store, id, fields),
        ("POST", ["refunds"]) => refunds::create(store, fields),
        ("GET", ["refunds"]) => refunds::list(store, fields),
        ("GET", ["refunds", id]) => refunds::retrieve(store, id, fields),
        ("GET", ["disputes"]) => disputes::list(store, fields),
        ("GET", ["disputes", id]) => disputes::retrieve(store, id, fields),
        ("GET", ["events"]) => events::list(store, fields),
        ("GET", ["events", id]) => events::retrieve(store, id, fields),
        (method, _) => Err(ApiError::unrecognized(method, &asking.path)),
    }
}

/// `/v1/…`
pub(crate) async fn handle(State(app): State<Arc<App>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    let body = to_bytes(body, MAX_BODY).await;
    let is_readable = body.is_ok();
    let body = String::from_utf8_lossy(&body.unwrap_or_default()).into_owned();
    let kind = header_text(&parts.headers, "content-type").unwrap_or_default();
    let asking = Asking {
        id: new_id("req_", 14),
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().trim_end_matches('/').to_owned(),
        key: header_text(&parts.headers, "idempotency-key")
            .filter(|key| !key.is_empty() && parts.method == "POST"),
        is_readable,
        is_form: body.is_empty() || kind.starts_with("application/x-www-form-urlencoded"),
        parameters: match (query.is_empty(), body.is_empty()) {
            (false, false) => format!("{query}&{body}"),
            (false, true) => query.to_owned(),
            _ => body,
        },
    };
    let fault = app.faults.meet(&asking.method, &asking.path);
    let (answer, replayed) = answer(&app, &asking, &parts.headers, fault.as_ref()).await;
    let hangs_up = fault.is_some_and(|fault| fault.kind == Kind::HangUp);
    let response = respond(&asking, &answer, replayed, hangs_up);
    app.remember(Asked {
        at: app.peek(Store::now),
        status: if hangs_up { 0 } else { answer.status },
        id: asking.id,
        method: asking.method,
        path: asking.path,
        parameters: asking.parameters,
        idempotency_key: asking.key,
    });
    response
}

fn error_answer(error: &ApiError, id: &str) -> Answer {
    Answer { status: error.status, body: error.body(id).to_string(), request_id: id.to_owned() }
}

/// The answer, and whether it is one that was given before.
async fn answer(
    app: &Arc<App>,
    asking: &Asking,
    headers: &HeaderMap,
    fault: Option<&Fault>,
) -> (Answer, bool) {
    let checked = authorized(app, headers).and_then(|()| version_agrees(headers)).and_then(|()| {
        if !asking.is_readable {
            return Err(ApiError::invalid("Request body too large or cut off.").status(413));
        }
        if asking.is_form {
            return Ok(());
        }
        Err(ApiError::invalid(
            "Invalid request (check that your POST content type is \
                 application/x-www-form-urlencoded). If you have any questions, we can help at \
                 https://support.stripe.com/.",
        ))
    });
    if let Err(error) = checked {
        return (error_answer(&error, &asking.id), false);
    }
    if let Some(fault) = fault
        && fault.when == When::Before
        && fault.kind != Kind::Slow
    {
        let error = ApiError::unwell(fault.status);
        return (error_answer(&error, &asking.id), false);
    }
    let Some(key) = &asking.key else {
        return (work(app, asking, fault).await.0, false);
    };
    let fingerprint = idempotency::fingerprint(&asking.parameters);
    let turn = app.write(|store| {
        let now = store.now();
        store.keys.begin(key, &asking.path, fingerprint, now)
    });
    match turn {
        Err(error) => (error_answer(&error, &asking.id), false),
        Ok(Turn::Replay(answer)) => (answer, true),
        Ok(Turn::Work) => {
            // A client that hangs up must not leave its key in use for ever.
            let guard = Release { app, key };
            let (answer, keep) = work(app, asking, fault).await;
            if keep {
                app.write(|store| store.keys.keep(key, answer.clone()));
            }
            drop(guard);
            (answer, false)
        }
    }
}

/// Frees a key that got no answer to keep.
struct Release<'a> {
    app: &'a Arc<App>,
    key: &'a str,
}

impl Drop for Release<'_> {
    fn drop(&mut self) {
        self.app.write(|store| store.keys.release(self.key));
    }
}

/// The endpoint's answer with the fault that strikes it, and whether it is one to keep.
async fn work(app: &Arc<App>, asking: &Asking, fault: Option<&Fault>) -> (Answer, bool) {
    let slow = fault.filter(|fault| fault.kind == Kind::Slow);
    if let Some(fault) = slow.filter(|fault| fault.when == When::Before) {
        tokio::time::sleep(Duration::from_millis(fault.ms)).await;
    }
    let caller = Caller { request: Some(asking.id.clone()), idempotency_key: asking.key.clone() };
    let changes = asking.method == "POST";
    let result = if changes {
        app.call(caller, |store| endpoint(store, asking))
    } else {
        app.look(|store| endpoint(store, asking))
    };
    if let Some(fault) = slow.filter(|fault| fault.when == When::After) {
        tokio::time::sleep(Duration::from_millis(fault.ms)).await;
    }
    match result {
        Ok(_) if fault.is_some_and(|fault| fault.kind == Kind::Error) => {
            let error = ApiError::unwell(fault.map_or(500, |fault| fault.status));
            (error_answer(&error, &asking.id), error.status >= 500)
        }
        Ok(value) => {
            let answer =
                Answer { status: 200, body: value.to_string(), request_id: asking.id.clone() };
            (answer, true)
        }
        Err(error) => (error_answer(&error, &asking.id), false),
    }
}

fn respond(asking: &Asking, answer: &Answer, replayed: bool, hangs_up: bool) -> Response {
    let mut response = Response::new(Body::from(answer.body.clone()));
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("stripe-version", HeaderValue::from_static(API_VERSION));
    headers.insert("x-simulator", HeaderValue::from_static("not Stripe"));
    let mut set = |name: &'static str, text: &str| {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    };
    set("request-id", &asking.id);
    if let Some(key) = &asking.key {
        set("idempotency-key", key);
    }
    if replayed {
        set("idempotent-replayed", "true");
        set("original-request", &answer.request_id);
    }
    if hangs_up {
        response.extensions_mut().insert(HangUp);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_comes_as_bearer_or_as_basic_user() {
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
