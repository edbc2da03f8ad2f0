//! Buying: from the bag to the books, with every trouble on the way.

pub(crate) mod desk;
mod mails;
pub(crate) mod provider;
mod random;
mod stories;
