//! The bag: which pieces a visitor chose. It lives in the session; prices and what can be
//! had always come from the database.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::language::Language;
use serde::Deserialize;

use app::backend::shop::{BagLine, PieceAvailability};
use app::pages::shop::bag::{self as page, BagNotice};
use app::routes::Route;

use super::AppState;
use super::errors;
use super::pages::personal;
use super::visit::{BAG_LIMIT, Visitor};
use crate::error::ShopResult;
use crate::shop::attempt;

/// What happened before the visitor was sent here; only ever chooses a sentence.
#[derive(Debug, Default, Deserialize)]
pub(super) struct After {
    #[serde(default)]
    done: String,
}

/// A piece to put in or take out.
#[derive(Debug, Deserialize)]
pub(super) struct PieceForm {
    piece: String,
}

impl PieceForm {
    /// The piece's key; empty for what cannot be one (PostgreSQL's texts cannot hold a NUL).
    fn key(self) -> String {
        let possible = self.piece.len() <= 64 && self.piece.bytes().all(|b| b.is_ascii_graphic());
        if possible { self.piece } else { String::new() }
    }
}

/// The visitor, and what was done before, if that can be read.
type Shown = (Visitor, Result<Query<After>, QueryRejection>);

/// GET: the bag.
pub(super) async fn show(
    State(state): State<AppState>,
    (visitor, after): Shown,
    language: Language,
) -> Response {
    let after = after.map(|Query(after)| after).unwrap_or_default();
    let shown = async {
        let (shop, visit) = visitor.enter(&state, language).await?;
        let pieces = visitor.bag().await?;
        let bag = attempt::bag(&shop, &visit, &pieces, visitor.attempt().await?.as_deref()).await?;
        let notice = match (after.done.as_str(), bag.lines.last()) {
            ("added", Some(line)) => Some(BagNotice::Added(line.name.clone())),
            ("already", Some(_)) => Some(BagNotice::AlreadyIn),
            ("removed", _) => Some(BagNotice::Removed),
            _ => None,
        };
        Ok(personal(page::page(&visit, &bag, notice.as_ref())))
    };
    shown.await.unwrap_or_else(|error| errors::of_shop(&state, &visitor, language, error))
}

/// POST: puts a piece in. One that somebody else holds or bought is said at once.
pub(super) async fn add(
    State(state): State<AppState>,
    visitor: Visitor,
    language: Language,
    Form(form): Form<PieceForm>,
) -> Response {
    try_add(&state, &visitor, language, form.key())
        .await
        .unwrap_or_else(|error| errors::of_shop(&state, &visitor, language, error))
}

async fn try_add(
    state: &AppState,
    visitor: &Visitor,
    language: Language,
    piece: String,
) -> ShopResult<Response> {
    let mut pieces = visitor.bag().await?;
    if pieces.contains(&piece) {
        return Ok(see(language, "already"));
    }
    let (shop, visit) = visitor.enter(state, language).await?;
    let running = visitor.attempt().await?;
    let wanted =
        attempt::bag(&shop, &visit, std::slice::from_ref(&piece), running.as_deref()).await?;
    let refusal = match wanted.lines.first() {
        None => Some(BagNotice::Unknown),
        Some(BagLine { availability: PieceAvailability::Held { until }, slug, .. }) => {
            Some(BagNotice::Held { until: *until, slug: slug.clone() })
        }
        Some(BagLine { availability: PieceAvailability::Sold { .. }, slug, .. }) => {
            Some(BagNotice::Sold { slug: slug.clone() })
        }
        Some(_) if pieces.len() >= BAG_LIMIT => Some(BagNotice::Full { limit: BAG_LIMIT as u32 }),
        Some(_) => None,
    };
    if let Some(notice) = refusal {
        let bag = attempt::bag(&shop, &visit, &pieces, running.as_deref()).await?;
        let mut page = page::page(&visit, &bag, Some(&notice));
        page.status = 409;
        return Ok(personal(page));
    }
    pieces.push(piece);
    visitor.set_bag(&pieces).await?;
    Ok(see(language, "added"))
}

/// POST: takes a piece out.
pub(super) async fn remove(
    State(state): State<AppState>,
    visitor: Visitor,
    language: Language,
    Form(form): Form<PieceForm>,
) -> Response {
    let done = async {
        let mut pieces = visitor.bag().await?;
        let key = form.key();
        pieces.retain(|piece| *piece != key);
        visitor.set_bag(&pieces).await?;
        Ok(see(language, "removed"))
    };
    done.await.unwrap_or_else(|error| errors::of_shop(&state, &visitor, language, error))
}

fn see(language: Language, done: &str) -> Response {
    Redirect::to(&format!("{}?done={done}", Route::Bag.path(language))).into_response()
}
