//! The endpoints of Stripe's API: parameters in, JSON out.

pub(crate) mod balance_transactions;
pub(crate) mod charges;
pub(crate) mod disputes;
pub(crate) mod events;
pub(crate) mod expand;
pub(crate) mod line_items;
pub(crate) mod lists;
pub(crate) mod payment_intents;
pub(crate) mod refunds;
pub(crate) mod router;
pub(crate) mod session_parameters;
pub(crate) mod session_request;
pub(crate) mod sessions;
