//! The little of a browser that a purchase needs: requests, cookies, redirects seen.

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

/// No answer takes longer in a shop that works.
const PATIENCE: Duration = Duration::from_secs(60);
/// How soon a shopper tries again when there was no answer.
const AGAIN: Duration = Duration::from_millis(50);

/// Connections that all visitors share.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    client: Client<HttpConnector, Full<Bytes>>,
    shop: String,
    /// Whoever gets no answer tries again, as one does when the page does not come.
    stubborn: bool,
    /// Requests that were sent.
    sent: Arc<watch::Sender<u64>>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// Where it leads.
    pub(crate) location: Option<String>,
    /// The document.
    pub(crate) body: String,
}

/// One person: her cookies.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    browser: Browser,
    cookies: BTreeMap<String, String>,
}

impl Visitor {
    /// Whether the shop may be killed before an answer arrives.
    pub(crate) fn is_stubborn(&self) -> bool {
        self.browser.stubborn
    }
}

impl Browser {
    /// For the shop at this origin. Where it is killed now and then, visitors are `stubborn`.
    pub(crate) fn new(shop: &str, stubborn: bool) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            shop: shop.to_owned(),
            stubborn,
            sent: Arc::new(watch::Sender::new(0)),
        }
    }

    /// Where the shop is.
    pub(crate) fn shop(&self) -> &str {
        &self.shop
    }

    /// Whoever waits for more requests need not wait any longer.
    pub(crate) fn no_more(&self) {
        self.sent.send_replace(u64::MAX);
    }

    /// Until so many requests were sent, or none will be any more.
    pub(crate) async fn until_sent(&self, count: u64) {
        // The sender lives as long as this browser.
        let _ = self.sent.subscribe().wait_for(|sent| *sent >= count).await;
    }

    /// Somebody new.
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
                Err(_) if self.stubborn && started.elapsed() < PATIENCE => {
                    tokio::time::sleep(AGAIN).await;
                }
                answer => return answer,
            }
        }
    }

    async fn send_once(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<(u16, HeaderMap, String), String> {
        let asked = async {
            let answer =
                self.client.request(request).await.map_err(|error| format!("{error:?}"))?;
            let (head, body) = answer.into_parts();
            let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
            Ok((head.status.as_u16(), head.headers, String::from_utf8_lossy(&body).into_owned()))
        };
        tokio::time::timeout(PATIENCE, asked)
            .await
            .unwrap_or_else(|_| Err("no answer within a minute".to_owned()))
    }

    /// One look that counts as nobody's: no second try.
    pub(crate) async fn once(&self, method: Method, url: &str) -> Result<Answer, String> {
        let request = Request::builder()
            .method(method)
            .uri(url)
            .body(Full::default())
            .map_err(|error| error.to_string())?;
        let (status, headers, body) = self.send_once(request).await?;
        Ok(Answer { status, location: location(&headers), body })
    }

    /// A request of no visitor, with or without a JSON body.
    pub(crate) async fn plain(
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
    /// Where the shop is.
    pub(crate) fn shop(&self) -> &str {
        &self.browser.shop
    }

    /// Opens a page: a path of the shop, or a whole address elsewhere.
    pub(crate) async fn get(&mut self, target: &str) -> Result<Answer, String> {
        self.send(Method::GET, target, None).await
    }

    /// Sends a form.
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
        let ours = url.starts_with(&shop);
        let mut request = Request::builder().method(method).uri(&url);
        if form.is_some() {
            let origin = url.split('/').take(3).collect::<Vec<_>>().join("/");
            request = request
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header(header::ORIGIN, if ours { &shop } else { &origin });
        }
        if ours && !self.cookies.is_empty() {
            let cookies: Vec<String> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let request = request
            .body(Full::from(form.unwrap_or_default()))
            .map_err(|error| error.to_string())?;
        let (status, headers, body) = self.browser.send(request).await?;
        if ours {
            self.remember(&headers);
        }
        Ok(Answer { status, location: location(&headers), body })
    }

    fn remember(&mut self, headers: &HeaderMap) {
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
