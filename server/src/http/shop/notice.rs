//! Notices that a visitor sees once, on the page to which a form redirected her. They are stored with
//! her session, so that nobody else who opens that address sees them.

use domain::id::SessionId;
use store::db::Tx;
use store::ids;
use store::{notice, session};

use app::backend::shop::CheckoutTrouble;
use domain::slug::Slugs;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::visit::{Remembered, Visitor};
use crate::http::state::AppState;
use crate::kernel::error::{ShopError, ShopResult};

/// How long, in microseconds, a notice can be read by its key, without the session's cookie.
const ARRIVAL_US: i64 = 600_000_000;

/// A notice of one page.
pub(super) trait Notice: Serialize + DeserializeOwned + Send + Sync {
    /// Name of the page in the table.
    const PAGE: &'static str;
}

/// What happened to the bag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum OfBag {
    /// This piece was put in.
    Added { piece: String },
    /// The piece was in it already.
    AlreadyIn,
    /// A piece was taken out.
    Removed,
    /// Somebody else is paying for the piece.
    Held { until: Timestamp, slug: Slugs },
    /// Somebody else bought the piece.
    Sold { slug: Slugs },
    /// No such piece is for sale.
    Unknown,
    /// The bag holds as many pieces as it may.
    Full,
}

impl Notice for OfBag {
    const PAGE: &'static str = "bag";
}

impl Notice for CheckoutTrouble {
    const PAGE: &'static str = "checkout";
}

/// What happened to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum OfOrder {
    /// The payment provider does not answer, so it could not be cancelled.
    NotGivenUp,
}

impl Notice for OfOrder {
    const PAGE: &'static str = "order";
}

/// Stores a notice for its page. Returns its key.
pub(super) async fn leave<N: Notice>(
    tx: &mut Tx,
    session_key: &SessionId,
    told: &N,
    now: Timestamp,
) -> ShopResult<String> {
    let id = ids::new_id();
    let text = serde_json::to_string(told).map_err(|e| ShopError::Internal(e.into()))?;
    notice::leave(tx, &id, session_key, N::PAGE, &text, now.as_microsecond()).await?;
    Ok(id)
}

/// The notices for this page, oldest first. They are shown once. A request whose answer nobody reads
/// leaves them waiting.
pub(super) async fn take<N: Notice>(
    state: &AppState,
    visitor: &Visitor,
    mine: &Remembered,
) -> ShopResult<Vec<N>> {
    let Some(key) = mine.key.as_ref().filter(|_| mine.is_notified) else {
        return Ok(Vec::new());
    };
    let db = &state.shop.db;
    let told = match visitor.is_unread {
        true => notice::waiting(db, key, N::PAGE).await?,
        false => notice::take(db, key, N::PAGE).await?,
    };
    // A notice of another version of the shop that this one does not know is left out.
    Ok(told.iter().filter_map(|text| serde_json::from_str(text).ok()).collect())
}

/// The notice of a session whose first page was requested without its cookie: the browser keeps no
/// cookies. The session is deleted, because no request can name it.
pub(super) async fn lost(state: &AppState, notice_id: &str) -> ShopResult<Option<OfBag>> {
    let db = &state.shop.db;
    let since_us = Timestamp::now().as_microsecond() - ARRIVAL_US;
    let Some((session_key, text)) = notice::take_one(db, notice_id, since_us).await? else {
        return Ok(None);
    };
    session::delete(db, &session_key).await?;
    Ok(serde_json::from_str(&text).ok())
}
