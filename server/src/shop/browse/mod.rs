//! What a shopper reads: each page of the shop as facts.
//!
//! A page is put together from what [`memory`] holds while nobody edits, and from what is left
//! of each design, which is read for every answer.

mod bag;
mod cards;
mod catalogue;
mod counts;
mod design;
mod facts;
mod feed;
mod home;
mod makers;
mod melts;
mod memory;
mod money;
mod origin;
mod reference;
mod search;
mod shipping;

pub(in crate::shop) use self::facts::stones_of;
pub use self::memory::Memory;
pub(in crate::shop) use self::money::breakdown;

use super::Shop;
