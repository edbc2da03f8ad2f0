//! Webhooks: events signed, sent, sent again; and told to misbehave.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use hmac::{Hmac, Mac};
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, Uri, header};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::{sync::Semaphore, time};

use crate::{
    app::{App, locked},
    state::{Noun, new_id, real_now},
};

/// The longest pause between two attempts.
const MAX_BACKOFF: Duration = Duration::from_secs(60);

/// Where and how webhooks go.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The endpoint.
    pub(crate) url: Uri,
    /// `whsec_…`; the whole of it is the key.
    pub(crate) secret: String,
    /// Requests at the same time.
    pub(crate) concurrency: usize,
    /// How long an endpoint may take.
    pub(crate) timeout: Duration,
    /// Pause after the first failure; doubles each time.
    pub(crate) backoff: Duration,
    /// Attempts before giving up.
    pub(crate) attempts: u32,
    /// Patterns of the events the endpoint wants; none means all.
    pub(crate) kinds: Vec<String>,
}

/// How a delivery is signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Signature {
    /// As it should be.
    #[default]
    Valid,
    /// Rightly signed an hour ago.
    Stale,
    /// With another secret.
    Forged,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Will be tried (again).
    Pending,
    /// Answered with a 2xx.
    Delivered,
    /// Given up.
    Failed,
    /// Never sent, as told.
    Dropped,
}

/// One event on its way to the endpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub(crate) id: String,
    created: i64,
    pub(crate) event: String,
    pub(crate) kind: String,
    pub(crate) status: Status,
    pub(crate) attempts: u32,
    last_status: Option<u16>,
    last_error: Option<String>,
    signature: Signature,
}

impl Noun for Delivery {
    fn id(&self) -> &str {
        &self.id
    }
    fn created(&self) -> i64 {
        self.created
    }
}

impl Delivery {
    /// For the control API.
    pub(crate) fn render(&self) -> Value {
        json!(self)
    }
}

/// How deliveries are told to misbehave.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Mischief {
    /// Never send anything.
    pub(crate) drop: bool,
    /// Never send the next so many events.
    pub(crate) drop_next: u32,
    /// Send each event so many times more.
    pub(crate) duplicate: u32,
    /// Wait so long before the first attempt.
    pub(crate) delay_ms: u64,
    /// Collect so many events, then send them last first, one after the other.
    pub(crate) reorder: usize,
    /// Only events of these kinds (`charge.*` matches a group); none means all.
    pub(crate) types: Vec<String>,
}

/// The sender.
#[derive(Debug)]
pub(crate) struct Webhooks {
    config: Option<Config>,
    client: Client<HttpConnector, Full<Bytes>>,
    permits: Semaphore,
    mischief: Mutex<Mischief>,
    held: Mutex<Vec<String>>,
}

/// The value of `Stripe-Signature` for a body at a moment.
pub(crate) fn signature(secret: &str, at: i64, body: &str) -> String {
    // HMAC takes keys of every length; the branch is never taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(at.to_string().as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
}

fn wanted(patterns: &[String], kind: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| crate::events::matches(pattern, kind))
}

