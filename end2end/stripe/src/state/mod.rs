//! Everything the simulator remembers.

pub(crate) mod account;
pub(crate) mod delivery;
pub(crate) mod idempotency;
pub(crate) mod schedule;
pub(crate) mod settings;
pub(crate) mod shared;
pub(crate) mod store;
pub(crate) mod table;
