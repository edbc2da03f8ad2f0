//! The shop's server: what stands behind the pages.
//!
//! Rooms, each of which knows only those above it in this list (`tests/rooms.rs` sees to that):
//!
//! - the crate [`store`]: every SQL statement, one file per noun, and the two engines behind one handle.
//! - [`kernel`]: errors, settings, secrets, the port to the payment provider, photographs, the mail
//!   server. It knows no room. [`config`]: what the environment says.
//! - [`people`]: the women of the association, as far as each consents to be shown.
//! - [`workshop`]: metal and pieces before a sale.
//! - [`catalogue`]: what a shopper reads, and what is remembered of it.
//! - [`treasury`]: the books.
//! - [`sales`]: checkout, payment, orders, refunds.
//! - [`mail`]: letters. [`jobs`]: work to do later, and who does which kind.
//! - [`http`]: a router for each audience, and what surrounds them all.
//! - [`check`]: the reconciliation. [`demo`]: the demonstration. [`tell`]: what the command line tells
//!   the board. [`command_line`]: how it is read.
//!
//! # A shopper opens a piece
//!
//! `http::shop::pages` reads the catalogue's version (`store::version`: one row that triggers move
//! inside every write shoppers can see). A page kept under that version is sent as it is; otherwise
//! `app::pages::shop::design` asks [`ShopBackend::design`](app::backend::ShopBackend::design),
//! [`catalogue`] assembles rows of [`store`] into the view, `domain::claims` computes what may be said
//! of the metal, `domain::split` where the money goes, and Leptos renders it.
//!
//! # A payment arrives
//!
//! `http::machines::webhook` takes the raw body; [`sales::webhook`] verifies its signature, stores the
//! event once and enqueues a job in the same transaction. The job asks the provider what is true now
//! and [`sales::settle`] carries out what `domain::order::decide_payment` decides, in one transaction:
//! order, pieces, frozen split, sealed ledger entry, mail. Every step can be repeated; what dies in
//! between is taken up by [`jobs`] with the same idempotency keys, and [`check`] compares all books.
//!
//! # To add a use case
//!
//! A file in the room of its subject with one function that opens one write transaction; its
//! statements in [`store`]; its rule in `domain`; a handler in the folder of its audience in [`http`]
//! that parses, calls it and redirects; a story in `tests/` on both engines.

// Pages are long types; an optimised build may lay some out again in this crate.
#![recursion_limit = "256"]

pub mod catalogue;
pub mod check;
pub mod command_line;
pub mod config;
pub mod demo;
pub mod http;
pub mod jobs;
pub mod kernel;
pub mod mail;
pub mod people;
pub mod sales;
pub mod serve;
pub mod tell;
pub mod treasury;
pub mod workshop;
