//! The whole site over a shop with a small catalogue, and a client for it.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, Bytes};
use domain::language::Language;
use jiff::Timestamp;
use server::http::{AppParts, AppState, PageCache, Readiness, SiteAssets, VisitorLimit, router};
use server::kernel::media::{Limits, MARKER, Photos, open_store};
use server::kernel::payments::{
    CheckoutFacts, CheckoutIntent, DisputeFacts, OpenedCheckout, PaymentError, PaymentProvider,
    ProviderEvent, RefundFacts, RefundIntent, WebhookError,
};
use server::sales::Shop;
use tower::ServiceExt as _;

use crate::sales::test_shop::TestShop;
use crate::support::TestDb;

/// Origin of the shop under test.
pub(super) const OURS: &str = "https://shop.example";
/// Origin of the payment page.
pub(super) const PAYMENT_PAGE: &str = "https://pay.example";
/// A photograph that is in the store.
pub(super) const PHOTO: &str = "/photos/0123456789abcdef/480.jpg";

/// How the site under test differs from the usual one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Setting {
    /// Writes a visitor may make in a minute; 0: no limit.
    pub(super) writes_per_minute: u32,
    /// Percent of the free pieces that one network may hold; 0: no limit.
    pub(super) held_per_network_percent: u32,
    /// Proxies in front.
    pub(super) proxies: usize,
}

pub(super) struct Site {
    pub(super) router: Router,
    pub(super) shop: Shop,
    pub(super) readiness: Arc<Readiness>,
    pub(super) test_shop: Option<TestShop>,
    /// The photographs' store.
    pub(super) photos: PathBuf,
}

impl Site {
    pub(super) async fn open(test: TestDb) -> Self {
        Self::with(test, Setting::default()).await
    }

    pub(super) async fn with(test: TestDb, setting: Setting) -> Self {
        let mut test_shop = TestShop::new(test).await;
        let mut rules = (*test_shop.shop.settings).clone();
        rules.holds.limits.per_network_percent = setting.held_per_network_percent;
        test_shop.shop.settings = Arc::new(rules);
        // The handlers read the real clock.
        test_shop.provider.set_now(Timestamp::now());
        let mut site = Self::of(test_shop.shop.clone(), setting);
        site.test_shop = Some(test_shop);
        site
    }

    /// The site of a shop that the caller has.
    pub(super) fn of(shop: Shop, setting: Setting) -> Self {
        let photos = std::env::temp_dir().join(format!("divinas-photos-{}", store::ids::new_id()));
        let file = photos.join(PHOTO.trim_start_matches('/'));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, b"a photograph").unwrap();
        std::fs::write(photos.join("secret.txt"), b"a secret").unwrap();
        std::fs::write(photos.join(MARKER), b"tried").unwrap();
        let readiness = Arc::new(Readiness::default());
        readiness.set(true);
        let state = AppState::new(AppParts {
            shop: shop.clone(),
            cache: Arc::new(PageCache::new(8 << 20)),
            assets: Arc::new(SiteAssets::default()),
            writes: Arc::new(VisitorLimit::per_minute(setting.writes_per_minute, setting.proxies)),
            readiness: Arc::clone(&readiness),
            form_targets: Arc::new(vec![PAYMENT_PAGE.to_owned()]),
        });
        let store = open_store(&photos.display().to_string()).unwrap();
        let router = router(state, Photos::new(store, Limits::default()).unwrap());
        Self { router, shop, readiness, test_shop: None, photos }
    }

    pub(super) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = http::Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Sends a request as it is.
    pub(super) async fn send(&self, request: http::Request<Body>) -> Answer {
        let what = format!("{} {}", request.method(), request.uri());
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 64 << 20).await.unwrap();
        Answer { what, status: parts.status.as_u16(), headers: parts.headers, bytes }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], Body::empty()).await
    }

    pub(super) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask("GET", path, headers, Body::empty()).await
    }

    /// A form sent from a page of the shop.
    pub(super) async fn post(&self, path: &str, cookie: &str, form: &[(&str, &str)]) -> Answer {
        self.post_raw(path, cookie, &encoded(form)).await
    }

    pub(super) async fn post_raw(&self, path: &str, cookie: &str, form: &str) -> Answer {
        let headers = [
            ("origin", OURS),
            ("cookie", cookie),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        self.ask("POST", path, &headers, form.to_owned()).await
    }

    /// Sends a form whose answer redirects to a page of the shop. Returns that page, as the browser
    /// opens it next.
    pub(super) async fn post_and_see(
        &self,
        path: &str,
        cookie: &str,
        form: &[(&str, &str)],
    ) -> Answer {
        self.follow(self.post(path, cookie, form).await, cookie).await
    }

    /// The page to which an answer redirects, with the session that came with it.
    pub(super) async fn follow(&self, answer: Answer, cookie: &str) -> Answer {
        let answer = answer.is(303);
        let there = answer.header("location").split('#').next().unwrap();
        assert!(there.starts_with('/') && !there.starts_with("//"), "{there} is a page of ours");
        let cookie = answer.cookie("__Host-divinas").unwrap_or_else(|| cookie.to_owned());
        self.get_with(there, &[("cookie", &cookie)]).await
    }

    /// Puts a piece into a new bag. Returns the bag's cookie.
    pub(super) async fn bag_with(&self, piece: &str) -> String {
        let answer = self.post("/es/bolsa/agregar", "", &[("piece", piece)]).await.is(303);
        answer.cookie("__Host-divinas").expect("a bag begins a session")
    }

    /// A write of the test's own.
    pub(super) async fn write(&self, sql: &'static str) {
        let mut tx = self.shop.db.begin().await.unwrap();
        assert!(tx.query(sql).execute().await.unwrap() > 0, "{sql}");
        tx.commit().await.unwrap();
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.photos);
    }
}

