//! The association's rules.
pub mod address;
pub mod calendar;
pub mod claims;
pub mod contact;
pub mod contribution;
pub mod country;
pub mod id;
pub mod language;
pub mod ledger;
pub mod metal;
pub mod money;
pub mod order;
pub mod piece;
pub mod policy;
pub mod refund;
pub mod ring_size;
pub mod rounding;
pub mod search_text;
pub mod shares;
pub mod shipping;
pub mod slug;
pub mod split;
pub mod tax;

#[cfg(test)]
mod money_tests;
