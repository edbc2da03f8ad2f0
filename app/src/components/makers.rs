//! Makers' names and portraits on all pages.

use domain::language::Language;
use leptos::prelude::*;

use super::format;
use crate::backend::shop::{MakerName, PortraitPhoto};
use crate::i18n::shared::common;
use crate::routes::{Route, pattern_path, portrait_path};

/// The names alone, as a sentence lists them.
#[must_use]
pub fn names(language: Language, makers: &[MakerName]) -> String {
    let names: Vec<String> = makers.iter().map(|maker| maker.name.clone()).collect();
    format::list(language, &names)
}

/// The names as they fit on a card: up to three, or two and the number of the others.
#[must_use]
pub fn short_names(language: Language, makers: &[MakerName]) -> String {
    match makers {
        [first, second, rest @ ..] if rest.len() > 1 => {
            common::and_more(language, format!("{}, {}", first.name, second.name), rest.len())
        }
        few => names(language, few),
    }
}

/// The names as links to their pages, joined as a sentence joins them.
#[component]
pub fn MakerLinks(
    /// Language of the page.
    language: Language,
    /// The makers.
    makers: Vec<MakerName>,
) -> impl IntoView {
    let last = makers.len().saturating_sub(1);
    makers
        .into_iter()
        .enumerate()
        .map(|(index, maker)| {
            let joint = match index {
                0 => String::new(),
                i if i == last => format!(" {} ", format::and(language, &maker.name)),
                _ => ", ".to_owned(),
            };
            let href = Route::Maker { slug: maker.slug }.path(language);
            view! { {joint}<a href=href translate="no">{maker.name}</a> }
        })
        .collect_view()
}

/// The portrait of a maker, or her woven pattern. It is decoration beside her name.
#[component]
pub fn Portrait(
    /// Slug of the maker: her pattern is made from it.
    slug: String,
    /// Her portrait, if she consents to it.
    photo: Option<PortraitPhoto>,
    /// Width and height in CSS pixels for the first layout; the style sheet decides.
    #[prop(default = 96)]
    size: u32,
    /// Not on the first screen.
    #[prop(optional)]
    lazy: bool,
) -> impl IntoView {
    let (src, srcset) = match &photo {
        Some(photo) => (portrait_src(photo, size), Some(portrait_srcset(photo))),
        None => (pattern_path(&slug), None),
    };
    // As wide as the first layout makes it: the browser takes the file for its density.
    let sizes = srcset.is_some().then(|| format!("{size}px"));
    view! {
        <img
            class="portrait"
            src=src
            srcset=srcset
            sizes=sizes
            width=size
            height=size
            alt=""
            loading=lazy.then_some("lazy")
        />
    }
}

/// The smallest file that is wide enough for a screen of ordinary density.
fn portrait_src(photo: &PortraitPhoto, size: u32) -> String {
    let enough = photo.widths.iter().find(|width| **width >= size);
    let width = enough.or(photo.widths.last()).copied().unwrap_or(size);
    portrait_path(&photo.hash, width)
}

fn portrait_srcset(photo: &PortraitPhoto) -> String {
    let files = photo.widths.iter();
    files
        .map(|width| format!("{} {width}w", portrait_path(&photo.hash, *width)))
        .collect::<Vec<_>>()
        .join(", ")
}
