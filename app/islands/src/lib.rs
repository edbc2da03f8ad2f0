//! The only code of the shop that also runs in the browser, as WebAssembly.
//!
//! An *island* enhances HTML that already works. With JavaScript off, or before the script is loaded,
//! the photographs are links to their large versions, and ring sizes are a table and a strip of paper.
//! No step of buying a piece needs an island.
//!
//! # The islands
//!
//! | island | what it adds | file |
//! |---|---|---|
//! | [`Gallery`] | a viewer over the page: zoom, drag, pinch, arrow keys | `gallery.rs` |
//! | [`RingSizer`] | measures a ring or a finger on the screen, against a bank card or a coin | `ring_sizer.rs` |
//!
//! To add an island: write a file with one `#[island]` that takes `children` only, and a
//! `#[component]` around it that takes the sentences (`words.rs` says how they are passed and why
//! not as properties). Re-export the component here and use it in a page like any other.
//! Nothing else is needed: `pack` finds the exported functions by itself.
//!
//! # How a page with islands is rendered
//!
//! Pages run on the server only and are plain `view!`s. A page that holds an island needs an
//! [`Owner`](leptos::prelude::Owner) whose shared context is in islands mode, because an island
//! asks the context whether the markup will be hydrated:
//!
//! ```
//! use std::sync::Arc;
//! use leptos::prelude::*;
//! use hydration_context::SsrSharedContext;
//!
//! # #[cfg(feature = "ssr")]
//! fn render(page: impl FnOnce() -> AnyView) -> String {
//!     let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
//!     let html = owner.with(|| page().to_html());
//!     owner.cleanup(); // frees the signals of this request
//!     html
//! }
//! ```
//!
//! `owner.with` matters for the whole of `to_html`: a view may create signals while it is being
//! turned into text. One owner per request; it is not shared. Nothing async is involved, and
//! no script has to be written into the page by leptos (`HydrationScripts` is not used: it
//! writes an inline script, which our Content-Security-Policy forbids).
//!
//! # How a page with islands loads them
//!
//! Only on a page that holds an island, in the `<head>`:
//!
//! ```html
//! <script type="module" src="/pkg/islands.<hash>.js" integrity="…"></script>
//! ```
//!
//! The names are in `$SITE_DIR/assets.json`, which `pack` writes and the server reads at start:
//! look up `islands.js` (see the crate `pack` for the format). A module script is deferred: it
//! never blocks the page. The policy needs `script-src 'self' 'wasm-unsafe-eval'` and
//! `connect-src 'self'`. `boot.js` beside this file is that module; `pack` fills in the hashes.
//!
//! It starts the islands when a pointer or the keyboard reaches one, or when an element with
//! `data-start="seen"` is about to become visible. While the browser is idle it only loads the files.
//! A click on a link of an island that has not started is repeated after the start; after three
//! seconds, or if the island cannot start, the link is followed. Chrome before 97 and Samsung Internet
//! before 18 run no WebAssembly under such a policy: there the page works as without JavaScript.
//!
//! # Rules for the markup of an island
//!
//! - The stylesheet must have `leptos-island, leptos-children { display: contents }`, else the
//!   wrappers take part in the grid (`style/islands.css` has it).
//! - No `style` attribute in what the server renders: the policy forbids it. `style:name=…` on
//!   elements that are made only in the browser is allowed (it is set through the DOM).
//! - Children of an island are rendered by the server only: they are not hydrated, and their code is
//!   not in the WebAssembly. An island finds them in the DOM.
//! - Text that changes is the whole of an element (`prop:textContent`), never a text node of its
//!   own, because page translators and extensions replace text nodes. An element with a value has
//!   `translate="no"`.

#![allow(
    unreachable_pub,
    reason = "what `#[island]` and `#[component]` write is public everywhere"
)]

mod gallery;
mod ring_sizer;
mod words;

pub use gallery::{Gallery, GalleryProps, GalleryWords};
pub use ring_sizer::{RingSizer, RingSizerProps, RingSizerWords};

/// Prepares the reactive runtime of the browser. The boot script calls it once, before it hands
/// each `<leptos-island>` to the function that the island's name stands for.
#[cfg(feature = "hydrate")]
#[leptos::wasm_bindgen::prelude::wasm_bindgen(wasm_bindgen = leptos::wasm_bindgen)]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
