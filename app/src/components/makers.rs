//! Makers' names and portraits on all pages.

use domain::language::Language;
use leptos::prelude::*;

use super::format;
use crate::backend::shop::MakerName;
use crate::i18n::shared::common;
use crate::routes::{Route, pattern_path};

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

/// The woven pattern of a maker, which is made from her slug. It is decoration beside her name.
#[component]
pub fn Portrait(
    /// Slug of the maker: the pattern is made from it.
    slug: String,
    /// Width and height in CSS pixels for the first layout; the style sheet decides.
    #[prop(default = 96)]
    size: u32,
    /// Not on the first screen.
    #[prop(optional)]
    lazy: bool,
) -> impl IntoView {
    view! {
        <img class="portrait" src=pattern_path(&slug) width=size height=size alt="" loading=lazy.then_some("lazy")/>
    }
}
