//! The order's own page behind its secret link, and the cancelling of an unpaid order.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::language::Language;
use jiff::Timestamp;
use store::session;

use app::pages::shop::order::Reader;
use app::pages::shop::{error, order as page};
use app::routes::Route;

use super::errors;
use super::notice::{self, OfOrder};
use super::personal::personal;
use super::visit::{Remembered, Visitor};
use crate::http::state::AppState;
use crate::kernel::error::ShopResult;
use crate::sales::cancel::{self, Cancelled};
use crate::sales::order_view::{self, OpenedOrder, Standing};

/// GET: the order. The payment page redirects here.
pub(super) async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    language: Language,
    Path(secret): Path<String>,
) -> Response {
    let shown = async {
        let mine = visitor.remembered(&state).await?;
        let (shop, mut visit) = visitor.enter(&state, language, mine.bag_count()).await?;
        let opened = order_view::open(&shop, &visit, &secret, mine.attempt.as_deref()).await?;
        let Some(OpenedOrder { view: order, standing }) = opened else {
            return Ok(errors::not_found_page(&state, &visitor, language).await);
        };
        let told = notice::take(&state, &visitor, &mine).await?;
        let reader = match standing {
            Standing::AnotherOnes => Reader::Anyone,
            Standing::Running => Reader::Shopper,
            Standing::Bought(pieces) => {
                visit.bag_count -= forget_bought(&state, &mine, &pieces).await?;
                Reader::Shopper
            }
        };
        Ok(personal(page::page(&visit, &order, reader, told.contains(&OfOrder::NotGivenUp))))
    };
    shown.await.unwrap_or_else(|error| errors::of_shop(&state, &visitor, language, error))
}

/// Takes what was bought out of the bag and ends the attempt, so that the next purchase is a new
/// one. Returns how many of the pieces were in the bag as it was read.
async fn forget_bought(state: &AppState, mine: &Remembered, pieces: &[String]) -> ShopResult<u32> {
    let (Some(key), Some(attempt)) = (&mine.key, &mine.attempt) else { return Ok(0) };
    let mut tx = state.shop.db.begin().await?;
    session::end_attempt(&mut tx, key, attempt).await?;
    session::take_out(&mut tx, key, pieces).await?;
    tx.commit().await?;
    let gone = mine.bag.iter().filter(|piece| pieces.contains(piece)).count();
    Ok(u32::try_from(gone).unwrap_or_default())
}

/// POST: cancels an unpaid order. Its pieces are free at once.
pub(super) async fn cancel(
    State(state): State<AppState>,
    visitor: Visitor,
    language: Language,
    Path(secret): Path<String>,
) -> Response {
    // A visitor who tries again after an error gets the order's page, which has the button.
    let path = Route::Order { secret: secret.clone() }.path(language);
    let visitor = Visitor { path, ..visitor };
    let done = async {
        Ok(match cancel::cancel(&state.shop, &secret, Timestamp::now()).await? {
            // The order's page shows its status, or that there is no such order.
            Cancelled::Done | Cancelled::Paid | Cancelled::Closed | Cancelled::Unknown => {
                see(&visitor)
            }
            Cancelled::Unavailable => not_given_up(&state, &visitor, language).await?,
        })
    };
    done.await.unwrap_or_else(|error| errors::of_shop(&state, &visitor, language, error))
}

/// Nothing changed. A visitor with a session gets a notice on the order's page, others get a page
/// here.
async fn not_given_up(
    state: &AppState,
    visitor: &Visitor,
    language: Language,
) -> ShopResult<Response> {
    let Some(key) = visitor.remembered(state).await?.key else {
        return Ok(personal(error::unavailable(&visitor.bare_visit(state, language))));
    };
    let mut tx = state.shop.db.begin().await?;
    notice::leave(&mut tx, &key, &OfOrder::NotGivenUp, Timestamp::now()).await?;
    tx.commit().await?;
    Ok(see(visitor))
}

fn see(visitor: &Visitor) -> Response {
    Redirect::to(&visitor.path).into_response()
}
