//! The purchase form. What was typed is kept on every refusal; prices and what can be had
//! come from the database, never from the form.

use axum::extract::{Form, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::language::Language;

use app::backend::shop::{CheckoutForm, CheckoutTrouble, CheckoutView, Visit};
use app::pages::shop::checkout as page;
use app::routes::Route;

use super::AppState;
use super::currency;
use super::errors;
use super::guard::Network;
use super::language;
use super::pages::personal;
use super::visit::Visitor;
use crate::error::ShopResult;
use crate::ids;
use crate::shop::checkout::{self, NotPlaced, Placed, Refused};
use crate::shop::{Asker, Shop};

/// GET: the form; with an empty bag, the bag.
pub(super) async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    language: Language,
) -> Response {
    let shown = async {
        let pieces = visitor.bag().await?;
        if pieces.is_empty() {
            return Ok(Redirect::to(&Route::Bag.path(language)).into_response());
        }
        let (shop, visit) = visitor.enter(&state, language).await?;
        let country = language::country(&visitor.headers, language);
        let form = CheckoutForm {
            attempt: attempt(&visitor).await?,
            country: country.map(|country| country.code().to_owned()).unwrap_or_default(),
            ..CheckoutForm::default()
        };
        let view = checkout::view(&shop, &visit, form, &pieces).await?;
        Ok(personal(page::page(&visit, &view, 200)))
    };
    shown.await.unwrap_or_else(|error| errors::of_shop(&state, &visitor, language, error))
}

/// POST: recalculates, or places the order and leads to the payment page.
pub(super) async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
    network: Network,
    language: Language,
    Form(form): Form<CheckoutForm>,
) -> Response {
    try_submit(&state, &visitor, network, language, form)
        .await
        .unwrap_or_else(|error| errors::of_shop(&state, &visitor, language, error))
}

async fn try_submit(
    state: &AppState,
    visitor: &Visitor,
    network: Network,
    language: Language,
    mut form: CheckoutForm,
) -> ShopResult<Response> {
    let pieces = visitor.bag().await?;
    // The attempt is the session's: one shopper has one unpaid order, whatever she reloads.
    // A new one is kept before anything is held for it: after an answer that is an error the
    // session would not be, and her own order would keep her from her pieces.
    let is_new = visitor.attempt().await?.is_none();
    form.attempt = attempt(visitor).await?;
    if is_new && !pieces.is_empty() {
        visitor.save().await?;
    }
    let (shop, visit) = visitor.enter(state, language).await?;
    // The currency chosen here is the one of every other page from now on.
    let preference = currency::changed(state, &visit, &form.currency);
    let mut response = if form.action == "pay" {
        let asker = Asker { session: visitor.session_id(), network: Some(network.0) };
        match place(&shop, visitor, &visit, form, &pieces, &asker).await? {
            Ok(Placed { payment_url, secret }) => {
                let next = payment_url.unwrap_or_else(|| Route::Order { secret }.path(language));
                Redirect::to(&next).into_response()
            }
            Err(refused) => turned_away(visitor, visit, pieces, refused).await?,
        }
    } else {
        let view = checkout::view(&shop, &visit, form, &pieces).await?;
        personal(page::page(&visit, &view, 200))
    };
    currency::put(&mut response, preference);
    Ok(response)
}

/// Places the order; under a new attempt when the session's became an order that is paid.
async fn place(
    shop: &Shop,
    visitor: &Visitor,
    visit: &Visit,
    mut form: CheckoutForm,
    pieces: &[String],
    asker: &Asker,
) -> ShopResult<Result<Placed, Refused>> {
    loop {
        match checkout::place(shop, visit, form.clone(), pieces, asker).await? {
            Ok(placed) => return Ok(Ok(placed)),
            Err(NotPlaced::Refused(refused)) => return Ok(Err(refused)),
            // Kept before anything is held under it: going back, she must find her own hold.
            Err(NotPlaced::AttemptUsedUp) => {
                form.attempt = ids::new_id();
                visitor.set_attempt(&form.attempt).await?;
                visitor.save().await?;
            }
        }
    }
}

/// The page again; what is gone leaves the bag.
async fn turned_away(
    visitor: &Visitor,
    mut visit: Visit,
    mut pieces: Vec<String>,
    Refused { view, gone }: Refused,
) -> ShopResult<Response> {
    if !gone.is_empty() {
        pieces.retain(|piece| !gone.contains(piece));
        visitor.set_bag(&pieces).await?;
        visit.bag_count = visitor.bag_count().await?;
    }
    Ok(personal(page::page(&visit, &view, status(&view))))
}

fn status(view: &CheckoutView) -> u16 {
    match view.trouble {
        Some(CheckoutTrouble::Taken(_) | CheckoutTrouble::TotalChanged(_)) => 409,
        Some(CheckoutTrouble::TooManyHeld(_)) => 429,
        Some(CheckoutTrouble::PaymentUnavailable | CheckoutTrouble::PaymentClosed) => 503,
        _ => 422,
    }
}

/// The session's attempt at buying, made at the first sight of the form.
async fn attempt(visitor: &Visitor) -> ShopResult<String> {
    if let Some(attempt) = visitor.attempt().await? {
        return Ok(attempt);
    }
    let attempt = ids::new_id();
    visitor.set_attempt(&attempt).await?;
    Ok(attempt)
}
