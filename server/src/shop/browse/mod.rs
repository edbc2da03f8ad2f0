//! What a shopper reads: each page of the shop as facts.
//!
//! Every page first reads the catalogue's version. What is small and asked for on every page
//! (who consents to what, certificates, policies, rates) and what is costly to count (the
//! numbers beside the filters) is remembered for exactly as long as that version stands, so
//! a withdrawn consent or a sold piece shows in the very next answer, on every node.

mod bag;
mod cards;
mod catalogue;
mod design;
mod feed;
mod home;
mod makers;
mod money;
mod origin;
mod reference;
mod shipping;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

pub(in crate::shop) use self::money::breakdown;

use self::catalogue::Counts;
use self::reference::Reference;
use super::Shop;
use crate::db::DbResult;
use crate::store::catalogue::Filter;
use crate::store::version;

/// Most filters whose counts are remembered; crawlers may ask for any combination.
const COUNTS_KEPT: usize = 512;

/// What is remembered under the version it was read at.
#[derive(Debug, Default)]
pub struct Memory {
    reference: Mutex<Option<Arc<Reference>>>,
    counts: Mutex<CountsOfVersion>,
}

#[derive(Debug, Default)]
struct CountsOfVersion {
    version: i64,
    of: HashMap<Filter, Arc<OnceCell<Counts>>>,
}

impl Memory {
    /// What every page needs, at least as new as the version that stands now.
    async fn reference(&self, shop: &Shop, now_us: i64) -> DbResult<Arc<Reference>> {
        let version = version::current(&shop.db).await?;
        let known = self.reference.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|known| known.version == version) {
            return Ok(known);
        }
        // Read after the version: what is remembered may be newer than its version says, never older.
        let fresh = Arc::new(Reference::read(&shop.db, version, now_us).await?);
        let mut slot = self.reference.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.as_ref().is_none_or(|known| known.version < version) {
            *slot = Some(Arc::clone(&fresh));
        }
        Ok(fresh)
    }

    /// The cell for the counts of a filter at a version: whoever comes first fills it, others wait.
    fn counts(&self, version: i64, filter: &Filter) -> Arc<OnceCell<Counts>> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.version < version || counts.of.len() >= COUNTS_KEPT {
            counts.version = version;
            counts.of.clear();
        }
        if counts.version == version {
            Arc::clone(counts.of.entry(filter.clone()).or_default())
        } else {
            // Somebody is ahead already: this answer is for its asker alone.
            Arc::default()
        }
    }
}
