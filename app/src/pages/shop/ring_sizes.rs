//! Ring sizes: how to measure, and the table computed from the circumference.

use domain::language::Language;
use domain::ring_size::{RingSize, SizeProblem, SizeScale};
use islands::{RingSizer, RingSizerWords};
use leptos::prelude::*;

use super::catalogue::url as catalogue_url;
use crate::Page;
use crate::backend::shop::{Category, Visit};
use crate::components::field::{SelectField, TextField};
use crate::components::format;
use crate::i18n::shop::info as t;
use crate::routes::{Route, encode};
use crate::shell::{self, Head};

/// Smallest and largest circumference of the table, whole mm.
const TABLE_MM: std::ops::RangeInclusive<u16> = 44..=70;

/// Name of the size in a query.
pub const SIZE: &str = "size";
/// Name of its scale in a query.
pub const SCALE: &str = "scale";

/// A size in one of the scales, to be shown in millimetres.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownSize {
    typed: String,
    /// `None` when the named scale does not exist.
    scale: Option<SizeScale>,
}

impl KnownSize {
    /// Reads a query; `None` if it has no size.
    pub fn parse<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Self> {
        let (mut typed, mut scale) = (None, Some(SizeScale::Circumference));
        for (name, value) in pairs {
            match name {
                SIZE => typed = Some(value.chars().take(usize::from(SizeScale::MAX) * 2).collect()),
                SCALE => scale = SizeScale::from_name(value),
                _ => {}
            }
        }
        Some(Self { typed: typed?, scale })
    }

    /// The query, with its `?`.
    #[must_use]
    pub fn to_query(&self) -> String {
        let typed = encode(&self.typed);
        format!("?{SIZE}={typed}&{SCALE}={}", self.scale.map_or("", SizeScale::as_str))
    }

    /// The size; `None` without a scale.
    fn read(&self) -> Option<Result<RingSize, SizeProblem>> {
        Some(self.scale?.read(&self.typed))
    }
}

/// The page on ring sizes. With a size in the query it shows its millimetres, or 422 if it is no size.
#[must_use]
pub fn page(visit: &Visit, known: Option<KnownSize>) -> Page {
    let language = visit.language;
    let head = Head {
        islands: true,
        ..Head::new(t::sizes_title(language), t::sizes_description(language), Route::RingSizes)
    };
    let read = known.as_ref().and_then(KnownSize::read);
    let status = if known.is_some() && !matches!(read, Some(Ok(_))) { 422 } else { 200 };
    let rings = visit.has.rings;
    let page = shell::page(visit, head, move || body(language, rings, known, read));
    Page { status, ..page }
}

fn body(
    language: Language,
    are_shown: bool,
    known: Option<KnownSize>,
    read: Option<Result<RingSize, SizeProblem>>,
) -> impl IntoView {
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
            {known_size(language, known, read)}
            <p>{t::sizes_between(language)}</p>
            <h2 id="table">{t::sizes_table(language)}</h2>
            {table(language)}
            {rings}
        </article>
    }
}

/// How to measure with a ruler.
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

/// The sentences of the island that measures on the screen.
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

