//! The purchase form. Each time it is sent, what was typed is kept with the session. The answer
//! redirects to the form, which shows what was typed and its errors, or to the payment page. Prices
//! and availability come from the database, never from the form.

use axum::extract::{Form, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::id::SessionId;
use domain::language::Language;
use http::StatusCode;
use jiff::Timestamp;
use store::ids;
use store::session;

use app::backend::shop::{CheckoutForm, CheckoutTrouble, Pressed, Visit};
use app::pages::shop::checkout as page;
use app::routes::Route;

use super::currency;
use super::errors;
use super::guard::{Pace, RETRY_AFTER_S};
use super::language;
use super::notice;
use super::personal::personal;
use super::visit::Visitor;
use crate::http::edge::visitor_limit::Network;
use crate::http::state::AppState;
use crate::kernel::error::{ShopError, ShopResult};
use crate::sales::checkout::{self, NotPlaced, Placed, Refused};
use crate::sales::draft::{self, Before, Draft};
use crate::sales::{Asker, Shop};

/// GET: the form with what was typed so far, or the bag if it is empty.
pub(super) async fn show(
    State(state): State<AppState>,
    visitor: Visitor,
    language: Language,
) -> Response {
    let shown = async {
        let mine = visitor.remembered(&state).await?;
        let mut told: Vec<CheckoutTrouble> = notice::take(&state, &visitor, &mine).await?;
        let Some(key) = mine.key.as_ref().filter(|_| !(mine.bag.is_empty() && told.is_empty()))
        else {
            return Ok(Redirect::to(&Route::Bag.path(language)).into_response());
        };
        let (shop, visit) = visitor.enter(&state, language, mine.bag_count()).await?;
        let mut draft = match draft::of(&shop, key, visit.now).await? {
            Some(draft) => draft,
            None => first_draft(&visitor, language),
        };
        draft.form.attempt = mine.attempt.unwrap_or_default();
        // The currency that she chose last, here or on another page.
        draft.form.currency = visit.currency.code().to_owned();
        let view = checkout::view_of(&shop, &visit, draft, &mine.bag, told.pop()).await?;
        Ok(personal(page::page(&visit, &view, 200)))
    };
    shown.await.unwrap_or_else(|error| errors::of_shop(&state, &visitor, language, error))
}

/// The draft of a visitor who typed nothing yet.
fn first_draft(visitor: &Visitor, language: Language) -> Draft {
    let country = language::country(&visitor.headers, language);
    let country = country.map(|country| country.code().to_owned()).unwrap_or_default();
    Draft { form: CheckoutForm { country, ..CheckoutForm::default() }, errors: Vec::new() }
}

/// POST: keeps what was typed, or places the order and redirects to the payment page.
pub(super) async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
    network: Network,
    pace: Pace,
    language: Language,
    Form(form): Form<CheckoutForm>,
) -> Response {
    let submitted = match pace {
        Pace::Within => try_submit(&state, &visitor, network, language, form).await,
        Pace::Over => only_keep(&state, &visitor, language, form).await,
    };
    submitted.unwrap_or_else(|error| errors::of_shop(&state, &visitor, language, error))
}

/// A form over the limit: what she typed is kept, and she is told to wait.
async fn only_keep(
    state: &AppState,
    visitor: &Visitor,
    language: Language,
    form: CheckoutForm,
) -> ShopResult<Response> {
    let Some(key) = visitor.remembered(state).await?.key else {
        return Ok(StatusCode::TOO_MANY_REQUESTS.into_response());
    };
    let now = Timestamp::now();
    draft::keep(&state.shop, &key, &form, Before::Kept, now).await?;
    let mut tx = state.shop.db.begin().await?;
    let told = CheckoutTrouble::TooManyForms { retry_after_s: RETRY_AFTER_S };
    notice::leave(&mut tx, &key, &told, now).await?;
    tx.commit().await?;
    Ok(Redirect::to(&Route::Checkout.path(language)).into_response())
}

