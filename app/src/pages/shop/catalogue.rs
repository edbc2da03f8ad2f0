//! The catalogue: designs with their pieces, under filters that live in the URL.

pub(super) mod filters;
mod found;
mod price;
#[cfg(test)]
mod tests;
pub mod url;

use domain::language::Language;
use domain::money::Currency;
use leptos::prelude::*;

use self::filters::Active;
use self::url::{is_filtered, link, to_query};
use crate::Page;
use crate::backend::shop::{CatalogueQuery, CatalogueView, SearchView, Sort, Visit};
use crate::backend::{BackendResult, ShopBackend};
use crate::components::card::Cards;
use crate::i18n::shop::catalogue;
use crate::routes::Route;
use crate::shell::{self, Head, Section};

/// Photographs that load at once: the first row on a wide screen.
const FIRST_ROW: usize = 3;

/// One page of the catalogue. `query` is what [`url::parse`] read.
///
/// # Errors
/// When the backend does not answer.
pub async fn page(
    backend: &dyn ShopBackend,
    visit: &Visit,
    query: CatalogueQuery,
) -> BackendResult<Page> {
    let view = backend.catalogue(visit, &query).await?;
    Ok(render(visit, query, view))
}

fn render(visit: &Visit, query: CatalogueQuery, view: CatalogueView) -> Page {
    let language = visit.language;
    let currency = visit.currency_for(&query);
    // Prices cannot be compared in a currency that the shop does not charge. Then the range is left
    // out, and the page says so.
    let left_out = query.has_price_bound() && query.currency_of_prices(&visit.currencies).is_none();
    let query = if left_out { query.without_prices() } else { query };
    // A page beyond the last shows the last one, and all links are made for the page that is shown.
    let query = CatalogueQuery { page: view.page.max(1), ..query };
    let active = filters::active(language, &query, &view.makers);
    let mut head = head(language, &query, &view);
    head.index &= !left_out;
    let shown = Shown { language, currency, left_out };
    shell::page(visit, head, || content(&shown, query, view, active))
}

/// How a page of the catalogue is shown.
struct Shown {
    language: Language,
    /// Currency of its prices: the one that the URL names, else the visitor's.
    currency: Currency,
    /// Whether the range of prices in the URL was left out.
    left_out: bool,
}

fn title(language: Language, query: &CatalogueQuery) -> String {
    match (query.text.is_empty(), query.categories.as_slice()) {
        (false, _) => catalogue::title_search(language, &query.text),
        (true, [category]) => filters::category_name(language, *category).to_owned(),
        (true, _) => catalogue::title(language).to_owned(),
    }
}

/// The description for search engines. Each category and each page of the list has its own.
fn description(language: Language, query: &CatalogueQuery) -> String {
    let words = match (query.text.is_empty(), query.categories.as_slice()) {
        (false, _) => catalogue::description_search(language, &query.text),
        (true, [category]) => {
            catalogue::description_of(language, filters::category_name(language, *category))
        }
        (true, _) => catalogue::description(language).to_owned(),
    };
    match query.page {
        0 | 1 => words,
        page => catalogue::description_page(language, words, page),
    }
}

/// Search engines may list the plain catalogue and each category, with all pages in the usual order.
/// Other combinations of filters only repeat the same designs.
fn head(language: Language, query: &CatalogueQuery, view: &CatalogueView) -> Head {
    let listed = CatalogueQuery {
        categories: query.categories.iter().take(1).copied().collect(),
        page: query.page,
        ..CatalogueQuery::default()
    };
    let mut title = title(language, query);
    if query.page > 1 {
        title = catalogue::title_page(language, title, query.page);
    }
    let at = |page| link(language, &CatalogueQuery { page, ..query.clone() });
    Head {
        index: *query == listed && view.total > 0,
        query: to_query(query),
        canonical_query: to_query(&listed),
        previous: (view.page > 1).then(|| at(view.page - 1)),
        next: (view.page < view.pages).then(|| at(view.page + 1)),
        section: Some(Section::Pieces),
        ..Head::new(title, description(language, query), Route::Catalogue)
    }
}