impl Webhooks {
    /// A sender; without a configuration it sends nothing.
    pub(crate) fn new(config: Option<Config>) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let permits = config.as_ref().map_or(1, |config| config.concurrency);
        Self {
            client: Client::builder(TokioExecutor::new())
                .pool_idle_timeout(Duration::from_secs(20))
                .pool_timer(TokioTimer::new())
                .pool_max_idle_per_host(permits)
                .build(connector),
            permits: Semaphore::new(permits),
            mischief: Mutex::default(),
            held: Mutex::default(),
            config,
        }
    }

    /// What it was told to do wrong.
    pub(crate) fn mischief(&self) -> Mischief {
        locked(&self.mischief).clone()
    }

    /// Tells it to do wrong from now on; what was held back goes out.
    pub(crate) fn misbehave(&self, app: &Arc<App>, mischief: Mischief) {
        *locked(&self.mischief) = mischief;
        self.release(app);
    }

    /// Sends what was held back for reordering.
    pub(crate) fn release(&self, app: &Arc<App>) {
        let mut held = std::mem::take(&mut *locked(&self.held));
        held.reverse();
        if !held.is_empty() {
            let app = Arc::clone(app);
            tokio::spawn(async move {
                for id in held {
                    if !app.webhooks.attempt(&app, &id).await {
                        tokio::spawn(deliver(Arc::clone(&app), id, Duration::ZERO));
                    }
                }
            });
        }
    }

    /// An event happened.
    pub(crate) fn submit(&self, app: &Arc<App>, event: &str, kind: &str) {
        let Some(config) = &self.config else {
            return;
        };
        if !wanted(&config.kinds, kind) {
            return;
        }
        let mischief = {
            let mut current = locked(&self.mischief);
            let mut now = current.clone();
            if !wanted(&current.types, kind) {
                now = Mischief::default();
            } else if current.drop_next > 0 {
                current.drop_next -= 1;
                now.drop = true;
            }
            now
        };
        if mischief.drop {
            record(app, event, kind, Status::Dropped, Signature::Valid);
            return;
        }
        for _ in 0..=mischief.duplicate {
            let id = record(app, event, kind, Status::Pending, Signature::Valid);
            if mischief.reorder > 1 {
                locked(&self.held).push(id);
            } else {
                let delay = Duration::from_millis(mischief.delay_ms);
                tokio::spawn(deliver(Arc::clone(app), id, delay));
            }
        }
        if mischief.reorder > 1 && locked(&self.held).len() >= mischief.reorder {
            self.release(app);
        }
    }

    /// Sends an event once more, whatever became of it before.
    pub(crate) fn resend(
        &self,
        app: &Arc<App>,
        event: &str,
        kind: &str,
        signed: Signature,
    ) -> String {
        let id = record(app, event, kind, Status::Pending, signed);
        tokio::spawn(deliver(Arc::clone(app), id.clone(), Duration::ZERO));
        id
    }

    /// One attempt; says whether the delivery is over.
    async fn attempt(&self, app: &Arc<App>, id: &str) -> bool {
        let Some(config) = &self.config else {
            return true;
        };
        let Ok(_permit) = self.permits.acquire().await else {
            return true;
        };
        let ready = app.peek(|store| {
            let delivery = store.deliveries.get(id)?;
            let event = store.events.get(&delivery.event)?;
            Some((delivery.signature, event.payload().ok()?))
        });
        let Some((signed, body)) = ready else {
            return true;
        };
        let result = time::timeout(config.timeout, self.send(config, signed, body)).await;
        let result = result.unwrap_or_else(|_| Err("timed out".to_owned()));
        app.write(|store| {
            let Some(delivery) = store.deliveries.get_mut(id) else {
                return true;
            };
            delivery.attempts += 1;
            delivery.last_status = result.as_ref().ok().copied();
            delivery.last_error = result.as_ref().err().cloned();
            if matches!(result, Ok(200..=299)) {
                delivery.status = Status::Delivered;
                let event = delivery.event.clone();
                if let Some(event) = store.events.get_mut(&event) {
                    event.pending = 0;
                }
                return true;
            }
            if delivery.attempts >= config.attempts || delivery.signature != Signature::Valid {
                delivery.status = Status::Failed;
                return true;
            }
            false
        })
    }

    async fn send(&self, config: &Config, signed: Signature, body: String) -> Result<u16, String> {
        let now = real_now();
        let header = match signed {
            Signature::Valid => signature(&config.secret, now, &body),
            Signature::Stale => signature(&config.secret, now - 3_600, &body),
            Signature::Forged => signature("whsec_forged", now, &body),
        };
        let request = Request::builder()
            .method(Method::POST)
            .uri(&config.url)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header(header::USER_AGENT, "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
            .header(header::ACCEPT, "*/*; q=0.5, application/xml")
            .header(header::CACHE_CONTROL, "no-cache")
            .header("stripe-signature", header)
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| error.to_string())?;
        let response = self.client.request(request).await.map_err(|error| {
            // The source says what went wrong; the error itself says "client error".
            let error: &dyn std::error::Error = &error;
            error.source().map_or_else(|| error.to_string(), ToString::to_string)
        })?;
        let status = response.status().as_u16();
        // The answer is read to its end so that the connection can be used again.
        let read = response.into_body().collect().await;
        read.map_err(|error| error.to_string())?;
        Ok(status)
    }

    /// The pause after so many attempts.
    fn pause(&self, attempts: u32) -> Duration {
        self.config.as_ref().map_or(MAX_BACKOFF, |config| {
            let factor = 2_u32.saturating_pow(attempts.saturating_sub(1));
            config.backoff.saturating_mul(factor).min(MAX_BACKOFF)
        })
    }
}

fn record(app: &Arc<App>, event: &str, kind: &str, status: Status, signature: Signature) -> String {
    let id = new_id("whd_", 20);
    app.write(|store| {
        let delivery = Delivery {
            id: id.clone(),
            created: store.now(),
            event: event.to_owned(),
            kind: kind.to_owned(),
            status,
            attempts: 0,
            last_status: None,
            last_error: None,
            signature,
        };
        store.deliveries.add(delivery);
    });
    id
}

/// Tries a delivery until it is over.
pub(crate) async fn deliver(app: Arc<App>, id: String, delay: Duration) {
    if !delay.is_zero() {
        time::sleep(delay).await;
    }
    while !app.webhooks.attempt(&app, &id).await {
        let attempts =
            app.peek(|store| store.deliveries.get(&id).map_or(0, |known| known.attempts));
        time::sleep(app.webhooks.pause(attempts)).await;
    }
}

/// Takes up what a former run of the simulator left undelivered.
pub(crate) fn resume(app: &Arc<App>) {
    let pending: Vec<String> = app.peek(|store| {
        let waiting = store.deliveries.newest().filter(|known| known.status == Status::Pending);
        waiting.map(|known| known.id.clone()).collect()
    });
    for id in pending.into_iter().rev() {
        tokio::spawn(deliver(Arc::clone(app), id, Duration::ZERO));
    }
}

/// An endpoint that can be reached without TLS.
pub(crate) fn endpoint(text: &str) -> io::Result<Uri> {
    let uri: Uri = text.parse().map_err(io::Error::other)?;
    if uri.scheme_str() != Some("http") || uri.authority().is_none() {
        return Err(io::Error::other(format!(
            "the webhook URL has to be an absolute http:// URL, not {text}"
        )));
    }
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_hmac_sha256_over_time_and_body() {
        // printf '1492774577.{"a":1}' | openssl dgst -sha256 -hmac whsec_test
        assert_eq!(
            signature("whsec_test", 1_492_774_577, "{\"a\":1}"),
            "t=1492774577,v1=2a55874e33dedb30da6fac02873208f53a243141599a71c0d52a1d5b89656823"
        );
    }

    #[test]
    fn only_plain_http_endpoints() {
        assert!(endpoint("http://127.0.0.1:1/hook").is_ok());
        assert!(endpoint("https://shop.example/hook").is_err());
        assert!(endpoint("/hook").is_err());
    }
}
