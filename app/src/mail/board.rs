//! Notices to the board, in its own language. Plain text says all there is.

use domain::calendar::lima_date;
use domain::language::Language;
use domain::money::{Money, format_money};
use domain::order::RefundReason;
use jiff::Timestamp;

use super::Mail;
use crate::i18n::board::notices as t;

/// The language of the board.
const BOARD: Language = Language::Es;

/// What the board must know at once. An order is named by its number, e.g. `D-000147`.
#[derive(Debug)]
pub enum BoardNotice<'a> {
    /// A payment goes back in full.
    TurnedBack {
        /// The order it was for.
        order: String,
        /// What was received.
        received: Money,
        /// Why.
        reason: RefundReason,
    },
    /// Money in a currency the shop cannot hold.
    ForeignMoney {
        /// The order it was for.
        order: String,
        /// Amount in the provider's units.
        amount_minor: i64,
        /// The provider's code.
        currency: &'a str,
    },
    /// Money went back at the provider without the shop's doing.
    RefundedOutside {
        /// The order.
        order: String,
        /// What was booked of it; none when it does not fit what is left of the payment.
        booked: Option<Money>,
    },
    /// A refund that the books call done came back to the provider.
    RefundCameBack {
        /// The order.
        order: String,
        /// How much did not arrive, in the currency of what came.
        missing_minor: i64,
        /// Code of that currency.
        currency: &'a str,
    },
    /// The payer's bank disputes a payment.
    Disputed {
        /// The order it was for.
        order: String,
        /// The provider's name of the dispute.
        dispute: &'a str,
        /// The bank's reason, in the provider's words.
        reason: &'a str,
        /// How the dispute stands, in the provider's words.
        status: &'a str,
        /// What the bank wants back, in minor units.
        amount_minor: i64,
        /// Code of its currency.
        currency: &'a str,
        /// Until when the association may answer.
        answer_by: Option<Timestamp>,
    },
    /// The provider opens no payment page, and only the association can mend it.
    PaymentsRefused {
        /// An order that met it.
        order: String,
        /// The provider's words.
        why: &'a str,
    },
    /// Metal is priced in a currency of which no exchange rate is set, so it cannot be sold.
    NoRate {
        /// Code of the currency.
        currency: &'a str,
    },
    /// A refund cannot be made.
    RefundRefused {
        /// The order.
        order: String,
        /// How much was to go back, in minor units.
        amount_minor: i64,
        /// Code of its currency.
        currency: &'a str,
        /// By whom.
        by: RefusedBy<'a>,
    },
}

/// Who refuses a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedBy<'a> {
    /// The payment provider, in its own words.
    Provider(&'a str),
    /// The bank of who is to receive it.
    Bank,
}

impl BoardNotice<'_> {
    /// The notice as a mail.
    #[must_use]
    pub fn mail(&self) -> Mail {
        let (subject, text) = self.words();
        Mail { subject, text: text + "\n", html: String::new() }
    }

    /// Subject and text.
    fn words(&self) -> (String, String) {
        match self {
            Self::TurnedBack { order, received, reason } => {
                let amount = format_money(*received, BOARD);
                (
                    t::turned_back_subject(BOARD, order),
                    t::turned_back(BOARD, amount, order, why_turned_back(*reason)),
                )
            }
            Self::ForeignMoney { order, amount_minor, currency } => (
                t::foreign_money_subject(BOARD, order),
                t::foreign_money(BOARD, order, amount_minor, currency),
            ),
            Self::RefundedOutside { order, booked } => (
                t::refunded_outside_subject(BOARD, order),
                match booked {
                    Some(amount) => t::refunded_outside(BOARD, format_money(*amount, BOARD), order),
                    None => t::refunded_outside_odd(BOARD, order),
                },
            ),
            Self::RefundCameBack { order, missing_minor, currency } => (
                t::refund_came_back_subject(BOARD, order),
                t::refund_came_back(BOARD, amount_of(*missing_minor, currency), order),
            ),
            Self::Disputed {
                order,
                dispute,
                reason,
                status,
                amount_minor,
                currency,
                answer_by,
            } => {
                let amount = amount_of(*amount_minor, currency);
                let until = until(*answer_by);
                (
                    t::disputed_subject(BOARD, order),
                    t::disputed(BOARD, order, amount, reason, status, dispute, until),
                )
            }
            Self::PaymentsRefused { order, why } => (
                t::payments_refused_subject(BOARD).to_owned(),
                t::payments_refused(BOARD, order, why),
            ),
            Self::NoRate { currency } => {
                (t::no_rate_subject(BOARD, currency), t::no_rate(BOARD, currency))
            }
            Self::RefundRefused { order, amount_minor, currency, by } => {
                let why = match by {
                    RefusedBy::Provider(words) => words,
                    RefusedBy::Bank => t::refused_by_bank(BOARD),
                };
                (
                    t::refund_refused_subject(BOARD, order),
                    t::refund_refused(BOARD, amount_of(*amount_minor, currency), order, why),
                )
            }
        }
    }
}

const fn why_turned_back(reason: RefundReason) -> &'static str {
    match reason {
        RefundReason::PieceTaken => t::why_piece_taken(BOARD),
        RefundReason::OrderCancelled => t::why_order_cancelled(BOARD),
        RefundReason::PaidTwice => t::why_paid_twice(BOARD),
        RefundReason::AmountMismatch => t::why_amount_mismatch(BOARD),
        RefundReason::CurrencyMismatch => t::why_currency_mismatch(BOARD),
    }
}

fn until(answer_by: Option<Timestamp>) -> String {
    let day = answer_by.map(|moment| lima_date(moment.as_microsecond()));
    day.map_or_else(String::new, |day| t::disputed_until(BOARD, day.strftime("%d/%m/%Y")))
}

fn amount_of(amount_minor: i64, currency: &str) -> String {
    Money::from_code(amount_minor, currency)
        .map_or_else(|_| format!("{amount_minor} {currency}"), |money| format_money(money, BOARD))
}
