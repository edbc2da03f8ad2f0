//! One test binary; modules mirror `src/`. A test that touches data runs on both engines.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::disallowed_methods, reason = "real servers need the real time")]

#[macro_use]
mod support;

mod catalogue;
mod http;
mod jobs;
mod kernel;
mod rooms;
mod sales;
mod store;
