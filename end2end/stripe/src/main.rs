//! # A simulator of Stripe
//!
//! This program answers the shop as Stripe would: Checkout Sessions with their hosted pay page,
//! PaymentIntents, Charges, Balance Transactions with fees, Refunds, Disputes, Events and signed
//! webhooks. It keeps state. It exists because no other simulator both keeps state and follows
//! Stripe closely. It does not belong to Stripe and moves no money, and every page says so.
//!
//! ```text
//! stripe-simulator --listen 127.0.0.1:12111 \
//!     --webhook-url http://127.0.0.1:3000/webhooks/stripe --webhook-secret whsec_x \
//!     --secret-key sk_test_x
//! ```
//!
//! The first line on stdout is `listening on http://…`; everything else goes to stderr. All options
//! can also be set in the environment; `--help` lists them.
//!
//! ## What is like Stripe
//! - The objects and parameters are those of the API version that the shop's client uses
//!   (`base/api_version.rs`). Requests for another version are refused. Stripe's own npm package
//!   tests this (`../judge`).
//! - Unknown, missing and wrong parameters are refused with Stripe's errors. What Stripe knows and
//!   the simulator does not simulate is refused too, in a message that begins with `SIMULATOR`.
//! - `Idempotency-Key`, `Request-Id`, cursors, `expand[]`, `created[…]` filters.
//! - Events come in this order: `payment_intent.created`; then either `charge.failed` and
//!   `payment_intent.payment_failed` (the session stays open), or `charge.succeeded`,
//!   `payment_intent.succeeded` and `checkout.session.completed`; later `charge.updated`, when the
//!   charge has its balance transaction. Deliveries run in parallel, so the shop may receive them
//!   in any order.
//! - Webhooks are sent again, after longer and longer pauses, until the answer is a 2xx.
//!
//! ## What is not like Stripe
//! - Error messages are close to Stripe's, not equal. Minimum amounts that Stripe does not publish
//!   are our own (`base/money.rs`). Settlement is in the currency of the charge, or always in one
//!   currency at one rate (`--settle-in`).
//! - Delayed payments use Stripe's SEPA test accounts, in every currency.
//! - Refunds never fail for lack of balance. Disputes are opened but never decided, and have no
//!   fee. There are no payouts, no customers, no Connect.
//!
//! ## Paying
//! `GET /c/pay/{session}` shows the page, `POST` pays. Fields: `email`, `name`,
//! `method` = `card` (default) or `sepa_debit`; `card_number`, `expiry` (`12/34`), `cvc`; `iban`.
//! Answers: 303 to `success_url` (or to `…/authenticate`, whose field is `outcome` = `complete` or
//! `fail`), 402 declined, 422 invalid input, 409 already paid, 410 expired, 404 unknown.
//!
//! | card or account | outcome |
//! |---|---|
//! | 4242 4242 4242 4242, 4000 0060 4000 0068 (Peru), 5555 5555 5555 4444 … | paid |
//! | 4000 0000 0000 0002 | declined |
//! | 4000 0000 0000 9995 | declined, insufficient funds |
//! | 4000 0000 0000 9987 / 9979 / 0069 / 0127 / 0119 | lost, stolen, expired, wrong CVC, error |
//! | 4000 0025 0000 3155, 4000 0027 6000 3184 | 3-D Secure, then paid |
//! | 4000 0082 6000 3178 | 3-D Secure, then declined |
//! | 4000 0000 0000 7726 | paid; refunds are pending for `--async-delay` seconds |
//! | 4000 0000 0000 5126 | paid; refunds fail after `--async-delay` seconds |
//! | 4000 0000 0000 0259 | paid; disputed as fraudulent after `--async-delay` seconds |
//! | AT61 1904 3002 3457 3201 | complete but unpaid; paid after `--async-delay` seconds |
//! | AT86 1904 3002 3547 3202 | complete but unpaid; failed after `--async-delay` seconds |
//!
//! ## The control API
//! With the control API a test can
//! - set the clock, or run what is scheduled for one object now;
//! - forbid the account or its key to do something, or make it refuse a currency or an e-mail;
//! - make the API fail, answer late or hang up, before or after it handles the request;
//! - duplicate, reorder, delay, drop and resend webhooks;
//! - change the amount of a session;
//! - read sums and counts, and the last requests.
//!
//! `GET /_simulator` lists the paths.
//!
//! ## Tests
//! `../judge` (Node.js 20) tests with Stripe's own client: `npm ci`, `npm run check`, and, with
//! `SIMULATOR_BIN` set, `npm test`. `node requests.mjs http://…` there compares the requests that a
//! running simulator got with Stripe's types. In `tests/async_stripe.rs` the shop's client reads
//! every type of object.
//!
//! ## Where things are
//! A folder uses only the folders above it.
//!
//! | folder | content |
//! |---|---|
//! | `base` | errors, form parameters, money, ids, time |
//! | `objects` | Stripe's objects and how the API shows them |
//! | `state` | all objects together, idempotency keys, scheduled tasks, settings |
//! | `actions` | paying, refunding, expiring, and the scheduled tasks |
//! | `endpoints` | the API: parameters in, JSON out |
//! | `webhooks` | sending events |
//! | `http` | the server, the API's keys and faults, the control API |
//! | `pages` | the pay pages |
//!
//! ## To add a type of object
//! 1. `objects`: the struct and its `render`, with every field that Stripe's types demand.
//! 2. `state/store.rs`: its table.
//! 3. `actions`: what creates and changes it, with the events.
//! 4. `endpoints`: one function for each endpoint. It reads its parameters from
//!    [`base::form::Fields`] and calls `finish`. Add the paths to `router.rs` and the fields to
//!    `expand.rs`.
//! 5. `../judge`: a test.

