//! The parts of a browser that a purchase needs: requests and cookies. Redirects are not followed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::watch;

/// The longest time to wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The pause before a request without an answer is sent again.
const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// The connections that all visitors share.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    client: Client<HttpConnector, Full<Bytes>>,
    shop: String,
    /// Whether a request without an answer is sent again, as people do.
    retries: bool,
    /// How many requests were sent.
    sent: Arc<watch::Sender<u64>>,
}

/// The answer to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// The address of a redirect.
    pub(crate) location: Option<String>,
    /// The text of the body.
    pub(crate) body: String,
}

/// One person, with their own cookies.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    browser: Browser,
    cookies: BTreeMap<String, String>,
}

impl Visitor {
    /// Whether a request without an answer is sent again.
    pub(crate) fn retries(&self) -> bool {
        self.browser.retries
    }
}

impl Browser {
    /// A browser for the shop at this origin. `retries` is for a shop that is killed now and then.
    pub(crate) fn new(shop: &str, retries: bool) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            shop: shop.to_owned(),
            retries,
            sent: Arc::new(watch::Sender::new(0)),
        }
    }

    /// The origin of the shop.
    pub(crate) fn shop(&self) -> &str {
        &self.shop
    }

    /// Ends all waiting in [`Self::wait_until_sent`]: there will be no more requests.
    pub(crate) fn finish(&self) {
        self.sent.send_replace(u64::MAX);
    }

    /// Waits until `count` requests were sent or [`Self::finish`] was called.
    pub(crate) async fn wait_until_sent(&self, count: u64) {
        // This cannot fail: the sender lives as long as this browser.
        let _ = self.sent.subscribe().wait_for(|sent| *sent >= count).await;
    }

    /// A new person, without cookies.
    pub(crate) fn visitor(&self) -> Visitor {
        Visitor { browser: self.clone(), cookies: BTreeMap::new() }
    }

    async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<(u16, HeaderMap, String), String> {
        let started = Instant::now();
        loop {
            self.sent.send_modify(|sent| *sent = sent.saturating_add(1));
            match self.send_once(request.clone()).await {
                Err(_) if self.retries && started.elapsed() < TIMEOUT => {
                    tokio::time::sleep(RETRY_PAUSE).await;
                }
                answer => return answer,
            }
        }
    }

    async fn send_once(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<(u16, HeaderMap, String), String> {
        let answer = async {
            let response =
                self.client.request(request).await.map_err(|error| format!("{error:?}"))?;
            let (head, body) = response.into_parts();
            let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
            Ok((head.status.as_u16(), head.headers, String::from_utf8_lossy(&body).into_owned()))
        };
        tokio::time::timeout(TIMEOUT, answer)
            .await
            .unwrap_or_else(|_| Err("no answer within a minute".to_owned()))
    }

    /// A request of no visitor that is not counted and never sent again.
    pub(crate) async fn send_uncounted(&self, method: Method, url: &str) -> Result<Answer, String> {
        let request = Request::builder()
            .method(method)
            .uri(url)
            .body(Full::default())
            .map_err(|error| error.to_string())?;
        let (status, headers, body) = self.send_once(request).await?;
        Ok(Answer { status, location: location(&headers), body })
    }

    /// A request of no visitor, with or without a JSON body.
    pub(crate) async fn send_json(
        &self,
        method: Method,
        url: &str,
        json: Option<String>,
    ) -> Result<Answer, String> {
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::from(json.unwrap_or_default()))
            .map_err(|error| error.to_string())?;
        let (status, headers, body) = self.send(request).await?;
        Ok(Answer { status, location: location(&headers), body })
    }
}

impl Visitor {
    /// The origin of the shop.
    pub(crate) fn shop(&self) -> &str {
        &self.browser.shop
    }

    /// Opens a page. The target is a path of the shop or a whole address.
    pub(crate) async fn get(&mut self, target: &str) -> Result<Answer, String> {
        self.send(Method::GET, target, None).await
    }

    /// Sends a form. The target is a path of the shop or a whole address.
    pub(crate) async fn post(
        &mut self,
        target: &str,
        fields: &[(&str, &str)],
    ) -> Result<Answer, String> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Method::POST, target, Some(body)).await
    }

    async fn send(
        &mut self,
        method: Method,
        target: &str,
        form: Option<String>,
    ) -> Result<Answer, String> {
        let shop = self.browser.shop.clone();
        let url =
            if target.starts_with('/') { format!("{shop}{target}") } else { target.to_owned() };
        let is_of_shop = url.starts_with(&shop);
        let mut request = Request::builder().method(method).uri(&url);
        if form.is_some() {
            let origin = url.split('/').take(3).collect::<Vec<_>>().join("/");
            request = request
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(header::ORIGIN, if is_of_shop { &shop } else { &origin });
        }
        if is_of_shop && !self.cookies.is_empty() {
            let cookies: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let request = request
            .body(Full::from(form.unwrap_or_default()))
            .map_err(|error| error.to_string())?;
        let (status, headers, body) = self.browser.send(request).await?;
        if is_of_shop {
            self.keep_cookies(&headers);
        }
        Ok(Answer { status, location: location(&headers), body })
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for cookie in
            headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok())
        {
            let pair = cookie.split(';').next().and_then(|pair| pair.split_once('='));
            if let Some((name, value)) = pair {
                self.cookies.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
    }
}

fn location(headers: &HeaderMap) -> Option<String> {
    headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
