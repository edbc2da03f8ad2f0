//! What Stripe's `charge.dispute.*` notifications say: the few fields the board must know.

use jiff::Timestamp;
use serde::Deserialize;

use super::DisputeFacts;

#[derive(Deserialize)]
struct Event {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Dispute,
}

#[derive(Deserialize)]
struct Dispute {
    object: String,
    id: String,
    amount: i64,
    currency: String,
    reason: String,
    status: String,
    #[serde(default)]
    evidence_details: Option<EvidenceDetails>,
}

#[derive(Deserialize)]
struct EvidenceDetails {
    /// Unix seconds; absent or zero when the bank waits for no answer.
    #[serde(default)]
    due_by: Option<i64>,
}

/// The dispute a verified body is about, or `None`.
pub(super) fn read(payload: &str) -> Option<DisputeFacts> {
    let dispute = serde_json::from_str::<Event>(payload).ok()?.data.object;
    if dispute.object != "dispute" {
        return None;
    }
    let due_by = dispute.evidence_details.and_then(|details| details.due_by);
    Some(DisputeFacts {
        id: dispute.id,
        amount_minor: dispute.amount,
        currency: dispute.currency.to_uppercase(),
        reason: dispute.reason,
        status: dispute.status,
        answer_by: due_by
            .filter(|seconds| *seconds > 0)
            .and_then(|seconds| Timestamp::from_second(seconds).ok()),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn event(object: &str, more: &str) -> String {
        format!(
            r#"{{"id":"evt_1","type":"charge.dispute.created","data":{{"object":{{"id":"du_1","object":"{object}",
            "amount":39500,"currency":"pen","reason":"fraudulent","status":"needs_response"{more}}}}}}}"#
        )
    }

    #[test]
    fn a_dispute_is_read_with_its_deadline() {
        let facts =
            read(&event("dispute", r#","evidence_details":{"due_by":1796083199}"#)).unwrap();
        assert_eq!((facts.amount_minor, facts.currency.as_str()), (39_500, "PEN"));
        assert_eq!(
            (facts.reason.as_str(), facts.status.as_str()),
            ("fraudulent", "needs_response")
        );
        assert_eq!(facts.answer_by.unwrap().as_second(), 1_796_083_199);
    }

    #[test]
    fn without_a_deadline_it_is_read_all_the_same() {
        for more in
            ["", r#","evidence_details":{"due_by":null}"#, r#","evidence_details":{"due_by":0}"#]
        {
            assert_eq!(read(&event("dispute", more)).unwrap().answer_by, None, "{more}");
        }
    }

    #[test]
    fn nothing_else_is_a_dispute() {
        assert_eq!(read(&event("charge", "")), None);
        assert_eq!(read("not json"), None);
    }
}
