//! The catalogue's price filter: its two fields, what is wrong with them, and the usual ranges.

use domain::language::Language;
use domain::money::{Currency, Money};
use domain::typed_amount::NotAnAmount;
use leptos::prelude::*;

use super::url::{self, MAX_PRICE_MINOR, link, parse_price, price_text};
use crate::backend::shop::{CatalogueQuery, Facet, FilterName, NamedCurrency};
use crate::components::format;
use crate::i18n::shop::catalogue as t;

fn money(language: Language, currency: Currency, minor: i64) -> String {
    format::money_short(language, Money::new(minor, currency))
}

/// The title above the two fields.
pub(super) const fn title(language: Language, currency: Currency) -> &'static str {
    match currency {
        Currency::Pen => t::price_pen(language),
        Currency::Usd => t::price_usd(language),
        Currency::Eur => t::price_eur(language),
    }
}

/// The name of a range of prices.
pub(super) fn name(
    language: Language,
    currency: Currency,
    (min, max): (Option<i64>, Option<i64>),
) -> String {
    let price = |minor| money(language, currency, minor);
    match (min, max) {
        (Some(min), Some(max)) => t::price_between(language, price(min), price(max)),
        (None, Some(max)) => t::price_up_to(language, price(max)),
        (Some(min), None) => t::price_over(language, price(min)),
        (None, None) => title(language, currency).to_owned(),
    }
}

/// The same query with the two prices exchanged, if the least is more than the greatest.
pub(super) fn exchanged(query: &CatalogueQuery) -> Option<CatalogueQuery> {
    let (min, max) = (query.price_min_minor?, query.price_max_minor?);
    (min > max).then(|| CatalogueQuery {
        price_min_minor: Some(max),
        price_max_minor: Some(min),
        page: 1,
        ..query.clone()
    })
}

/// What is wrong with the price of a field, if anything is.
fn error_of(
    language: Language,
    currency: Currency,
    query: &CatalogueQuery,
    filter: FilterName,
) -> Option<String> {
    if let Some(typed) = typed(query, filter) {
        return Some(match parse_price(typed, currency) {
            Err(NotAnAmount::OtherCurrency) => {
                t::price_other_currency(language, typed, title(language, currency))
            }
            Err(NotAnAmount::BelowZero) => t::price_below_zero(language).to_owned(),
            Err(NotAnAmount::TooFine) => t::price_too_fine(language).to_owned(),
            Err(NotAnAmount::TooMuch) => {
                t::price_too_much(language, money(language, currency, MAX_PRICE_MINOR))
            }
            Ok(_) | Err(NotAnAmount::NotANumber) => t::price_no_number(language, typed),
        });
    }
    let crossed = filter == FilterName::PriceMax && exchanged(query).is_some();
    crossed.then(|| t::price_crossed(language).to_owned())
}

/// What is wrong with the prices, for a notice outside the form.
pub(super) fn errors(
    language: Language,
    currency: Currency,
    query: &CatalogueQuery,
) -> Vec<String> {
    [FilterName::PriceMin, FilterName::PriceMax]
        .into_iter()
        .filter_map(|filter| error_of(language, currency, query, filter))
        .collect()
}

/// Two fields, the currency of what is typed into them, and the usual ranges as links.
pub(super) fn fields(
    (language, currency): (Language, Currency),
    query: &CatalogueQuery,
    facets: &[Facet<(Option<i64>, Option<i64>)>],
) -> impl IntoView + use<> {
    let chosen = (query.price_min_minor, query.price_max_minor);
    let in_currency = NamedCurrency::Known(currency);
    let ranges = facets
        .iter()
        .filter(|facet| facet.count > 0 || facet.value == chosen)
        .map(|facet| {
            let (min, max) = facet.value;
            let chosen = chosen == facet.value;
            let other = CatalogueQuery { price_min_minor: min, price_max_minor: max, price_currency: in_currency, page: 1, ..query.clone() };
            view! {
                <li>
                    <a href=link(language, &other) aria-current=chosen.then_some("true")>{name(language, currency, (min, max))}</a>
                    <span class="count">{facet.count}</span>
                </li>
            }
        })
        .collect_view();
    let (min, max) = (typed(query, FilterName::PriceMin), typed(query, FilterName::PriceMax));
    let min_error = error_of(language, currency, query, FilterName::PriceMin);
    let max_error = error_of(language, currency, query, FilterName::PriceMax);
    view! {
        <ul class="ranges" role="list">{ranges}</ul>
        <input type="hidden" name=url::CURRENCY value=url::currency_code(in_currency)/>
        <div class="range">
            {field(url::MIN, t::price_min(language), min, query.price_min_minor, min_error.is_some())}
            {field(url::MAX, t::price_max(language), max, query.price_max_minor, max_error.is_some())}
        </div>
        {error_text(url::MIN, min_error)}
        {error_text(url::MAX, max_error)}
    }
}

/// A text that was typed as a price but is none.
fn typed(query: &CatalogueQuery, filter: FilterName) -> Option<&str> {
    let last = query.unread.iter().rev().find(|unread| unread.filter == filter)?;
    Some(&last.value)
}

/// The field of one price, which keeps what was typed. It is a text field with a numeric keyboard,
/// because a number field accepts neither a comma nor values between its steps.
fn field(
    name: &'static str,
    words: &'static str,
    typed: Option<&str>,
    minor: Option<i64>,
    bad: bool,
) -> impl IntoView + use<> {
    let value = typed.map(str::to_owned).or_else(|| minor.map(price_text));
    let described = bad.then(|| format!("{name}-error"));
    view! {
        <label>
            <span>{words}</span>
            <input class="input" type="text" name=name inputmode="decimal" autocomplete="off" maxlength=url::MOST_VALUE_LETTERS value=value
                aria-invalid=bad.then_some("true") aria-describedby=described/>
        </label>
    }
}

/// What is wrong with the price of a field.
fn error_text(name: &'static str, error: Option<String>) -> impl IntoView + use<> {
    error.map(|error| view! { <p class="error" id=format!("{name}-error")>{error}</p> })
}
