//! Dividing an amount into whole minor units that sum exactly.
//!
//! [`allocate`] (largest remainder) divides an amount **once**; nobody is more than one unit from the
//! exact part. It must not be used for an amount that grows: from a greater amount somebody may get
//! less (the Alabama paradox). Refunds in parts therefore round the sum of each part so far, see
//! [`crate::refund`].

/// Why an amount could not be divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SharesError {
    /// There is nobody to divide among.
    #[error("no weights to divide by")]
    Empty,
    /// All weights are zero.
    #[error("all weights are zero")]
    AllZero,
}

/// Divides `amount` by `weights` by largest remainder.
///
/// Each part is the exact part rounded down or up. The parts sum to `amount`. Ties go to the first,
/// and a weight of zero receives nothing. A negative amount is divided like the positive one, and
/// the parts are negated.
///
/// # Errors
/// [`SharesError::Empty`] or [`SharesError::AllZero`].
pub fn allocate(amount: i64, weights: &[u64]) -> Result<Vec<i64>, SharesError> {
    let total = total_weight(weights)?;
    let magnitude = u128::from(amount.unsigned_abs());
    let mut parts = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    for (index, &weight) in weights.iter().enumerate() {
        // An amount below 2^64 times a weight below 2^64 fits.
        let product = magnitude * u128::from(weight);
        parts.push(product / total);
        remainders.push((product % total, index));
    }
    let given: u128 = parts.iter().sum();
    remainders.sort_by(|left, right| right.0.cmp(&left.0).then(left.1.cmp(&right.1)));
    for (_, index) in remainders.into_iter().zip(given..magnitude).map(|(entry, _)| entry) {
        parts[index] += 1;
    }
    Ok(signed(&parts, amount))
}

fn total_weight(weights: &[u64]) -> Result<u128, SharesError> {
    if weights.is_empty() {
        return Err(SharesError::Empty);
    }
    match weights.iter().map(|&weight| u128::from(weight)).sum() {
        0 => Err(SharesError::AllZero),
        total => Ok(total),
    }
}

/// No part is greater than the amount, so giving it the amount's sign cannot overflow.
fn signed(parts: &[u128], amount: i64) -> Vec<i64> {
    let sign = i128::from(amount.signum());
    parts.iter().map(|&part| (part as i128 * sign) as i64).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    #[test]
    fn a_cent_that_does_not_divide_goes_to_the_largest_remainder_then_to_the_first() {
        assert_eq!(allocate(100, &[1, 1, 1]).unwrap(), [34, 33, 33]);
        assert_eq!(allocate(-100, &[1, 1, 1]).unwrap(), [-34, -33, -33]);
        assert_eq!(allocate(10, &[1, 2]).unwrap(), [3, 7]);
        assert_eq!(allocate(1, &[0, 1, 1]).unwrap(), [0, 1, 0]);
        assert_eq!(allocate(0, &[3, 4]).unwrap(), [0, 0]);
        assert_eq!(allocate(5, &[]), Err(SharesError::Empty));
        assert_eq!(allocate(5, &[0, 0]), Err(SharesError::AllZero));
        assert_eq!(allocate(i64::MIN, &[u64::MAX, 0]).unwrap(), [i64::MIN, 0]);
    }

    #[test]
    fn from_a_greater_amount_somebody_may_get_less() {
        assert_eq!(allocate(10, &[6, 6, 2]).unwrap(), [4, 4, 2]);
        assert_eq!(allocate(11, &[6, 6, 2]).unwrap(), [5, 5, 1]);
    }

    fn weights() -> impl Strategy<Value = Vec<u64>> {
        vec(prop_oneof![Just(0), 1_u64..10, 1_u64..1_000_000, any::<u64>()], 1..15)
            .prop_filter("somebody must weigh", |weights| weights.iter().any(|&weight| weight > 0))
    }

    proptest! {
        #[test]
        fn largest_remainder_is_exact_and_within_one(amount in any::<i64>(), weights in weights()) {
            let parts = allocate(amount, &weights).unwrap();
            let total: u128 = weights.iter().map(|&w| u128::from(w)).sum();
            prop_assert_eq!(parts.iter().map(|&p| i128::from(p)).sum::<i128>(), i128::from(amount));
            for (&part, &weight) in parts.iter().zip(&weights) {
                let product = u128::from(amount.unsigned_abs()) * u128::from(weight);
                let magnitude = u128::from(part.unsigned_abs());
                prop_assert!(magnitude == product / total || (magnitude == product / total + 1 && product % total > 0));
                prop_assert!(part == 0 || part.signum() == amount.signum());
            }
        }

        #[test]
        fn the_whole_gives_back_the_weights(weights in vec(0_u64..5_000_000, 1..12)) {
            prop_assume!(weights.iter().any(|&weight| weight > 0));
            let total: u64 = weights.iter().sum();
            let expected: Vec<i64> = weights.iter().map(|&w| i64::try_from(w).unwrap()).collect();
            prop_assert_eq!(allocate(i64::try_from(total).unwrap(), &weights).unwrap(), expected);
        }
    }
}
