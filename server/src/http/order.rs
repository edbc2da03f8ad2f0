//! The order's own page behind its secret link, and giving an unpaid order up.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::language::Language;
use jiff::Timestamp;
use store::session;

use app::backend::shop::Visit;
use app::pages::shop::order::Reader;
use app::pages::shop::{error, order as page};
use app::routes::Route;

use super::AppState;
use super::errors;
use super::notice::{self, OfOrder};
use super::personal::personal;
use super::visit::{Remembered, Visitor};
use crate::error::ShopResult;
use crate::shop::Shop;
use crate::shop::attempt::{self, Standing};
use crate::shop::cancel::{self, Cancelled};
use crate::shop::order_view::order_view;

/// GET: the order; the payment page leads back here.
pub(super) async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    language: Language,
    Path(secret): Path<String>,
) -> Response {
    let shown = async {
        let mine = visitor.remembered(&state).await?;
        let (shop, mut visit) = visitor.enter(&state, language, mine.bag_count()).await?;
        let Some(order) = order_view(&shop, &visit, &secret).await? else {
            return Ok(errors::not_found_page(&state, &visitor, language).await);
        };
        let told = notice::take(&state, &visitor, mine.key.as_deref()).await?;
        let reader = match standing(&shop, &mine, &visit, &secret).await? {
            Standing::AnotherOnes => Reader::Anyone,
            Standing::Running => Reader::Shopper,
            Standing::Bought(pieces) => {
                forget_bought(&state, &mine, &pieces).await?;
                visit.bag_count = visitor.bag_count(&state).await?;
                Reader::Shopper
            }
        };
        Ok(personal(page::page(&visit, &order, reader, told.contains(&OfOrder::NotGivenUp))))
    };
    shown.await.unwrap_or_else(|error| errors::of_shop(&state, &visitor, language, error))
}

async fn standing(
    shop: &Shop,
    mine: &Remembered,
    visit: &Visit,
    secret: &str,
) -> ShopResult<Standing> {
    match &mine.attempt {
        Some(running) => attempt::standing(shop, visit, running, secret).await,
        None => Ok(Standing::AnotherOnes),
    }
}

/// What was bought leaves the bag, and the next purchase is a new one.
async fn forget_bought(state: &AppState, mine: &Remembered, pieces: &[String]) -> ShopResult<()> {
    let (Some(key), Some(attempt)) = (&mine.key, &mine.attempt) else { return Ok(()) };
    let mut tx = state.shop.db.begin().await?;
    session::end_attempt(&mut tx, key, attempt).await?;
    session::take_out(&mut tx, key, pieces).await?;
    tx.commit().await?;
    Ok(())
}

/// POST: gives an unpaid order up; its pieces are free at once.
pub(super) async fn cancel(
    State(state): State<AppState>,
    visitor: Visitor,
    language: Language,
    Path(secret): Path<String>,
) -> Response {
    // Whoever tries again after an error is led to the order, where the button is.
    let path = Route::Order { secret: secret.clone() }.path(language);
    let visitor = Visitor { path, ..visitor };
    let done = async {
        Ok(match cancel::cancel(&state.shop, &secret, Timestamp::now()).await? {
            // The order's page tells how it stands, and that there is none.
            Cancelled::Done | Cancelled::Paid | Cancelled::Closed | Cancelled::Unknown => {
                see(&visitor)
            }
            Cancelled::Unavailable => not_given_up(&state, &visitor, language).await?,
        })
    };
    done.await.unwrap_or_else(|error| errors::of_shop(&state, &visitor, language, error))
}

/// Nothing changed. Whoever has a session is told on the order's page, else here.
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
