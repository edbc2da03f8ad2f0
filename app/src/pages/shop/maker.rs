//! One maker: what she does, her story, her pieces, all with her consent.

use domain::language::Language;
use leptos::prelude::*;

use super::error;
use crate::Page;
use crate::backend::BackendResult;
use crate::backend::shop::{Contents, MakerView, ShopBackend, Visit};
use crate::components::card::Cards;
use crate::components::makers::Portrait;
use crate::i18n::shop::makers as t;
use crate::routes::Route;
use crate::shell::{self, Head, Section};

/// A maker's page; 404 when no maker with that slug consents to be shown.
///
/// # Errors
/// When the backend does not answer.
pub async fn page(backend: &dyn ShopBackend, visit: &Visit, slug: &str) -> BackendResult<Page> {
    let Some(maker) = backend.maker(visit, slug).await? else {
        return error::not_found_with_suggestions(backend, visit).await;
    };
    let language = visit.language;
    let card = &maker.card;
    let description = if card.crafts.is_empty() {
        t::maker_description_plain(language, &card.name, &card.community)
    } else {
        t::maker_description(language, &card.name, &card.community, &card.crafts)
    };
    let head = Head {
        section: Some(Section::Makers),
        ..Head::new(card.name.clone(), description, Route::Maker { slug: card.slug.clone() })
    };
    let has = visit.has;
    Ok(shell::page(visit, head, move || body(language, has, maker)))
}

fn body(language: Language, has: Contents, maker: MakerView) -> impl IntoView {
    let MakerView { card, story, member_since, designs } = maker;
    let facts: Vec<String> =
        [card.community, card.crafts].into_iter().filter(|text| !text.is_empty()).collect();
    let pay =
        has.policy.then(|| view! { <a href=Route::Money.path(language)>{t::pay(language)}</a> });
    let since = member_since.map(|year| view! { <p class="fine">{t::since(language, year)}</p> });
    let quote = card.quote.map(|words| view! { <blockquote class="maker-quote"><p>{quoted(language, &words)}</p></blockquote> });
    let story = (!story.is_empty()).then(|| {
        let paragraphs = story.into_iter().map(|text| view! { <p>{text}</p> }).collect_view();
        view! {
            <section class="maker-story" aria-labelledby="story">
                <h2 id="story">{t::her_story(language)}</h2>
                {paragraphs}
            </section>
        }
    });
    // The catalogue lists all of them under her name.
    let hidden = usize::try_from(card.design_count).is_ok_and(|count| count > designs.len());
    let all = hidden.then(|| {
        let href = format!("{}?maker={}", Route::Catalogue.path(language), card.slug);
        let words = t::all_hers(language, card.design_count);
        view! { <p><a class="more" href=href>{words}</a></p> }
    });
    let pieces = if designs.is_empty() {
        let others = has.designs.then(|| view! { <p><a class="button" href=Route::Catalogue.path(language)>{t::see_pieces(language)}</a></p> });
        view! { <p>{t::no_pieces(language)}</p>{others} }.into_any()
    } else {
        view! { <p class="fine">{t::sold_stay(language)}</p><Cards language=language cards=designs eager=2/>{all} }.into_any()
    };
    view! {
        <div class="wrap page-maker">
            <header class="maker-head">
                <Portrait slug=card.slug photo=card.portrait size=240/>
                <div>
                    <h1 translate="no">{card.name}</h1>
                    <p class="maker-facts">{facts.join(" · ")}</p>
                    {since}
                    {quote}
                </div>
            </header>
            {story}
            <section aria-labelledby="pieces">
                <h2 id="pieces">{t::her_pieces(language)}</h2>
                {pieces}
            </section>
            <p class="maker-links">
                <a href=Route::Makers.path(language)>{t::all_makers(language)}</a>
                {pay}
            </p>
        </div>
    }
}

/// Her words in the quotation marks of the language.
fn quoted(language: Language, words: &str) -> String {
    match language {
        Language::Es => format!("«{words}»"),
        Language::En => format!("“{words}”"),
    }
}
