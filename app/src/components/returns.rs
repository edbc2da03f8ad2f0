//! Why a payment could not be accepted, and the state of its refund, in the same sentences on the order's
//! page and in its mails.

use domain::language::Language;

use crate::backend::shop::{TurnedBack, TurnedBackWhy, WayBack};
use crate::components::format;
use crate::i18n::shop::order as t;

/// Why it could not be accepted, as a sentence. `count` pieces were ordered.
#[must_use]
pub fn why(language: Language, count: u32, why: TurnedBackWhy) -> String {
    match why {
        TurnedBackWhy::PieceTaken => t::why_taken(language, count),
        TurnedBackWhy::Mismatch => t::why_mismatch(language).to_owned(),
        TurnedBackWhy::PaidTwice => t::why_twice(language).to_owned(),
        TurnedBackWhy::Cancelled => t::why_cancelled(language).to_owned(),
    }
}

/// How much is refunded, and the state of the refund.
#[must_use]
pub fn way(language: Language, back: TurnedBack) -> String {
    let amount = format::money(language, back.amount);
    match back.state {
        WayBack::Done => t::returned(language, amount),
        WayBack::OnItsWay => t::returning(language, amount),
        WayBack::Refused => t::return_stuck(language, amount),
    }
}
