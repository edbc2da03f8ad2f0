//! Every maker who consents to be named.

use domain::language::Language;
use leptos::prelude::*;

use crate::Page;
use crate::backend::BackendResult;
use crate::backend::shop::{Contents, MakerCard, ShopBackend, Visit};
use crate::components::makers::Portrait;
use crate::i18n::shop::makers as t;
use crate::routes::Route;
use crate::shell::{self, Head, Section};

/// The list of makers.
///
/// # Errors
/// When the backend does not answer.
pub async fn page(backend: &dyn ShopBackend, visit: &Visit) -> BackendResult<Page> {
    let makers = backend.makers(visit).await?;
    let language = visit.language;
    let head = Head {
        section: Some(Section::Makers),
        ..Head::new(t::title(language), t::description(language), Route::Makers)
    };
    let has = visit.has;
    Ok(shell::page(visit, head, move || body(language, has, makers)))
}

fn body(language: Language, has: Contents, makers: Vec<MakerCard>) -> impl IntoView {
    let count = u32::try_from(makers.len()).unwrap_or(u32::MAX);
    let (lead, patterns) = match count {
        0 => (t::empty(language).to_owned(), None),
        count => (t::lead(language, count), Some(t::patterns(language, count))),
    };
    let patterns = patterns.map(|words| view! { <p>{words}</p> });
    let pay = has
        .policy
        .then(|| view! { <p><a href=Route::Money.path(language)>{t::pay(language)}</a></p> });
    let list = if makers.is_empty() {
        let pieces = has.designs.then(|| view! { <p><a class="button" href=Route::Catalogue.path(language)>{t::see_pieces(language)}</a></p> });
        view! { {pieces} }.into_any()
    } else {
        let items = makers
            .into_iter()
            .enumerate()
            .map(|(index, maker)| item(language, maker, index >= 8))
            .collect_view();
        view! { <ul class="makers-grid" role="list">{items}</ul> }.into_any()
    };
    view! {
        <div class="wrap page-makers">
            <header class="page-top">
                <h1>{t::title(language)}</h1>
                <p>{lead}</p>
            </header>
            {list}
            <div class="makers-notes">
                {patterns}
                <p>{t::consent(language)}</p>
                {pay}
            </div>
        </div>
    }
}

fn item(language: Language, maker: MakerCard, lazy: bool) -> impl IntoView {
    let href = Route::Maker { slug: maker.slug.clone() }.path(language);
    let designs = match maker.design_count {
        0 => t::designs_none(language).to_owned(),
        count => t::designs(language, count),
    };
    view! {
        <li class="maker-item">
            <Portrait slug=maker.slug photo=maker.portrait size=128 lazy=lazy/>
            <h2><a href=href translate="no">{maker.name}</a></h2>
            <p>{maker.community}</p>
            {(!maker.crafts.is_empty()).then(|| view! { <p>{maker.crafts}</p> })}
            <p class="fine">{designs}</p>
        </li>
    }
}
