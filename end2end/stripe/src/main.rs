//! # Stripe, simulated
//!
//! A small program that answers the shop as Stripe would: Checkout Sessions with their hosted pay
//! page, PaymentIntents, Charges, Balance Transactions with fees, Refunds, Events and signed
//! webhooks, all with state. It exists because no stand-in to be had is both stateful and
//! faithful. It is no part of Stripe, moves no money, and says so on every page.
//!
//! ```text
//! stripe-simulator --listen 127.0.0.1:12111 \
//!     --webhook-url http://127.0.0.1:3000/webhooks/stripe --webhook-secret whsec_x \
//!     --secret-key sk_test_x
//! ```
//!
//! The first line on stdout is `listening on http://…`, everything else goes to stderr. All
//! options can come from the environment; `--help` lists them.
//!
//! ## What is faithful
//! - Shapes and parameters of API version [`API_VERSION`], the one that the shop's client speaks;
//!   requests for another version are refused. Judged by Stripe's own npm package (`../judge`).
//! - Unknown, missing and mistyped parameters are refused with Stripe's error shape. What Stripe
//!   knows and the simulator does not play is refused too, in a message that begins `SIMULATOR`.
//! - `Idempotency-Key`, `Request-Id`, cursors, `expand[]`, `created[…]` filters.
//! - Order of events: `payment_intent.created`, then `charge.failed` and
//!   `payment_intent.payment_failed` (the session stays open) or `charge.succeeded`,
//!   `payment_intent.succeeded`, `checkout.session.completed`, and later `charge.updated` when the
//!   balance transaction is there. Deliveries run side by side, so the shop may see any order.
//! - Webhooks are retried with growing pauses until they are answered with a 2xx.
//!
//! ## What is not
//! - Texts of errors are close to Stripe's, not equal. Least amounts where Stripe publishes none
//!   are ours (`money.rs`). Settlement is in the currency of the charge, or all of it in one at one
//!   rate (`--settle-in`).
//! - Delayed payment is Stripe's SEPA test accounts, offered in every currency.
//! - Refunds never fail for lack of balance. A dispute is opened and never decided, and costs no fee
//!   of its own. No payouts, customers, Connect.
//!
//! ## Paying
//! `GET /c/pay/{session}` shows the page, `POST` pays. Fields: `email`, `name`,
//! `method` = `card` (default) or `sepa_debit`; `card_number`, `expiry` (`12/34`), `cvc`; `iban`.
//! Answers: 303 to `success_url` (or to `…/authenticate`, which takes `outcome` = `complete` or
//! `fail`), 402 declined, 422 mistyped, 409 already paid, 410 expired, 404 unknown.
//!
//! | card, account | outcome |
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
//! `GET /_simulator` lists it: advance the clock or hurry one object, take rights from the account or
//! the key, a currency or an e-mail, make the API fail, be slow or
//! hang up (before or after the work), duplicate, reorder, delay, drop and resend webhooks, tamper
//! with a session's amount, sums to reconcile with, the last requests as they came.
//!
//! ## The judge
//! `../judge` (Node.js 20): `npm ci`, `npm run check`, and with `SIMULATOR_BIN` set `npm test`.
//! `node requests.mjs http://…` there holds what a shop asked of a running simulator against
//! Stripe's types. `tests/async_stripe.rs` lets the shop's client read every noun.
//!
//! ## To add one more noun of Stripe's
//! A file with the struct, its `render` (every field the types demand), and one function per
//! endpoint that takes [`form::Fields`] and finishes them; a line in `api.rs`, a line in
//! `expand.rs`, a test in `../judge`.

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

mod account;
mod api;
mod app;
mod balance;
mod cards;
mod charges;
mod control;
mod disputes;
mod errors;
mod events;
mod expand;
mod faults;
mod form;
mod idempotency;
mod intents;
mod lists;
mod money;
mod opening;
mod pages;
mod payments;
mod refunds;
mod serve;
mod sessions;
mod state;
mod webhooks;
mod words;

/// The version whose shapes are spoken: that of async-stripe 1.0.0-rc.10.
pub(crate) const API_VERSION: &str = "2026-09-30.endive";

