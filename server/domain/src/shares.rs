//! Dividing an amount into whole minor units that sum exactly.
//!
//! Two methods, because they answer two questions. [`allocate`] (largest remainder) divides an
//! amount **once**, nobody further than one unit from her exact part. [`allocate_monotone`]
//! (Sainte-Laguë) divides an amount that **grows**: as it grows nobody's part ever shrinks, which
//! largest remainder does not promise. Refunds need the second.

/// Why an amount could not be divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SharesError {
    /// There is nobody to divide among.
    #[error("no weights to divide by")]
    Empty,
    /// Everybody weighs nothing.
    #[error("all weights are zero")]
    AllZero,
}

/// Divides `amount` by `weights` by largest remainder.
///
/// Each part is the exact part rounded down or up, the parts sum to `amount`, ties go to whom
/// comes first, a zero weight receives nothing. A negative amount is divided like the positive
/// one and negated.
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

/// Divides `amount` by `weights` by Sainte-Laguë (highest averages with odd divisors).
///
/// The parts sum to `amount`, a zero weight receives nothing, and, when `amount` equals the sum
/// of the weights, every part equals its weight. **House-monotone**: a greater amount (of the same sign)
/// never gives anybody less. Ties go to whom comes first.
///
/// # Errors
/// [`SharesError::Empty`] or [`SharesError::AllZero`].
pub fn allocate_monotone(amount: i64, weights: &[u64]) -> Result<Vec<i64>, SharesError> {
    let total = total_weight(weights)?;
    let magnitude = u128::from(amount.unsigned_abs());
    // Unit number k (from 0) of a weight w has the price (2k+1)/w; the units given are the
    // cheapest ones, the earlier weight first among equals. All units up to the price 2·amount/total
    // are what rounding the exact parts gives: a start that is off by half a unit per weight at most.
    let mut parts: Vec<u128> = weights
        .iter()
        .map(|&weight| round_half_up(magnitude * u128::from(weight), total))
        .collect();
    let mut given: u128 = parts.iter().sum();
    while given < magnitude {
        let next = extreme(weights, |index| parts[index] * 2 + 1, false);
        parts[next] += 1;
        given += 1;
    }
    while given > magnitude {
        let last = extreme(weights, |index| (parts[index] * 2).saturating_sub(1), true);
        parts[last] -= 1;
        given -= 1;
    }
    Ok(signed(&parts, amount))
}

/// The index with the least (first) or, if `greatest`, the greatest (last) price, among the
/// positive weights. A numerator of zero (nothing to take back) is never the greatest.
fn extreme(weights: &[u64], numerator: impl Fn(usize) -> u128, greatest: bool) -> usize {
    let mut best = 0;
    let mut best_price: Option<(u128, u128)> = None;
    for (index, &weight) in weights.iter().enumerate() {
        if weight == 0 {
            continue;
        }
        let price = (numerator(index), u128::from(weight));
        let wins = best_price.is_none_or(|held| {
            let order = compare_fractions(price, held);
            if greatest { order.is_ge() } else { order.is_lt() }
        });
        if wins {
            best = index;
            best_price = Some(price);
        }
    }
    best
}

/// Compares two fractions. Numerators stay below 2^65 and denominators below 2^64, so the
/// cross products could pass 2^128: the whole parts are compared first, then the rests, which are
/// below 2^64.
fn compare_fractions(left: (u128, u128), right: (u128, u128)) -> std::cmp::Ordering {
    (left.0 / left.1)
        .cmp(&(right.0 / right.1))
        .then_with(|| ((left.0 % left.1) * right.1).cmp(&((right.0 % right.1) * left.1)))
}

fn round_half_up(numerator: u128, denominator: u128) -> u128 {
    let rest = numerator % denominator;
    numerator / denominator + u128::from(rest >= denominator - rest)
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

/// Parts never pass the amount's magnitude, so giving them its sign cannot overflow.
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
    fn largest_remainder_can_take_back_what_the_monotone_method_never_does() {
        // The Alabama paradox: the third loses a unit when the whole grows from 10 to 11.
        assert_eq!(allocate(10, &[6, 6, 2]).unwrap(), [4, 4, 2]);
        assert_eq!(allocate(11, &[6, 6, 2]).unwrap(), [5, 5, 1]);
        assert_eq!(allocate_monotone(10, &[6, 6, 2]).unwrap(), [5, 4, 1]);
        assert_eq!(allocate_monotone(11, &[6, 6, 2]).unwrap(), [5, 5, 1]);
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
        fn the_monotone_method_is_exact_for_any_size(amount in any::<i64>(), weights in weights()) {
            let parts = allocate_monotone(amount, &weights).unwrap();
            prop_assert_eq!(parts.iter().map(|&p| i128::from(p)).sum::<i128>(), i128::from(amount));
            for (&part, &weight) in parts.iter().zip(&weights) {
                prop_assert!(part == 0 || (part.signum() == amount.signum() && weight > 0));
            }
        }

        #[test]
        fn nobody_ever_gets_less_of_more(weights in vec(0_u64..200, 1..9), steps in vec(0_i64..40, 1..30)) {
            prop_assume!(weights.iter().any(|&weight| weight > 0));
            let mut amount = 0;
            let mut before = vec![0; weights.len()];
            for step in steps {
                amount += step;
                let after = allocate_monotone(amount, &weights).unwrap();
                prop_assert!(before.iter().zip(&after).all(|(b, a)| b <= a), "{before:?} {after:?}");
                before = after;
            }
        }

        #[test]
        fn the_whole_gives_back_the_weights(weights in vec(0_u64..5_000_000, 1..12)) {
            prop_assume!(weights.iter().any(|&weight| weight > 0));
            let total: u64 = weights.iter().sum();
            let expected: Vec<i64> = weights.iter().map(|&w| i64::try_from(w).unwrap()).collect();
            prop_assert_eq!(allocate_monotone(i64::try_from(total).unwrap(), &weights).unwrap(), expected.clone());
            prop_assert_eq!(allocate(i64::try_from(total).unwrap(), &weights).unwrap(), expected);
        }
    }
}
