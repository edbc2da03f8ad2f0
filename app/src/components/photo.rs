//! A photograph in all its sizes and formats. Its dominant colour is shown until it is loaded.

use leptos::prelude::*;

use crate::backend::shop::Photo;
use crate::routes::photo_path;

/// Modern formats, smallest files first. JPEG, which every browser reads, comes after them.
const MODERN: [(&str, &str); 2] = [("avif", "image/avif"), ("webp", "image/webp")];

/// The files of a photograph as a `srcset`.
#[must_use]
pub fn srcset(photo: &Photo, extension: &str) -> String {
    let mut out = String::new();
    for width in &photo.widths {
        if !out.is_empty() {
            out.push_str(", ");
        }
        out.push_str(&format!("{} {width}w", photo_path(&photo.hash, *width, extension)));
    }
    out
}

/// The largest file in a format: what a link to the photograph opens.
#[must_use]
pub fn largest(photo: &Photo, extension: &str) -> String {
    photo_path(&photo.hash, photo.widths.last().copied().unwrap_or(photo.width_px), extension)
}

/// A photograph. `sizes` is as in HTML; `eager` is for the one or two that are seen first.
#[component]
pub fn Picture(
    /// The photograph.
    photo: Photo,
    /// How wide it is on which screens.
    sizes: &'static str,
    /// Whether it loads at once, before other photographs.
    #[prop(optional)]
    eager: bool,
    /// Whether it has no alternative text, because the text beside it says the same.
    #[prop(optional)]
    decorative: bool,
) -> impl IntoView {
    // The second smallest file serves browsers without srcset and crawlers.
    let fallback = photo.widths.get(1).or(photo.widths.first()).copied().unwrap_or(photo.width_px);
    let src = photo_path(&photo.hash, fallback, "jpg");
    let sources = MODERN.map(|(extension, mime)| {
        view! { <source type=mime srcset=srcset(&photo, extension) sizes=sizes/> }
    });
    let alt = if decorative { String::new() } else { photo.alt.clone() };
    view! {
        <span class="picture">
            <svg aria-hidden="true"><rect width="100%" height="100%" fill=photo.colour.clone()/></svg>
            <picture>
                {sources}
                <img
                    src=src
                    width=photo.width_px
                    height=photo.height_px
                    alt=alt
                    loading=(!eager).then_some("lazy")
                    fetchpriority=eager.then_some("high")
                    decoding="async"
                />
            </picture>
        </span>
    }
    .into_any()
}
