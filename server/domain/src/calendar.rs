//! Days in Juliaca: Lima time, Peruvian holidays, business days.
//!
//! Peru keeps UTC−05:00 all year, without summer time, so no time zone database is needed.

use jiff::SignedDuration;
use jiff::civil::{Date, Weekday, date};

/// Microseconds in a day.
const DAY_US: i64 = 86_400_000_000;
/// Hours by which the time in Lima differs from UTC, all year.
pub const LIMA_UTC_OFFSET_HOURS: i8 = -5;
/// Midnight in Lima is five in the morning UTC.
const LIMA_BEHIND_US: i64 = -(LIMA_UTC_OFFSET_HOURS as i64) * 3_600_000_000;

/// The first moment of a day in Lima, microseconds UTC.
#[must_use]
pub fn lima_midnight_us(day: Date) -> i64 {
    let since_epoch: SignedDuration = day.duration_since(date(1970, 1, 1));
    // Jiff's years end with 9999: far below what microseconds in an i64 can hold.
    since_epoch.as_secs() * 1_000_000 + LIMA_BEHIND_US
}

/// The day in Lima at a moment, microseconds UTC. Moments beyond year ±9999 give its first or last day.
#[must_use]
pub fn lima_date(at_us: i64) -> Date {
    let days = at_us.saturating_sub(LIMA_BEHIND_US).div_euclid(DAY_US);
    date(1970, 1, 1).saturating_add(SignedDuration::from_hours(days * 24))
}

/// National holidays on a fixed day: (month, day) [Decreto Legislativo 713 with Leyes 31381,
/// 31530, 31788 and 31822].
const FIXED_HOLIDAYS: [(i8, i8); 14] = [
    (1, 1),
    (5, 1),
    (6, 7),
    (6, 29),
    (7, 23),
    (7, 28),
    (7, 29),
    (8, 6),
    (8, 30),
    (10, 8),
    (11, 1),
    (12, 8),
    (12, 9),
    (12, 25),
];

/// Easter Sunday of a year (Gregorian calendar, the "anonymous" algorithm of 1876), for years 1583 to 9999.
fn easter(year: i16) -> Date {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (b - (b + 8) / 25 + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    // The algorithm yields 22 March to 25 April, always a date; the fallback only satisfies the type.
    Date::new(year, (n / 31) as i8, (n % 31 + 1) as i8).unwrap_or(date(year.clamp(1, 9999), 4, 1))
}

/// The days on which nobody works and nothing is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BusinessCalendar {
    extra: Vec<Date>,
}

impl BusinessCalendar {
    /// National holidays and weekends, and `extra` days off: regional holidays of Puno, festivities of
    /// the association.
    #[must_use]
    pub fn new(extra: Vec<Date>) -> Self {
        Self { extra }
    }

    /// Whether the day is a national holiday or one of the extra days.
    #[must_use]
    pub fn is_holiday(&self, day: Date) -> bool {
        if FIXED_HOLIDAYS.contains(&(day.month(), day.day())) || self.extra.contains(&day) {
            return true;
        }
        if !matches!(day.month(), 3 | 4) || day.year() < 1583 {
            return false;
        }
        // Holy Thursday and Good Friday.
        let before = easter(day.year()).duration_since(day).as_hours() / 24;
        before == 3 || before == 2
    }

    /// Whether people work on that day.
    #[must_use]
    pub fn is_business_day(&self, day: Date) -> bool {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !self.is_holiday(day)
    }

    /// The day that is `count` business days after `start`, which itself never counts; `start` for 0.
    /// A promise made on Friday for one business day falls on Monday.
    #[must_use]
    pub fn add_business_days(&self, start: Date, count: u16) -> Date {
        let mut day = start;
        let mut left = count;
        while left > 0 {
            let Ok(next) = day.tomorrow() else { break };
            day = next;
            if self.is_business_day(day) {
                left -= 1;
            }
        }
        day
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn easter_falls_on_the_published_dates() {
        for (year, month, day) in [
            (2023, 4, 9),
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2038, 4, 25),
            (2285, 3, 22),
        ] {
            assert_eq!(easter(year), date(year, month, day));
        }
    }

    #[test]
    fn holy_week_and_national_days_are_free() {
        let calendar = BusinessCalendar::default();
        for free in [
            date(2026, 4, 2),
            date(2026, 4, 3),
            date(2026, 7, 28),
            date(2026, 12, 8),
            date(2027, 1, 1),
            date(2026, 11, 22),
        ] {
            assert!(!calendar.is_business_day(free), "{free}");
        }
        assert!(calendar.is_business_day(date(2026, 4, 1)));
        assert!(calendar.is_business_day(date(2026, 11, 23)));
        let candelaria = BusinessCalendar::new(vec![date(2026, 2, 2)]);
        assert!(
            calendar.is_business_day(date(2026, 2, 2))
                && !candelaria.is_business_day(date(2026, 2, 2))
        );
    }

    #[test]
    fn business_days_skip_weekends_and_holidays() {
        let calendar = BusinessCalendar::default();
        // Monday 7 December 2026: Tuesday and Wednesday are holidays.
        assert_eq!(calendar.add_business_days(date(2026, 12, 7), 1), date(2026, 12, 10));
        assert_eq!(calendar.add_business_days(date(2026, 11, 20), 1), date(2026, 11, 23));
        assert_eq!(calendar.add_business_days(date(2026, 11, 21), 0), date(2026, 11, 21));
        assert_eq!(calendar.add_business_days(Date::MAX, 5), Date::MAX);
    }

    #[test]
    fn a_day_in_lima_begins_at_five_utc() {
        assert_eq!(lima_midnight_us(date(1970, 1, 1)), 5 * 3_600_000_000);
        assert_eq!(lima_date(5 * 3_600_000_000 - 1), date(1969, 12, 31));
        assert_eq!(lima_date(5 * 3_600_000_000), date(1970, 1, 1));
    }

    proptest! {
        #[test]
        fn days_round_trip_and_never_panic(at_us in any::<i64>(), days in -800_000_i64..800_000) {
            let _ = lima_date(at_us);
            let day = lima_date(days * DAY_US + 17);
            prop_assert_eq!(lima_date(lima_midnight_us(day)), day);
        }

        #[test]
        fn adding_and_counting_agree(day in 0_i64..40_000, count in 0_u16..300) {
            let calendar = BusinessCalendar::default();
            let start = lima_date(day * DAY_US);
            let end = calendar.add_business_days(start, count);
            let later = std::iter::successors(start.tomorrow().ok(), |day| day.tomorrow().ok());
            let days = later.take_while(|day| *day <= end);
            let counted = days.filter(|day| calendar.is_business_day(*day)).count();
            prop_assert_eq!(counted, usize::from(count));
            prop_assert!(count == 0 || calendar.is_business_day(end));
        }
    }
}
