//! The audience of shoppers: pages, bag, purchase, orders.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use domain::language::Language;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

use app::routes::{Refusal, Route};

use crate::http::edge::body::{self, FormLimit};
use crate::http::edge::headers::{self, Headers, Powers};
use crate::http::edge::panic;
use crate::http::state::AppState;

mod bag;
mod checkout;
mod cookies;
mod currency;
mod currency_form;
mod errors;
mod guard;
mod language;
mod notice;
mod order;
mod pages;
mod personal;
mod session_store;
mod visit;

/// Forms are small; anything larger is refused before it is read.
const FORM_LIMIT: FormLimit = FormLimit { bytes: 64 * 1024 };
/// A request that takes longer is answered with 503.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// A bag is remembered this long after it was last changed.
const SESSION_LENGTH: time::Duration = time::Duration::days(30);
/// No inline script and no inline style exist, so no nonce is needed and a rendered page can be
/// kept and sent again byte for byte. Data blocks (JSON-LD) are not scripts.
fn powers(state: &AppState) -> Powers {
    Powers {
        sources: "default-src 'none'; img-src 'self' data:; style-src 'self'; font-src 'self'; \
              script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; manifest-src 'self'; media-src 'self'",
        forms_lead_to: state.form_targets.to_vec(),
        ..Powers::NONE
    }
}

/// The shop, which also answers every address that no audience has.
pub(super) fn router(state: &AppState) -> Router {
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
    let powers = Headers::new(&powers(state), secure);
    site.fallback(errors::not_found)
        .layer(DefaultBodyLimit::max(FORM_LIMIT.bytes))
        .layer(from_fn_with_state(FORM_LIMIT, body::whole))
        .layer(timeout)
        .layer(CatchPanicLayer::custom(panic::of_panic))
        .layer(sessions)
        .layer(from_fn_with_state(state.clone(), guard::writes))
        .layer(from_fn_with_state(state.clone(), errors::render_error_pages))
        .layer(from_fn_with_state(session_name, cookies::own))
        .layer(from_fn_with_state(powers, headers::of_audience))
        .with_state(state.clone())
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
