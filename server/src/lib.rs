//! The shop's server: what stands behind the pages.
//!
//! - [`http`]: router, sessions, form posts, webhooks, health, security headers.
//! - [`shop`]: use cases, one file per thing someone does; answers the questions of `app`.
//! - [`store`]: every SQL statement, one file per noun. [`db`]: the two engines behind one handle.
//! - [`payments`]: the port to the payment provider, and Stripe behind it.
//! - [`media`]: photographs. [`mail`]: letters. [`jobs`]: work to do later.
//! - [`demo`]: the demonstration catalogue. [`check`]: the reconciliation. [`config`]: what the environment says.

pub mod check;
pub mod config;
pub mod db;
pub mod demo;
pub mod error;
pub mod http;
pub mod ids;
pub mod jobs;
pub mod mail;
pub mod media;
pub mod payments;
pub mod serve;
pub mod shop;
pub mod store;
