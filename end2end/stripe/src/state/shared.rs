//! The store behind a lock, shared by request handlers, webhook deliveries and the file writer.

use std::{
    io,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{base::lock::lock, state::store::Store};

/// The store, and whether it has changed since it was last written to the file.
#[derive(Debug)]
pub(crate) struct SharedStore {
    store: Mutex<Store>,
    is_changed: AtomicBool,
}

impl SharedStore {
    /// A store that equals its file.
    pub(crate) fn new(store: Store) -> Self {
        Self { store: Mutex::new(store), is_changed: AtomicBool::new(false) }
    }

    /// Reads the store.
    pub(crate) fn read<R>(&self, read: impl FnOnce(&Store) -> R) -> R {
        read(&lock(&self.store))
    }

    /// Changes the store.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut Store) -> R) -> R {
        self.change_if_needed(|store| (change(store), true))
    }

    /// Passes the store to a function that also returns whether it changed the store.
    pub(crate) fn change_if_needed<R>(&self, change: impl FnOnce(&mut Store) -> (R, bool)) -> R {
        let mut store = lock(&self.store);
        let (result, is_changed) = change(&mut store);
        if is_changed {
            self.is_changed.store(true, Ordering::Relaxed);
        }
        result
    }

    /// The store as bytes for the file, if it has changed since the last call.
    pub(crate) fn take_changes(&self) -> Option<io::Result<Vec<u8>>> {
        self.is_changed.swap(false, Ordering::Relaxed).then(|| lock(&self.store).to_bytes())
    }
}
