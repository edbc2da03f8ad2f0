//! Ring sizes: how to measure, and the table computed from the circumference.

use domain::language::Language;
use domain::ring_size::RingSize;
use islands::{RingSizer, RingSizerWords};
use leptos::prelude::*;

use super::catalogue_url;
use crate::Page;
use crate::backend::shop::{Category, Visit};
use crate::components::format;
use crate::i18n::info as t;
use crate::routes::Route;
use crate::shell::{self, Head};

/// Smallest and largest circumference of the table, whole mm.
const TABLE_MM: std::ops::RangeInclusive<u16> = 44..=70;

/// The page on ring sizes.
#[must_use]
pub fn page(visit: &Visit) -> Page {
    let language = visit.language;
    let head = Head {
        islands: true,
        ..Head::new(t::sizes_title(language), t::sizes_description(language), Route::RingSizes)
    };
    let rings = visit.has.rings;
    shell::page(visit, head, move || body(language, rings))
}

fn body(language: Language, are_shown: bool) -> impl IntoView {
    let rings = format!(
        "{}?{}={}",
        Route::Catalogue.path(language),
        catalogue_url::CATEGORY,
        Category::Ring.code()
    );
    let rings = are_shown
        .then(|| view! { <p><a class="button" href=rings>{t::sizes_see(language)}</a></p> });
    view! {
        <article class="wrap page-info page-sizes">
            <header class="page-top">
                <h1>{t::sizes_title(language)}</h1>
                <p>{t::sizes_lead(language)}</p>
            </header>
            <RingSizer words=sizer_words(language)>{ways(language)}</RingSizer>
            <p>{t::sizes_between(language)}</p>
            <h2 id="table">{t::sizes_table(language)}</h2>
            {table(language)}
            {rings}
        </article>
    }
}

/// The ways that need nothing but a ruler.
fn ways(language: Language) -> impl IntoView {
    view! {
        <div class="info-parts">
            <section>
                {ring_drawing()}
                <h2>{t::sizes_ring(language)}</h2>
                <p>{t::sizes_ring_text(language)}</p>
            </section>
            <section>
                {paper_drawing()}
                <h2>{t::sizes_paper(language)}</h2>
                <p>{t::sizes_paper_text(language)}</p>
            </section>
        </div>
    }
}

/// The sentences of the sizer in the browser.
fn sizer_words(language: Language) -> RingSizerWords {
    RingSizerWords {
        calibrate: t::sizer_calibrate(language).to_owned(),
        coin: t::sizer_coin(language).to_owned(),
        card: t::sizer_card(language).to_owned(),
        scale: t::sizer_scale(language).to_owned(),
        measure: t::sizer_measure(language).to_owned(),
        circle: t::sizer_circle(language).to_owned(),
        size: t::sizer_size(language, "{mm}"),
        others: t::sizer_others(language, "{us}", "{uk}", "{es}"),
        decimal: match language {
            Language::Es => ",".to_owned(),
            Language::En => ".".to_owned(),
        },
        rings: t::sizer_rings(language).to_owned(),
        rings_url: format!("{}?{}={{whole}}", Route::Catalogue.path(language), catalogue_url::SIZE),
    }
}

fn table(language: Language) -> impl IntoView {
    let rows = TABLE_MM
        .filter_map(|mm| RingSize::from_mm(mm).ok())
        .map(|size| {
            let diameter =
                format::decimal_hundredths(language, i64::from(size.diameter_tenths_mm()) * 10);
            let none = || String::from("–");
            view! {
                <tr>
                    <th scope="row">{size.millimetres()}</th>
                    <td>{diameter}</td>
                    <td>{size.us().unwrap_or_else(none)}</td>
                    <td>{size.uk().unwrap_or_else(none)}</td>
                    <td>{size.swiss().unwrap_or_else(none)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="info-table sizes-table" aria-labelledby="table">
            <thead>
                <tr>
                    <th scope="col">{t::sizes_circumference(language)}</th>
                    <th scope="col">{t::sizes_diameter(language)}</th>
                    <th scope="col">{t::sizes_us(language)}</th>
                    <th scope="col">{t::sizes_uk(language)}</th>
                    <th scope="col">{t::sizes_ch(language)}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

/// A ring seen from above with its inner diameter marked.
fn ring_drawing() -> impl IntoView {
    view! {
        <svg class="size-drawing" viewBox="0 0 240 120" width="240" height="120" aria-hidden="true" fill="none" stroke="currentColor">
            <circle cx="120" cy="60" r="50" stroke-width="2"/>
            <circle cx="120" cy="60" r="40" stroke-width="2"/>
            <path class="size-measure" d="M80 60h80M88 54l-8 6 8 6M152 54l8 6-8 6" stroke-width="2"/>
        </svg>
    }
}

/// A strip of paper with the mark where its ends met.
fn paper_drawing() -> impl IntoView {
    let ticks = (0..=20_u32).map(|i| {
        let tall = if i % 5 == 0 { 12 } else { 7 };
        format!("M{} 78v{tall}", 20 + i * 10)
    });
    let ticks: String = ticks.collect();
    view! {
        <svg class="size-drawing" viewBox="0 0 240 120" width="240" height="120" aria-hidden="true" fill="none" stroke="currentColor">
            <rect x="20" y="34" width="200" height="26" stroke-width="2"/>
            <path class="size-measure" d="M156 26v42" stroke-width="3"/>
            <path d=ticks stroke-width="1.5"/>
            <path d="M14 78h212v26H14z" stroke-width="2"/>
        </svg>
    }
}
