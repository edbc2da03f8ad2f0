//! The pages of a shopper. One `pub mod` per page, in the order of the site.

pub mod about;
pub mod bag;
pub mod catalogue;
pub mod checkout;
#[cfg(test)]
mod checkout_tests;
mod checkout_words;
pub mod complaints;
pub mod contact;
pub mod design;
pub mod design_buy;
mod design_data;
mod design_facts;
mod design_origin;
#[cfg(test)]
mod design_tests;
pub mod error;
pub mod home;
pub mod maker;
pub mod makers;
pub mod money;
pub mod order;
#[cfg(test)]
mod order_tests;
pub mod origin;
pub mod privacy;
pub mod ring_sizes;
pub mod search_words;
pub mod shipping;
#[cfg(test)]
mod test_visit;

pub use self::catalogue::url as catalogue_url;
