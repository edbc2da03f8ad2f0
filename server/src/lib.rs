//! The shop's server: what stands behind the pages.
//!
//! - [`http`]: router, sessions, form posts, webhooks, health, security headers.
//! - [`shop`]: use cases, one file per thing someone does; answers the questions of `app`.
//! - the crate [`store`]: every SQL statement, one file per noun, and the two engines behind one handle.
//! - [`payments`]: the port to the payment provider, and Stripe behind it.
//! - [`media`]: photographs. [`mail`]: letters. [`jobs`]: work to do later.
//! - [`demo`]: the demonstration catalogue. [`check`]: the reconciliation. [`tell`]: what the command
//!   line tells the board. [`config`]: what the environment says ([`secret`]: of it what is never printed),
//!   [`command_line`]: how it is read.
//!
//! # A shopper opens a piece
//!
//! `http::pages` reads the catalogue's version (`store::version`: one row that triggers move inside
//! every write shoppers can see). A page kept under that version is sent as it is; otherwise
//! `app::pages::shop::design` asks [`ShopBackend::design`](app::backend::ShopBackend::design),
//! [`shop::browse`] assembles rows of [`store`] into the view, `domain::claims` computes what may be
//! said of the metal, `domain::split` where the money goes, and Leptos renders it.
//!
//! # A payment arrives
//!
//! `http::webhook` verifies the signature over the raw bytes; [`shop::webhook`] stores the event once
//! and enqueues a job in the same transaction. The job asks the provider what is true now and
//! [`shop::settle`] carries out what `domain::order::decide_payment` decides, in one transaction:
//! order, pieces, frozen split, sealed ledger entry, mail. Every step can be repeated; what dies in
//! between is taken up by [`jobs`] with the same idempotency keys, and [`check`] compares all books.
//!
//! # To add a use case
//!
//! A file in [`shop`] with one function that opens one write transaction; its statements in
//! [`store`]; its rule in `domain`; a handler in [`http`] that parses, calls it and redirects; a
//! story in `tests/` on both engines.

// Pages are long types; an optimised build may lay some out again in this crate.
#![recursion_limit = "256"]

pub mod check;
pub mod command_line;
pub mod config;
pub mod demo;
pub mod error;
pub mod http;
pub mod jobs;
pub mod last_use;
pub mod mail;
pub mod media;
pub mod payments;
pub mod secret;
pub mod serve;
pub mod shop;
pub mod tell;
