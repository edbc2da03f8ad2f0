//! Sends webhooks, and sends them again until the shop accepts them.

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, Uri, header};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use tokio::{sync::Semaphore, time};

use crate::{
    base::{clock::real_now, ids::new_id, lock::lock},
    objects::event::matches,
    state::{
        delivery::{Delivery, Signature, Status},
        shared::SharedStore,
    },
    webhooks::{faults::WebhookFaults, signature::sign},
};

/// The longest pause between two attempts.
const MAX_BACKOFF: Duration = Duration::from_secs(60);

/// Where webhooks are sent, and how.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The endpoint.
    pub(crate) url: Uri,
    /// `whsec_…`; all of it is the key.
    pub(crate) secret: String,
    /// How many requests may be open at the same time.
    pub(crate) concurrency: usize,
    /// How long the endpoint may take to answer.
    pub(crate) timeout: Duration,
    /// The pause after the first failure. It doubles after each further failure.
    pub(crate) backoff: Duration,
    /// How many attempts a delivery has.
    pub(crate) attempts: u32,
    /// Patterns of the event types that are sent; empty means all.
    pub(crate) kinds: Vec<String>,
}

/// The sender of webhooks. Its copies share everything.
#[derive(Debug, Clone)]
pub(crate) struct Webhooks(Arc<Sender>);

#[derive(Debug)]
struct Sender {
    store: Arc<SharedStore>,
    config: Option<Config>,
    client: Client<HttpConnector, Full<Bytes>>,
    permits: Semaphore,
    faults: Mutex<WebhookFaults>,
    /// Ids of deliveries that are kept back to be reordered.
    held_back: Mutex<Vec<String>>,
}

/// Whether the patterns match an event type; no patterns match all.
fn is_wanted(patterns: &[String], kind: &str) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| matches(pattern, kind))
}

