//! Ways of delivery in the visitor's words.

use domain::language::Language;
use domain::shipping::DeliveryKind;
use jiff::civil::Date;

use super::format;
use crate::i18n::shop::checkout as t;

/// What a way of delivery is called.
#[must_use]
pub const fn delivery_name(language: Language, kind: DeliveryKind) -> &'static str {
    match kind {
        DeliveryKind::Pickup => t::delivery_pickup(language),
        DeliveryKind::Courier => t::delivery_courier(language),
        DeliveryKind::Post => t::delivery_post(language),
    }
}

/// When it arrives, or from when it can be picked up.
#[must_use]
pub fn delivery_days(language: Language, kind: DeliveryKind, from: Date, to: Date) -> String {
    match kind {
        DeliveryKind::Pickup => t::delivery_from(language, format::day(language, from)),
        DeliveryKind::Courier | DeliveryKind::Post => format::day_range(language, from, to),
    }
}

/// When a parcel arrives, as it follows a verb: `del 26 al 28 de noviembre`, `26–28 November`.
#[must_use]
pub fn arrival(language: Language, from: Date, to: Date) -> String {
    let days = format::day_range(language, from, to);
    match language {
        Language::Es if from == to => format!("el {days}"),
        Language::Es => format!("del {days}"),
        Language::En => days,
    }
}