#![recursion_limit = "256"]

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use axum::{Router, routing::any};
use clap::Parser;
use tokio::net::TcpListener;

use crate::{
    base::money::{Conversion, Fees},
    http::{app::App, serve},
    state::{settings::Settings, shared::SharedStore, store::Store},
    webhooks::sender::{self, Webhooks},
};

mod actions;
mod base;
mod endpoints;
mod http;
mod objects;
mod pages;
mod state;
mod webhooks;

/// A simulator of Stripe for tests. It keeps state, is strict, and every page says what it is.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Options {
    /// Address to listen on; port 0 chooses a free port.
    #[arg(long, env = "SIMULATOR_LISTEN", default_value = "127.0.0.1:12111")]
    listen: SocketAddr,
    /// Where shoppers' browsers find the pay pages; by default the address it listens on.
    #[arg(long, env = "SIMULATOR_PUBLIC_URL")]
    public_url: Option<String>,
    /// The shop's webhook endpoint (http only); without it no webhooks are sent.
    #[arg(long, env = "SIMULATOR_WEBHOOK_URL")]
    webhook_url: Option<String>,
    /// The secret that signs webhooks.
    #[arg(
        long,
        env = "SIMULATOR_WEBHOOK_SECRET",
        default_value = "whsec_simulator",
        value_parser = starts_with_whsec
    )]
    webhook_secret: String,
    /// Send only these types of events, comma-separated; `charge.*` is a group. All by default.
    #[arg(long, env = "SIMULATOR_WEBHOOK_EVENTS", value_delimiter = ',')]
    webhook_events: Vec<String>,
    /// How many webhook requests may be open at the same time.
    #[arg(long, env = "SIMULATOR_WEBHOOK_CONCURRENCY", default_value_t = 64)]
    webhook_concurrency: usize,
    /// Milliseconds that the webhook endpoint may take to answer.
    #[arg(long, env = "SIMULATOR_WEBHOOK_TIMEOUT_MS", default_value_t = 10_000)]
    webhook_timeout_ms: u64,
    /// Milliseconds before the second attempt. The pause doubles each time, up to a minute.
    #[arg(long, env = "SIMULATOR_WEBHOOK_BACKOFF_MS", default_value_t = 500)]
    webhook_backoff_ms: u64,
    /// Number of attempts for each delivery.
    #[arg(long, env = "SIMULATOR_WEBHOOK_ATTEMPTS", default_value_t = 16)]
    webhook_attempts: u32,
    /// The API key that requests must carry.
    #[arg(
        long,
        env = "SIMULATOR_SECRET_KEY",
        default_value = "sk_test_simulator",
        value_parser = starts_with_sk_test,
        hide_env_values = true
    )]
    secret_key: String,
    /// The file that keeps the state. Without it the state is only in memory.
    #[arg(long, env = "SIMULATOR_STATE")]
    state: Option<PathBuf>,
    /// Milliseconds until a change is written to the file.
    #[arg(long, env = "SIMULATOR_STATE_DELAY_MS", default_value_t = 100)]
    state_delay_ms: u64,
    /// Stripe's share of a charge in hundredths of a percent.
    #[arg(long, env = "SIMULATOR_FEE_BPS", default_value_t = 360)]
    fee_bps: u32,
    /// Stripe's fixed fee per charge, in the smallest unit of the charge's currency.
    #[arg(long, env = "SIMULATOR_FEE_FIXED", default_value_t = 30)]
    fee_fixed: u32,
    /// Seconds until delayed payments and refunds are decided.
    #[arg(long, env = "SIMULATOR_ASYNC_DELAY", default_value_t = 5)]
    async_delay: u32,
    /// Seconds until a charge has its balance transaction.
    #[arg(long, env = "SIMULATOR_SETTLE_DELAY", default_value_t = 0)]
    settle_delay: u32,
    /// The account's only currency, and what one unit of any other becomes, e.g. `pen:3.7145`.
    /// Without it, amounts stay in the currency of their charge.
    #[arg(long, env = "SIMULATOR_SETTLE_IN", value_name = "CURRENCY:RATE")]
    settle_in: Option<Conversion>,
}