pub(super) fn encoded(form: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

/// The answer to a request.
#[derive(Debug)]
pub(super) struct Answer {
    what: String,
    pub(super) status: u16,
    pub(super) headers: http::HeaderMap,
    pub(super) bytes: Bytes,
}

impl Answer {
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or_else(|_| panic!("{}: no text", self.what))
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(super) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.what, String::from_utf8_lossy(&self.bytes));
        self
    }

    /// Checks that this is a page of the shop in a language and shows nothing internal.
    #[track_caller]
    pub(super) fn page(self, status: u16, language: Language) -> Self {
        let this = self.is(status);
        assert_eq!(this.header("content-type"), "text/html; charset=utf-8", "{}", this.what);
        let text = this.text();
        assert!(
            text.starts_with(&format!("<!DOCTYPE html><html lang=\"{}\">", language.code())),
            "{}: {text:.80}",
            this.what
        );
        assert!(text.contains("class=\"site-footer\""), "{}", this.what);
        let lower = text.to_lowercase();
        for inner in [
            "sqlx",
            "sqlite",
            "postgres",
            "panicked",
            "pool",
            "src/",
            ".rs:",
            "deserialize",
            "rejection",
            "boom",
        ] {
            assert!(!lower.contains(inner), "{}: `{inner}` is nobody's business", this.what);
        }
        this
    }

    /// `name=value` of a cookie that was set.
    pub(super) fn cookie(&self, name: &str) -> Option<String> {
        let set = self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        set.filter_map(|cookie| cookie.split(';').next())
            .find(|pair| pair.split('=').next() == Some(name))
            .map(str::to_owned)
    }
}

/// A provider with which the handler panics.
#[derive(Debug)]
pub(super) struct Explosive;

#[async_trait]
impl PaymentProvider for Explosive {
    async fn open_checkout(&self, _: &CheckoutIntent) -> Result<OpenedCheckout, PaymentError> {
        panic!("boom in the checkout")
    }

    async fn look_up(&self, _: &str) -> Result<CheckoutFacts, PaymentError> {
        panic!("boom at the look-up")
    }

    async fn expire_checkout(&self, _: &str) -> Result<CheckoutFacts, PaymentError> {
        panic!("boom at the end")
    }

    async fn refund(&self, _: &RefundIntent) -> Result<RefundFacts, PaymentError> {
        panic!("boom at the refund")
    }

    async fn refunds_of(&self, _: &str) -> Result<Vec<RefundFacts>, PaymentError> {
        panic!("boom at the refunds")
    }

    fn verify_webhook(
        &self,
        _: &[u8],
        _: &str,
        _: Timestamp,
    ) -> Result<ProviderEvent, WebhookError> {
        panic!("boom at the webhook")
    }

    fn read_dispute(&self, _: &str) -> Option<DisputeFacts> {
        panic!("boom at the dispute")
    }
}
