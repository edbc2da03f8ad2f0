//! The opening page: what the shop is, new pieces, the makers, where the metal comes from.

use domain::language::Language;
use leptos::prelude::*;
use serde_json::json;

use crate::Page;
use crate::backend::shop::{
    CertificateView, Contents, DesignCard, HomeView, MakerCard, MoneyBreakdown, MoneyPartKind,
    Visit,
};
use crate::backend::{BackendResult, ShopBackend};
use crate::components::card::Cards;
use crate::components::format;
use crate::components::makers::Portrait;
use crate::components::money_bar::MoneyBar;
use crate::components::photo::Picture;
use crate::i18n::shared::common;
use crate::i18n::shop::home;
use crate::routes::Route;
use crate::shell::{self, Head};

/// How many cards and makers are shown; links lead to the others.
const NEW_DESIGNS: usize = 4;
const MAKERS: usize = 6;

/// The opening page.
///
/// # Errors
/// When the backend does not answer.
pub async fn page(backend: &dyn ShopBackend, visit: &Visit) -> BackendResult<Page> {
    let view = backend.home(visit).await?;
    let language = visit.language;
    let head = Head {
        json_ld: Some(organisation(visit)),
        ..Head::new(home::title(language), home::description(language), Route::Home)
    };
    let has = visit.has;
    Ok(shell::page(visit, head, move || content(language, has, view)))
}

fn content(language: Language, has: Contents, view: HomeView) -> impl IntoView {
    let new_designs: Vec<DesignCard> = view.new_designs.into_iter().take(NEW_DESIGNS).collect();
    let fresh = (!new_designs.is_empty()).then(|| {
        view! {
            <section class="wrap section" aria-labelledby="new">
                <div class="section-top">
                    <h2 id="new">{home::new_title(language)}</h2>
                    <a class="more" href=Route::Catalogue.path(language)>{home::new_all(language)}</a>
                </div>
                <Cards language=language cards=new_designs/>
            </section>
        }
    });
    let ways = [
        (Route::Catalogue, home::hero_pieces(language), has.designs),
        (Route::About, home::hero_about(language), !has.designs),
        (Route::Origin, home::hero_origin(language), has.metal),
    ];
    let ways = ways.into_iter().filter(|(_, _, shown)| *shown).enumerate();
    let ways = ways.map(|(at, (route, words, _))| {
        let class = if at == 0 { "button" } else { "button button-plain" };
        view! { <a class=class href=route.path(language)>{words}</a> }
    });
    view! {
        <section class="hero">
            {view.hero.map(|photo| view! { <Picture photo=photo sizes="100vw" eager=true/> })}
            <div class="wrap">
                <div class="hero-text">
                    <h1>{home::hero_title(language)}</h1>
                    <p>{lead(language, has, view.member_count)}</p>
                    <p class="hero-ways">{ways.collect_view()}</p>
                </div>
            </div>
        </section>
        {fresh}
        {view.money_example.and_then(|(card, breakdown)| money(language, card, breakdown))}
        {makers(language, view.makers, view.maker_count)}
        <section class="way" aria-labelledby="way">
            {view.way.map(|photo| view! { <Picture photo=photo sizes="100vw" decorative=true/> })}
            <div class="wrap">
                <h2 id="way">{home::way_title(language)}</h2>
                {way(language, view.certified_mine)}
            </div>
        </section>
    }
}

/// Who makes these pieces, from the register of members and the catalogue.
fn lead(language: Language, has: Contents, members: u32) -> String {
    match members {
        _ if !has.designs => home::hero_lead_soon(language).to_owned(),
        0 => home::hero_lead_unnamed(language).to_owned(),
        count => home::hero_lead(language, count, format::count_of_women(language, count)),
    }
}

fn money(language: Language, card: DesignCard, breakdown: MoneyBreakdown) -> Option<AnyView> {
    let pay = breakdown.parts.iter().find(|part| part.kind == MoneyPartKind::Makers)?.amount;
    let total = format::money_short(language, breakdown.total);
    let title = home::money_title(language, total, format::money(language, pay));
    let href = Route::Design { slug: card.slug }.path(language);
    let section = view! {
        <section class="wrap section share" aria-labelledby="share">
            <div>
                <h2 id="share">{title}</h2>
                <p class="lead">{home::money_lead(language)}</p>
                <p class="share-links">
                    <a class="more" href=Route::Money.path(language)>{home::money_more(language)}</a>
                    <a class="more" href=href>{home::money_example(language, card.name)}</a>
                </p>
            </div>
            <MoneyBar language=language breakdown=breakdown total=false/>
        </section>
    };
    Some(section.into_any())
}

fn makers(language: Language, makers: Vec<MakerCard>, count: u32) -> Option<AnyView> {
    if makers.is_empty() {
        return None;
    }
    let all =
        home::makers_all(language, count, format::count_of_women(language, count).to_lowercase());
    let cards = makers
        .into_iter()
        .take(MAKERS)
        .map(|maker| {
            let href = Route::Maker { slug: maker.slug.clone() }.path(language);
            view! {
                <li>
                    <a href=href>
                        <Portrait slug=maker.slug photo=maker.portrait lazy=true/>
                        <b>{maker.name}</b>
                        <span>{maker.community}</span>
                        {(!maker.crafts.is_empty()).then(|| view! { <span>{maker.crafts}</span> })}
                    </a>
                </li>
            }
        })
        .collect_view();
    let section = view! {
        <section class="wrap section" aria-labelledby="makers">
            <div class="section-top">
                <h2 id="makers">{home::makers_title(language)}</h2>
                <a class="more" href=Route::Makers.path(language)>{all}</a>
            </div>
            <ul class="faces" role="list">{cards}</ul>
        </section>
    };
    Some(section.into_any())
}

fn way(language: Language, mine: Option<CertificateView>) -> impl IntoView {
    let of_mine = match mine {
        None => home::way_mine_unknown(language).to_owned(),
        Some(mine) => {
            let place = match mine.altitude_m {
                Some(m) => home::way_mine_place(
                    language,
                    mine.mine,
                    mine.place,
                    format::group(language, m),
                ),
                None => home::way_mine_place_only(language, mine.mine, mine.place),
            };
            let until = format::date(language, mine.valid_until);
            format!("{place} {}", home::way_mine_certificate(language, mine.scheme, until))
        }
    };
    let stations = [
        (home::way_mine(language), of_mine),
        (home::way_sissai(language), home::way_sissai_text(language).to_owned()),
        (home::way_workshop(language), home::way_workshop_text(language).to_owned()),
        (home::way_hands(language), home::way_hands_text(language).to_owned()),
        (home::way_you(language), home::way_you_text(language).to_owned()),
    ];
    let items = stations.map(|(title, text)| view! { <li><h3>{title}</h3><p>{text}</p></li> });
    view! { <ol role="list">{items}</ol> }
}

/// Structured data about the association, for search engines.
fn organisation(visit: &Visit) -> serde_json::Value {
    let language = visit.language;
    let home = format!("{}{}", visit.public_url, Route::Home.path(language));
    json!({
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "Organization",
                "name": common::site_name(language),
                "url": home,
                "logo": format!("{}/icons/512.png", visit.public_url),
                "address": { "@type": "PostalAddress", "addressRegion": "Puno", "addressCountry": "PE" },
            },
            {
                "@type": "WebSite",
                "name": common::site_name(language),
                "url": home,
                "inLanguage": language.code(),
            },
        ],
    })
}
