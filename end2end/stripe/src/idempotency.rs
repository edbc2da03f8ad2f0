//! `Idempotency-Key`: the same request again gets the same answer, another request an error.
//!
//! As at Stripe, an answer is kept once the endpoint began its work: successes and internal
//! errors are kept for 24 hours, refused parameters are not.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{errors::ApiError, form};

const KEPT_SECONDS: i64 = 24 * 60 * 60;
const MAX_LENGTH: usize = 255;

/// An answer that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// JSON.
    pub(crate) body: String,
    /// The request that got it first.
    pub(crate) request_id: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    path: String,
    fingerprint: String,
    answer: Option<Answer>,
}

/// All keys in use.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Keys {
    entries: HashMap<String, Entry>,
    order: VecDeque<(i64, String)>,
}

/// What to do with a keyed request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Do it, then call [`Keys::keep`] or [`Keys::release`].
    Work,
    /// Send this again.
    Replay(Answer),
}

/// The parameters of a request, whatever their order.
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
    /// A keyed request begins.
    pub(crate) fn begin(
        &mut self,
        key: &str,
        path: &str,
        fingerprint: String,
        now: i64,
    ) -> Result<Turn, ApiError> {
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
            Some(Entry { answer: Some(answer), .. }) => return Ok(Turn::Replay(answer.clone())),
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
        Ok(Turn::Work)
    }

    /// The answer of a keyed request, to be sent again when asked.
    pub(crate) fn keep(&mut self, key: &str, answer: Answer) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.answer = Some(answer);
        }
    }

    /// A keyed request came to nothing: its key is free again.
    pub(crate) fn release(&mut self, key: &str) {
        if self.entries.get(key).is_some_and(|entry| entry.answer.is_none()) {
            self.entries.remove(key);
        }
    }

    /// After a restart nothing is in progress any more.
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
    fn a_key_belongs_to_one_request() {
        let mut keys = Keys::default();
        let first = fingerprint("a=1&b=2");
        assert_eq!(keys.begin("k", "/v1/refunds", first.clone(), 0).unwrap(), Turn::Work);
        let busy = keys.begin("k", "/v1/refunds", first.clone(), 0).unwrap_err();
        assert_eq!((busy.status, busy.code), (409, Some("idempotency_key_in_use")));
        let answer = Answer { status: 200, body: "{}".into(), request_id: "req_1".into() };
        keys.keep("k", answer.clone());
        assert_eq!(
            keys.begin("k", "/v1/refunds", fingerprint("b=2&a=1"), 1).unwrap(),
            Turn::Replay(answer)
        );
        let other = keys.begin("k", "/v1/refunds", fingerprint("a=2"), 1).unwrap_err();
        assert_eq!((other.status, other.kind), (400, "idempotency_error"));
        assert!(keys.begin("k", "/v1/checkout/sessions", first.clone(), 1).is_err());
        assert_eq!(keys.begin("k", "/v1/refunds", first, KEPT_SECONDS + 1).unwrap(), Turn::Work);
    }

    #[test]
    fn a_refused_request_frees_its_key() {
        let mut keys = Keys::default();
        keys.begin("k", "/v1/refunds", fingerprint("a=1"), 0).unwrap();
        keys.release("k");
        assert_eq!(keys.begin("k", "/v1/refunds", fingerprint("a=2"), 0).unwrap(), Turn::Work);
    }
}
