//! What machines read: feed, sitemap, robots.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use domain::language::Language;
use http::{HeaderValue, StatusCode, header};
use jiff::Timestamp;

use app::feeds::{self, SitemapEntry};
use app::routes::Route;

use super::AppState;
use crate::error::ShopResult;

/// Machines may keep these for a while.
const AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");

pub(super) fn router() -> Router<AppState> {
    let mut router = Router::new()
        .route("/robots.txt", get(robots))
        .route("/sitemap.xml", get(sitemap_index))
        .route("/sitemap-{file}", get(sitemap_part));
    for language in Language::ALL {
        router =
            router.route(Route::Feed.pattern(language), get(move |state| atom(state, language)));
    }
    router
}

async fn robots(State(state): State<AppState>) -> Response {
    plain("text/plain; charset=utf-8", feeds::robots_txt(&state.shop.settings.public_url))
}

async fn sitemap_index(State(state): State<AppState>) -> Response {
    let made = async {
        let entries =
            feeds::FIXED_PAGES.len() + state.shop.sitemap_entry_count(Timestamp::now()).await?;
        let parts = feeds::sitemap_part_count(entries);
        Ok(plain(
            "application/xml; charset=utf-8",
            feeds::sitemap_index(&state.shop.settings.public_url, parts),
        ))
    };
    or_unavailable(made.await)
}

async fn sitemap_part(State(state): State<AppState>, Path(file): Path<String>) -> Response {
    let Some(number) = file.strip_suffix(".xml").and_then(|n| n.parse::<usize>().ok()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let made = async {
        let entries = entries_of_part(&state, number).await?;
        if entries.is_empty() {
            return Ok(StatusCode::NOT_FOUND.into_response());
        }
        Ok(plain(
            "application/xml; charset=utf-8",
            feeds::sitemap_part(&state.shop.settings.public_url, &entries),
        ))
    };
    or_unavailable(made.await)
}

/// Entries of part `number`, from 1: the fixed pages and the makers open the first, then come
/// the designs in a stable order.
async fn entries_of_part(state: &AppState, number: usize) -> ShopResult<Vec<SitemapEntry>> {
    let fixed = feeds::FIXED_PAGES
        .iter()
        .map(|route| SitemapEntry { route: route.clone(), updated_at: None });
    let mut first: Vec<SitemapEntry> = fixed.collect();
    first.extend(state.shop.sitemap_makers(Timestamp::now()).await?);
    let mut entries = if number == 1 { first.clone() } else { Vec::new() };
    let mut after = None;
    for part in 1..=number {
        let room = feeds::SITEMAP_ENTRIES_PER_PART - if part == 1 { first.len() } else { 0 };
        let found = state.shop.sitemap_designs(after.as_deref(), room).await?;
        if part == number {
            entries.extend(found.entries);
            return Ok(entries);
        }
        match found.next_after {
            Some(key) => after = Some(key),
            None => return Ok(Vec::new()),
        }
    }
    Ok(entries)
}

async fn atom(State(state): State<AppState>, language: Language) -> Response {
    let made = async {
        let entries = state.shop.feed_entries(language, Timestamp::now()).await?;
        let updated =
            entries.iter().map(|entry| entry.updated_at).max().unwrap_or(Timestamp::UNIX_EPOCH);
        let xml = feeds::atom(language, &state.shop.settings.public_url, updated, &entries);
        Ok(plain("application/atom+xml; charset=utf-8", xml))
    };
    or_unavailable(made.await)
}

fn plain(mime: &'static str, body: String) -> Response {
    (
        [(header::CONTENT_TYPE, HeaderValue::from_static(mime)), (header::CACHE_CONTROL, AN_HOUR)],
        body,
    )
        .into_response()
}

fn or_unavailable(made: ShopResult<Response>) -> Response {
    made.unwrap_or_else(|error| {
        tracing::error!(%error, "feed not made");
        (StatusCode::SERVICE_UNAVAILABLE, "try again\n").into_response()
    })
}
