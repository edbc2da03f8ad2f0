//! What is wrong with a field, or with the order as a whole, in the visitor's words.

use domain::hold::{Holder, TooManyHeld};
use domain::language::Language;

use crate::backend::shop::{CheckoutField as Field, CheckoutTrouble, FieldProblem as Problem};
use crate::components::format;
use crate::i18n::checkout as t;

/// A problem as a sentence that says what to do.
pub(super) fn field_error(
    language: Language,
    in_peru: bool,
    field: Field,
    problem: Problem,
) -> String {
    match problem {
        Problem::TooLong(letters) => t::too_long(language, letters),
        Problem::Missing => missing(language, in_peru, field).to_owned(),
        Problem::Malformed => malformed(language, in_peru, field).to_owned(),
        Problem::NotOffered => not_offered(language, field).to_owned(),
        Problem::NotAccepted => not_accepted(language, field).to_owned(),
    }
}

const fn missing(language: Language, in_peru: bool, field: Field) -> &'static str {
    match field {
        Field::Name => t::missing_name(language),
        Field::Email => t::missing_email(language),
        Field::Phone => t::missing_phone(language),
        Field::Country => t::missing_country(language),
        Field::Region if in_peru => t::missing_region_peru(language),
        Field::Region => t::missing_region(language),
        Field::City => t::missing_city(language),
        Field::Street => t::missing_street(language),
        Field::PostalCode => t::missing_postal_code(language),
        Field::Delivery => t::missing_delivery(language),
        Field::Currency => t::missing_currency(language),
        Field::GiftMessage => t::missing_gift_message(language),
    }
}

const fn malformed(language: Language, in_peru: bool, field: Field) -> &'static str {
    match field {
        Field::Name => t::malformed_name(language),
        Field::Email => t::malformed_email(language),
        Field::Phone => t::malformed_phone(language),
        Field::PostalCode if in_peru => t::malformed_postal_code_peru(language),
        Field::PostalCode => t::malformed_postal_code(language),
        Field::Country
        | Field::Region
        | Field::City
        | Field::Street
        | Field::Delivery
        | Field::Currency
        | Field::GiftMessage => t::malformed_field(language),
    }
}

const fn not_offered(language: Language, field: Field) -> &'static str {
    match field {
        Field::Country => t::not_offered_country(language),
        Field::Region => t::not_offered_region(language),
        Field::Delivery => t::not_offered_delivery(language),
        Field::Currency => t::not_offered_currency(language),
        _ => t::not_offered_field(language),
    }
}

const fn not_accepted(language: Language, field: Field) -> &'static str {
    match field {
        Field::Email => t::not_accepted_email(language),
        Field::Currency => t::not_accepted_currency(language),
        _ => t::not_accepted_field(language),
    }
}

/// How many pieces may be held, and what to do.
fn held_words(language: Language, refused: TooManyHeld) -> String {
    let TooManyHeld { holder, most, held, .. } = refused;
    let rule = match holder {
        Holder::Mailbox => t::trouble_held_email(language, most),
        Holder::Visitor => t::trouble_held_visitor(language, most),
        Holder::Network => t::trouble_held_network(language, most),
    };
    let way_out = match holder {
        _ if held == 0 => t::trouble_held_fewer(language).to_owned(),
        Holder::Mailbox | Holder::Visitor => t::trouble_held_wait(language, held),
        Holder::Network => t::trouble_held_others(language, held),
    };
    format!("{rule} {way_out} {}", t::trouble_held_kept(language))
}

/// Why the order could not be placed, and what holds now.
pub(super) fn trouble_words(language: Language, trouble: &CheckoutTrouble) -> String {
    match trouble {
        CheckoutTrouble::Taken(names) => {
            let count = u32::try_from(names.len()).unwrap_or(u32::MAX);
            t::trouble_taken(language, count, format::list(language, names))
        }
        CheckoutTrouble::EmptyBag => t::trouble_empty(language).to_owned(),
        CheckoutTrouble::OverAbroadLimit(limit) => {
            t::trouble_limit(language, format::money_short(language, *limit))
        }
        CheckoutTrouble::TotalChanged(total) => {
            t::trouble_total(language, format::money(language, *total))
        }
        CheckoutTrouble::TooManyHeld(refused) => held_words(language, *refused),
        CheckoutTrouble::PaymentUnavailable => t::trouble_payment(language).to_owned(),
        CheckoutTrouble::PaymentClosed => t::trouble_payment_closed(language).to_owned(),
        CheckoutTrouble::PaymentAmount => t::trouble_payment_amount(language).to_owned(),
        CheckoutTrouble::PaymentRefused => t::trouble_payment_refused(language).to_owned(),
    }
}
