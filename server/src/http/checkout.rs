//! The purchase form. What was typed is kept on every refusal; prices and what can be had
//! come from the database, never from the form.

use axum::extract::{Form, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::language::Language;

use app::backend::shop::{CheckoutForm, CheckoutTrouble, CheckoutView};
use app::pages::shop::checkout as page;
use app::routes::Route;

use super::AppState;
use super::errors;
use super::pages::personal;
use super::visit::Visitor;
use crate::error::ShopResult;
use crate::ids;
use crate::shop::checkout::{self, Placed, Refused};

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
        let visit = visitor.visit(&state, language).await?;
        let form = CheckoutForm { attempt: attempt(&visitor).await?, ..CheckoutForm::default() };
        let view = checkout::view(&state.shop, &visit, form, &pieces).await?;
        Ok(personal(page::page(&visit, &view, 200)))
    };
    shown.await.unwrap_or_else(|error| errors::of_shop(&state, &visitor, language, error))
}

/// POST: recalculates, or places the order and leads to the payment page.
pub(super) async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
    language: Language,
    Form(form): Form<CheckoutForm>,
) -> Response {
    try_submit(&state, &visitor, language, form)
        .await
        .unwrap_or_else(|error| errors::of_shop(&state, &visitor, language, error))
}

async fn try_submit(
    state: &AppState,
    visitor: &Visitor,
    language: Language,
    mut form: CheckoutForm,
) -> ShopResult<Response> {
    let mut pieces = visitor.bag().await?;
    // The attempt is the session's: one shopper has one unpaid order, whatever she reloads.
    // A new one is kept before anything is held for it: after an answer that is an error the
    // session would not be, and her own order would keep her from her pieces.
    let is_new = visitor.attempt().await?.is_none();
    form.attempt = attempt(visitor).await?;
    if is_new && !pieces.is_empty() {
        visitor.save().await?;
    }
    let visit = visitor.visit(state, language).await?;
    if form.action != "pay" {
        let view = checkout::view(&state.shop, &visit, form, &pieces).await?;
        return Ok(personal(page::page(&visit, &view, 200)));
    }
    match checkout::place(&state.shop, &visit, form, &pieces).await? {
        Ok(Placed { payment_url, secret }) => {
            let next = payment_url.unwrap_or_else(|| Route::Order { secret }.path(language));
            Ok(Redirect::to(&next).into_response())
        }
        Err(Refused { view, gone }) => {
            if !gone.is_empty() {
                pieces.retain(|piece| !gone.contains(piece));
                visitor.set_bag(&pieces).await?;
            }
            let visit = visitor.visit(state, language).await?;
            Ok(personal(page::page(&visit, &view, status(&view))))
        }
    }
}

fn status(view: &CheckoutView) -> u16 {
    match view.trouble {
        Some(CheckoutTrouble::Taken(_)) => 409,
        Some(CheckoutTrouble::PaymentUnavailable) => 503,
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
