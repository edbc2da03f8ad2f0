//! The bare handlers with which `make bench` compares the pages: one query and plain formatting,
//! without any layer. They show the most that this machine, axum, sqlx and the engine can do. Only
//! `serve --with-baseline-handlers` serves them.

use std::fmt::Write as _;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use domain::language::Language;
use http::StatusCode;
use serde::Deserialize;
use store::baseline::{self, BareCardRow, BareRow};
use store::catalogue::{self, Filter, Order};
use store::db::{Db, DbResult};

use app::routes::Route;

/// The default size of a body, and the largest.
const BODY_BYTES: (usize, usize) = (29_000, 200_000);
/// Designs on a page of the catalogue.
const PAGE_SIZE: i64 = 24;

/// The handlers, without any layer.
pub fn router(db: Db) -> Router {
    Router::new()
        .route("/_baseline/design/{slug}", get(one_design))
        .route("/_baseline/list", get(list))
        .with_state(db)
}

fn answer(body: DbResult<Option<String>>) -> Response {
    match body {
        Ok(Some(body)) => Html(body).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}

/// The requested size of the body.
#[derive(Debug, Deserialize)]
struct Size {
    /// Minimum size in bytes.
    bytes: Option<usize>,
}

/// Runs one query by a unique key. The body is as large as the piece page with which it is
/// compared.
async fn one_design(
    State(db): State<Db>,
    Path(slug): Path<String>,
    Query(size): Query<Size>,
) -> Response {
    let bytes = size.bytes.unwrap_or(BODY_BYTES.0).min(BODY_BYTES.1);
    answer(baseline::design(&db, &slug).await.map(|row| row.map(|row| body_of(&slug, &row, bytes))))
}

fn body_of(slug: &str, row: &BareRow, bytes: usize) -> String {
    let mut body = String::with_capacity(bytes + 256);
    let _ = write!(body, "<!doctype html><title>{slug}</title>");
    while body.len() < bytes {
        let _ = write!(
            body,
            "<p>{slug}: {} {} of {} permille, {} mg, {}.{:02} soles, {} to be had</p>",
            row.category,
            row.metal,
            row.fineness_permille,
            row.weight_mg,
            row.price_minor / 100,
            row.price_minor % 100,
            row.pieces_available
        );
    }
    body
}

/// The requested part of the list.
#[derive(Debug, Deserialize)]
struct Part {
    /// Code of a category, or none.
    category: Option<String>,
    /// Cheapest first instead of newest first.
    #[serde(default)]
    by_price: bool,
    /// Page, from 1.
    #[serde(default = "first")]
    page: i64,
}

const fn first() -> i64 {
    1
}

/// The catalogue's own list query and all that its cards show, formatted plainly.
async fn list(State(db): State<Db>, Query(part): Query<Part>) -> Response {
    answer(listed(&db, part).await.map(Some))
}

async fn listed(db: &Db, part: Part) -> DbResult<String> {
    let filter = Filter {
        categories: part.category.into_iter().collect(),
        ..Filter::everything(Language::Es)
    };
    let order = if part.by_price { Order::PriceUp } else { Order::Newest };
    let ids =
        catalogue::page(db, &filter, order, PAGE_SIZE, (part.page.max(1) - 1) * PAGE_SIZE).await?;
    let rows = baseline::cards(db, &ids).await?;
    let mut body = String::with_capacity(16_000);
    body.push_str("<!doctype html><ul>");
    for id in &ids {
        for row in rows.iter().filter(|row| row.id == *id).take(1) {
            write_card(&mut body, row);
        }
    }
    body.push_str("</ul>");
    Ok(body)
}

fn write_card(body: &mut String, row: &BareCardRow) {
    let path = Route::Design { slug: row.slug.as_str().into() }.path(Language::Es);
    let _ = write!(
        body,
        "<li><a href=\"{path}\">{}</a> {}.{:02} {} {} {}</li>",
        row.name,
        row.price_minor / 100,
        row.price_minor % 100,
        row.pieces_available,
        row.alt.as_deref().unwrap_or_default(),
        row.hash.as_deref().unwrap_or_default()
    );
}
