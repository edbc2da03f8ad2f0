//! The pages that shoppers see, in Spanish and English, without JavaScript.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
    routing::get,
};

use crate::{
    actions::payments::{self, Outcome, Refusal},
    base::{email::is_email, ids::new_id},
    http::app::App,
    objects::{
        session::{Customer, Session, Status},
        test_cards::{self, InvalidInput},
    },
    pages::{
        html::{page, see_other},
        session_page::{authentication_page, closed_page, form_page, test_cards_table},
        typed_input::TypedInput,
        words::{Words, words},
    },
};

/// The routes of all pages.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(home))
        .route("/c/pay/{session}", get(show).post(pay))
        .route("/c/pay/{session}/authenticate", get(show_authentication).post(authenticate))
}

/// The language of the session, or of the browser if the session has none.
fn language(session: Option<&Session>, headers: &HeaderMap) -> &'static Words {
    let wanted = session.and_then(|session| session.locale.as_deref());
    let browser = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    words(wanted.filter(|locale| *locale != "auto").or(browser).unwrap_or("en"))
}

async fn home(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let words = language(None, &headers);
    let (open, paid) = app.read(|store| {
        let count = |status| {
            store.sessions.newest_first().filter(|session| session.status == status).count()
        };
        (count(Status::Open), count(Status::Complete))
    });
    let body = format!(
        "<h1>{}</h1><p>{}</p><p>{open} open · {paid} complete · \
         <a href=\"/_simulator\">/_simulator</a></p>{}",
        words.home_title,
        words.home_text,
        test_cards_table(words, true),
    );
    page(StatusCode::OK, words, words.home_title, &body)
}

fn find_session(app: &Arc<App>, id: &str) -> Option<Session> {
    app.read(|store| store.sessions.get(id).cloned())
}

async fn show(State(app): State<Arc<App>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let session = find_session(&app, &id);
    let words = language(session.as_ref(), &headers);
    match &session {
        Some(session) if session.status == Status::Open => {
            form_page(StatusCode::OK, session, words, &TypedInput::default(), None)
        }
        closed => {
            let mut response = closed_page(closed.as_ref(), words);
            // A conflict is only an attempt to pay again, not a look at the page.
            if response.status() == StatusCode::CONFLICT {
                *response.status_mut() = StatusCode::OK;
            }
            response
        }
    }
}

/// The field of an invalid input, and the message for it.
fn error_of(invalid: InvalidInput, words: &Words) -> (&'static str, &str) {
    match invalid {
        InvalidInput::Number => ("card_number", words.wrong_number),
        InvalidInput::Expiry => ("expiry", words.wrong_expiry),
        InvalidInput::Cvc => ("cvc", words.wrong_cvc),
        InvalidInput::Account => ("iban", words.wrong_account),
    }
}

async fn pay(State(app): State<Arc<App>>, Path(id): Path<String>, request: Request) -> Response {
    let session = find_session(&app, &id);
    let words = language(session.as_ref(), request.headers());
    let typed = TypedInput::read(request).await;
    let Some(session) = session.filter(|session| session.status == Status::Open) else {
        return closed_page(find_session(&app, &id).as_ref(), words);
    };
    let email = session.customer_email.clone().unwrap_or_else(|| typed.email.clone());
    let invalid = StatusCode::UNPROCESSABLE_ENTITY;
    if !is_email(&email) {
        let error = Some(("email", words.wrong_email));
        return form_page(invalid, &session, words, &typed, error);
    }
    let by_bank = typed.method == "sepa_debit" || session.methods() == ["sepa_debit"];
    let instrument = if by_bank {
        test_cards::account(new_id("pm_1", 23), &typed.iban)
    } else {
        let id = new_id("pm_1", 23);
        test_cards::card(id, &typed.card_number, &typed.expiry, &typed.cvc, app.now())
    };
    let instrument = match instrument {
        Ok(instrument) => instrument,
        Err(input) => {
            let error = Some(error_of(input, words));
            return form_page(invalid, &session, words, &typed, error);
        }
    };
    let customer = Customer {
        email,
        name: (!typed.name.is_empty()).then(|| typed.name.clone()),
        country: None,
    };
    let outcome = app.write(|store| payments::pay(store, &id, instrument, customer));
    respond_to(&app, &id, outcome, words, &typed)
}

/// What the shopper sees after an attempt to pay.
fn respond_to(
    app: &Arc<App>,
    id: &str,
    outcome: Result<Outcome, Refusal>,
    words: &Words,
    typed: &TypedInput,
) -> Response {
    let Some(session) = find_session(app, id) else {
        return closed_page(None, words);
    };
    match outcome {
        Ok(Outcome::Done) => see_other(&session.return_url()),
        Ok(Outcome::Authenticate) => see_other(&format!("/c/pay/{id}/authenticate")),
        Ok(Outcome::Declined(decline)) => {
            let sentence = words.decline(&decline);
            let error = Some(("", sentence));
            form_page(StatusCode::PAYMENT_REQUIRED, &session, words, typed, error)
        }
        Err(Refusal::NothingToAuthenticate) => see_other(&format!("/c/pay/{id}")),
        Err(Refusal::Method) => {
            let error = Some(("", words.wrong_method));
            form_page(StatusCode::UNPROCESSABLE_ENTITY, &session, words, typed, error)
        }
        Err(Refusal::Unknown | Refusal::Expired | Refusal::Complete) => {
            closed_page(Some(&session), words)
        }
    }
}

async fn show_authentication(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let session = find_session(&app, &id);
    let words = language(session.as_ref(), &headers);
    let Some(session) = session.filter(|session| session.status == Status::Open) else {
        return closed_page(find_session(&app, &id).as_ref(), words);
    };
    if session.authenticating.is_none() {
        return see_other(&format!("/c/pay/{id}"));
    }
    authentication_page(&session, words)
}

async fn authenticate(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    let session = find_session(&app, &id);
    let words = language(session.as_ref(), request.headers());
    let typed = TypedInput::read(request).await;
    let passed = match typed.outcome.as_str() {
        "complete" => true,
        "fail" => false,
        _ => return see_other(&format!("/c/pay/{id}/authenticate")),
    };
    let outcome = app.write(|store| payments::authenticate(store, &id, passed));
    respond_to(&app, &id, outcome, words, &TypedInput::default())
}
