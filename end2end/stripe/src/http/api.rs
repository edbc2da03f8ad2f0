//! `/v1/…`: faults, idempotency, and the answer.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

use crate::{
    base::{api_version::API_VERSION, errors::ApiError},
    endpoints::router,
    http::{
        app::App,
        envelope::ApiRequest,
        faults::{Fault, Kind, When},
        request_log::LoggedRequest,
    },
    state::{
        idempotency::{self, Answer, KeyUse},
        store::{Caller, Store},
    },
};

/// Marks an answer that must not be sent. The connection is cut instead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HangUp;

/// `/v1/…`
pub(crate) async fn handle(State(app): State<Arc<App>>, request: Request) -> Response {
    let request = ApiRequest::read(request).await;
    let fault = app.faults.take_for(&request.method, &request.path);
    let (answer, is_repeated) = answer(&app, &request, fault.as_ref()).await;
    let hangs_up = fault.is_some_and(|fault| fault.kind == Kind::HangUp);
    let response = respond(&request, &answer, is_repeated, hangs_up);
    app.requests.add(LoggedRequest {
        at: app.now(),
        status: if hangs_up { 0 } else { answer.status },
        id: request.id,
        method: request.method,
        path: request.path,
        parameters: request.parameters,
        idempotency_key: request.idempotency_key,
    });
    response
}

fn error_answer(error: &ApiError, id: &str) -> Answer {
    Answer { status: error.status, body: error.body(id).to_string(), request_id: id.to_owned() }
}

/// The answer, and whether it is the kept answer of an earlier request.
async fn answer(app: &App, request: &ApiRequest, fault: Option<&Fault>) -> (Answer, bool) {
    if let Err(error) = request.check(&app.secret_key) {
        return (error_answer(&error, &request.id), false);
    }
    if let Some(fault) = fault
        && fault.when == When::Before
        && fault.kind != Kind::Slow
    {
        let error = ApiError::requested_failure(fault.status);
        return (error_answer(&error, &request.id), false);
    }
    let Some(key) = &request.idempotency_key else {
        return (handle_request(app, request, fault).await.0, false);
    };
    let fingerprint = idempotency::fingerprint(&request.parameters);
    let key_use = app.write(|store| {
        let now = store.now();
        store.keys.begin(key, &request.path, fingerprint, now)
    });
    match key_use {
        Err(error) => (error_answer(&error, &request.id), false),
        Ok(KeyUse::Repeated(answer)) => (answer, true),
        Ok(KeyUse::First) => {
            // If the client hangs up, this future is dropped, and the guard releases the key.
            let guard = KeyGuard { app, key };
            let (answer, keep) = handle_request(app, request, fault).await;
            if keep {
                app.write(|store| store.keys.keep(key, answer.clone()));
            }
            drop(guard);
            (answer, false)
        }
    }
}

/// Releases a key whose request got no answer to keep.
struct KeyGuard<'a> {
    app: &'a App,
    key: &'a str,
}

impl Drop for KeyGuard<'_> {
    fn drop(&mut self) {
        self.app.write(|store| store.keys.release(self.key));
    }
}

/// The answer of the endpoint, changed by the fault, and whether to keep it.
async fn handle_request(app: &App, request: &ApiRequest, fault: Option<&Fault>) -> (Answer, bool) {
    let slow = fault.filter(|fault| fault.kind == Kind::Slow);
    if let Some(fault) = slow.filter(|fault| fault.when == When::Before) {
        tokio::time::sleep(Duration::from_millis(fault.ms)).await;
    }
    let caller = Caller {
        request: Some(request.id.clone()),
        idempotency_key: request.idempotency_key.clone(),
    };
    let call = |store: &mut Store| {
        router::call(store, &request.method, &request.path, &request.parameters)
    };
    let result =
        if request.method == "POST" { app.call_post(caller, call) } else { app.call_get(call) };
    if let Some(fault) = slow.filter(|fault| fault.when == When::After) {
        tokio::time::sleep(Duration::from_millis(fault.ms)).await;
    }
    match result {
        Ok(_) if fault.is_some_and(|fault| fault.kind == Kind::Error) => {
            let error = ApiError::requested_failure(fault.map_or(500, |fault| fault.status));
            (error_answer(&error, &request.id), error.status >= 500)
        }
        Ok(value) => {
            let answer =
                Answer { status: 200, body: value.to_string(), request_id: request.id.clone() };
            (answer, true)
        }
        Err(error) => (error_answer(&error, &request.id), false),
    }
}

fn respond(request: &ApiRequest, answer: &Answer, is_repeated: bool, hangs_up: bool) -> Response {
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
    set("request-id", &request.id);
    if let Some(key) = &request.idempotency_key {
        set("idempotency-key", key);
    }
    if is_repeated {
        set("idempotent-replayed", "true");
        set("original-request", &answer.request_id);
    }
    if hangs_up {
        response.extensions_mut().insert(HangUp);
    }
    response
}
