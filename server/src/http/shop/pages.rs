//! GET of the pages that anyone may see. They are cached until something that they show is written.

use std::sync::Arc;

use axum::extract::{RawPathParams, Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::language::Language;
use http::{HeaderValue, StatusCode, header};
use store::version;

use app::Page;
use app::backend::shop::{CatalogueQuery, ContactDetails, ShopBackend, Visit, Whereabouts};
use app::backend::{BackendError, BackendResult};
use app::pages::shop as page;
use app::pages::shop::ring_sizes::KnownSize;
use app::routes::Route;

use super::currency;
use super::errors;
use super::language;
use super::personal::{HTML, KEEP_NONE};
use super::visit::Visitor;
use crate::catalogue::Catalogue;
use crate::http::edge::cache::{Kept, Packing, PageKey, is_known};
use crate::http::state::AppState;
use crate::kernel::error::ShopResult;

/// A browser may keep a page but must ask each time whether it is still valid.
const ASK_FIRST: HeaderValue = HeaderValue::from_static("private, no-cache");

/// Shows the page of `make(slug)`.
pub(super) async fn show(
    State(state): State<AppState>,
    params: RawPathParams,
    language: Language,
    make: fn(String) -> Route,
    request: Request,
) -> Response {
    let slug = params.iter().next().map(|(_, value)| value.to_owned()).unwrap_or_default();
    let (parts, _) = request.into_parts();
    let visitor = Visitor::of(&parts);
    match answer(&state, &visitor, language, &make(slug)).await {
        Ok(response) => response,
        Err(error) => errors::of_shop(&state, &visitor, language, error),
    }
}

async fn answer(
    state: &AppState,
    visitor: &Visitor,
    language: Language,
    route: &Route,
) -> ShopResult<Response> {
    let version = version::current(&state.shop.db).await?;
    let bag_count = visitor.bag_count(state).await?;
    let mut visit = visitor.visit_with(state, language, bag_count);
    let query = match route {
        Route::Catalogue => wanted(&visit.path),
        _ => CatalogueQuery::default(),
    };
    let known = match route {
        Route::RingSizes => known_size(&visit.path),
        _ => None,
    };
    visit.path = route.path(language);
    if *route == Route::Catalogue {
        visit.path.push_str(&page::catalogue_url::to_query(&query));
    }
    if let Some(known) = &known {
        visit.path.push_str(&known.to_query());
    }
    let catalogue = state.shop.catalogue.at(version);
    let now_us = visit.now.as_microsecond();
    let rules_since_us = catalogue.rules_since_us(now_us).await?;
    currency::set(&mut visit, &visitor.headers, catalogue.currencies(now_us).await?);
    // A page whose address names a currency is shown in that currency.
    visit.currency = visit.currency_for(&query);
    let path = visit.path.clone();
    let currency = visit.currency;
    let key = PageKey { path, bag_count, currency, today: visit.today, rules_since_us };
    if let Some(kept) = state.cache.get(&key, version.version) {
        metrics::counter!("page_cache_total", "outcome" => "hit").increment(1);
        return Ok(respond(state, visitor, language, &kept));
    }
    metrics::counter!("page_cache_total", "outcome" => "miss").increment(1);
    catalogue.describe(&mut visit).await?;
    let rendered = match render(&catalogue, &visit, route, query, known).await? {
        Shown::Page(page) => page,
        Shown::At(route) => return Ok(moved(&route.path(language), &visitor.path)),
    };
    let kept = Arc::new(Kept::new(version.version, rendered.html));
    if rendered.status == 200 {
        state.cache.put(key, Arc::clone(&kept));
        return Ok(respond(state, visitor, language, &kept));
    }
    let status = StatusCode::from_u16(rendered.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = [(header::CONTENT_TYPE, HTML), (header::CACHE_CONTROL, keeping(visitor))];
    Ok((status, headers, kept.html.clone()).into_response())
}

/// The filters in a path's query. Parts without a meaning are ignored.
pub(super) fn wanted(path: &str) -> CatalogueQuery {
    let pairs = pairs(path);
    page::catalogue_url::parse(pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())))
}

