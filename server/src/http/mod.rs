//! Everything HTTP: the router, what surrounds every request, and one file per kind of
//! handler. A GET asks a page of `app`; a POST calls one use case of [`crate::shop`] and
//! redirects.
#![expect(clippy::disallowed_methods, reason = "a handler asks the clock and passes the time on")]

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler as _;
use axum::routing::{get, post};
use domain::language::Language;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};
use tower_http::timeout::TimeoutLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

use app::routes::{Refusal, Route};

use crate::media::Photos;
use crate::shop::Shop;

mod assets;
mod bag;
pub mod baseline;
mod body;
mod cache;
mod checkout;
mod cookies;
mod currency;
mod currency_form;
mod errors;
mod feeds;
mod guard;
mod health;
mod language;
mod listen;
mod method;
mod notice;
mod order;
mod pages;
mod personal;
mod session_store;
mod visit;
mod watch;
mod webhook;

pub use assets::SiteAssets;
pub use cache::PageCache;
pub use guard::VisitorLimit;
pub use health::Readiness;
pub use listen::listen;

/// Forms are small; anything larger is refused before it is read.
const FORM_LIMIT_BYTES: usize = 64 * 1024;
/// A request that takes longer is given up and answered with 503.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// A bag is remembered this long after it was last changed.
const SESSION_LENGTH: time::Duration = time::Duration::days(30);

/// What handlers work with; cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState {
    /// The use cases.
    pub shop: Shop,
    /// Rendered pages.
    pub cache: Arc<PageCache>,
    /// What the build of the site wrote.
    pub assets: Arc<SiteAssets>,
    /// Limit on writes of one visitor.
    pub writes: Arc<VisitorLimit>,
    /// Whether this node takes requests.
    pub readiness: Arc<Readiness>,
    /// Origins that a form may lead to besides our own: the payment page's.
    pub form_targets: Arc<Vec<String>>,
}

impl AppState {
    /// Whether the shop is reached over TLS only.
    fn is_secure(&self) -> bool {
        self.shop.settings.public_url.starts_with("https://")
    }
}

/// The whole site.
pub fn router(state: AppState, photos: Photos) -> Router {
    let secure = state.is_secure();
    let session_name = cookies::session_name(secure);
    let sessions =
        SessionManagerLayer::new(session_store::SessionStore::new(state.shop.db.clone()))
            .with_name(session_name)
            .with_secure(secure)
            .with_http_only(true)
            .with_same_site(SameSite::Lax)
            .with_path("/")
            .with_expiry(Expiry::OnInactivity(SESSION_LENGTH));

    let timeout =
        TimeoutLayer::with_status_code(http::StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIMEOUT);

    let mut site = Router::new().route("/", get(language::choose));
    for language in Language::ALL {
        site = pages_of(site, language);
        site = forms_of(site, language);
    }
    let site = site
        .fallback(errors::not_found)
        .layer(DefaultBodyLimit::max(FORM_LIMIT_BYTES))
        .layer(axum::middleware::from_fn(body::whole))
        .layer(timeout)
        .layer(CatchPanicLayer::custom(errors::of_panic))
        .layer(sessions)
        .layer(axum::middleware::from_fn_with_state(state.clone(), guard::writes))
        .layer(axum::middleware::from_fn_with_state(state.clone(), errors::render_error_pages));
    let machines = Router::new()
        .merge(feeds::router())
        .merge(assets::router(&state.assets))
        .route("/webhooks/stripe", post(webhook::receive.layer(DefaultBodyLimit::max(1024 * 1024))))
        .with_state(state.clone())
        .merge(crate::media::router(photos.clone()))
        .layer(timeout)
        .layer(CatchPanicLayer::custom(errors::of_panic));

    let compress = CompressionLayer::new().compress_when(
        SizeAbove::new(512)
            .and(NotForContentType::IMAGES)
            .and(NotForContentType::const_new("font/")),
    );
    let headers = guard::Headers::new(&state);
    Router::new()
        .merge(site.with_state(state.clone()))
        .merge(machines)
        .layer(axum::middleware::from_fn_with_state(session_name, cookies::own))
        .layer(compress)
        .merge(health::router(state, photos))
        .layer(axum::middleware::from_fn(method::head_as_get))
        .layer(axum::middleware::from_fn(body::to_the_end))
        .layer(axum::middleware::from_fn_with_state(Arc::new(headers), watch::around))
}

/// Pages that anyone may see and that change only with the catalogue.
fn pages_of(mut site: Router<AppState>, language: Language) -> Router<AppState> {
    let slug = String::new;
    let routes: [fn(String) -> Route; 14] = [
        |_| Route::Home,
        |_| Route::Catalogue,
        |slug| Route::Design { slug: slug.as_str().into() },
        |_| Route::Makers,
        |slug| Route::Maker { slug },
        |_| Route::Origin,
        |_| Route::Money,
        |_| Route::About,
        |_| Route::Shipping,
        |_| Route::RingSizes,
        |_| Route::Privacy,
        |_| Route::Contact,
        |_| Route::Complaints,
        |_| Route::Feed,
    ];
    for make in routes {
        let route = make(slug());
        let handler =
            get(move |state, params, request| pages::show(state, params, language, make, request));
        if route != Route::Feed {
            site = site.route(route.pattern(language), handler);
        }
    }
    site
}

/// The bag, the purchase and the order's own page.
fn forms_of(mut site: Router<AppState>, language: Language) -> Router<AppState> {
    let secret = || Route::Order { secret: String::new() };
    let cancel = Route::OrderCancel { secret: String::new() };
    for refusal in Refusal::ALL {
        let page = get(move |s, v| errors::refused(s, v, language, refusal));
        site = site.route(Route::Refused(refusal).pattern(language), page);
    }
    site.route(Route::Bag.pattern(language), get(move |s, v, q| bag::show(s, v, language, q)))
        .route(Route::BagAdd.pattern(language), post(move |s, v, f| bag::add(s, v, language, f)))
        .route(
            Route::BagRemove.pattern(language),
            post(move |s, v, f| bag::remove(s, v, language, f)),
        )
        .route(
            Route::Currency.pattern(language),
            post(move |s, v, f| currency_form::choose(s, v, language, f)),
        )
        .route(
            Route::Checkout.pattern(language),
            get(move |s, v| checkout::show(s, v, language))
                .post(move |s, v, n, p, f| checkout::submit(s, v, n, p, language, f)),
        )
        .route(secret().pattern(language), get(move |s, v, p| order::show(s, v, language, p)))
        .route(cancel.pattern(language), post(move |s, v, p| order::cancel(s, v, language, p)))
}
