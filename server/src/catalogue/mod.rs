//! What a shopper reads: each page of the shop as facts.
//!
//! A page consists of facts that [`memory`] keeps while nobody edits, and of the available pieces of
//! each design, which are read for every answer.

use std::sync::Arc;

use store::db::Db;
use store::version::Version;

use crate::kernel::settings::Settings;

mod backend;
mod bag;
mod cards;
mod counts;
mod design;
mod facts;
mod feed;
mod home;
mod list;
mod makers;
mod melts;
mod memory;
mod money;
mod origin;
mod prices;
mod reference;
mod search;
pub mod search_words;
mod shipping;

pub use self::memory::Memory;
pub(crate) use self::money::breakdown;
pub(crate) use self::prices::Prices;

/// The catalogue, for one request or for many.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The database.
    pub db: Db,
    /// The association's settings.
    pub settings: Arc<Settings>,
    /// What pages keep in memory while the catalogue's version stays the same.
    memory: Arc<Memory>,
    /// The catalogue's version that this request has read already.
    seen: Option<Version>,
}

impl Catalogue {
    /// A catalogue that remembers nothing yet.
    #[must_use]
    pub fn new(db: Db, settings: Arc<Settings>) -> Self {
        Self { db, settings, memory: Arc::default(), seen: None }
    }
}
