//! The signature of a webhook.

use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The value of `Stripe-Signature` for a body that is sent at the time `at` (Unix seconds).
pub(crate) fn sign(secret: &str, at: i64, body: &str) -> String {
    // This never fails: HMAC accepts keys of every length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(at.to_string().as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    format!("t={at},v1={}", hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_hmac_sha256_over_time_and_body() {
        // printf '1492774577.{"a":1}' | openssl dgst -sha256 -hmac whsec_test
        assert_eq!(
            sign("whsec_test", 1_492_774_577, "{\"a\":1}"),
            "t=1492774577,v1=2a55874e33dedb30da6fac02873208f53a243141599a71c0d52a1d5b89656823"
        );
    }
}
