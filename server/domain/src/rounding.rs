//! The only rounding rule: half to even.

/// `numerator / denominator` rounded to the nearest integer; halves go to the even neighbour.
///
/// This rule does not drift when many small amounts are rounded and summed, and the result
/// is symmetric: rounding `-x` gives minus the rounding of `x`. `None` when `denominator` is not positive.
#[must_use]
pub const fn div_half_even(numerator: i128, denominator: i128) -> Option<i128> {
    if denominator <= 0 {
        return None;
    }
    let floor = numerator.div_euclid(denominator);
    let rest = numerator.rem_euclid(denominator);
    // Compared with the missing part instead of doubled, because doubling could overflow.
    let missing = denominator - rest;
    let up = rest > missing || (rest == missing && floor % 2 != 0);
    Some(if up { floor + 1 } else { floor })
}

/// `value × multiplier / divisor` rounded half to even, or `None` on overflow of `i64`
/// or a divisor that is not positive.
#[must_use]
pub(crate) fn scale_half_even(value: i64, multiplier: i64, divisor: i64) -> Option<i64> {
    let product = i128::from(value) * i128::from(multiplier);
    div_half_even(product, i128::from(divisor)).and_then(|rounded| i64::try_from(rounded).ok())
}

#[cfg(test)]
mod tests {
    use super::div_half_even;
    use proptest::prelude::*;

    #[test]
    fn halves_go_to_the_even_neighbour() {
        for (numerator, expected) in [(5, 2), (7, 4), (-5, -2), (-7, -4), (6, 3), (0, 0), (1, 0)] {
            assert_eq!(div_half_even(numerator, 2), Some(expected), "{numerator}/2");
        }
        assert_eq!(div_half_even(1, 0), None);
        assert_eq!(div_half_even(1, -2), None);
    }

    proptest! {
        #[test]
        fn the_result_is_nearest_and_symmetric(n in any::<i64>(), d in 1_i64..) {
            let (n, d) = (i128::from(n), i128::from(d));
            let rounded = div_half_even(n, d);
            prop_assert!(rounded.is_some_and(|r| 2 * (r * d - n).abs() <= d));
            prop_assert_eq!(div_half_even(-n, d), rounded.map(|r| -r));
        }
    }
}
