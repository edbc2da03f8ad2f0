//! The layers around every audience: ids, log and counts, security headers, bodies and their limits,
//! files. They know no audience.

pub(super) mod assets;
pub mod baseline;
pub(super) mod body;
pub(super) mod cache;
pub(super) mod headers;
pub(super) mod listen;
pub(super) mod method;
pub(super) mod panic;
pub(super) mod readiness;
pub(super) mod visitor_limit;
pub(super) mod watch;
