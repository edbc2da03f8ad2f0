//! What is wrong with a field, or with the order as a whole, in the visitor's words.

use domain::language::Language;
use domain::price::NotChargeable;

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
        CheckoutTrouble::NotChargeable(NotChargeable::LessThan(least)) => {
            t::trouble_too_little(language, format::money(language, *least))
        }
        CheckoutTrouble::NotChargeable(NotChargeable::MoreThan(most)) => {
            t::trouble_too_much(language, format::money(language, *most))
        }
        CheckoutTrouble::TooManyUnpaid => t::trouble_unpaid(language).to_owned(),
        CheckoutTrouble::TooManyBegun => t::trouble_begun(language).to_owned(),
        CheckoutTrouble::PaymentUnavailable => t::trouble_payment(language).to_owned(),
    }
}
