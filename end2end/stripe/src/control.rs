//! The control API under `/_simulator`: for tests, benches and curious people. JSON in and out.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    account::Account,
    app::App,
    charges,
    events::matches,
    faults::Fault,
    refunds,
    sessions::Status,
    state::Store,
    webhooks::{Delivery, Mischief, Signature},
};

/// All routes of the control API.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/_simulator", get(index))
        .route("/_simulator/summary", get(summary))
        .route("/_simulator/clock", get(clock).post(advance))
        .route("/_simulator/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/_simulator/webhooks", get(mischief).post(misbehave).delete(behave))
        .route("/_simulator/deliveries", get(deliveries))
        .route("/_simulator/events/{id}/resend", post(resend))
        .route("/_simulator/hurry/{id}", post(hurry))
        .route("/_simulator/sessions/{id}/tamper", post(tamper))
        .route("/_simulator/requests", get(requests))
        .route("/_simulator/account", get(account).post(set_account).delete(mend_account))
        .route("/_simulator/reset", post(reset))
}

async fn index() -> Json<Value> {
    Json(json!({
        "simulator": "This is not Stripe.",
        "GET /_simulator/summary": "counts and sums, to reconcile with",
        "GET /_simulator/clock": "the simulated time",
        "POST /_simulator/clock": [{ "advance_seconds": 1800 }, { "ahead_seconds": 0 }],
        "POST /_simulator/hurry/{id}":
            "what is planned for a session, charge or refund happens now, the clock stays",
        "POST /_simulator/sessions/{id}/tamper": { "amount_total": 100, "currency": "usd" },
        "GET, POST, DELETE /_simulator/faults": {
            "kind": "error | slow | hang_up", "when": "before | after (the work)",
            "status": 500, "ms": 0, "count": "none: until cleared", "method": "POST",
            "path": "/v1/checkout/sessions",
        },
        "GET, POST, DELETE /_simulator/webhooks": Mischief::default(),
        "GET /_simulator/deliveries?status=&type=&event=&limit=": "newest first",
        "POST /_simulator/events/{id}/resend":
            { "copies": 1, "signature": "valid | stale | forged" },
        "GET, POST, DELETE /_simulator/account": Account::default(),
        "GET /_simulator/requests": "the last 10,000 API requests, newest first",
        "POST /_simulator/reset": "forget everything",
    }))
}

/// Sums of one currency.
#[derive(Debug, Default, Clone, Copy)]
struct Sums {
    charged: i64,
    refunded: i64,
    fees: i64,
    balance: i64,
}

fn counted<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, u64> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    counts
}

fn sums(store: &Store) -> Value {
    let mut sums: BTreeMap<&str, Sums> = BTreeMap::new();
    for charge in store.charges.newest() {
        if charge.status == charges::Status::Succeeded {
            sums.entry(&charge.currency).or_default().charged += charge.amount;
        }
    }
    for refund in store.refunds.newest() {
        if refund.status != refunds::Status::Failed {
            sums.entry(&refund.currency).or_default().refunded += refund.amount;
        }
    }
    for transaction in store.balance.newest() {
        let sum = sums.entry(&transaction.currency).or_default();
        sum.fees += transaction.fee;
        sum.balance += transaction.amount - transaction.fee;
    }
    let shown = sums.into_iter().map(|(currency, sum)| {
        let sum = json!({
            "charged": sum.charged, "refunded": sum.refunded, "fees": sum.fees,
            "balance": sum.balance,
        });
        (currency.to_owned(), sum)
    });
    Value::Object(shown.collect())
}

fn word(value: impl serde::Serialize) -> String {
    json!(value).as_str().unwrap_or_default().to_owned()
}

async fn summary(State(app): State<Arc<App>>) -> Json<Value> {
    Json(app.read(|store| {
        let charges: Vec<String> = store.charges.newest().map(|one| word(one.status)).collect();
        let intents: Vec<String> = store.intents.newest().map(|one| word(one.status)).collect();
        let refunds: Vec<String> = store.refunds.newest().map(|one| word(one.status)).collect();
        let sent: Vec<String> = store.deliveries.newest().map(|one| word(one.status)).collect();
        let open = store.sessions.newest().map(|session| match (session.status, session.paid) {
            (Status::Open, _) => "open",
            (Status::Expired, _) => "expired",
            (Status::Complete, true) => "complete_paid",
            (Status::Complete, false) => "complete_unpaid",
        });
        json!({
            "now": store.now(),
            "sessions": counted(open),
            "payment_intents": counted(intents.iter().map(String::as_str)),
            "charges": counted(charges.iter().map(String::as_str)),
            "refunds": counted(refunds.iter().map(String::as_str)),
            "balance_transactions": store.balance.len(),
            "events": counted(store.events.newest().map(|event| event.kind.as_str())),
            "deliveries": counted(sent.iter().map(String::as_str)),
            "currencies": sums(store),
        })
    }))
}

