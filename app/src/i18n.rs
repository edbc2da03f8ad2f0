//! Every sentence a visitor reads, one function each, made from `locales/` by the build
//! script: `i18n::shop::design::add_to_bag(language)`. See `app/build.rs` for the format.
//!
//! `leptos_i18n` is not used: its build crate compiles ICU4X with its data exporter (205 crates) for
//! features that a page rendered on the server does not use (client context, locale files for the
//! browser). The checks here are the same: a sentence that is missing in one language does not compile.

include!(concat!(env!("OUT_DIR"), "/i18n.rs"));
