//! The page of a design: its photographs and facts, its pieces, who made it, where its metal came from
//! and where the money goes.

use domain::language::Language;
use islands::{Gallery, GalleryWords};
use leptos::prelude::*;

use super::catalogue::filters::category_name;
use super::{design_buy, design_data, design_origin};
use crate::Page;
use crate::backend::shop::{DesignView, MakerCard, Photo, PieceAvailability, Visit};
use crate::backend::{BackendResult, ShopBackend};
use crate::components::card::Cards;
use crate::components::makers::Portrait;
use crate::components::money_bar::MoneyBar;
use crate::components::photo::{Picture, largest};
use crate::components::scale::Scale;
use crate::i18n::shared::common;
use crate::i18n::shop::{catalogue, design as t};
use crate::routes::Route;
use crate::shell::{self, Head, Section};

/// Related designs shown.
const RELATED: usize = 4;

/// The page of a design, or `None` when no design has that slug.
///
/// # Errors
/// When the backend does not answer.
pub async fn page(
    backend: &dyn ShopBackend,
    visit: &Visit,
    slug: &str,
) -> BackendResult<Option<Page>> {
    Ok(backend.design(visit, slug).await?.map(|view| render(visit, view)))
}

pub(super) fn render(visit: &Visit, view: DesignView) -> Page {
    let head = Head {
        photo: view.photos.first().cloned(),
        json_ld: Some(design_data::json_ld(visit, &view)),
        og_type: "product",
        islands: true,
        section: Some(Section::Pieces),
        ..Head::new(&view.name, &view.description, Route::Design { slug: view.slug.clone() })
    };
    shell::page(visit, head, || content(visit, view))
}

fn content(visit: &Visit, view: DesignView) -> impl IntoView + use<> {
    let language = visit.language;
    let column = design_buy::column(visit, &view);
    let ways = design_origin::ways(language, &view);
    // The drawing shows the first piece, which a visitor most likely buys.
    let shown = view
        .pieces
        .iter()
        .find(|piece| piece.availability == PieceAvailability::Available)
        .or(view.pieces.first());
    let circumference = shown.and_then(|piece| piece.inner_circumference_tenths_mm);
    // Other pieces of the design may contain more metal or other work.
    let whose = (view.pieces.len() > 1).then(|| view.pieces.first()).flatten();
    let whose = whose.map(|piece| {
        let words = t::money_piece(language, t::serial(language, &piece.serial));
        view! { <p class="fine">{words}</p> }
    });
    let labelled = view.money.as_ref().map(|_| "money");
    let money = view.money.map(|breakdown| {
        view! {
            <h2 id="money">{t::money_title(language)}</h2>
            <MoneyBar language=language breakdown=breakdown/>
            {whose}
            <p><a class="more" href=Route::Money.path(language)>{t::money_more(language)}</a></p>
        }
    });
    let related: Vec<_> = view.related.into_iter().take(RELATED).collect();
    let related = (!related.is_empty()).then(|| {
        view! {
            <section class="wrap section" aria-labelledby="related">
                <h2 id="related">{t::related_title(language)}</h2>
                <Cards language=language cards=related/>
            </section>
        }
    });
    view! {
        <div class="wrap">
            {breadcrumb(language, &view.name, view.category)}
            <article class="piece">
                {gallery(language, &view.name, view.photos)}
                {column}
            </article>
            <p class="piece-story lead">{view.description}</p>
            <div class="piece-more">
                <section aria-labelledby="origin">
                    <h2 id="origin">{t::origin_title(language)}</h2>
                    {ways}
                </section>
                <section aria-labelledby=labelled>
                    {money}
                    <Scale language=language category=view.category dimensions=view.dimensions inner_circumference_tenths_mm=circumference/>
                </section>
            </div>
        </div>
        {makers(language, view.makers)}
        {related}
    }
}

fn breadcrumb(
    language: Language,
    name: &str,
    category: crate::backend::shop::Category,
) -> impl IntoView + use<> {
    let all = Route::Catalogue.path(language);
    let of_kind = format!("{all}?type={}", category.code());
    view! {
        <nav class="breadcrumb" aria-label=common::breadcrumb(language)>
            <ol role="list">
                <li><a href=all>{catalogue::title(language)}</a></li>
                <li><a href=of_kind>{category_name(language, category)}</a></li>
                <li aria-current="page">{name.to_owned()}</li>
            </ol>
        </nav>
    }
}

/// Every photograph is a link to its large file. With JavaScript, the island opens a viewer instead.
fn gallery(language: Language, name: &str, photos: Vec<Photo>) -> impl IntoView + use<> {
    if photos.is_empty() {
        return view! { <div class="gallery"><p class="no-photo">{common::no_photo(language)}</p></div> }.into_any();
    }
    let words = GalleryWords {
        title: t::gallery_title(language, name),
        close: t::gallery_close(language).to_owned(),
        previous: t::gallery_previous(language).to_owned(),
        next: t::gallery_next(language).to_owned(),
        zoom_in: t::gallery_zoom_in(language).to_owned(),
        zoom_out: t::gallery_zoom_out(language).to_owned(),
        position: t::gallery_position(language, "{n}", "{total}"),
    };
    let links = photos
        .into_iter()
        .enumerate()
        .map(|(index, photo)| {
            let href = largest(&photo, "jpg");
            let first = index == 0;
            let sizes = match index {
                0 => "(min-width: 62rem) 652px, 86vw",
                _ => "(min-width: 62rem) 320px, 86vw",
            };
            view! { <a href=href data-photo=""><Picture photo=photo sizes=sizes eager=first/></a> }
        })
        .collect_view();
    view! { <Gallery words=words>{links}</Gallery> }.into_any()
}

fn makers(language: Language, makers: Vec<MakerCard>) -> impl IntoView {
    if makers.is_empty() {
        return ().into_any();
    }
    let cards = makers
        .into_iter()
        .map(|maker| {
            let href = Route::Maker { slug: maker.slug.clone() }.path(language);
            let words = match maker.quote {
                Some(quote) => view! { <p>{t::quote(language, quote)}</p> }.into_any(),
                None => {
                    let facts = [maker.community, maker.crafts];
                    let facts: Vec<String> =
                        facts.into_iter().filter(|text| !text.is_empty()).collect();
                    view! { <p class="fine">{facts.join(" · ")}</p> }.into_any()
                }
            };
            view! {
                <li class="panel maker">
                    <Portrait slug=maker.slug photo=maker.portrait lazy=true/>
                    <div><h3><a href=href translate="no">{maker.name}</a></h3>{words}</div>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="wrap section" aria-labelledby="makers">
            <h2 id="makers">{t::makers_title(language)}</h2>
            <ul class="makers" role="list">{cards}</ul>
        </section>
    }
    .into_any()
}
