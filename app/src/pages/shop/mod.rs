//! The pages of a shopper. One `pub mod` per page, in the order of the site.

pub mod home;
