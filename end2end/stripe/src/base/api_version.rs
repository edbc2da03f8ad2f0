//! The version of Stripe's API.

/// The only version the simulator speaks: that of async-stripe 1.0.0-rc.10.
pub(crate) const API_VERSION: &str = "2026-09-30.endive";