fn time_of(store: &Store) -> Value {
    json!({ "now": store.now(), "ahead_seconds": store.clock_ahead })
}

async fn clock(State(app): State<Arc<App>>) -> Json<Value> {
    Json(app.read(time_of))
}

/// One of the two: so much further ahead, or so much ahead of the real time.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Advance {
    AdvanceSeconds(u32),
    AheadSeconds(u32),
}

/// What becomes due on the way happens at once; turning the clock back undoes nothing.
async fn advance(State(app): State<Arc<App>>, Json(by): Json<Advance>) -> Json<Value> {
    app.write(|store| match by {
        Advance::AdvanceSeconds(seconds) => store.clock_ahead += i64::from(seconds),
        Advance::AheadSeconds(seconds) => store.clock_ahead = i64::from(seconds),
    });
    Json(app.read(time_of))
}

async fn hurry(State(app): State<Arc<App>>, Path(id): Path<String>) -> Json<Value> {
    let planned = app.write(|store| store.hurry(&id));
    app.read(|_| {});
    Json(json!({ "happened": planned }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tamper {
    amount_total: Option<u32>,
    currency: Option<String>,
}

/// Makes an open session ask for another amount than the shop said.
async fn tamper(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Json(wanted): Json<Tamper>,
) -> Result<Json<Value>, StatusCode> {
    app.write(|store| {
        let rules = store.rules();
        let session = store.sessions.get_mut(&id).ok_or(StatusCode::NOT_FOUND)?;
        if let Some(amount) = wanted.amount_total {
            session.line_items.truncate(1);
            for item in &mut session.line_items {
                (item.unit_amount, item.quantity) = (i64::from(amount), 1);
            }
        }
        session.currency = wanted.currency.unwrap_or_else(|| session.currency.clone());
        Ok(Json(session.render(&rules)))
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

async fn mischief(State(app): State<Arc<App>>) -> Json<Mischief> {
    Json(app.webhooks.mischief())
}

async fn misbehave(State(app): State<Arc<App>>, Json(wanted): Json<Mischief>) -> Json<Mischief> {
    app.webhooks.misbehave(&app, wanted);
    Json(app.webhooks.mischief())
}

async fn behave(State(app): State<Arc<App>>) -> Json<Mischief> {
    app.webhooks.misbehave(&app, Mischief::default());
    Json(app.webhooks.mischief())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    status: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    event: Option<String>,
    limit: Option<usize>,
}

async fn deliveries(State(app): State<Arc<App>>, Query(wanted): Query<Wanted>) -> Json<Value> {
    Json(app.read(|store| {
        let fits = |delivery: &&Delivery| {
            wanted.status.as_ref().is_none_or(|status| word(delivery.status) == *status)
                && wanted.event.as_ref().is_none_or(|event| delivery.event == *event)
                && wanted.kind.as_ref().is_none_or(|kind| matches(kind, &delivery.kind))
        };
        let found = store.deliveries.newest().filter(fits);
        let shown: Vec<Value> =
            found.take(wanted.limit.unwrap_or(100)).map(Delivery::render).collect();
        json!({ "data": shown })
    }))
}

fn one() -> u32 {
    1
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Again {
    #[serde(default = "one")]
    copies: u32,
    #[serde(default)]
    signature: Signature,
}

async fn resend(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Json(again): Json<Again>,
) -> Result<Json<Value>, StatusCode> {
    let kind = app.read(|store| store.events.get(&id).map(|event| event.kind.clone()));
    let kind = kind.ok_or(StatusCode::NOT_FOUND)?;
    let sent: Vec<String> =
        (0..again.copies).map(|_| app.webhooks.resend(&app, &id, &kind, again.signature)).collect();
    Ok(Json(json!({ "deliveries": sent })))
}

async fn requests(State(app): State<Arc<App>>) -> Json<Value> {
    let (last, total) = app.remembered();
    Json(json!({ "data": last, "total": total }))
}

async fn account(State(app): State<Arc<App>>) -> Json<Account> {
    Json(app.read(|store| store.account.clone()))
}

/// What is not named is in order.
async fn set_account(State(app): State<Arc<App>>, Json(wanted): Json<Account>) -> Json<Account> {
    app.write(|store| store.account = wanted);
    account(State(app)).await
}

async fn mend_account(State(app): State<Arc<App>>) -> Json<Account> {
    set_account(State(app), Json(Account::default())).await
}

async fn reset(State(app): State<Arc<App>>) -> Json<Value> {
    app.faults.clear();
    app.webhooks.misbehave(&app, Mischief::default());
    app.write(Store::reset);
    Json(app.read(time_of))
}
