//! Every sentence a visitor reads, one function each, made from `locales/` by the build
//! script: `i18n::design::add_to_bag(language)`. See `app/build.rs` for the format.
//!
//! `leptos_i18n` was looked at first: its build crate compiles ICU4X with its data
//! exporter (205 crates) for what a server-rendered page does not use (client context,
//! locale files for the browser). The checks are the same: a sentence that is missing in
//! one language does not compile.

include!(concat!(env!("OUT_DIR"), "/i18n.rs"));
