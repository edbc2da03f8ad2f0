//! The association's rules.
pub mod calendar;
pub mod contribution;
pub mod id;
pub mod language;
pub mod ledger;
pub mod money;
pub mod order;
pub mod piece;
pub mod policy;
pub mod refund;
pub mod rounding;
pub mod shares;
pub mod split;
pub mod tax;
