//! Error pages. The cause of an error is logged with the request's id and never sent.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::language::Language;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};

use app::Page;
use app::backend::BackendError;
use app::backend::shop::Visit;
use app::pages::shop::error as page;
use app::routes::{Refusal, Route};

use super::guard::RETRY_AFTER_S;
use super::language;
use super::personal::personal;
use super::visit::{self, Visitor};
use crate::http::edge::panic::Panicked;
use crate::http::edge::watch::RequestId;
use crate::http::state::AppState;
use crate::kernel::error::{ShopError, ShopResult};
use crate::sales::Shop;

/// There is no page at this address, but it may be another spelling of a page's address.
pub(super) async fn not_found(
    State(state): State<AppState>,
    uri: Uri,
    visitor: Visitor,
) -> Response {
    if let Some(page) = Route::page_at(uri.path()).filter(|page| page != uri.path()) {
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        return Redirect::permanent(&format!("{page}{query}")).into_response();
    }
    let language =
        language::of_path(&visitor.path).unwrap_or_else(|| language::wanted(&visitor.headers));
    not_found_page(&state, &visitor, language).await
}

/// The shop and the visit, with the number of pieces in the visitor's bag.
async fn entered(
    state: &AppState,
    visitor: &Visitor,
    language: Language,
) -> ShopResult<(Shop, Visit)> {
    let bag_count = visitor.bag_count(state).await?;
    visitor.enter(state, language, bag_count).await
}

/// The page for a thing that does not exist, with other pieces to look at.
pub(super) async fn not_found_page(
    state: &AppState,
    visitor: &Visitor,
    language: Language,
) -> Response {
    let shown = match entered(state, visitor, language).await {
        Ok((shop, visit)) => page::not_found_with_suggestions(&shop.catalogue, &visit).await,
        Err(error) => Err(error.into()),
    };
    match shown {
        Ok(found) => personal(found),
        Err(error) => of_backend(state, visitor, language, &error),
    }
}

/// The page for an error of a use case.
pub(super) fn of_shop(
    state: &AppState,
    visitor: &Visitor,
    language: Language,
    error: ShopError,
) -> Response {
    of_backend(state, visitor, language, &error.into())
}

/// The page for an error of the backend; its cause goes to the log.
pub(super) fn of_backend(
    state: &AppState,
    visitor: &Visitor,
    language: Language,
    error: &BackendError,
) -> Response {
    let visit = visitor.bare_visit(state, language);
    match error {
        BackendError::Unavailable(what) => {
            tracing::warn!(id = %visitor.request_id, %what, "unavailable");
            personal(page::unavailable(&visit))
        }
        BackendError::Internal(what) => {
            tracing::error!(id = %visitor.request_id, %what, "internal error");
            personal(page::server_error(&visit, &visitor.request_id))
        }
    }
}

/// GET: why a form was refused.
pub(super) async fn refused(
    State(state): State<AppState>,
    visitor: Visitor,
    language: Language,
    refusal: Refusal,
) -> Response {
    let visit = match entered(&state, &visitor, language).await {
        Ok((_, visit)) => visit,
        Err(_) => visitor.bare_visit(&state, language),
    };
    let mut response = personal(page::refused(&visit, refusal, u64::from(RETRY_AFTER_S)));
    if refusal == Refusal::TooMany {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
    }
    response
}

/// Why a form was answered with `status` before a handler took it.
fn refusal_of(status: StatusCode) -> Option<Refusal> {
    match status {
        StatusCode::FORBIDDEN => Some(Refusal::OtherSite),
        StatusCode::TOO_MANY_REQUESTS => Some(Refusal::TooMany),
        StatusCode::BAD_REQUEST
        | StatusCode::UNPROCESSABLE_ENTITY
        | StatusCode::UNSUPPORTED_MEDIA_TYPE => Some(Refusal::Unreadable),
        _ => None,
    }
}

/// The visitor without session and headers, and the language of the answer.
fn asking(request: &Request) -> (Visitor, Language) {
    let path = visit::local(request.uri().path());
    let language = language::of_path(&path).unwrap_or_else(|| language::wanted(request.headers()));
    let request_id =
        request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let visitor =
        Visitor { path, session: None, headers: HeaderMap::new(), request_id, is_unread: true };
    (visitor, language)
}

/// Renders a page for a bare error (of an extractor, a layer or a panic).
pub(super) async fn render_error_pages(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let (visitor, language) = asking(&request);
    // No address of ours has a NUL, and PostgreSQL's texts cannot have one.
    if visitor.path.contains("%00") {
        return personal(page::not_found(&visitor.bare_visit(&state, language), Vec::new()));
    }
    let is_form = *request.method() == Method::POST && Route::is_sent_to(request.uri().path());
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || is_page(response.headers()) {
        return response;
    }
    // A redirect, because a browser that goes back to the answer of a form asks to send it again.
    if is_form && let Some(refusal) = refusal_of(status) {
        return Redirect::to(&Route::Refused(refusal).path(language)).into_response();
    }
    let visit = visitor.bare_visit(&state, language);
    let page = if response.extensions().get::<Panicked>().is_some() {
        Some(page::server_error(&visit, &visitor.request_id))
    } else {
        of_status(&visit, status)
    };
    let Some(page) = page else { return response };
    let mut dressed = personal(page);
    if let Some(allow) = response.headers().get(header::ALLOW) {
        dressed.headers_mut().insert(header::ALLOW, allow.clone());
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        dressed.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_S));
    }
    dressed
}

fn is_page(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|v| v.as_bytes().starts_with(b"text/html"))
}

fn of_status(visit: &Visit, status: StatusCode) -> Option<Page> {
    let page = match status {
        StatusCode::FORBIDDEN => page::forbidden(visit),
        StatusCode::NOT_FOUND => page::not_found(visit, Vec::new()),
        StatusCode::METHOD_NOT_ALLOWED => page::wrong_method(visit),
        StatusCode::GONE => page::gone(visit, Vec::new()),
        StatusCode::PAYLOAD_TOO_LARGE => page::too_large(visit),
        StatusCode::BAD_REQUEST
        | StatusCode::UNPROCESSABLE_ENTITY
        | StatusCode::UNSUPPORTED_MEDIA_TYPE => page::invalid(visit),
        StatusCode::TOO_MANY_REQUESTS => page::too_many(visit, u64::from(RETRY_AFTER_S)),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => page::unavailable(visit),
        // Handlers answer with pages and panics are marked, so this error comes from the layer of
        // sessions, which could not write a session. The visitor may try again.
        StatusCode::INTERNAL_SERVER_ERROR => return Some(page::unavailable(visit)),
        _ => return None,
    };
    Some(Page { status: status.as_u16(), ..page })
}
