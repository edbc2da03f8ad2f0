//! The control API of the Stripe simulator.

use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};

use crate::browser::Browser;

/// Longer than the longest hold of the shop's default settings.
const LONGER_THAN_ANY_HOLD_S: u32 = 32 * 60;

/// The simulator that the shop uses as Stripe.
#[derive(Debug)]
pub(crate) struct Simulator {
    browser: Browser,
    origin: String,
}

impl Simulator {
    /// The simulator at this origin.
    pub(crate) fn new(origin: &str) -> Self {
        let origin = origin.trim_end_matches('/').to_owned();
        Self { browser: Browser::new(&origin, false), origin }
    }

    async fn ask(&self, method: Method, path: &str, json: Option<Value>) -> Result<Value, String> {
        let url = format!("{}/_simulator/{path}", self.origin);
        let answer =
            self.browser.send_json(method, &url, json.map(|json| json.to_string())).await?;
        if answer.status != 200 {
            return Err(format!("{url} answers {}: {}", answer.status, answer.body));
        }
        serde_json::from_str(&answer.body).map_err(|error| format!("{url}: {error}"))
    }

    /// Makes webhooks come twice and in the wrong order, and some API requests fail.
    pub(crate) async fn add_faults(&self) -> Result<(), String> {
        let webhook_faults = json!({ "duplicate": 1, "delay_ms": 20, "reorder": 4 });
        self.ask(Method::POST, "webhooks", Some(webhook_faults)).await?;
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

    /// Removes all faults. Webhooks that were kept back are sent.
    pub(crate) async fn remove_faults(&self) -> Result<(), String> {
        self.ask(Method::DELETE, "webhooks", None).await?;
        self.ask(Method::DELETE, "faults", None).await.map(drop)
    }

    /// Sets the clock ahead, so that unpaid sessions expire and delayed payments are decided.
    pub(crate) async fn end_all_holds(&self) -> Result<(), String> {
        self.ask(Method::POST, "clock", Some(json!({ "advance_seconds": LONGER_THAN_ANY_HOLD_S })))
            .await
            .map(drop)
    }

    /// Waits until no webhook is pending.
    pub(crate) async fn wait_for_deliveries(&self, timeout: Duration) -> Result<(), String> {
        let started = Instant::now();
        loop {
            let summary = self.ask(Method::GET, "summary", None).await?;
            let pending: u64 = summary["deliveries"]["pending"].as_u64().unwrap_or(0);
            if pending == 0 {
                return Ok(());
            }
            if started.elapsed() > timeout {
                return Err(format!(
                    "{pending} webhooks are still not delivered: {}",
                    summary["deliveries"]
                ));
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Prints the counts and, for each currency, the sums that the shop's books must equal.
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
