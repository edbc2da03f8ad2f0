//! The HTTP server: Stripe's API under `/v1`, and the control API under `/_simulator`.

pub(crate) mod api;
pub(crate) mod app;
pub(crate) mod control;
pub(crate) mod envelope;
pub(crate) mod faults;
pub(crate) mod request_log;
pub(crate) mod serve;
pub(crate) mod summary;
