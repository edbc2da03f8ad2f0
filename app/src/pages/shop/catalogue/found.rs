//! Notices of the catalogue: what was not understood, what was read as something else, that nothing was
//! found, and links to more.

use domain::language::Language;
use domain::money::Currency;
use leptos::prelude::*;

use super::filters::{self, Active, filter_name};
use super::price;
use super::url::{is_filtered, link};
use crate::backend::shop::{
    CatalogueQuery, CatalogueView, DesignCard, FilterName, NamedCurrency, SearchView,
};
use crate::components::card::Cards;
use crate::i18n::shop::catalogue as t;
use crate::routes::Route;

/// Values that were left out because they are not understood, and words that were read as others.
pub(super) fn notices(
    (language, currency): (Language, Currency),
    query: &CatalogueQuery,
    view: &CatalogueView,
) -> impl IntoView + use<> {
    let has_its_own_error = |filter| matches!(filter, FilterName::PriceMin | FilterName::PriceMax);
    // The errors of prices are repeated here, because their fields may be closed.
    let mut sentences = price::errors(language, currency, query);
    let unread = query
        .unread
        .iter()
        .filter(|unread| !has_its_own_error(unread.filter))
        .map(|unread| t::unread(language, filter_name(language, unread.filter), &unread.value));
    sentences.extend(unread);
    for slug in &query.makers {
        if !view.makers.iter().any(|facet| facet.value.slug == *slug) {
            sentences.push(t::unread(language, filter_name(language, FilterName::Maker), slug));
        }
    }
    if let SearchView::Words { read_as, .. } = &view.search {
        sentences.extend(read_as.iter().map(|(asked, read)| t::read_as(language, asked, read)));
    }
    (!sentences.is_empty()).then(|| {
        let lines = sentences.into_iter().map(|text| view! { <p>{text}</p> }).collect_view();
        view! { <div class="notice">{lines}</div> }
    })
}

/// The text of the search contains no word to search for.
pub(super) fn no_words(
    language: Language,
    query: &CatalogueQuery,
    view: &CatalogueView,
) -> impl IntoView + use<> {
    let without = CatalogueQuery { text: String::new(), page: 1, ..query.clone() };
    let all = is_filtered(&without).then(|| {
        view! { <li><a class="more" href=link(language, &without)>{t::empty_without(language, t::title_search(language, &query.text))}</a></li> }
    });
    view! {
        <div class="empty">
            <h2>{t::no_words_title(language, &query.text)}</h2>
            <p>{t::no_words_lead(language)}</p>
            <ul role="list">{all}{everything(language)}{categories(language, view)}</ul>
        </div>
        {others(language, &view.suggestions)}
    }
}

/// Nothing matches: which filters can be removed, and what else there is.
pub(super) fn nothing(
    language: Language,
    query: &CatalogueQuery,
    view: &CatalogueView,
    active: &[Active],
) -> impl IntoView + use<> {
    if !is_filtered(query) {
        return bare(language).into_any();
    }
    let way = |words: String, query: &CatalogueQuery| {
        view! { <li><a class="more" href=link(language, query)>{words}</a></li> }
    };
    let exchanged = price::exchanged(query).and_then(|other| {
        let NamedCurrency::Known(currency) = other.price_currency else { return None };
        let range = (other.price_min_minor, other.price_max_minor);
        Some(way(price::name(language, currency, range), &other))
    });
    let fewer_words = without_unknown(query, &view.search)
        .map(|other| way(t::empty_only(language, t::title_search(language, &other.text)), &other));
    let without = active
        .iter()
        .map(|filter| way(t::empty_without(language, &filter.name), &filter.without))
        .collect_view();
    let unknown = match &view.search {
        SearchView::Words { unknown, .. } if !unknown.is_empty() => {
            let words: Vec<String> =
                unknown.iter().map(|word| t::title_search(language, word)).collect();
            let words = crate::components::format::list(language, &words);
            Some(view! { <p>{t::unknown_words(language, words)}</p> })
        }
        _ => None,
    };
    view! {
        <div class="empty">
            <h2>{t::empty_title(language)}</h2>
            {unknown}
            <p>{t::empty_lead(language)}</p>
            <ul role="list">{exchanged}{fewer_words}{without}{categories(language, view)}</ul>
        </div>
        {others(language, &view.suggestions)}
    }
    .into_any()
}

/// The catalogue is empty: who we are, and how to ask.
fn bare(language: Language) -> impl IntoView {
    view! {
        <div class="empty">
            <p>{t::empty_plain(language)}</p>
            <p class="buttons">
                <a class="button" href=Route::About.path(language)>{t::empty_about(language)}</a>
                <a class="button button-plain" href=Route::Contact.path(language)>{t::empty_contact(language)}</a>
            </p>
        </div>
    }
}

/// The same search without the words that no piece has, if any words remain.
fn without_unknown(query: &CatalogueQuery, search: &SearchView) -> Option<CatalogueQuery> {
    let SearchView::Words { unknown, .. } = search else { return None };
    if unknown.is_empty() {
        return None;
    }
    let left: Vec<&str> = query
        .text
        .split_whitespace()
        .filter(|part| !domain::search_text::words(part).iter().any(|word| unknown.contains(word)))
        .collect();
    let text = left.join(" ");
    let asks = !domain::search_text::words(&text).is_empty();
    asks.then(|| CatalogueQuery { text, page: 1, ..query.clone() })
}

fn everything(language: Language) -> impl IntoView {
    view! { <li><a class="more" href=Route::Catalogue.path(language)>{t::all_pieces(language)}</a></li> }
}

/// Links to the categories that have designs.
fn categories(language: Language, view: &CatalogueView) -> impl IntoView + use<> {
    view.other_categories
        .iter()
        .map(|category| {
            let query =
                CatalogueQuery { categories: vec![*category], page: 1, ..CatalogueQuery::default() };
            view! { <li><a class="more" href=link(language, &query)>{filters::category_name(language, *category)}</a></li> }
        })
        .collect_view()
}

fn others(language: Language, suggestions: &[DesignCard]) -> impl IntoView + use<> {
    (!suggestions.is_empty()).then(|| {
        view! {
            <h2>{t::empty_suggestions(language)}</h2>
            <Cards language=language cards=suggestions.to_vec() class="cards cards-3"/>
        }
    })
}