fn content(
    shown: &Shown,
    query: CatalogueQuery,
    view: CatalogueView,
    active: Vec<Active>,
) -> impl IntoView + use<> {
    let language = shown.language;
    let counts = match view.total {
        0 => String::new(),
        total => {
            let free = match view.pieces_available {
                0 => catalogue::pieces_none(language).to_owned(),
                count => catalogue::pieces(language, count),
            };
            format!("{}, {free}", catalogue::designs(language, total))
        }
    };
    // In an empty catalogue there is nothing to filter or to sort.
    let bare = view.total == 0 && !is_filtered(&query) && query.unread.is_empty();
    // Without filters the list has the whole width.
    let frame = if bare { "catalogue-bare" } else { "catalogue" };
    let filter_panel =
        (!bare).then(|| filters::panel((language, shown.currency), &query, &view, active.len()));
    let left_out = shown.left_out.then(|| {
        view! { <p class="notice" role="status">{catalogue::price_left_out(language)}</p> }
    });
    let sorting = (!bare).then(|| sorting(language, &query));
    let counts = (!counts.is_empty()).then(|| view! { <p role="status">{counts}</p> });
    let pager = pages(language, &query, view.pages);
    let notices = found::notices((language, shown.currency), &query, &view);
    let results = if view.search == SearchView::NoWords {
        found::no_words(language, &query, &view).into_any()
    } else if view.cards.is_empty() {
        found::nothing(language, &query, &view, &active).into_any()
    } else {
        let sizes = "(min-width: 82rem) 290px, (min-width: 62rem) 24vw, 44vw";
        view! { <Cards language=language cards=view.cards eager=FIRST_ROW sizes=sizes class="cards cards-3"/> }.into_any()
    };
    view! {
        <div class="wrap">
            <div class="page-top">
                <h1>{title(language, &query)}</h1>
                {counts}
            </div>
            <div class=frame>
                {filter_panel}
                <section class="results" aria-labelledby="results">
                    <h2 class="visually-hidden" id="results">{catalogue::results(language)}</h2>
                    <div class="results-top">
                        {chips(language, active)}
                        {sorting}
                    </div>
                    {left_out}
                    {notices}
                    {results}
                    {pager}
                </section>
            </div>
        </div>
    }
}

/// One link for each filter in use, which removes it.
fn chips(language: Language, active: Vec<Active>) -> impl IntoView {
    if active.is_empty() {
        return ().into_any();
    }
    let items = active
        .into_iter()
        .map(|filter| {
            let label = catalogue::remove(language, &filter.name);
            let href = link(language, &filter.without);
            view! { <li><a class="chip" href=href aria-label=label>{filter.name}<span aria-hidden="true">"×"</span></a></li> }
        })
        .collect_view();
    view! {
        <ul class="chips" role="list" aria-label=catalogue::active(language)>
            {items}
            <li><a class="more" href=Route::Catalogue.path(language)>{catalogue::remove_all(language)}</a></li>
        </ul>
    }
    .into_any()
}

fn sorting(language: Language, query: &CatalogueQuery) -> impl IntoView + use<> {
    let current = url::shown_sort(query);
    let fits = !query.text.is_empty();
    let options = url::SORTS.into_iter().filter(|sort| fits || *sort != Sort::Best).map(|sort| {
        let words = match sort {
            Sort::Best => catalogue::sort_best(language),
            Sort::Newest => catalogue::sort_newest(language),
            Sort::PriceUp => catalogue::sort_price_up(language),
            Sort::PriceDown => catalogue::sort_price_down(language),
            Sort::Name => catalogue::sort_name(language),
        };
        view! { <option value=url::sort_code(sort) selected=sort == current>{words}</option> }
    });
    view! {
        <p class="sorting">
            <select name=url::SORT form=filters::FORM aria-label=catalogue::sort(language)>{options.collect_view()}</select>
            <button form=filters::FORM>{catalogue::sort_do(language)}</button>
        </p>
    }
}

/// The pages around the current one, with the first and the last.
fn pages(language: Language, query: &CatalogueQuery, count: u32) -> impl IntoView + use<> {
    if count < 2 {
        return ().into_any();
    }
    let current = query.page;
    let href = |page| link(language, &CatalogueQuery { page, ..query.clone() });
    let mut shown: Vec<u32> =
        [1, count].into_iter().chain(current.saturating_sub(1)..=current + 1).collect();
    shown.retain(|page| (1..=count).contains(page));
    shown.sort_unstable();
    shown.dedup();
    let mut last = 0;
    let items = shown
        .into_iter()
        .map(|page| {
            let gap = (page > last + 1).then(|| view! { <li aria-hidden="true">"…"</li> });
            last = page;
            let here = (page == current).then_some("page");
            view! { {gap}<li><a href=href(page) aria-current=here aria-label=catalogue::page(language, page)>{page}</a></li> }
        })
        .collect_view();
    let previous = (current > 1).then(|| view! { <li><a href=href(current - 1) rel="prev">{catalogue::previous(language)}</a></li> });
    let next = (current < count).then(
        || view! { <li><a href=href(current + 1) rel="next">{catalogue::next(language)}</a></li> },
    );
    view! {
        <nav class="pages" aria-label=catalogue::pages(language)>
            <ul role="list">{previous}{items}{next}</ul>
        </nav>
    }
    .into_any()
}
