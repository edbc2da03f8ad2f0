//! The catalogue's filters: a plain form that works with JavaScript off, and the list of those in use.

use domain::language::Language;
use domain::money::Currency;
use leptos::prelude::*;

use super::{price, url};
use crate::backend::shop::{
    CatalogueQuery, CatalogueView, Category, Facet, FilterName, MakerName, MetalFilter,
    NamedCurrency,
};
use crate::components::claim::metal_name;
use crate::i18n::shared::common;
use crate::i18n::shop::catalogue;
use crate::routes::Route;

/// Id of the form. The choice of the list's order belongs to the form, although it is outside of it.
pub(super) const FORM: &str = "filters";

/// Makers shown at once; the others are in a `<details>`.
const MAKERS: usize = 5;

/// A filter in use: its name and the query without it.
pub(super) struct Active {
    pub(super) name: String,
    pub(super) without: CatalogueQuery,
}

/// What a category is called, in the plural.
pub(in crate::pages::shop) const fn category_name(
    language: Language,
    category: Category,
) -> &'static str {
    match category {
        Category::Ring => catalogue::ring(language),
        Category::Earrings => catalogue::earrings(language),
        Category::Pendant => catalogue::pendant(language),
        Category::Necklace => catalogue::necklace(language),
        Category::Bracelet => catalogue::bracelet(language),
        Category::Brooch => catalogue::brooch(language),
    }
}

/// What a part of the form is called.
pub(super) const fn filter_name(language: Language, filter: FilterName) -> &'static str {
    match filter {
        FilterName::Category => catalogue::kind(language),
        FilterName::Metal => catalogue::metal(language),
        FilterName::Maker => catalogue::maker(language),
        FilterName::Size => catalogue::size(language),
        FilterName::PriceMin => catalogue::price_min(language),
        FilterName::PriceMax => catalogue::price_max(language),
        FilterName::Available => catalogue::available(language),
        FilterName::MadeToOrder => catalogue::made_to_order(language),
        FilterName::Sort => catalogue::sort(language),
        FilterName::Page => catalogue::page_name(language),
    }
}

/// Every filter in use, in the order of the form. `makers` has the names of the slugs.
pub(super) fn active(
    language: Language,
    query: &CatalogueQuery,
    makers: &[Facet<MakerName>],
) -> Vec<Active> {
    let mut list = Vec::new();
    let mut add = |name: String, change: &dyn Fn(&mut CatalogueQuery)| {
        let mut without = CatalogueQuery { page: 1, unread: Vec::new(), ..query.clone() };
        change(&mut without);
        list.push(Active { name, without });
    };
    if !query.text.is_empty() {
        add(catalogue::title_search(language, &query.text), &|q| q.text.clear());
    }
    for category in &query.categories {
        add(category_name(language, *category).to_owned(), &|q| {
            q.categories.retain(|c| c != category)
        });
    }
    for mm in &query.ring_sizes_mm {
        add(format!("{mm}\u{a0}mm"), &|q| q.ring_sizes_mm.retain(|m| m != mm));
    }
    for metal in &query.metals {
        let name = metal_name(language, metal.metal, metal.fineness_permille);
        add(name, &|q| q.metals.retain(|m| m != metal));
    }
    let bounds = (query.price_min_minor, query.price_max_minor);
    if let (true, NamedCurrency::Known(currency)) = (query.has_price_bound(), query.price_currency)
    {
        add(price::name(language, currency, bounds), &|q| *q = q.without_prices());
    }
    if query.available {
        add(catalogue::available(language).to_owned(), &|q| q.available = false);
    }
    if query.made_to_order {
        add(catalogue::made_to_order(language).to_owned(), &|q| q.made_to_order = false);
    }
    for slug in &query.makers {
        // An unknown maker is no filter; the page says so elsewhere.
        if let Some(known) = makers.iter().find(|facet| facet.value.slug == *slug) {
            add(known.value.name.clone(), &|q| q.makers.retain(|m| m != slug));
        }
    }
    list
}

/// The form, with prices in a currency. On a narrow screen the `<details>` before it opens and closes
/// it; on a wide screen the same markup is always open.
pub(super) fn panel(
    (language, currency): (Language, Currency),
    query: &CatalogueQuery,
    view: &CatalogueView,
    in_use: usize,
) -> impl IntoView + use<> {
    let unfold = match in_use {
        0 => catalogue::filters(language).to_owned(),
        count => catalogue::filters_on(language, count),
    };
    let prices = price::fields((language, currency), query, &view.prices);
    view! {
        <details class="filters-toggle"><summary class="button button-plain button-wide">{unfold}</summary></details>
        <form class="filters" id=FORM method="get" action=Route::Catalogue.path(language)>
            <p class="search">
                <label class="visually-hidden" for="q">{catalogue::search_label(language)}</label>
                <input class="input" id="q" type="search" name=url::TEXT value=query.text.clone() placeholder=catalogue::search_hint(language) maxlength=url::MOST_LETTERS/>
                <button class="button" aria-label=common::search(language)>
                    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"><circle cx="8.5" cy="8.5" r="5.5"/><path d="m13 13 4.5 4.5"/></svg>
                </button>
            </p>
            {categories(language, query, &view.categories)}
            {sizes(language, query, &view.ring_sizes_mm)}
            {metals(language, query, &view.metals)}
            {group(price::title(language, currency), prices.into_any())}
            {having(language, query, view)}
            {makers(language, query, &view.makers)}
            <p class="filters-show"><button class="button button-wide">{catalogue::show(language)}</button></p>
        </form>
    }
}

