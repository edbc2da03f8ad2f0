//! Days and times in Lima.

use domain::calendar::{LIMA_UTC_OFFSET_HOURS, lima_date};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::offset;

/// The day in Lima.
#[must_use]
pub fn lima_day(moment: Timestamp) -> Date {
    lima_date(moment.as_microsecond())
}

/// The time in Lima on a 24-hour clock: `18:42`.
#[must_use]
pub fn lima_time(moment: Timestamp) -> String {
    let local = offset(LIMA_UTC_OFFSET_HOURS).to_datetime(moment);
    format!("{:02}:{:02}", local.hour(), local.minute())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_day_ends_at_midnight_in_lima() {
        let moment: Timestamp = "2026-11-24T04:59:00Z".parse().unwrap();
        assert_eq!(lima_day(moment), jiff::civil::date(2026, 11, 23));
        assert_eq!(lima_time(moment), "23:59");
    }
}