/// A simulator of Stripe for tests: stateful, strict, and marked as such on every page.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Options {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "SIMULATOR_LISTEN", default_value = "127.0.0.1:12111")]
    listen: SocketAddr,
    /// Where shoppers' browsers reach the pay pages; by default where it listens.
    #[arg(long, env = "SIMULATOR_PUBLIC_URL")]
    public_url: Option<String>,
    /// The shop's webhook endpoint (http only); without it no webhooks are sent.
    #[arg(long, env = "SIMULATOR_WEBHOOK_URL")]
    webhook_url: Option<String>,
    /// What webhooks are signed with.
    #[arg(
        long,
        env = "SIMULATOR_WEBHOOK_SECRET",
        default_value = "whsec_simulator",
        value_parser = starts_with_whsec
    )]
    webhook_secret: String,
    /// Only these events, comma-separated; `charge.*` is a group. All by default.
    #[arg(long, env = "SIMULATOR_WEBHOOK_EVENTS", value_delimiter = ',')]
    webhook_events: Vec<String>,
    /// Webhook requests at the same time.
    #[arg(long, env = "SIMULATOR_WEBHOOK_CONCURRENCY", default_value_t = 64)]
    webhook_concurrency: usize,
    /// Milliseconds an endpoint may take to answer.
    #[arg(long, env = "SIMULATOR_WEBHOOK_TIMEOUT_MS", default_value_t = 10_000)]
    webhook_timeout_ms: u64,
    /// Milliseconds before the second attempt; doubles each time, up to a minute.
    #[arg(long, env = "SIMULATOR_WEBHOOK_BACKOFF_MS", default_value_t = 500)]
    webhook_backoff_ms: u64,
    /// Attempts before a delivery is given up.
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
    /// File the state is kept in; in memory only without it.
    #[arg(long, env = "SIMULATOR_STATE")]
    state: Option<PathBuf>,
    /// Milliseconds between a change and its being written to the file.
    #[arg(long, env = "SIMULATOR_STATE_DELAY_MS", default_value_t = 100)]
    state_delay_ms: u64,
    /// Stripe's share of a charge in hundredths of a percent.
    #[arg(long, env = "SIMULATOR_FEE_BPS", default_value_t = 360)]
    fee_bps: u32,
    /// What Stripe takes besides, in the smallest unit of the charge's currency.
    #[arg(long, env = "SIMULATOR_FEE_FIXED", default_value_t = 30)]
    fee_fixed: u32,
    /// Seconds until delayed payments and refunds are decided.
    #[arg(long, env = "SIMULATOR_ASYNC_DELAY", default_value_t = 5)]
    async_delay: u32,
    /// Seconds until a charge has its balance transaction.
    #[arg(long, env = "SIMULATOR_SETTLE_DELAY", default_value_t = 0)]
    settle_delay: u32,
    /// The account's one currency and what a unit of any other becomes there, e.g. `pen:3.7145`;
    /// none: money lies as it was paid.
    #[arg(long, env = "SIMULATOR_SETTLE_IN", value_name = "CURRENCY:RATE")]
    settle_in: Option<balance::Conversion>,
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
        _ => Err("a simulator takes only test keys: sk_test_…".to_owned()),
    }
}

fn webhooks(options: &Options) -> io::Result<webhooks::Webhooks> {
    let config = match &options.webhook_url {
        None => None,
        Some(url) => Some(webhooks::Config {
            url: webhooks::endpoint(url)?,
            secret: options.webhook_secret.clone(),
            concurrency: options.webhook_concurrency.max(1),
            timeout: Duration::from_millis(options.webhook_timeout_ms),
            backoff: Duration::from_millis(options.webhook_backoff_ms),
            attempts: options.webhook_attempts.max(1),
            kinds: options.webhook_events.clone(),
        }),
    };
    Ok(webhooks::Webhooks::new(config))
}

fn router(app: Arc<app::App>) -> Router {
    Router::new()
        .route("/v1/{*path}", any(api::handle))
        .merge(pages::routes())
        .merge(control::routes())
        .with_state(app)
}

async fn run(options: Options) -> io::Result<()> {
    let listener = TcpListener::bind(options.listen).await?;
    let here = format!("http://{}", listener.local_addr()?);
    let public_url = options.public_url.clone().unwrap_or_else(|| here.clone());
    let rules = state::Rules {
        public_url: public_url.trim_end_matches('/').to_owned(),
        fees: money::Fees {
            basis_points: i64::from(options.fee_bps),
            fixed_minor: i64::from(options.fee_fixed),
        },
        async_delay: i64::from(options.async_delay),
        settle_delay: i64::from(options.settle_delay),
        account: options.settle_in.clone(),
        has_webhook: options.webhook_url.is_some(),
    };
    let store = state::Store::open(options.state.as_deref(), rules)?;
    let app = Arc::new(app::App::new(
        store,
        webhooks(&options)?,
        options.secret_key.clone(),
        options.state.clone(),
    ));
    println!("listening on {here}");
    io::stdout().flush()?;
    webhooks::resume(&app);
    tokio::spawn(tick(Arc::clone(&app)));
    let delay = Duration::from_millis(options.state_delay_ms.max(1));
    tokio::spawn(serve::keep_saving(Arc::clone(&app), delay));
    serve::until_told(listener, router(Arc::clone(&app))).await;
    serve::save(&app)
}

/// What is due happens even when nobody asks.
async fn tick(app: Arc<app::App>) {
    let mut clock = tokio::time::interval(Duration::from_millis(100));
    loop {
        clock.tick().await;
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
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory as _;
        Options::command().debug_assert();
    }
}
