//! The order's own page behind its secret link, and giving an unpaid order up.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::language::Language;
use jiff::Timestamp;

use app::backend::shop::Visit;
use app::pages::shop::{error, order as page};
use app::routes::Route;

use super::AppState;
use super::errors;
use super::pages::personal;
use super::visit::Visitor;
use crate::error::ShopResult;
use crate::shop::Shop;
use crate::shop::attempt::{self, Ended};
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
        let (shop, mut visit) = visitor.enter(&state, language).await?;
        let Some(order) = order_view(&shop, &visit, &secret).await? else {
            return Ok(errors::not_found(&state, &visitor, language).await);
        };
        if forget_bought(&shop, &visitor, &visit, &secret).await? {
            visit.bag_count = visitor.bag_count().await?;
        }
        Ok(personal(page::page(&visit, &order)))
    };
    shown.await.unwrap_or_else(|error| errors::of_shop(&state, &visitor, language, error))
}

/// What was bought leaves the bag, and the next purchase is a new one. Whether anything changed.
async fn forget_bought(
    shop: &Shop,
    visitor: &Visitor,
    visit: &Visit,
    secret: &str,
) -> ShopResult<bool> {
    let Some(running) = visitor.attempt().await? else { return Ok(false) };
    let Some(ended) = attempt::ended(shop, visit, &running, secret).await? else {
        return Ok(false);
    };
    visitor.clear_attempt().await?;
    if let Ended::Bought(pieces) = ended {
        let bag = visitor.bag().await?;
        let left: Vec<String> = bag.into_iter().filter(|piece| !pieces.contains(piece)).collect();
        visitor.set_bag(&left).await?;
    }
    Ok(true)
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
    match cancel::cancel(&state.shop, &secret, Timestamp::now()).await {
        Ok(Cancelled::Done | Cancelled::Paid | Cancelled::Closed) => {
            Redirect::to(&Route::Order { secret }.path(language)).into_response()
        }
        Ok(Cancelled::Unavailable) => {
            personal(error::unavailable(&visitor.bare_visit(&state, language)))
        }
        Ok(Cancelled::Unknown) => errors::not_found(&state, &visitor, language).await,
        Err(error) => errors::of_shop(&state, &visitor, language, error),
    }
}
