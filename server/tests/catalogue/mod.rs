//! Reading: the demonstration's catalogue as a shopper sees it, and what must never be shown.

mod claims;
mod consent;
mod currency;
mod demo;
pub(crate) mod house;
mod large;
mod list;
mod melts;
mod pages;
mod search;
mod versions;
