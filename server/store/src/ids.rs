//! Identifiers and secrets: the only place that asks for randomness.
#![expect(clippy::disallowed_methods, reason = "ids and secrets are made here and nowhere else")]

use rand::Rng as _;

/// A new identifier: UUIDv7, so that rows lie in the order they were made.
pub fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// A secret for a link: 160 bits in unreserved characters.
pub fn new_secret() -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let mut rng = rand::rng();
    (0..32).map(|_| ALPHABET[usize::from(rng.random::<u8>() & 31)] as char).collect()
}
