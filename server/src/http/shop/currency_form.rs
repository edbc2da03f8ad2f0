//! The form in the header with which a visitor chooses the currency of prices.

use axum::extract::{Form, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::language::Language;
use domain::money::Currency;
use jiff::Timestamp;
use serde::Deserialize;

use app::pages::shop::catalogue_url;
use app::routes::Route;

use super::currency::{cookie, put};
use super::errors;
use super::pages::wanted as asked_of_the_catalogue;
use super::visit::Visitor;
use crate::http::state::AppState;
use crate::kernel::error::ShopResult;

/// A longer address is ignored.
const BACK_MAX: usize = 2_000;

/// What the header's form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    #[serde(default)]
    currency: String,
    #[serde(default)]
    back: String,
}

/// POST: remembers the choice and redirects to the page where it was made.
pub(super) async fn choose(
    State(state): State<AppState>,
    visitor: Visitor,
    language: Language,
    Form(choice): Form<Choice>,
) -> Response {
    try_choose(&state, &choice, language)
        .await
        .unwrap_or_else(|error| errors::of_shop(&state, &visitor, language, error))
}

async fn try_choose(state: &AppState, choice: &Choice, language: Language) -> ShopResult<Response> {
    let now_us = Timestamp::now().as_microsecond();
    let back = own_page(&choice.back).unwrap_or_else(|| Route::Home.path(language));
    let offered = state.shop.catalogue.currencies(now_us).await?;
    let chosen = Currency::from_code(&choice.currency).filter(|chosen| offered.contains(chosen));
    // A currency that is not offered is ignored.
    let Some(chosen) = chosen else { return Ok(Redirect::to(&back).into_response()) };
    let back = in_currency(state, back, chosen, now_us).await?;
    let mut response = Redirect::to(&back).into_response();
    put(&mut response, Some(cookie(state, chosen)));
    Ok(response)
}

/// An address of our own pages, as a page's form carries it; `None` for anything else.
fn own_page(back: &str) -> Option<String> {
    let plain =
        back.len() <= BACK_MAX && back.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let ours = super::language::of_path(back).is_some_and(|language| {
        let rest = back.strip_prefix('/').and_then(|rest| rest.strip_prefix(language.code()));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    });
    (plain && ours).then(|| back.to_owned())
}

/// The same address with its numbers in another currency.
async fn in_currency(
    state: &AppState,
    back: String,
    currency: Currency,
    now_us: i64,
) -> ShopResult<String> {
    let path = back.split('?').next().unwrap_or_default();
    if !Language::ALL.iter().any(|language| path == Route::Catalogue.path(*language)) {
        return Ok(back);
    }
    let query =
        state.shop.catalogue.in_currency(&asked_of_the_catalogue(&back), currency, now_us).await?;
    Ok(format!("{path}{}", catalogue_url::to_query(&query)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_are_gone_back_to() {
        for ours in ["/es", "/en?x=1", "/es/piezas?max=100&currency=usd", "/en/pieces/r%C3%ADo"] {
            assert_eq!(own_page(ours).as_deref(), Some(ours));
        }
        let long = format!("/es/{}", "x".repeat(BACK_MAX));
        for foreign in [
            "",
            "/",
            "es",
            "//evil.example/es",
            "/\\evil.example",
            "https://evil.example/es",
            "/es\\..\\evil",
            "/es/\r\nset-cookie: a=b",
            "/español",
            "/estafa",
            "/fr",
            "/es piezas",
            " /es",
            "javascript:alert(1)",
            "///es",
            long.as_str(),
        ] {
            assert_eq!(own_page(foreign), None, "{foreign:?}");
        }
    }
}
