//! The control API under `/_simulator`, for tests and benchmarks. It reads and writes JSON.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    http::{
        app::App,
        faults::Fault,
        summary::{name_in_json, summarize},
    },
    objects::event::matches,
    state::{
        account::Account,
        delivery::{Delivery, Signature},
        store::Store,
    },
    webhooks::faults::WebhookFaults,
};

/// All routes of the control API.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/_simulator", get(index))
        .route("/_simulator/summary", get(summary))
        .route("/_simulator/clock", get(clock).post(set_clock))
        .route("/_simulator/faults", get(faults).post(add_fault).delete(clear_faults))
        .route(
            "/_simulator/webhooks",
            get(webhook_faults).post(set_webhook_faults).delete(clear_webhook_faults),
        )
        .route("/_simulator/deliveries", get(deliveries))
        .route("/_simulator/events/{id}/resend", post(resend))
        .route("/_simulator/hurry/{id}", post(run_now))
        .route("/_simulator/sessions/{id}/tamper", post(tamper))
        .route("/_simulator/requests", get(requests))
        .route("/_simulator/account", get(account).post(set_account).delete(reset_account))
        .route("/_simulator/reset", post(reset))
}

async fn index() -> Json<Value> {
    Json(json!({
        "simulator": "This is not Stripe.",
        "GET /_simulator/summary": "counts and sums",
        "GET /_simulator/clock": "the simulated time",
        "POST /_simulator/clock": [{ "advance_seconds": 1800 }, { "ahead_seconds": 0 }],
        "POST /_simulator/hurry/{id}":
            "run the tasks of a session, charge or refund now; the clock does not change",
        "POST /_simulator/sessions/{id}/tamper": { "amount_total": 100, "currency": "usd" },
        "GET, POST, DELETE /_simulator/faults": {
            "kind": "error | slow | hang_up", "when": "before | after (the request is handled)",
            "status": 500, "ms": 0, "count": "null: until cleared", "method": "POST",
            "path": "/v1/checkout/sessions",
        },
        "GET, POST, DELETE /_simulator/webhooks": WebhookFaults::default(),
        "GET /_simulator/deliveries?status=&type=&event=&limit=": "newest first",
        "POST /_simulator/events/{id}/resend":
            { "copies": 1, "signature": "valid | stale | forged" },
        "GET, POST, DELETE /_simulator/account": Account::default(),
        "GET /_simulator/requests": "the last 10,000 API requests, newest first",
        "POST /_simulator/reset": "forget everything",
    }))
}

fn time_of(store: &Store) -> Value {
    json!({ "now": store.now(), "ahead_seconds": store.clock_ahead })
}

async fn summary(State(app): State<Arc<App>>) -> Json<Value> {
    Json(app.read(summarize))
}

async fn clock(State(app): State<Arc<App>>) -> Json<Value> {
    Json(app.read(time_of))
}

/// How to set the clock: ahead of its present time, or ahead of the real time.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ClockChange {
    AdvanceSeconds(u32),
    AheadSeconds(u32),
}

/// Runs all tasks that become due. Setting the clock back undoes nothing.
async fn set_clock(State(app): State<Arc<App>>, Json(change): Json<ClockChange>) -> Json<Value> {
    app.write(|store| match change {
        ClockChange::AdvanceSeconds(seconds) => store.clock_ahead += i64::from(seconds),
        ClockChange::AheadSeconds(seconds) => store.clock_ahead = i64::from(seconds),
    });
    Json(app.read(time_of))
}