/// The form that converts a size from any scale to millimetres, with a link to rings of that size.
fn known_size(
    language: Language,
    known: Option<KnownSize>,
    read: Option<Result<RingSize, SizeProblem>>,
) -> impl IntoView {
    let problem = read.and_then(Result::err).map(|problem| {
        match problem {
            SizeProblem::Missing => t::known_missing(language),
            SizeProblem::Malformed => t::known_malformed(language),
            SizeProblem::OutOfRange => t::known_outside(language),
        }
        .to_owned()
    });
    let answer = read.and_then(Result::ok).map(|size| answer(language, size));
    let no_scale = known.as_ref().is_some_and(|known| known.scale.is_none());
    let no_scale = no_scale.then(|| t::known_no_scale(language).to_owned());
    let known = known.unwrap_or(KnownSize { typed: String::new(), scale: Some(SizeScale::Us) });
    let scale = known.scale.unwrap_or(SizeScale::Us).as_str().to_owned();
    let scales = SizeScale::ALL
        .map(|scale| (scale.as_str().to_owned(), scale_name(language, scale).to_owned()));
    let action = format!("{}#known", Route::RingSizes.path(language));
    view! {
        <section id="known" class="sizes-known" aria-labelledby="known-title">
            <h2 id="known-title">{t::known_title(language)}</h2>
            <form class="form" action=action>
                <TextField
                    name=SIZE label=t::known_size(language) value=known.typed max_length=u32::from(SizeScale::MAX)
                    hint=Some(t::known_hint(language).to_owned()) error=problem required=true
                />
                <SelectField name=SCALE label=t::known_scale(language) choices=scales.to_vec() value=scale error=no_scale/>
                <p class="whole"><button class="button button-plain" type="submit">{t::known_show(language)}</button></p>
            </form>
            {answer}
        </section>
    }
}

fn answer(language: Language, size: RingSize) -> impl IntoView {
    let none = || String::from("–");
    let local = |number: String| match language {
        Language::Es => number.replace('.', ","),
        Language::En => number,
    };
    let others = t::sizer_others(
        language,
        size.us().unwrap_or_else(none),
        size.uk().unwrap_or_else(none),
        size.swiss().map_or_else(none, local),
    );
    let rings =
        format!("{}?{}={}", Route::Catalogue.path(language), catalogue_url::SIZE, size.whole_mm());
    view! {
        <p class="notice" role="status">
            <strong>{t::sizer_size(language, local(size.millimetres()))}</strong> ". "
            {others} ". "
            <a href=rings>{t::sizer_rings(language)}</a>
        </p>
    }
}

const fn scale_name(language: Language, scale: SizeScale) -> &'static str {
    match scale {
        SizeScale::Circumference => t::sizes_circumference(language),
        SizeScale::Diameter => t::sizes_diameter(language),
        SizeScale::Us => t::known_us(language),
        SizeScale::Uk => t::known_uk(language),
        SizeScale::Swiss => t::sizes_ch(language),
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
            <tbody translate="no">{rows}</tbody>
        </table>
    }
}

/// A ring from above with its inner diameter marked.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(language: Language, size: &str, scale: &str) -> Page {
        let path = Route::RingSizes.path(language);
        let visit = super::super::test_visit::visit(language, &path);
        page(&visit, KnownSize::parse([(SIZE, size), (SCALE, scale)]))
    }

    #[test]
    fn a_size_in_any_scale_links_to_its_rings() {
        for (size, scale, mm, link) in [
            ("l½", "uk", "51,9 mm", "size=52"),
            ("１７.５", "diameter", "55 mm", "size=55"),
            ("6 1/2", "us", "53,1 mm", "size=53"),
            ("١٤", "ch", "54 mm", "size=54"),
        ] {
            let page = shown(Language::Es, size, scale);
            assert_eq!(page.status, 200);
            assert!(page.html.contains(mm) && page.html.contains(link), "{size}");
        }
    }

    #[test]
    fn a_text_that_is_no_size_is_kept_with_the_reason() {
        for (size, words) in [
            ("", "Type your size."),
            ("large", "Sizes of that kind are not written like this"),
            ("99", "No ring has that size"),
        ] {
            let page = shown(Language::En, size, "us");
            assert_eq!(page.status, 422);
            assert!(page.html.contains(words) && page.html.contains(&format!("value=\"{size}\"")));
        }
        let unknown = shown(Language::En, "52", "furlongs");
        assert_eq!(unknown.status, 422);
        assert!(
            unknown.html.contains("Choose how your size") && unknown.html.contains("value=\"52\"")
        );
        assert_eq!(KnownSize::parse([("other", "x")]), None);
    }
}
