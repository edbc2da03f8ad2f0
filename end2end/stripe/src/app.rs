//! What all handlers share.

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::Serialize;

use crate::{
    faults::Faults,
    state::{Caller, Store},
    webhooks::Webhooks,
};

/// API requests remembered for `/_simulator/requests`.
const REMEMBERED_REQUESTS: usize = 10_000;

/// An API request as it was answered.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Asked {
    /// `req_…`
    pub(crate) id: String,
    /// Simulated time, Unix seconds.
    pub(crate) at: i64,
    /// GET, POST.
    pub(crate) method: String,
    /// Without the query.
    pub(crate) path: String,
    /// Query and body as they came.
    pub(crate) parameters: String,
    /// The answer's.
    pub(crate) status: u16,
    /// The key it carried.
    pub(crate) idempotency_key: Option<String>,
}

/// API requests: the last ones, and how many there were altogether.
#[derive(Debug, Default)]
struct Requests {
    last: VecDeque<Asked>,
    total: u64,
}

/// The simulator.
#[derive(Debug)]
pub(crate) struct App {
    store: Mutex<Store>,
    dirty: AtomicBool,
    /// Held while the file is written.
    pub(crate) saving: Mutex<()>,
    requests: Mutex<Requests>,
    /// The sender of events.
    pub(crate) webhooks: Webhooks,
    /// What goes wrong.
    pub(crate) faults: Faults,
    /// The key the API asks for.
    pub(crate) secret_key: String,
    /// Where the state is kept.
    pub(crate) file: Option<PathBuf>,
}

/// The lock, whatever happened to its last holder: a handler that panicked has not made the
/// state wrong, each change is complete before the next call.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl App {
    /// Puts it together.
    pub(crate) fn new(
        store: Store,
        webhooks: Webhooks,
        secret_key: String,
        file: Option<PathBuf>,
    ) -> Self {
        Self {
            store: Mutex::new(store),
            dirty: AtomicBool::new(false),
            saving: Mutex::new(()),
            requests: Mutex::default(),
            webhooks,
            faults: Faults::default(),
            secret_key,
            file,
        }
    }

    /// Looks at the state as it is.
    pub(crate) fn peek<R>(&self, look: impl FnOnce(&Store) -> R) -> R {
        look(&locked(&self.store))
    }

    /// Does what is due, then looks at the state.
    pub(crate) fn read<R>(self: &Arc<Self>, look: impl FnOnce(&Store) -> R) -> R {
        self.with(Caller::default(), false, |store| look(store))
    }

    /// Does what is due, then changes the state.
    pub(crate) fn write<R>(self: &Arc<Self>, change: impl FnOnce(&mut Store) -> R) -> R {
        self.with(Caller::default(), true, change)
    }

    /// The same for an endpoint that could change the state and, being a GET, does not.
    pub(crate) fn look<R>(self: &Arc<Self>, look: impl FnOnce(&mut Store) -> R) -> R {
        self.with(Caller::default(), false, look)
    }

    /// The same on behalf of an API request.
    pub(crate) fn call<R>(
        self: &Arc<Self>,
        caller: Caller,
        change: impl FnOnce(&mut Store) -> R,
    ) -> R {
        self.with(caller, true, change)
    }

    fn with<R>(
        self: &Arc<Self>,
        caller: Caller,
        changes: bool,
        change: impl FnOnce(&mut Store) -> R,
    ) -> R {
        let (result, happened) = {
            let mut store = locked(&self.store);
            let ran = store.run_due();
            store.caller = caller;
            let result = change(&mut store);
            store.caller = Caller::default();
            if changes || ran {
                self.dirty.store(true, Ordering::Relaxed);
            }
            let outbox = std::mem::take(&mut store.outbox);
            let events = outbox.into_iter().filter_map(|id| {
                let kind = store.events.get(&id)?.kind.clone();
                Some((id, kind))
            });
            (result, events.collect::<Vec<_>>())
        };
        for (event, kind) in happened {
            self.webhooks.submit(self, &event, &kind);
        }
        result
    }

    /// The state as bytes for the file, if it changed since the last call.
    pub(crate) fn changed(&self) -> Option<std::io::Result<Vec<u8>>> {
        self.dirty.swap(false, Ordering::Relaxed).then(|| locked(&self.store).to_bytes())
    }

    /// Remembers an API request.
    pub(crate) fn remember(&self, asked: Asked) {
        let mut requests = locked(&self.requests);
        requests.total += 1;
        if requests.last.len() == REMEMBERED_REQUESTS {
            requests.last.pop_front();
        }
        requests.last.push_back(asked);
    }

    /// The last API requests, newest first, and how many there were altogether.
    pub(crate) fn remembered(&self) -> (Vec<Asked>, u64) {
        let requests = locked(&self.requests);
        (requests.last.iter().rev().cloned().collect(), requests.total)
    }
}
