//! Stripe's webhook signatures: `t=<seconds>,v1=<hex of HMAC-SHA256 over "t.body">`,
//! more than one `v1` while a secret is being replaced
//! (<https://docs.stripe.com/webhooks#verify-manually>).

use hmac::digest::CtOutput;
use hmac::{Hmac, Mac as _};
use jiff::Timestamp;
use serde::Deserialize;
use sha2::Sha256;

use super::{ProviderEvent, WebhookError};
use crate::kernel::secret::Secret;

/// A notification signed longer ago, or further in the future, is not believed.
const TOLERANCE_S: i64 = 300;

/// Signatures one header may carry; Stripe sends two while a secret is being replaced.
const SIGNATURES_MAX: usize = 8;

/// The claims of a header: the time of signing, as written, and the signatures.
struct Claim<'a> {
    signed_at: &'a str,
    signed_at_s: i64,
    signatures: Vec<[u8; 32]>,
}

impl<'a> Claim<'a> {
    fn read(header: &'a str) -> Result<Self, WebhookError> {
        let (mut signed_at, mut signatures) = (None, Vec::new());
        for part in header.split(',') {
            match part.trim().split_once('=') {
                Some(("t", text)) => signed_at = Some(text),
                Some(("v1", _)) if signatures.len() == SIGNATURES_MAX => {
                    return Err(WebhookError::Malformed);
                }
                Some(("v1", text)) => {
                    let mut signature = [0; 32];
                    hex::decode_to_slice(text, &mut signature)
                        .map_err(|_| WebhookError::Malformed)?;
                    signatures.push(signature);
                }
                _ => {}
            }
        }
        let signed_at = signed_at.ok_or(WebhookError::Malformed)?;
        let signed_at_s = signed_at.parse().map_err(|_| WebhookError::Malformed)?;
        if signatures.is_empty() {
            return Err(WebhookError::Malformed);
        }
        Ok(Self { signed_at, signed_at_s, signatures })
    }

    fn is_stale(&self, now: Timestamp) -> bool {
        now.as_second().saturating_sub(self.signed_at_s).saturating_abs() > TOLERANCE_S
    }

    /// Whether one of the signatures was made with the secret. The body is hashed once for all of
    /// them.
    fn is_signed_with(&self, secret: &Secret, raw: &[u8]) -> bool {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()) else {
            return false;
        };
        mac.update(self.signed_at.as_bytes());
        mac.update(b".");
        mac.update(raw);
        let genuine = mac.finalize();
        // The comparison takes the same time wherever the first difference is.
        self.signatures.iter().any(|claimed| genuine == CtOutput::new((*claimed).into()))
    }
}

/// Checks the signature over the raw bytes as they came. Anybody may send anything here, so the
/// cheap checks come first, and the body is hashed at most once for each secret.
pub(super) fn verify(
    raw: &[u8],
    header: &str,
    secrets: &[Secret],
    now: Timestamp,
) -> Result<(), WebhookError> {
    if header.trim().is_empty() {
        return Err(WebhookError::Missing);
    }
    let claim = Claim::read(header)?;
    if claim.is_stale(now) {
        return Err(WebhookError::Stale);
    }
    if secrets.iter().any(|secret| claim.is_signed_with(secret, raw)) {
        Ok(())
    } else {
        Err(WebhookError::BadSignature)
    }
}

#[derive(Debug, Deserialize)]
struct Envelope {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    data: Data,
}

#[derive(Debug, Deserialize)]
struct Data {
    object: Object,
}

/// The few fields that say what an event is about; an event of any kind is read.
#[derive(Debug, Deserialize)]
struct Object {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    object: Option<String>,
    #[serde(default)]
    payment_intent: Option<serde_json::Value>,
}