async fn try_submit(
    state: &AppState,
    visitor: &Visitor,
    network: Network,
    language: Language,
    mut form: CheckoutForm,
) -> ShopResult<Response> {
    let mine = visitor.remembered(state).await?;
    let (shop, visit) = visitor.enter(state, language, mine.bag_count()).await?;
    let Some(key) = mine.key.clone() else {
        return without_session(&shop, &visit, form).await;
    };
    let before = match form.pressed() {
        Pressed::Keep => Some(Before::Kept),
        Pressed::Update => Some(Before::Forgotten),
        // It is kept with the order, or with its errors.
        Pressed::Pay => None,
    };
    if let Some(before) = before {
        draft::keep(&shop, &key, &form, before, visit.now).await?;
    }
    // The currency chosen here is used on every other page from now on.
    let preference = currency::changed(state, &visit, &form.currency);
    let here = Route::Checkout.path(language);
    let next = match form.pressed() {
        Pressed::Keep => here,
        // The redirect leads to the ways of delivery, not to the top of the page.
        Pressed::Update => format!("{here}#{}", page::DELIVERY),
        Pressed::Pay => {
            // The attempt comes from the session and not from the form: a shopper has one unpaid
            // order, however often she reloads.
            let begins_attempt = mine.attempt.is_none();
            form.attempt = mine.attempt.unwrap_or_else(ids::new_id);
            let asker =
                Asker { session: Some(key.clone()), begins_attempt, network: Some(network.0) };
            match place(&shop, &visit, form.clone(), &key, &mine.bag, asker).await? {
                Ok(Placed { payment_url, secret }) => {
                    payment_url.unwrap_or_else(|| Route::Order { secret }.path(language))
                }
                Err(refused) => {
                    turned_away(&shop, &key, &visit, &form, refused).await?;
                    here
                }
            }
        }
    };
    let mut response = Redirect::to(&next).into_response();
    currency::put(&mut response, preference);
    Ok(response)
}

/// The answer to a visitor without a session, whose bag is empty. What was typed cannot be kept, so
/// the answer is the page itself.
async fn without_session(shop: &Shop, visit: &Visit, form: CheckoutForm) -> ShopResult<Response> {
    if form.pressed() != Pressed::Pay {
        let view = checkout::view(shop, visit, form, &[]).await?;
        return Ok(personal(page::page(visit, &view, 200)));
    }
    let form = CheckoutForm { attempt: ids::new_id(), ..form };
    match checkout::place(shop, visit, form.clone(), &[], &Asker::default()).await? {
        Err(NotPlaced::Refused(Refused { errors, trouble, .. })) => {
            let draft = Draft { form, errors };
            let view = checkout::view_of(shop, visit, draft, &[], trouble).await?;
            Ok(personal(page::page(visit, &view, 422)))
        }
        // No order is placed for an empty bag.
        Ok(_) | Err(NotPlaced::AttemptUsedUp | NotPlaced::AttemptBegun(_)) => {
            Ok(Redirect::to(&Route::Bag.path(visit.language)).into_response())
        }
    }
}

/// Places the order. It uses the attempt that another form of the session began a moment ago, if
/// there is one, and a new attempt when the session's attempt is an order that is paid.
async fn place(
    shop: &Shop,
    visit: &Visit,
    mut form: CheckoutForm,
    key: &SessionId,
    bag: &[String],
    mut asker: Asker,
) -> ShopResult<Result<Placed, Refused>> {
    loop {
        match checkout::place(shop, visit, form.clone(), bag, &asker).await? {
            Ok(placed) => return Ok(Ok(placed)),
            Err(NotPlaced::Refused(refused)) => return Ok(Err(refused)),
            // Stored before anything is held for it, so that she finds her own hold when she comes back.
            Err(NotPlaced::AttemptUsedUp) => {
                let new = ids::new_id();
                let next = session::replace_attempt(&shop.db, key, &form.attempt, &new);
                form.attempt = next.await?.ok_or_else(ShopError::session_ended)?;
            }
            Err(NotPlaced::AttemptBegun(running)) => {
                form.attempt = running;
                asker.begins_attempt = false;
            }
        }
    }
}

/// Keeps the errors beside what was typed, and takes unavailable pieces out of the bag.
async fn turned_away(
    shop: &Shop,
    key: &SessionId,
    visit: &Visit,
    form: &CheckoutForm,
    Refused { errors, trouble, gone }: Refused,
) -> ShopResult<()> {
    let mut tx = shop.db.begin().await?;
    draft::keep_judged(&mut tx, key, form, &errors, visit.now).await?;
    session::take_out(&mut tx, key, &gone).await?;
    if let Some(trouble) = &trouble {
        notice::leave(&mut tx, key, trouble, visit.now).await?;
    }
    tx.commit().await?;
    Ok(())
}