/// The ring size about which a path's query asks, if any.
fn known_size(path: &str) -> Option<KnownSize> {
    let pairs = pairs(path);
    KnownSize::parse(pairs.iter().map(|(k, v)| (k.as_str(), v.as_str())))
}

fn pairs(path: &str) -> Vec<(String, String)> {
    let query = path.split_once('?').map_or("", |(_, query)| query);
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// The answer to a route.
enum Shown {
    /// Its page.
    Page(Page),
    /// The page has another address now.
    At(Route),
}

/// Renders the page of a route from the backend's data.
async fn render(
    catalogue: &Catalogue,
    visit: &Visit,
    route: &Route,
    query: CatalogueQuery,
    known: Option<KnownSize>,
) -> BackendResult<Shown> {
    let backend: &dyn ShopBackend = catalogue;
    let contact = contact(catalogue);
    let page = match route {
        Route::Home => page::home::page(backend, visit).await,
        Route::Catalogue => page::catalogue::page(backend, visit, query).await,
        Route::Design { slug } => {
            let slug = slug.of(visit.language);
            match page::design::page(backend, visit, slug).await? {
                Some(design) => Ok(design),
                None => match backend.whereabouts(visit, slug).await? {
                    Some(Whereabouts::Moved(slug)) => return Ok(Shown::At(Route::Design { slug })),
                    Some(Whereabouts::Withdrawn) => {
                        page::error::gone_with_suggestions(backend, visit).await
                    }
                    None => page::error::not_found_with_suggestions(backend, visit).await,
                },
            }
        }
        Route::Makers => page::makers::page(backend, visit).await,
        Route::Maker { slug } => page::maker::page(backend, visit, slug).await,
        Route::Origin => page::origin::page(backend, visit).await,
        Route::Money => page::money::page(backend, visit).await,
        Route::Shipping => page::shipping::page(backend, visit).await,
        Route::About => Ok(page::about::page(visit)),
        Route::RingSizes => Ok(page::ring_sizes::page(visit, known)),
        Route::Privacy => Ok(page::privacy::page(visit, &contact)),
        Route::Contact => Ok(page::contact::page(visit, &contact)),
        Route::Complaints => Ok(page::complaints::page(visit, &contact)),
        Route::Bag
        | Route::BagAdd
        | Route::BagRemove
        | Route::Currency
        | Route::Checkout
        | Route::Order { .. }
        | Route::OrderCancel { .. }
        | Route::Refused(_)
        | Route::Feed => {
            Err(BackendError::Internal(format!("{route:?} is not a page of the catalogue").into()))
        }
    };
    page.map(Shown::Page)
}

/// How to reach the association, as pages show it.
fn contact(catalogue: &Catalogue) -> ContactDetails {
    let contact = &catalogue.settings.contact;
    ContactDetails { email: contact.email.clone(), phone: contact.phone.clone() }
}

/// What the visitor's browser may do with a page.
fn keeping(visitor: &Visitor) -> HeaderValue {
    if visitor.cookie_key().is_some() { KEEP_NONE } else { ASK_FIRST }
}

fn respond(state: &AppState, visitor: &Visitor, language: Language, kept: &Kept) -> Response {
    let request = &visitor.headers;
    let mut response = if is_known(request, &kept.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let accepts =
            request.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let packing = Packing::of(accepts);
        let mut response = kept.packed(packing).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HTML);
        match packing {
            Packing::Plain => {}
            Packing::Gzip => {
                drop(headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip")))
            }
            Packing::Brotli => {
                drop(headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br")))
            }
        }
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, kept.etag.clone());
    headers.insert(header::CACHE_CONTROL, keeping(visitor));
    headers
        .insert(header::VARY, HeaderValue::from_static("accept-encoding, accept-language, cookie"));
    let secure = state.is_secure();
    if let Some(cookie) = language::remember(request, language, secure) {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}

/// Redirects to the current address with the same query. Browsers must ask again each time, because
/// a former address may be in use again one day.
fn moved(path: &str, asked: &str) -> Response {
    let query = asked.split_once('?').map_or(String::new(), |(_, query)| format!("?{query}"));
    let mut response = Redirect::permanent(&format!("{path}{query}")).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, ASK_FIRST);
    response
}