/// A checkbox with the number of designs that it would show.
fn check(
    name: &'static str,
    value: String,
    words: String,
    count: u32,
    checked: bool,
) -> impl IntoView {
    view! {
        <label class="check">
            <input type="checkbox" name=name value=value checked=checked/>
            <span>{words}</span>
            <span class="count">{count}</span>
        </label>
    }
}

fn group(title: &'static str, content: AnyView) -> impl IntoView {
    view! { <fieldset><legend>{title}</legend>{content}</fieldset> }
}

fn categories(
    language: Language,
    query: &CatalogueQuery,
    facets: &[Facet<Category>],
) -> impl IntoView + use<> {
    let boxes = facets
        .iter()
        .filter(|facet| facet.count > 0 || query.categories.contains(&facet.value))
        .map(|facet| {
            let words = category_name(language, facet.value).to_owned();
            check(
                url::CATEGORY,
                facet.value.code().to_owned(),
                words,
                facet.count,
                query.categories.contains(&facet.value),
            )
        })
        .collect_view();
    (!boxes.is_empty()).then(|| group(catalogue::kind(language), boxes.into_any()))
}

fn sizes(
    language: Language,
    query: &CatalogueQuery,
    facets: &[Facet<u32>],
) -> impl IntoView + use<> {
    if facets.is_empty() {
        return None;
    }
    let boxes = facets
        .iter()
        .map(|facet| {
            let mm = facet.value;
            view! {
                <label class="size"><input type="checkbox" name=url::SIZE value=mm checked=query.ring_sizes_mm.contains(&mm)/><span>{mm}</span></label>
            }
        })
        .collect_view();
    let content = view! {
        <div class="sizes">{boxes}</div>
        <a class="fine" href=Route::RingSizes.path(language)>{catalogue::size_help(language)}</a>
    };
    Some(group(catalogue::size(language), content.into_any()))
}

fn metals(
    language: Language,
    query: &CatalogueQuery,
    facets: &[Facet<MetalFilter>],
) -> impl IntoView + use<> {
    let boxes = facets
        .iter()
        .map(|facet| {
            let words = metal_name(language, facet.value.metal, facet.value.fineness_permille);
            check(
                url::METAL,
                url::metal_code(facet.value),
                words,
                facet.count,
                query.metals.contains(&facet.value),
            )
        })
        .collect_view();
    (!boxes.is_empty()).then(|| group(catalogue::metal(language), boxes.into_any()))
}

fn having(
    language: Language,
    query: &CatalogueQuery,
    view: &CatalogueView,
) -> impl IntoView + use<> {
    let ways = [
        (url::AVAILABLE, catalogue::available(language), view.available_count, query.available),
        (
            url::MADE_TO_ORDER,
            catalogue::made_to_order(language),
            view.made_to_order_count,
            query.made_to_order,
        ),
    ];
    let boxes = ways
        .into_iter()
        .filter(|(_, _, count, chosen)| *count > 0 || *chosen)
        .map(|(name, words, count, chosen)| {
            check(name, "1".to_owned(), words.to_owned(), count, chosen)
        })
        .collect_view();
    (!boxes.is_empty()).then(|| group(catalogue::having(language), boxes.into_any()))
}

fn makers(
    language: Language,
    query: &CatalogueQuery,
    facets: &[Facet<MakerName>],
) -> impl IntoView + use<> {
    let box_of = |facet: &Facet<MakerName>| {
        let chosen = query.makers.contains(&facet.value.slug);
        check(url::MAKER, facet.value.slug.clone(), facet.value.name.clone(), facet.count, chosen)
    };
    let (first, rest) = facets.split_at(facets.len().min(MAKERS));
    let more = (!rest.is_empty()).then(|| {
        let count = u32::try_from(rest.len()).unwrap_or(u32::MAX);
        let open = rest.iter().any(|facet| query.makers.contains(&facet.value.slug));
        view! {
            <details open=open>
                <summary class="more">{catalogue::maker_more(language, count)}</summary>
                {rest.iter().map(box_of).collect_view()}
            </details>
        }
    });
    let content = view! { {first.iter().map(box_of).collect_view()}{more} };
    (!facets.is_empty()).then(|| group(catalogue::maker(language), content.into_any()))
}
