//! The simulator's control API.

use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};

use crate::browser::Browser;

/// Longer than the longest hold that shoppers are given by default.
const PAST_EVERY_HOLD_S: u32 = 32 * 60;

/// The simulator that the shop takes for Stripe.
#[derive(Debug)]
pub(crate) struct Simulator {
    browser: Browser,
    origin: String,
}

impl Simulator {
    /// At this origin.
    pub(crate) fn new(origin: &str) -> Self {
        let origin = origin.trim_end_matches('/').to_owned();
        Self { browser: Browser::new(&origin, false), origin }
    }

    async fn ask(&self, method: Method, what: &str, json: Option<Value>) -> Result<Value, String> {
        let url = format!("{}/_simulator/{what}", self.origin);
        let answer = self.browser.plain(method, &url, json.map(|json| json.to_string())).await?;
        if answer.status != 200 {
            return Err(format!("{url} answers {}: {}", answer.status, answer.body));
        }
        serde_json::from_str(&answer.body).map_err(|error| format!("{url}: {error}"))
    }

    /// Everything twice and in disorder, and trouble now and then.
    pub(crate) async fn misbehave(&self) -> Result<(), String> {
        let disorder = json!({ "duplicate": 1, "delay_ms": 20, "reorder": 4 });
        self.ask(Method::POST, "webhooks", Some(disorder)).await?;
        for (kind, when, path) in [
            ("error", "before", "/v1/checkout/sessions"),
            ("hang_up", "before", "/v1/checkout/sessions"),
            ("hang_up", "after", "/v1/checkout/sessions"),
            ("error", "before", "/v1/refunds"),
            ("hang_up", "after", "/v1/refunds"),
        ] {
            let fault = json!({ "kind": kind, "when": when, "path": path, "count": 12 });
            self.ask(Method::POST, "faults", Some(fault)).await?;
        }
        Ok(())
    }

    /// All is well again; what was held back goes out.
    pub(crate) async fn behave(&self) -> Result<(), String> {
        self.ask(Method::DELETE, "webhooks", None).await?;
        self.ask(Method::DELETE, "faults", None).await.map(drop)
    }

    /// Whoever left without paying never will; whoever pays late has paid or failed.
    pub(crate) async fn pass_the_end_of_every_hold(&self) -> Result<(), String> {
        self.ask(Method::POST, "clock", Some(json!({ "advance_seconds": PAST_EVERY_HOLD_S })))
            .await
            .map(drop)
    }

    /// Until every webhook was taken or given up.
    pub(crate) async fn wait_for_deliveries(&self, patience: Duration) -> Result<(), String> {
        let started = Instant::now();
        loop {
            let summary = self.ask(Method::GET, "summary", None).await?;
            let waiting: u64 = summary["deliveries"]["pending"].as_u64().unwrap_or(0);
            if waiting == 0 {
                return Ok(());
            }
            if started.elapsed() > patience {
                return Err(format!(
                    "{waiting} webhooks are still not delivered: {}",
                    summary["deliveries"]
                ));
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// What the shop's books must agree with, one line per currency.
    pub(crate) async fn print_sums(&self) -> Result<(), String> {
        let summary = self.ask(Method::GET, "summary", None).await?;
        println!("simulator sessions {}", summary["sessions"]);
        println!("simulator refunds {}", summary["refunds"]);
        println!("simulator deliveries {}", summary["deliveries"]);
        for (currency, sums) in summary["currencies"].as_object().into_iter().flatten() {
            println!(
                "simulator {currency} charged {} refunded {} fees {} balance {}",
                sums["charged"], sums["refunded"], sums["fees"], sums["balance"]
            );
        }
        Ok(())
    }
}
