//! Stripe's objects: their fields, and how the API shows them.

pub(crate) mod balance_transaction;
pub(crate) mod charge;
pub(crate) mod dispute;
pub(crate) mod event;
pub(crate) mod object;
pub(crate) mod payment_intent;
pub(crate) mod payment_method;
pub(crate) mod refund;
pub(crate) mod session;
pub(crate) mod test_cards;