impl Webhooks {
    /// A sender for the events in `store`. Without a configuration it sends nothing.
    pub(crate) fn new(store: Arc<SharedStore>, config: Option<Config>) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let permits = config.as_ref().map_or(1, |config| config.concurrency);
        Self(Arc::new(Sender {
            store,
            client: Client::builder(TokioExecutor::new())
                .pool_idle_timeout(Duration::from_secs(20))
                .pool_timer(TokioTimer::new())
                .pool_max_idle_per_host(permits)
                .build(connector),
            permits: Semaphore::new(permits),
            faults: Mutex::default(),
            held_back: Mutex::default(),
            config,
        }))
    }

    /// The faults in force.
    pub(crate) fn faults(&self) -> WebhookFaults {
        lock(&self.0.faults).clone()
    }

    /// Replaces the faults, and sends what was kept back.
    pub(crate) fn set_faults(&self, faults: WebhookFaults) {
        *lock(&self.0.faults) = faults;
        self.send_held_back();
    }

    /// Sends what was kept back, the last delivery first.
    fn send_held_back(&self) {
        let mut held_back = std::mem::take(&mut *lock(&self.0.held_back));
        held_back.reverse();
        if !held_back.is_empty() {
            let webhooks = self.clone();
            tokio::spawn(async move {
                for id in held_back {
                    if !webhooks.attempt(&id).await {
                        webhooks.start_delivery(id, Duration::ZERO);
                    }
                }
            });
        }
    }

    /// Sends a new event.
    pub(crate) fn submit(&self, event: &str, kind: &str) {
        let Some(config) = &self.0.config else {
            return;
        };
        if !is_wanted(&config.kinds, kind) {
            return;
        }
        let faults = self.faults_of_next_event(kind);
        if faults.drop {
            self.record(event, kind, Status::Dropped, Signature::Valid);
            return;
        }
        for _ in 0..=faults.duplicate {
            let id = self.record(event, kind, Status::Pending, Signature::Valid);
            if faults.reorder > 1 {
                lock(&self.0.held_back).push(id);
            } else {
                self.start_delivery(id, Duration::from_millis(faults.delay_ms));
            }
        }
        if faults.reorder > 1 && lock(&self.0.held_back).len() >= faults.reorder {
            self.send_held_back();
        }
    }

    /// The faults for one event of this type. Counts down `drop_next`.
    fn faults_of_next_event(&self, kind: &str) -> WebhookFaults {
        let mut current = lock(&self.0.faults);
        if !is_wanted(&current.types, kind) {
            return WebhookFaults::default();
        }
        let mut faults = current.clone();
        if current.drop_next > 0 {
            current.drop_next -= 1;
            faults.drop = true;
        }
        faults
    }

    /// Sends an event once more; returns the id of the delivery.
    pub(crate) fn resend(&self, event: &str, kind: &str, signature: Signature) -> String {
        let id = self.record(event, kind, Status::Pending, signature);
        self.start_delivery(id.clone(), Duration::ZERO);
        id
    }

    /// Continues the deliveries that were pending when the simulator last stopped.
    pub(crate) fn resume(&self) {
        let pending: Vec<String> = self.0.store.read(|store| {
            let deliveries = store.deliveries.newest_first();
            let pending = deliveries.filter(|delivery| delivery.status == Status::Pending);
            pending.map(|delivery| delivery.id.clone()).collect()
        });
        for id in pending.into_iter().rev() {
            self.start_delivery(id, Duration::ZERO);
        }
    }

    /// Adds a delivery to the store; returns its id.
    fn record(&self, event: &str, kind: &str, status: Status, signature: Signature) -> String {
        let id = new_id("whd_", 20);
        self.0.store.change(|store| {
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

    /// Waits, then attempts a delivery until it is over.
    fn start_delivery(&self, id: String, delay: Duration) {
        let webhooks = self.clone();
        tokio::spawn(async move {
            if !delay.is_zero() {
                time::sleep(delay).await;
            }
            while !webhooks.attempt(&id).await {
                let attempts = webhooks.0.store.read(|store| {
                    store.deliveries.get(&id).map_or(0, |delivery| delivery.attempts)
                });
                time::sleep(webhooks.pause_after(attempts)).await;
            }
        });
    }

    /// Makes one attempt; returns whether the delivery is over.
    async fn attempt(&self, id: &str) -> bool {
        let Some(config) = &self.0.config else {
            return true;
        };
        let Ok(_permit) = self.0.permits.acquire().await else {
            return true;
        };
        let ready = self.0.store.read(|store| {
            let delivery = store.deliveries.get(id)?;
            let event = store.events.get(&delivery.event)?;
            Some((delivery.signature, event.payload().ok()?))
        });
        let Some((signature, body)) = ready else {
            return true;
        };
        let result = time::timeout(config.timeout, self.send(config, signature, body)).await;
        let result = result.unwrap_or_else(|_| Err("timed out".to_owned()));
        self.0.store.change(|store| {
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

    async fn send(
        &self,
        config: &Config,
        signature: Signature,
        body: String,
    ) -> Result<u16, String> {
        let now = real_now();
        let header = match signature {
            Signature::Valid => sign(&config.secret, now, &body),
            Signature::Stale => sign(&config.secret, now - 3_600, &body),
            Signature::Forged => sign("whsec_forged", now, &body),
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
        let response = self.0.client.request(request).await.map_err(|error| {
            // The error itself only says "client error". Its source says what went wrong.
            let error: &dyn std::error::Error = &error;
            error.source().map_or_else(|| error.to_string(), ToString::to_string)
        })?;
        let status = response.status().as_u16();
        // The answer is read to its end, so that the connection can be used again.
        let read = response.into_body().collect().await;
        read.map_err(|error| error.to_string())?;
        Ok(status)
    }

    /// The pause after so many attempts.
    fn pause_after(&self, attempts: u32) -> Duration {
        self.0.config.as_ref().map_or(MAX_BACKOFF, |config| {
            let factor = 2_u32.saturating_pow(attempts.saturating_sub(1));
            config.backoff.saturating_mul(factor).min(MAX_BACKOFF)
        })
    }
}

/// Reads the URL of an endpoint. It must be plain HTTP, because the sender has no TLS.
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
    fn only_plain_http_endpoints_are_accepted() {
        assert!(endpoint("http://127.0.0.1:1/hook").is_ok());
        assert!(endpoint("https://shop.example/hook").is_err());
        assert!(endpoint("/hook").is_err());
    }
}
