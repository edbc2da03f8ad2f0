//! Who the association is. The page says only what the source named on it says.

use domain::language::Language;
use leptos::prelude::*;

use crate::Page;
use crate::backend::shop::{Contents, Visit};
use crate::i18n::shop::info as t;
use crate::routes::Route;
use crate::shell::{self, Head, Section};

/// The page about the association.
#[must_use]
pub fn page(visit: &Visit) -> Page {
    let language = visit.language;
    let head = Head {
        section: Some(Section::About),
        ..Head::new(t::about_title(language), t::about_description(language), Route::About)
    };
    let has = visit.has;
    shell::page(visit, head, move || body(language, has))
}

fn body(language: Language, has: Contents) -> impl IntoView {
    let parts = [
        (t::about_start(language), t::about_start_text(language)),
        (t::about_work(language), t::about_work_text(language)),
        (t::about_sissai(language), t::about_sissai_text(language)),
        (t::about_govern(language), t::about_govern_text(language)),
        (t::about_sells(language), t::about_sells_text(language)),
    ]
    .map(|(title, text)| view! { <section><h2>{title}</h2><p>{text}</p></section> });
    let links = [
        (Route::Makers, t::about_link_makers(language)),
        (Route::Origin, t::about_link_origin(language)),
        (Route::Money, t::about_link_money(language)),
    ];
    let links: Vec<_> = links
        .into_iter()
        .filter(|(route, _)| has.shows(route))
        .map(|(route, words)| view! { <li><a href=route.path(language)>{words}</a></li> })
        .collect();
    let links =
        (!links.is_empty()).then(|| view! { <ul class="info-links" role="list">{links}</ul> });
    view! {
        <article class="wrap page-info page-about">
            <header class="page-top">
                <h1>{t::about_title(language)}</h1>
                <p>{t::about_lead(language)}</p>
            </header>
            <div class="info-parts">{parts.into_iter().collect_view()}</div>
            <p class="fine">{t::about_source(language)}</p>
            {links}
        </article>
    }
}