/// Reads a verified body's envelope; kinds and objects we do not know are read all the same.
pub(super) fn envelope(raw: &[u8]) -> Result<ProviderEvent, WebhookError> {
    let payload = std::str::from_utf8(raw).map_err(|_| WebhookError::Malformed)?;
    let envelope: Envelope = serde_json::from_str(payload).map_err(|_| WebhookError::Malformed)?;
    let object = envelope.data.object;
    let named = object.payment_intent.and_then(|value| match value {
        serde_json::Value::String(id) => Some(id),
        serde_json::Value::Object(fields) => {
            fields.get("id").and_then(|id| id.as_str()).map(str::to_owned)
        }
        _ => None,
    });
    let is = |kind: &str| object.object.as_deref() == Some(kind);
    Ok(ProviderEvent {
        id: envelope.id,
        kind: envelope.kind,
        session_id: object.id.clone().filter(|_| is("checkout.session")),
        payment_intent: if is("payment_intent") { object.id } else { named },
        payload: payload.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use proptest::prelude::*;

    const BODY: &[u8] = br#"{"id":"evt_1","type":"checkout.session.completed","data":{"object":{"id":"cs_1","object":"checkout.session","payment_intent":"pi_1"}}}"#;

    fn sign(secret: &str, at: i64, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{at}.").as_bytes());
        mac.update(body);
        format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
    }

    fn secrets() -> Vec<Secret> {
        vec!["whsec_old".parse().unwrap(), "whsec_new".parse().unwrap()]
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn a_genuine_and_fresh_notification_is_believed() {
        for secret in ["whsec_old", "whsec_new"] {
            let header = sign(secret, 1_000, BODY);
            assert_eq!(verify(BODY, &header, &secrets(), at(1_200)), Ok(()));
        }
        let two = format!("{},v1={}", sign("whsec_new", 1_000, BODY), "00".repeat(32));
        assert_eq!(verify(BODY, &two, &secrets(), at(1_000)), Ok(()));
    }

    #[test]
    fn stale_forged_and_garbled_ones_are_not() {
        let header = sign("whsec_new", 1_000, BODY);
        assert_eq!(verify(BODY, &header, &secrets(), at(1_301)), Err(WebhookError::Stale));
        assert_eq!(verify(BODY, &header, &secrets(), at(699)), Err(WebhookError::Stale));
        assert_eq!(
            verify(BODY, &sign("whsec_evil", 1_000, BODY), &secrets(), at(1_000)),
            Err(WebhookError::BadSignature)
        );
        assert_eq!(verify(BODY, "", &secrets(), at(1_000)), Err(WebhookError::Missing));
        for garbled in
            ["t=1000", "v1=00", "t=x,v1=00", "t=1000,v1=zz", ",,,", "t=99999999999999999999,v1=00"]
        {
            assert_eq!(
                verify(BODY, garbled, &secrets(), at(1_000)),
                Err(WebhookError::Malformed),
                "{garbled}"
            );
        }
        assert_eq!(verify(BODY, &header, &[], at(1_000)), Err(WebhookError::BadSignature));
    }

    #[test]
    fn whoever_has_no_secret_costs_little() {
        let garbage = format!(",v1={}", "00".repeat(32));
        let seven_before = format!("t=1000{}", garbage.repeat(7));
        let genuine = sign("whsec_new", 1_000, BODY).replace("t=1000", &seven_before);
        assert_eq!(verify(BODY, &genuine, &secrets(), at(1_000)), Ok(()));
        let one_more = format!("{genuine}{garbage}");
        assert_eq!(verify(BODY, &one_more, &secrets(), at(1_000)), Err(WebhookError::Malformed));
        // An old signature is refused before the body is read, whoever signed it.
        let forged = sign("whsec_evil", 1_000, BODY);
        assert_eq!(verify(BODY, &forged, &secrets(), at(1_301)), Err(WebhookError::Stale));
    }

    #[test]
    fn the_envelope_of_any_kind_is_read() {
        let event = envelope(BODY).unwrap();
        assert_eq!(
            (event.session_id.as_deref(), event.payment_intent.as_deref()),
            (Some("cs_1"), Some("pi_1"))
        );
        let unknown = br#"{"id":"evt_2","type":"moon.landed","data":{"object":{"crater":true}}}"#;
        assert_eq!(envelope(unknown).unwrap().kind, "moon.landed");
        assert_eq!(envelope(b"not json"), Err(WebhookError::Malformed));
        assert_eq!(envelope(&[0xff, 0xfe]), Err(WebhookError::Malformed));
    }

    proptest! {
        #[test]
        fn one_flipped_bit_is_enough(index in 0..BODY.len(), bit in 0_u8..8) {
            let header = sign("whsec_new", 1_000, BODY);
            let mut body = BODY.to_vec();
            body[index] ^= 1 << bit;
            prop_assert_eq!(verify(&body, &header, &secrets(), at(1_000)), Err(WebhookError::BadSignature));
        }

        #[test]
        fn no_header_makes_it_panic(header in ".{0,200}") {
            prop_assert!(verify(BODY, &header, &secrets(), at(1_000)).is_err());
        }
    }
}
