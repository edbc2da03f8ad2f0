//! Buying: from the bag to the books, with every trouble on the way.

mod books;
mod currency;
pub(crate) mod desk;
mod holds;
mod mails;
mod outside;
mod pace;
pub(crate) mod provider;
mod random;
mod reconcile;
mod refunds;
mod refusals;
mod same;
mod stories;
mod told;
mod turned_back;
mod typed;
mod world;
