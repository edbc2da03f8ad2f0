//! Buying: from the bag to the books, with every failure on the way.

mod books;
mod currency;
mod holds;
mod mails;
mod outside;
mod pace;
mod page_and_books;
mod plan;
pub(crate) mod provider;
mod random;
mod reconcile;
mod refunds;
mod refusals;
mod same;
mod stories;
pub(crate) mod test_shop;
mod told;
mod turned_back;
mod typed;
mod world;
