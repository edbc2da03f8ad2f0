//! Identifiers and secrets: the only place that asks for randomness.
#![expect(clippy::disallowed_methods, reason = "ids and secrets are made here and nowhere else")]

use rand::Rng as _;

/// A new identifier: UUIDv7, so that rows sort in the order in which they were made.
pub fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// A new key of its own type, see [`new_id`].
pub fn new_key<T: TryFrom<String>>() -> T {
    T::try_from(new_id()).unwrap_or_else(|_| unreachable!("a UUID is a key of every type"))
}

/// A secret for a link: 160 bits in unreserved characters.
pub fn new_secret() -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let mut rng = rand::rng();
    (0..32).map(|_| ALPHABET[usize::from(rng.random::<u8>() & 31)] as char).collect()
}
