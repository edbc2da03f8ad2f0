//! Changes of the state that tell their events: paying, refunding, expiring, and what the
//! simulator does later by itself.

pub(crate) mod disputes;
pub(crate) mod due;
pub(crate) mod payments;
pub(crate) mod refunds;
pub(crate) mod sessions;
pub(crate) mod settlement;
pub(crate) mod updates;
