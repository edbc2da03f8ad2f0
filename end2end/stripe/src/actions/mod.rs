//! Changes of the state, with their events: paying, refunding, expiring, and scheduled tasks.

pub(crate) mod disputes;
pub(crate) mod due;
pub(crate) mod payments;
pub(crate) mod refunds;
pub(crate) mod sessions;
pub(crate) mod settlement;
pub(crate) mod updates;
