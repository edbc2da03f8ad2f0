//! The bag: the pieces that a visitor chose. It is stored with her session. Prices and availability
//! always come from the database.

use axum::extract::{Form, RawQuery, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::language::Language;
use jiff::Timestamp;
use serde::Deserialize;
use store::session::{self, Put};

use app::backend::shop::{BagLine, BagView, PieceAvailability, Visit};
use app::pages::shop::bag::{self as page, BagNotice};
use app::routes::Route;

use super::errors;
use super::notice::{self, OfBag};
use super::personal::personal;
use super::visit::{BAG_LIMIT, Begun, Remembered, Visitor};
use crate::http::state::AppState;
use crate::kernel::error::ShopResult;
use crate::sales::Shop;

/// Parameter of the first page after a session began. Its value is the key of the notice. The
/// request for that page shows whether the browser keeps cookies.
const FIRST: &str = "first";

/// A piece to put in or take out.
#[derive(Debug, Deserialize)]
pub(super) struct PieceForm {
    piece: String,
}

impl PieceForm {
    /// The piece's key; empty for a text that cannot be a key (PostgreSQL's texts cannot hold a
    /// NUL).
    fn key(self) -> String {
        let possible = self.piece.len() <= 64 && self.piece.bytes().all(|b| b.is_ascii_graphic());
        if possible { self.piece } else { String::new() }
    }
}

/// GET: the bag.
pub(super) async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    language: Language,
    RawQuery(query): RawQuery,
) -> Response {
    let shown = async {
        let mine = visitor.remembered(&state).await?;
        let told = notice::take(&state, &visitor, &mine).await?;
        let (shop, visit) = visitor.enter(&state, language, mine.bag_count()).await?;
        let bag = shop.catalogue.read_bag(&visit, &mine.bag, mine.attempt.as_deref()).await?;
        let mut notices: Vec<BagNotice> =
            told.into_iter().filter_map(|told| in_words(told, &bag)).collect();
        if mine.key.is_none()
            && let Some(first) = first_of(query.as_deref())
            && let Some(lost) = notice::lost(&state, &first).await?
        {
            notices.push(not_kept(&shop, &visit, lost).await?);
        }
        Ok(personal(page::page(&visit, &bag, &notices, 200)))
    };
    shown.await.unwrap_or_else(|error| errors::of_shop(&state, &visitor, language, error))
}

/// The key in an address that [`see`] made.
fn first_of(query: Option<&str>) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query?.as_bytes());
    let (_, key) = pairs.find(|(name, _)| name == FIRST)?;
    // PostgreSQL's texts cannot hold a NUL.
    key.bytes().all(|byte| byte.is_ascii_graphic()).then(|| key.into_owned())
}

/// A notice as the page says it; `None` when it is not true any more.
fn in_words(told: OfBag, bag: &BagView) -> Option<BagNotice> {
    Some(match told {
        OfBag::Added { piece } => {
            let line = bag.lines.iter().find(|line| line.piece_id == piece)?;
            BagNotice::Added(line.name.clone())
        }
        OfBag::AlreadyIn if bag.lines.is_empty() => return None,
        OfBag::AlreadyIn => BagNotice::AlreadyIn,
        OfBag::Removed => BagNotice::Removed,
        OfBag::Held { until, slug } => BagNotice::Held { until, slug },
        OfBag::Sold { slug } => BagNotice::Sold { slug },
        OfBag::Unknown => BagNotice::Unknown,
        OfBag::Full => BagNotice::Full { limit: BAG_LIMIT as u32 },
    })
}

/// The notice for a piece that was put into a bag whose cookie the browser did not keep.
async fn not_kept(shop: &Shop, visit: &Visit, lost: OfBag) -> ShopResult<BagNotice> {
    let pieces = match lost {
        OfBag::Added { piece } => vec![piece],
        _ => Vec::new(),
    };
    let wanted = shop.catalogue.read_bag(visit, &pieces, None).await?.lines.into_iter().next();
    Ok(BagNotice::NotKept { slug: wanted.map(|line| line.slug) })
}

/// POST: puts a piece in. A piece that is held or sold is refused at once.
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
    let mine = visitor.remembered(state).await?;
    let refusal = match mine.bag.contains(&piece) {
        true => Some(OfBag::AlreadyIn),
        false => {
            let (shop, visit) = visitor.enter(state, language, mine.bag_count()).await?;
            let refusal = why_not(&shop, &visit, &mine, &piece).await?;
            // Without a session a notice cannot be kept: the answer is the page itself.
            if let (None, Some(refusal)) = (&mine.key, refusal.clone()) {
                let bag = shop.catalogue.read_bag(&visit, &[], None).await?;
                let notice: Vec<BagNotice> = in_words(refusal, &bag).into_iter().collect();
                return Ok(personal(page::page(&visit, &bag, &notice, 409)));
            }
            refusal
        }
    };
    let Begun { mut tx, key, is_new } = visitor.begin(state, &mine).await?;
    let told = match refusal {
        Some(refusal) => refusal,
        None => match session::put_in(&mut tx, &key, &piece, BAG_LIMIT).await? {
            Put::In => OfBag::Added { piece },
            Put::Already => OfBag::AlreadyIn,
            Put::Full => OfBag::Full,
        },
    };
    let notice = notice::leave(&mut tx, &key, &told, Timestamp::now()).await?;
    tx.commit().await?;
    Ok(see(language, is_new.then_some(notice.as_str())))
}

/// Why this piece cannot be put in now.
async fn why_not(
    shop: &Shop,
    visit: &Visit,
    mine: &Remembered,
    piece: &String,
) -> ShopResult<Option<OfBag>> {
    let wanted = std::slice::from_ref(piece);
    let wanted = shop.catalogue.read_bag(visit, wanted, mine.attempt.as_deref()).await?;
    Ok(match wanted.lines.into_iter().next() {
        None => Some(OfBag::Unknown),
        Some(BagLine { availability, slug, .. }) => match availability {
            PieceAvailability::Held { until } => Some(OfBag::Held { until, slug }),
            PieceAvailability::Sold { .. } => Some(OfBag::Sold { slug }),
            PieceAvailability::Available => None,
        },
    })
}

/// POST: takes a piece out.
pub(super) async fn remove(
    State(state): State<AppState>,
    visitor: Visitor,
    language: Language,
    Form(form): Form<PieceForm>,
) -> Response {
    let done = async {
        let piece = form.key();
        let mine = visitor.remembered(&state).await?;
        // A visitor without a session has no bag.
        if mine.bag.contains(&piece) {
            let Begun { mut tx, key, .. } = visitor.begin(&state, &mine).await?;
            if session::take_out(&mut tx, &key, &[piece]).await? > 0 {
                notice::leave(&mut tx, &key, &OfBag::Removed, Timestamp::now()).await?;
            }
            tx.commit().await?;
        }
        Ok(see(language, None))
    };
    done.await.unwrap_or_else(|error| errors::of_shop(&state, &visitor, language, error))
}

/// Redirects to the bag, which shows the notice. The first time the address has the notice's key.
fn see(language: Language, first: Option<&str>) -> Response {
    let query = first.map(|notice| format!("?{FIRST}={notice}")).unwrap_or_default();
    Redirect::to(&format!("{}{query}", Route::Bag.path(language))).into_response()
}
