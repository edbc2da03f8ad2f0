//! Reads the checkout form: it becomes an address, or errors beside its fields.

use app::backend::shop::{CheckoutField, CheckoutForm, FieldProblem};
use domain::address::{AddressField, AddressForm};
use domain::contact::{Email, GiftMessage, PersonName, Phone, tidy};
use domain::country::{Country, Department};
use domain::money::Currency;
use domain::shipping::{DeliveryKind, ShippingZone};

/// Everything an order needs to know about its shopper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) phone: String,
    pub(super) country: Country,
    pub(super) region: String,
    pub(super) city: String,
    pub(super) street: String,
    pub(super) postal_code: String,
    pub(super) gift_message: Option<String>,
    pub(super) currency: Currency,
    pub(super) delivery: DeliveryKind,
}

/// Where a parcel would go, as far as the form says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) country: Country,
    pub(super) department: Option<Department>,
}

impl Place {
    /// The place in a form that may be half filled in.
    pub(super) fn of(form: &CheckoutForm) -> Option<Self> {
        let country = Country::from_code(form.country.trim())?;
        let department =
            if country.is_peru() { Department::parse(&tidy(&form.region)) } else { None };
        Some(Self { country, department })
    }

    /// The zones that are offered there: by courier or post, and pickup at the workshop.
    pub(super) fn zones(self) -> Vec<ShippingZone> {
        let zone = ShippingZone::of(self.country, self.department);
        if self.country.is_peru() { vec![zone, ShippingZone::PickupJuliaca] } else { vec![zone] }
    }
}

/// The errors of a form, in the order of its fields, each field once.
pub(super) type Errors = Vec<(CheckoutField, FieldProblem)>;

/// Reads a whole form; `currencies` are those that may be chosen today.
pub(super) fn read(form: &CheckoutForm, currencies: &[Currency]) -> Result<Typed, Errors> {
    let mut errors = Errors::new();
    let pickup = DeliveryKind::from_name(&form.delivery) == Some(DeliveryKind::Pickup);
    let email = keep(Email::parse(&form.email), CheckoutField::Email, &mut errors);
    // A number without a country code is a number of the country of delivery.
    let place = if pickup { Country::peru() } else { form.place() };
    let phone = keep(Phone::parse(&form.phone, place), CheckoutField::Phone, &mut errors);
    let gift = keep(
        GiftMessage::parse_optional(&form.gift_message),
        CheckoutField::GiftMessage,
        &mut errors,
    );
    let delivery =
        keep(choice(&form.delivery, DeliveryKind::from_name), CheckoutField::Delivery, &mut errors);
    let known =
        |code: &str| Currency::from_code(code).filter(|currency| currencies.contains(currency));
    let currency = keep(choice(&form.currency, known), CheckoutField::Currency, &mut errors);
    let address = if pickup { collected(form, &mut errors) } else { sent(form, &mut errors) };
    match (address, email, phone, gift, delivery, currency) {
        (Some(address), Some(email), Some(phone), Some(gift), Some(delivery), Some(currency)) => {
            Ok(Typed {
                email: email.into(),
                phone: phone.into(),
                gift_message: gift.map(String::from),
                delivery,
                currency,
                name: address.name,
                country: address.country,
                region: address.region,
                city: address.city,
                street: address.street,
                postal_code: address.postal_code,
            })
        }
        _ => {
            errors.sort_by_key(|(field, _)| {
                CheckoutField::ALL.iter().position(|known| known == field)
            });
            errors.dedup_by_key(|(field, _)| *field);
            Err(errors)
        }
    }
}

struct Destined {
    name: String,
    country: Country,
    region: String,
    city: String,
    street: String,
    postal_code: String,
}

/// An address that a parcel can be sent to.
fn sent(form: &CheckoutForm, errors: &mut Errors) -> Option<Destined> {
    let typed = AddressForm {
        recipient: form.name.clone(),
        line1: form.street.clone(),
        city: form.city.clone(),
        region: form.region.clone(),
        postal_code: form.postal_code.clone(),
        country: form.country.clone(),
        ..AddressForm::default()
    };
    match typed.parse() {
        Ok(address) => Some(Destined {
            region: address.region.as_str().to_owned(),
            name: address.recipient.into(),
            country: address.country,
            city: address.city.unwrap_or_default(),
            street: address.line1,
            postal_code: address.postal_code.unwrap_or_default(),
        }),
        Err(problems) => {
            errors.extend(problems.into_iter().map(|(field, problem)| (field_of(field), problem)));
            None
        }
    }
}

/// For pickup only a name is needed. What else was typed is kept if it can be read.
fn collected(form: &CheckoutForm, errors: &mut Errors) -> Option<Destined> {
    let name = keep(PersonName::parse(&form.name), CheckoutField::Name, errors)?;
    let short = |text: &str, field: CheckoutField| {
        let limit = usize::try_from(field.max_letters()).unwrap_or_default();
        tidy(text).chars().take(limit).collect::<String>()
    };
    Some(Destined {
        name: name.into(),
        country: Country::peru(),
        region: Department::parse(&tidy(&form.region))
            .map(|department| department.name().to_owned())
            .unwrap_or_default(),
        city: short(&form.city, CheckoutField::City),
        street: short(&form.street, CheckoutField::Street),
        postal_code: short(&form.postal_code, CheckoutField::PostalCode),
    })
}

fn choice<T>(text: &str, of: impl Fn(&str) -> Option<T>) -> Result<T, FieldProblem> {
    match text.trim() {
        "" => Err(FieldProblem::Missing),
        code => of(code).ok_or(FieldProblem::NotOffered),
    }
}

fn keep<T>(read: Result<T, FieldProblem>, field: CheckoutField, errors: &mut Errors) -> Option<T> {
    read.map_err(|problem| errors.push((field, problem))).ok()
}

const fn field_of(field: AddressField) -> CheckoutField {
    match field {
        AddressField::Recipient => CheckoutField::Name,
        AddressField::Line1 | AddressField::Line2 | AddressField::Reference => {
            CheckoutField::Street
        }
        AddressField::City => CheckoutField::City,
        AddressField::Region => CheckoutField::Region,
        AddressField::PostalCode => CheckoutField::PostalCode,
        AddressField::Country => CheckoutField::Country,
    }
}

/// The part of an untrusted form that may be kept: no field longer than a page needs, and one
/// region of the typed country.
pub(super) fn tidied(form: CheckoutForm) -> CheckoutForm {
    let mut form = clipped(form);
    let department = std::mem::take(&mut form.department);
    if !department.is_empty() && form.is_in_peru() {
        form.region = department;
    }
    form
}

fn clipped(mut form: CheckoutForm) -> CheckoutForm {
    /// Twice what is accepted, so that the visitor sees what was too long.
    const CLIP: usize = 600;
    let fields = [
        &mut form.name,
        &mut form.email,
        &mut form.phone,
        &mut form.country,
        &mut form.department,
        &mut form.region,
        &mut form.city,
        &mut form.street,
        &mut form.postal_code,
        &mut form.delivery,
        &mut form.currency,
        &mut form.gift_message,
        &mut form.shown,
    ];
    for field in fields {
        if let Some((end, _)) = field.char_indices().nth(CLIP) {
            field.truncate(end);
        }
    }
    let well_formed = (8..=64).contains(&form.attempt.len())
        && form.attempt.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !well_formed {
        form.attempt = store::ids::new_id();
    }
    form
}
