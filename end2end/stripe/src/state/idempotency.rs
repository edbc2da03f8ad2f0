//! `Idempotency-Key`. A repeated request gets the first answer again; another request with the
//! same key is refused.
//!
//! As at Stripe, successes and internal errors are kept for 24 hours. Refusals of parameters are
//! not kept.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::base::{errors::ApiError, form};

const KEPT_SECONDS: i64 = 24 * 60 * 60;
const MAX_LENGTH: usize = 255;

/// An answer of the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// The JSON body.
    pub(crate) body: String,
    /// The id of the request that first got this answer.
    pub(crate) request_id: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    path: String,
    fingerprint: String,
    answer: Option<Answer>,
}

/// All keys of the last 24 hours.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Keys {
    entries: HashMap<String, Entry>,
    order: VecDeque<(i64, String)>,
}

/// What to do with a request that has a key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum KeyUse {
    /// The first request with this key: handle it, then call [`Keys::keep`] or [`Keys::release`].
    First,
    /// The same request again: send this answer.
    Repeated(Answer),
}

/// A hash of the parameters of a request. Their order does not matter.
pub(crate) fn fingerprint(body: &str) -> String {
    let mut hash = Sha256::new();
    for (key, value) in form::canonical(body) {
        hash.update(key.as_bytes());
        hash.update([0]);
        hash.update(value.as_bytes());
        hash.update([0]);
    }
    hex::encode(hash.finalize())
}

fn refuse(message: String) -> ApiError {
    ApiError { kind: "idempotency_error", ..ApiError::invalid(message) }
}

impl Keys {
    /// Begins a request with a key.
    pub(crate) fn begin(
        &mut self,
        key: &str,
        path: &str,
        fingerprint: String,
        now: i64,
    ) -> Result<KeyUse, ApiError> {
        if key.chars().count() > MAX_LENGTH {
            return Err(refuse(format!(
                "Idempotency-Key must be at most {MAX_LENGTH} characters."
            )));
        }
        self.forget_before(now - KEPT_SECONDS);
        match self.entries.get(key) {
            None => {}
            Some(known) if known.path != path => {
                return Err(refuse(format!(
                    "Keys for idempotent requests can only be used for the same endpoint they \
                     were first used for ('{path}' vs '{}'). Try using a key other than '{key}' \
                     if you meant to execute a different request.",
                    known.path
                )));
            }
            Some(known) if known.fingerprint != fingerprint => {
                return Err(refuse(format!(
                    "Keys for idempotent requests can only be used with the same parameters they \
                     were first used with. Try using a key other than '{key}' if you meant to \
                     execute a different request."
                )));
            }
            Some(Entry { answer: Some(answer), .. }) => {
                return Ok(KeyUse::Repeated(answer.clone()));
            }
            Some(_) => {
                return Err(refuse(format!(
                    "There is currently another in-progress request using this Idempotent Key \
                     (that probably means you submitted twice, and the other request is still \
                     going through): {key}. Please try again later."
                ))
                .code("idempotency_key_in_use")
                .status(409));
            }
        }
        self.order.push_back((now, key.to_owned()));
        self.entries
            .insert(key.to_owned(), Entry { path: path.to_owned(), fingerprint, answer: None });
        Ok(KeyUse::First)
    }

    /// Keeps the answer, so that a repeated request gets it.
    pub(crate) fn keep(&mut self, key: &str, answer: Answer) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.answer = Some(answer);
        }
    }

    /// Forgets a key whose request got no answer to keep.
    pub(crate) fn release(&mut self, key: &str) {
        if self.entries.get(key).is_some_and(|entry| entry.answer.is_none()) {
            self.entries.remove(key);
        }
    }

    /// Forgets keys whose request was still being handled when the simulator stopped.
    pub(crate) fn forget_unfinished(&mut self) {
        self.entries.retain(|_, entry| entry.answer.is_some());
    }

    fn forget_before(&mut self, moment: i64) {
        while let Some((at, key)) = self.order.front() {
            if *at >= moment {
                break;
            }
            self.entries.remove(key);
            self.order.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_for_one_request_only() {
        let mut keys = Keys::default();
        let first = fingerprint("a=1&b=2");
        assert_eq!(keys.begin("k", "/v1/refunds", first.clone(), 0).unwrap(), KeyUse::First);
        let busy = keys.begin("k", "/v1/refunds", first.clone(), 0).unwrap_err();
        assert_eq!((busy.status, busy.code), (409, Some("idempotency_key_in_use")));
        let answer = Answer { status: 200, body: "{}".into(), request_id: "req_1".into() };
        keys.keep("k", answer.clone());
        assert_eq!(
            keys.begin("k", "/v1/refunds", fingerprint("b=2&a=1"), 1).unwrap(),
            KeyUse::Repeated(answer)
        );
        let other = keys.begin("k", "/v1/refunds", fingerprint("a=2"), 1).unwrap_err();
        assert_eq!((other.status, other.kind), (400, "idempotency_error"));
        assert!(keys.begin("k", "/v1/checkout/sessions", first.clone(), 1).is_err());
        assert_eq!(keys.begin("k", "/v1/refunds", first, KEPT_SECONDS + 1).unwrap(), KeyUse::First);
    }

    #[test]
    fn a_key_can_be_used_again_after_a_refused_request() {
        let mut keys = Keys::default();
        keys.begin("k", "/v1/refunds", fingerprint("a=1"), 0).unwrap();
        keys.release("k");
        assert_eq!(keys.begin("k", "/v1/refunds", fingerprint("a=2"), 0).unwrap(), KeyUse::First);
    }
}
