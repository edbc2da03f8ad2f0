//! Sentences about what is wrong with a field, or with the order as a whole.

use domain::address::{AddressRule, CityName, PostalCodeName, RegionName};
use domain::country::Country;
use domain::hold::{Holder, TooManyHeld};
use domain::language::Language;
use domain::price::NotChargeable;

use crate::backend::shop::{CheckoutField as Field, CheckoutTrouble, FieldProblem as Problem};
use crate::components::format;
use crate::i18n::shop::{address as names, checkout as t};

/// A problem as a sentence that says what to do. Every rule has its own sentence.
pub(super) fn field_error(
    language: Language,
    country: Country,
    field: Field,
    problem: Problem,
) -> String {
    match problem {
        Problem::TooLong(letters) => t::too_long(language, letters),
        Problem::TooManyLines(lines) => t::too_many_lines(language, lines),
        Problem::Missing => missing(language, country, field),
        Problem::Malformed => malformed(language, country, field),
        Problem::NoLetter => t::no_letter(language).to_owned(),
        Problem::WebAddress => t::web_address(language).to_owned(),
        Problem::OtherLetters => t::other_letters(language).to_owned(),
        Problem::TooFewDigits => t::too_few_digits(language).to_owned(),
        Problem::TooManyDigits => t::too_many_digits(language).to_owned(),
        Problem::NoCountryCode => t::no_country_code(language).to_owned(),
        Problem::NotOffered => not_offered(language, field).to_owned(),
        Problem::NotAccepted => not_accepted(language, field).to_owned(),
    }
}

fn missing(language: Language, country: Country, field: Field) -> String {
    match field {
        Field::Name => t::missing_name(language),
        Field::Email => t::missing_email(language),
        Field::Phone => t::missing_phone(language),
        Field::Country => t::missing_country(language),
        Field::Region if country.is_peru() => t::missing_region_peru(language),
        Field::City if country.is_peru() => t::missing_city(language),
        Field::Region | Field::City | Field::PostalCode => {
            return t::missing_part(language, the_part(language, country, field));
        }
        Field::Street => t::missing_street(language),
        Field::Delivery => t::missing_delivery(language),
        Field::Currency => t::missing_currency(language),
        Field::GiftMessage => t::missing_gift_message(language),
    }
    .to_owned()
}

fn malformed(language: Language, country: Country, field: Field) -> String {
    match field {
        Field::Email => t::malformed_email(language),
        Field::Phone => t::malformed_phone(language),
        Field::PostalCode if country.is_peru() => t::malformed_postal_code_peru(language),
        Field::PostalCode => {
            let Some(codes) = &AddressRule::of(country).postal_code else {
                return t::malformed_field(language).to_owned();
            };
            let part = the_part(language, country, field);
            let name = country.name(language);
            return t::malformed_postal_code(language, part, codes.example, name);
        }
        Field::Name
        | Field::Country
        | Field::Region
        | Field::City
        | Field::Street
        | Field::Delivery
        | Field::Currency
        | Field::GiftMessage => t::malformed_field(language),
    }
    .to_owned()
}

/// The name of region, city or postal code in a country, as a label.
pub(super) fn part_label(language: Language, country: Country, field: Field) -> &'static str {
    let [label, _] = part_words(language, country, field);
    label
}

/// The same within a sentence: "the ZIP code".
fn the_part(language: Language, country: Country, field: Field) -> &'static str {
    let [_, words] = part_words(language, country, field);
    words
}

fn part_words(language: Language, country: Country, field: Field) -> [&'static str; 2] {
    let rule = AddressRule::of(country);
    let words: [fn(Language) -> &'static str; 2] = match field {
        Field::Region => region_words(rule.region),
        Field::City => match rule.city {
            CityName::City => [names::city, names::the_city],
            CityName::District => [names::district, names::the_district],
            CityName::PostTown => [names::post_town, names::the_post_town],
            CityName::Suburb => [names::suburb, names::the_suburb],
        },
        _ => match rule.postal_code.as_ref().map(|codes| codes.name) {
            None | Some(PostalCodeName::PostalCode) => [names::postal_code, names::the_postal_code],
            Some(PostalCodeName::Zip) => [names::zip, names::the_zip],
            Some(PostalCodeName::Pin) => [names::pin, names::the_pin],
            Some(PostalCodeName::Eircode) => [names::eircode, names::the_eircode],
        },
    };
    words.map(|sentence| sentence(language))
}

fn region_words(name: RegionName) -> [fn(Language) -> &'static str; 2] {
    match name {
        RegionName::Province => [names::province, names::the_province],
        RegionName::State => [names::state, names::the_state],
        RegionName::Department => [names::department, names::the_department],
        RegionName::Island => [names::island, names::the_island],
        RegionName::Parish => [names::parish, names::the_parish],
        RegionName::County => [names::county, names::the_county],
        RegionName::Oblast => [names::oblast, names::the_oblast],
        RegionName::Emirate => [names::emirate, names::the_emirate],
        RegionName::Area => [names::area, names::the_area],
        RegionName::Prefecture => [names::prefecture, names::the_prefecture],
        RegionName::DoSi => [names::do_si, names::the_do_si],
        RegionName::District => [names::district, names::the_district],
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

/// How many pieces may be held, and what the shopper can do.
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

/// Why the order could not be placed, and what the shopper can do.
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
        CheckoutTrouble::NotChargeable(NotChargeable::LessThan(least)) => {
            t::trouble_too_little(language, format::money(language, *least))
        }
        CheckoutTrouble::NotChargeable(NotChargeable::MoreThan(most)) => {
            t::trouble_too_much(language, format::money(language, *most))
        }
        CheckoutTrouble::NoRate { currency } => t::trouble_no_rate(language, currency),
        CheckoutTrouble::TooManyForms { retry_after_s } => {
            t::trouble_too_many_forms(language, *retry_after_s)
        }
        CheckoutTrouble::PaymentUnavailable => t::trouble_payment(language).to_owned(),
        CheckoutTrouble::PaymentClosed => t::trouble_payment_closed(language).to_owned(),
        CheckoutTrouble::PaymentAmount => t::trouble_payment_amount(language).to_owned(),
        CheckoutTrouble::PaymentRefused => t::trouble_payment_refused(language).to_owned(),
    }
}
