//! What all request handlers share.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use crate::{
    actions::due::run_due_tasks,
    http::{faults::Faults, request_log::RequestLog},
    state::{
        shared::SharedStore,
        store::{Caller, Store},
    },
    webhooks::sender::Webhooks,
};

/// The running simulator.
#[derive(Debug)]
pub(crate) struct App {
    store: Arc<SharedStore>,
    /// The sender of webhooks.
    pub(crate) webhooks: Webhooks,
    /// Faults of the API.
    pub(crate) faults: Faults,
    /// The last API requests.
    pub(crate) requests: RequestLog,
    /// The API key that requests must carry.
    pub(crate) secret_key: String,
    /// The file that keeps the state.
    pub(crate) file: Option<PathBuf>,
    /// Locked while the file is written.
    pub(crate) file_lock: Mutex<()>,
}

impl App {
    /// A simulator without faults.
    pub(crate) fn new(
        store: Arc<SharedStore>,
        webhooks: Webhooks,
        secret_key: String,
        file: Option<PathBuf>,
    ) -> Self {
        Self {
            store,
            webhooks,
            faults: Faults::default(),
            requests: RequestLog::default(),
            secret_key,
            file,
            file_lock: Mutex::new(()),
        }
    }

    /// The simulated time, Unix seconds.
    pub(crate) fn now(&self) -> i64 {
        self.store.read(Store::now)
    }

    /// Runs due tasks, then reads the store.
    pub(crate) fn read<R>(&self, read: impl FnOnce(&Store) -> R) -> R {
        self.access(Caller::default(), false, |store| read(store))
    }

    /// Runs due tasks, then changes the store.
    pub(crate) fn write<R>(&self, change: impl FnOnce(&mut Store) -> R) -> R {
        self.access(Caller::default(), true, change)
    }

    /// Runs due tasks, then calls a GET endpoint. It does not change the store, although its
    /// signature would allow it.
    pub(crate) fn call_get<R>(&self, call: impl FnOnce(&mut Store) -> R) -> R {
        self.access(Caller::default(), false, call)
    }

    /// Runs due tasks, then calls a POST endpoint. Its events name the caller.
    pub(crate) fn call_post<R>(&self, caller: Caller, call: impl FnOnce(&mut Store) -> R) -> R {
        self.access(caller, true, call)
    }

    fn access<R>(
        &self,
        caller: Caller,
        changes_store: bool,
        access: impl FnOnce(&mut Store) -> R,
    ) -> R {
        let (result, new_events) = self.store.change_if_needed(|store| {
            let ran_tasks = run_due_tasks(store);
            store.caller = caller;
            let result = access(store);
            store.caller = Caller::default();
            let ids = std::mem::take(&mut store.outbox);
            let new_events: Vec<(String, String)> = ids
                .into_iter()
                .filter_map(|id| {
                    let kind = store.events.get(&id)?.kind.clone();
                    Some((id, kind))
                })
                .collect();
            ((result, new_events), changes_store || ran_tasks)
        });
        for (event, kind) in new_events {
            self.webhooks.submit(&event, &kind);
        }
        result
    }

    /// The store as bytes for the file, if it has changed since the last call.
    pub(crate) fn take_changes(&self) -> Option<std::io::Result<Vec<u8>>> {
        self.store.take_changes()
    }
}
