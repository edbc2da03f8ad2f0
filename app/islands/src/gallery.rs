//! Photographs that open in a viewer over the page.

mod viewer;
mod zoom;

use leptos::prelude::*;
use web_sys::wasm_bindgen::JsCast;

use crate::words::{Words, sentences};
use viewer::Viewer;

sentences! {
    /// The sentences of the [`Gallery`], in the visitor's language.
    pub struct GalleryWords {
        /// Name of the viewer: "Fotos de Anillo Batea".
        title,
        /// "Cerrar".
        close,
        /// "Foto anterior".
        previous,
        /// "Foto siguiente".
        next,
        /// "Acercar".
        zoom_in,
        /// "Alejar".
        zoom_out,
        /// Where one is, with two placeholders: "Foto {n} de {total}".
        position,
    }
}

/// One photograph of the page, as the viewer shows it.
#[derive(Clone)]
struct Photo {
    /// The link around the photograph in the page. Its `<picture>` is copied into the viewer.
    link: web_sys::Element,
    /// Alternative text of the photograph.
    alt: String,
}

/// Shows the photographs inside it in a large viewer, without leaving the page.
///
/// Its children come from the server: any markup in which every photograph is a link to its large
/// version, `<a href="…" data-photo><picture>…<img alt="…"></picture></a>`. The viewer copies
/// that `<picture>` and sets its width to that of the screen, so both use the formats and widths of
/// `srcset`. A click with a modifier key still opens the link.
///
/// What it renders: `<div class="gallery">` around the children. The classes of the viewer are
/// `viewer`, `viewer-bar`, `viewer-stage`, `viewer-photo` and `viewer-caption`.
#[component]
pub fn Gallery(
    /// The sentences of the viewer.
    words: GalleryWords,
    /// The photographs, as links.
    children: Children,
) -> impl IntoView {
    view! {
        <GalleryIsland>
            <div class="gallery" data-words=words.joined()>{children()}</div>
        </GalleryIsland>
    }
}

/// The part of the [`Gallery`] that runs in the browser.
#[island]
fn GalleryIsland(children: Children) -> impl IntoView {
    let open = RwSignal::new(None::<usize>);
    let opened = StoredValue::new_local(None::<(GalleryWords, Vec<Photo>)>);

    let show = move |click: web_sys::MouseEvent| {
        if click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key() {
            return;
        }
        let Some((words, photos, index)) = clicked(&click) else { return };
        click.prevent_default();
        opened.set_value(Some((words, photos)));
        open.set(Some(index));
    };

    // A new viewer is made when it opens, but not for the next photograph.
    let is_open = Memo::new(move |_| open.with(Option::is_some));
    view! {
        <div on:click=show>{children()}</div>
        {move || {
            let opened = if is_open.get() { opened.get_value() } else { None };
            opened.map(|(words, photos)| view! { <Viewer words open photos/> })
        }}
    }
}

/// The sentences, the photographs, and which of them was clicked. `None` also in browsers without
/// `<dialog>` (Firefox before 98, Safari before 15.4), which then follow the link.
fn clicked(click: &web_sys::MouseEvent) -> Option<(GalleryWords, Vec<Photo>, usize)> {
    window().get("HTMLDialogElement")?;
    let target = click.target()?.dyn_into::<web_sys::Element>().ok()?;
    let link = target.closest("a[data-photo]").ok()??;
    let gallery = link.closest(".gallery").ok()??;
    let photos = photos(&gallery);
    let index = photos.iter().position(|photo| photo.link == link)?;
    Some((Words::of(&gallery)?, photos, index))
}

/// Every photograph, in the order of the page.
fn photos(gallery: &web_sys::Element) -> Vec<Photo> {
    let Ok(links) = gallery.query_selector_all("a[data-photo]") else {
        return Vec::new();
    };
    (0..links.length())
        .filter_map(|index| links.get(index)?.dyn_into::<web_sys::Element>().ok())
        .map(|link| Photo { alt: alt_of(&link), link })
        .collect()
}

fn alt_of(link: &web_sys::Element) -> String {
    let image = link.query_selector("img").ok().flatten();
    image.and_then(|image| image.get_attribute("alt")).unwrap_or_default()
}
