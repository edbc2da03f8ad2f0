//! The last API requests, for `/_simulator/requests`.

use std::{collections::VecDeque, sync::Mutex};

use serde::Serialize;

use crate::base::lock::lock;

/// How many requests are kept.
const MAX_REQUESTS: usize = 10_000;

/// An API request and the status of its answer.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LoggedRequest {
    /// `req_…`
    pub(crate) id: String,
    /// Simulated time, Unix seconds.
    pub(crate) at: i64,
    /// GET, POST.
    pub(crate) method: String,
    /// Without the query.
    pub(crate) path: String,
    /// Query and body as they were sent.
    pub(crate) parameters: String,
    /// Of the answer; 0 if the connection was cut instead.
    pub(crate) status: u16,
    /// The request's `Idempotency-Key`.
    pub(crate) idempotency_key: Option<String>,
}

#[derive(Debug, Default)]
struct Entries {
    last: VecDeque<LoggedRequest>,
    total: u64,
}

/// The last requests, and the number of all requests.
#[derive(Debug, Default)]
pub(crate) struct RequestLog(Mutex<Entries>);

impl RequestLog {
    /// Adds a request.
    pub(crate) fn add(&self, request: LoggedRequest) {
        let mut entries = lock(&self.0);
        entries.total += 1;
        if entries.last.len() == MAX_REQUESTS {
            entries.last.pop_front();
        }
        entries.last.push_back(request);
    }

    /// The last requests, the newest first, and the number of all requests.
    pub(crate) fn newest_first(&self) -> (Vec<LoggedRequest>, u64) {
        let entries = lock(&self.0);
        (entries.last.iter().rev().cloned().collect(), entries.total)
    }
}
