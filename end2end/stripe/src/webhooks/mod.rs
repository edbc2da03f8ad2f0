//! Webhooks: events signed and sent to the shop.

pub(crate) mod faults;
pub(crate) mod sender;
pub(crate) mod signature;
