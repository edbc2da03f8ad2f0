//! The files that machines read: feed, sitemap, robots.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use domain::language::Language;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;

use app::feeds;
use app::routes::Route;

use crate::http::edge::cache::{etag_of, is_known};
use crate::http::state::AppState;
use crate::kernel::error::ShopResult;

/// Clients may cache these but ask each time: a maker who withdraws her consent is gone at once.
const ASK_FIRST: HeaderValue = HeaderValue::from_static("public, no-cache");

const XML: &str = "application/xml; charset=utf-8";

pub(super) fn router() -> Router<AppState> {
    let mut router = Router::new()
        .route("/robots.txt", get(robots))
        .route("/sitemap.xml", get(sitemap_index))
        .route("/sitemap-{file}", get(sitemap_part));
    for language in Language::ALL {
        router = router.route(
            Route::Feed.pattern(language),
            get(move |state, headers| atom(state, language, headers)),
        );
    }
    router
}

async fn robots(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let text = feeds::robots_txt(&state.shop.settings.public_url);
    answer(&headers, "text/plain; charset=utf-8", text)
}

async fn sitemap_index(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let made = async {
        let entries = fixed_pages(&state).await?.len()
            + state.shop.catalogue.sitemap_entry_count(Timestamp::now()).await?;
        let parts = feeds::sitemap_part_count(entries);
        Ok(answer(&headers, XML, feeds::sitemap_index(&state.shop.settings.public_url, parts)))
    };
    or_unavailable(made.await)
}

async fn sitemap_part(
    State(state): State<AppState>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(number) = file.strip_suffix(".xml").and_then(|n| n.parse::<usize>().ok()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let made = async {
        let pages = pages_of_part(&state, number).await?;
        if pages.is_empty() {
            return Ok(StatusCode::NOT_FOUND.into_response());
        }
        Ok(answer(&headers, XML, feeds::sitemap_part(&state.shop.settings.public_url, &pages)))
    };
    or_unavailable(made.await)
}

/// The fixed pages that have something to show.
async fn fixed_pages(state: &AppState) -> ShopResult<Vec<Route>> {
    let has = state.shop.catalogue.contents(Timestamp::now().as_microsecond()).await?;
    Ok(feeds::FIXED_PAGES.iter().filter(|route| has.shows(route)).cloned().collect())
}

/// Pages of part `number`, counted from 1. The first part begins with the fixed pages and the
/// makers. The designs follow in a stable order.
async fn pages_of_part(state: &AppState, number: usize) -> ShopResult<Vec<Route>> {
    let mut first = fixed_pages(state).await?;
    first.extend(state.shop.catalogue.sitemap_makers(Timestamp::now()).await?);
    let mut pages = if number == 1 { first.clone() } else { Vec::new() };
    let mut after = None;
    for part in 1..=number {
        let room = feeds::SITEMAP_ENTRIES_PER_PART - if part == 1 { first.len() } else { 0 };
        let found = state.shop.catalogue.sitemap_designs(after.as_deref(), room).await?;
        if part == number {
            pages.extend(found.pages);
            return Ok(pages);
        }
        match found.next_after {
            Some(key) => after = Some(key),
            None => return Ok(Vec::new()),
        }
    }
    Ok(pages)
}

async fn atom(State(state): State<AppState>, language: Language, headers: HeaderMap) -> Response {
    let made = async {
        let entries = state.shop.catalogue.feed_entries(language, Timestamp::now()).await?;
        let xml = feeds::atom(language, &state.shop.settings.public_url, &entries);
        Ok(answer(&headers, "application/atom+xml; charset=utf-8", xml))
    };
    or_unavailable(made.await)
}

/// The document, or 304 when the client has it already.
fn answer(request: &HeaderMap, mime: &'static str, body: String) -> Response {
    let etag = etag_of(body.as_bytes());
    let known = is_known(request, &etag);
    let headers = [(header::ETAG, etag), (header::CACHE_CONTROL, ASK_FIRST)];
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, [(header::CONTENT_TYPE, HeaderValue::from_static(mime))], body).into_response()
}

fn or_unavailable(made: ShopResult<Response>) -> Response {
    made.unwrap_or_else(|error| {
        tracing::error!(%error, "feed not made");
        (StatusCode::SERVICE_UNAVAILABLE, "try again\n").into_response()
    })
}
