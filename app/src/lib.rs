//! What a browser sees, rendered on the server only.
//!
//! - [`routes`]: every path of the site, typed, once.
//! - [`backend`]: what pages ask of the server; the server implements it.
//! - [`pages`]: one file per page; each is a function from a backend and a visit to a [`Page`].
//! - [`components`]: markup shared by pages. [`shell`]: the HTML document around them.
//! - [`feeds`]: feed, sitemaps and `robots.txt`. [`mail`]: mails to shoppers and
//!   notices to the board. [`payment_page`]: our words on the provider's page.
//!
//! **To add a page**: a variant in [`routes::Route`], a method and a view type in
//! [`backend`], a file in [`pages`], its sentences in `locales/`, one line in the
//! server's router.

// A view is one deeply nested type.
#![recursion_limit = "256"]

pub mod backend;
pub mod components;
pub mod feeds;
pub mod i18n;
pub mod mail;
pub mod pages;
pub mod payment_page;
pub mod routes;
pub mod shell;
pub mod xml;

/// A rendered document with its status.
#[derive(Debug, Clone)]
pub struct Page {
    /// HTTP status.
    pub status: u16,
    /// The whole HTML document.
    pub html: String,
}