async fn run_now(State(app): State<Arc<App>>, Path(id): Path<String>) -> Json<Value> {
    let count = app.write(|store| store.schedule.make_due(&id));
    // Every access runs the tasks that are due.
    app.read(|_| {});
    Json(json!({ "happened": count }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TamperedSession {
    amount_total: Option<u32>,
    currency: Option<String>,
}

/// Changes the amount or currency that a session asks for, which the shop does not know of.
async fn tamper(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Json(changed): Json<TamperedSession>,
) -> Result<Json<Value>, StatusCode> {
    app.write(|store| {
        let settings = store.settings();
        let session = store.sessions.get_mut(&id).ok_or(StatusCode::NOT_FOUND)?;
        if let Some(amount) = changed.amount_total {
            session.line_items.truncate(1);
            for item in &mut session.line_items {
                (item.unit_amount, item.quantity) = (i64::from(amount), 1);
            }
        }
        session.currency = changed.currency.unwrap_or_else(|| session.currency.clone());
        Ok(Json(session.render(&settings.public_url)))
    })
}

async fn faults(State(app): State<Arc<App>>) -> Json<Vec<Fault>> {
    Json(app.faults.all())
}

async fn add_fault(State(app): State<Arc<App>>, Json(fault): Json<Fault>) -> Json<Vec<Fault>> {
    app.faults.add(fault);
    Json(app.faults.all())
}

async fn clear_faults(State(app): State<Arc<App>>) -> Json<Vec<Fault>> {
    app.faults.clear();
    Json(app.faults.all())
}

async fn webhook_faults(State(app): State<Arc<App>>) -> Json<WebhookFaults> {
    Json(app.webhooks.faults())
}

async fn set_webhook_faults(
    State(app): State<Arc<App>>,
    Json(wanted): Json<WebhookFaults>,
) -> Json<WebhookFaults> {
    app.webhooks.set_faults(wanted);
    Json(app.webhooks.faults())
}

async fn clear_webhook_faults(State(app): State<Arc<App>>) -> Json<WebhookFaults> {
    app.webhooks.set_faults(WebhookFaults::default());
    Json(app.webhooks.faults())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeliveryFilter {
    status: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    event: Option<String>,
    limit: Option<usize>,
}

async fn deliveries(
    State(app): State<Arc<App>>,
    Query(filter): Query<DeliveryFilter>,
) -> Json<Value> {
    Json(app.read(|store| {
        let matches_filter = |delivery: &&Delivery| {
            filter.status.as_ref().is_none_or(|status| name_in_json(delivery.status) == *status)
                && filter.event.as_ref().is_none_or(|event| delivery.event == *event)
                && filter.kind.as_ref().is_none_or(|kind| matches(kind, &delivery.kind))
        };
        let found = store.deliveries.newest_first().filter(matches_filter);
        let shown: Vec<Value> =
            found.take(filter.limit.unwrap_or(100)).map(Delivery::render).collect();
        json!({ "data": shown })
    }))
}

fn one() -> u32 {
    1
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Resend {
    #[serde(default = "one")]
    copies: u32,
    #[serde(default)]
    signature: Signature,
}

async fn resend(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Json(request): Json<Resend>,
) -> Result<Json<Value>, StatusCode> {
    let kind = app.read(|store| store.events.get(&id).map(|event| event.kind.clone()));
    let kind = kind.ok_or(StatusCode::NOT_FOUND)?;
    let sent: Vec<String> =
        (0..request.copies).map(|_| app.webhooks.resend(&id, &kind, request.signature)).collect();
    Ok(Json(json!({ "deliveries": sent })))
}

async fn requests(State(app): State<Arc<App>>) -> Json<Value> {
    let (last, total) = app.requests.newest_first();
    Json(json!({ "data": last, "total": total }))
}

async fn account(State(app): State<Arc<App>>) -> Json<Account> {
    Json(app.read(|store| store.account.clone()))
}

/// What the body does not name gets its default: allowed.
async fn set_account(State(app): State<Arc<App>>, Json(wanted): Json<Account>) -> Json<Account> {
    app.write(|store| store.account = wanted);
    account(State(app)).await
}

async fn reset_account(State(app): State<Arc<App>>) -> Json<Account> {
    set_account(State(app), Json(Account::default())).await
}

async fn reset(State(app): State<Arc<App>>) -> Json<Value> {
    app.faults.clear();
    app.webhooks.set_faults(WebhookFaults::default());
    app.write(Store::reset);
    Json(app.read(time_of))
}
