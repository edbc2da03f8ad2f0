//! Ids of Stripe's shape.

use rand::Rng;

/// `prefix` followed by `length` random letters and digits.
#[expect(clippy::disallowed_methods, reason = "the only place that asks for randomness")]
pub(crate) fn new_id(prefix: &str, length: usize) -> String {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut random = rand::rng();
    let mut id = String::with_capacity(prefix.len() + length);
    id.push_str(prefix);
    for _ in 0..length {
        id.push(char::from(LETTERS[random.random_range(0..LETTERS.len())]));
    }
    id
}
