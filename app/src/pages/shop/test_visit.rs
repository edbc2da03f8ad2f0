//! The visit that the tests of pages use.

use domain::language::Language;
use domain::money::Currency;
use jiff::Timestamp;
use jiff::civil::date;

use crate::backend::shop::{Contents, Visit};

/// A visit in a language, in soles, to a page with this path.
pub(super) fn visit(language: Language, path: &str) -> Visit {
    Visit {
        language,
        currency: Currency::Pen,
        currencies: vec![Currency::Pen, Currency::Usd],
        today: date(2026, 11, 23),
        now: Timestamp::UNIX_EPOCH,
        bag_count: 0,
        path: path.into(),
        public_url: "https://shop.example".into(),
        demo: false,
        has: Contents::EVERYTHING,
    }
}
