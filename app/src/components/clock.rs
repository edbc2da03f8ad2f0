//! Moments as they are read in Lima, where the shop's day begins and ends.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, offset};

/// Peru has kept UTC−5 without summer time since 1994.
const LIMA: Offset = offset(-5);

fn local(moment: Timestamp) -> DateTime {
    LIMA.to_datetime(moment)
}

/// The day in Lima.
#[must_use]
pub fn lima_day(moment: Timestamp) -> Date {
    local(moment).date()
}

/// The time in Lima on a 24-hour clock: `18:42`.
#[must_use]
pub fn lima_time(moment: Timestamp) -> String {
    let local = local(moment);
    format!("{:02}:{:02}", local.hour(), local.minute())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn the_day_turns_at_midnight_in_lima() {
        let moment: Timestamp = "2026-11-24T04:59:00Z".parse().unwrap();
        assert_eq!(lima_day(moment), jiff::civil::date(2026, 11, 23));
        assert_eq!(lima_time(moment), "23:59");
    }
}