fn starts_with_whsec(text: &str) -> Result<String, String> {
    match text.strip_prefix("whsec_") {
        Some(rest) if !rest.is_empty() => Ok(text.to_owned()),
        _ => Err("a webhook secret begins with whsec_".to_owned()),
    }
}

fn starts_with_sk_test(text: &str) -> Result<String, String> {
    match text.strip_prefix("sk_test_") {
        Some(rest) if !rest.is_empty() => Ok(text.to_owned()),
        _ => Err("the simulator accepts only test keys: sk_test_…".to_owned()),
    }
}

fn webhook_config(options: &Options) -> io::Result<Option<sender::Config>> {
    match &options.webhook_url {
        None => Ok(None),
        Some(url) => Ok(Some(sender::Config {
            url: sender::endpoint(url)?,
            secret: options.webhook_secret.clone(),
            concurrency: options.webhook_concurrency.max(1),
            timeout: Duration::from_millis(options.webhook_timeout_ms),
            backoff: Duration::from_millis(options.webhook_backoff_ms),
            attempts: options.webhook_attempts.max(1),
            kinds: options.webhook_events.clone(),
        })),
    }
}

fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/v1/{*path}", any(http::api::handle))
        .merge(pages::routes::routes())
        .merge(http::control::routes())
        .with_state(app)
}

async fn run(options: Options) -> io::Result<()> {
    let listener = TcpListener::bind(options.listen).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let public_url = options.public_url.clone().unwrap_or_else(|| address.clone());
    let settings = Settings {
        public_url: public_url.trim_end_matches('/').to_owned(),
        fees: Fees {
            basis_points: i64::from(options.fee_bps),
            fixed_minor: i64::from(options.fee_fixed),
        },
        async_delay: i64::from(options.async_delay),
        settle_delay: i64::from(options.settle_delay),
        settle_in: options.settle_in.clone(),
        has_webhook: options.webhook_url.is_some(),
    };
    let store = Store::open(options.state.as_deref(), settings)?;
    let store = Arc::new(SharedStore::new(store));
    let webhooks = Webhooks::new(Arc::clone(&store), webhook_config(&options)?);
    let app =
        Arc::new(App::new(store, webhooks, options.secret_key.clone(), options.state.clone()));
    println!("listening on {address}");
    io::stdout().flush()?;
    app.webhooks.resume();
    tokio::spawn(run_due_tasks(Arc::clone(&app)));
    let delay = Duration::from_millis(options.state_delay_ms.max(1));
    tokio::spawn(serve::keep_saving(Arc::clone(&app), delay));
    serve::serve(listener, router(Arc::clone(&app))).await;
    serve::save(&app)
}

/// Runs due tasks even when there are no requests.
async fn run_due_tasks(app: Arc<App>) {
    let mut interval = tokio::time::interval(Duration::from_millis(100));
    loop {
        interval.tick().await;
        // Every access runs the tasks that are due.
        app.read(|_| {});
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_valid() {
        use clap::CommandFactory as _;
        Options::command().debug_assert();
    }
}
