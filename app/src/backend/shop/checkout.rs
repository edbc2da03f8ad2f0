//! The purchase form: what was typed, what is wrong with it, what can be chosen.

use domain::address::{PLACE_MAX, POSTAL_CODE_MAX, STREET_MAX};
use domain::contact::{Email, GiftMessage, PersonName, Phone};
use domain::country::Country;
use domain::hold::TooManyHeld;
use domain::money::{Currency, ExchangeRate, Money};
use domain::price::NotChargeable;
use domain::shipping::DeliveryKind;
use jiff::civil::Date;

use super::{BagView, OrderSums};

/// One way of delivery offered at checkout, priced for this parcel and destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryOption {
    /// Which way.
    pub kind: DeliveryKind,
    /// Price in the order's currency.
    pub price: Money,
    /// First likely day.
    pub from: Date,
    /// Last likely day.
    pub to: Date,
}

/// What the shopper typed, kept as typed so that nothing is lost on an error.
#[derive(Debug, Clone, Default, serde::Deserialize, serde::Serialize)]
#[serde(default)]
pub struct CheckoutForm {
    /// Name and surnames.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// Phone for the courier.
    pub phone: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// Code of the departamento, where the form showed their list: it counts for Peru only, so
    /// that one chosen before the country was changed is no state of that country.
    pub department: String,
    /// State or province; departamento, once the form was read.
    pub region: String,
    /// City or district.
    pub city: String,
    /// Street and number.
    pub street: String,
    /// Postal code.
    pub postal_code: String,
    /// Code of the delivery kind.
    pub delivery: String,
    /// Code of a currency.
    pub currency: String,
    /// Gift message.
    pub gift_message: String,
    /// The totals that were shown, by [`CheckoutForm::of_shown`]; empty when none were.
    pub shown: String,
    /// Button pressed, see [`CheckoutForm::pressed`].
    pub action: String,
    /// Identifier made by the server when the form was first shown: a retry of the
    /// same form never makes a second order.
    pub attempt: String,
}

/// The button that sent the checkout form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// Shows the ways of delivery and the sums for what was typed.
    Update,
    /// Places the order.
    Pay,
    /// Only keeps what was typed, and nothing that was wrong is forgotten: the language is
    /// changed, or the page is left.
    Keep,
}

impl Pressed {
    /// Value of the button in the form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Update => "update",
            Self::Pay => "pay",
            Self::Keep => "keep",
        }
    }
}

impl CheckoutForm {
    /// The button that sent it; a form that names none was sent to be updated.
    #[must_use]
    pub fn pressed(&self) -> Pressed {
        let known = [Pressed::Pay, Pressed::Keep];
        known.into_iter().find(|button| button.as_str() == self.action).unwrap_or(Pressed::Update)
    }

    /// Whether its address is one in Peru: also where no country was chosen yet.
    #[must_use]
    pub fn is_in_peru(&self) -> bool {
        Country::from_code(self.country.trim()).is_none_or(Country::is_peru)
    }

    /// The country whose addresses the form asks for: Peru where none was chosen yet.
    #[must_use]
    pub fn place(&self) -> Country {
        Country::from_code(self.country.trim()).unwrap_or_else(Country::peru)
    }

    /// What a page shows of totals, as its form carries them: `PEN courier=39800 pickup=38000`.
    #[must_use]
    pub fn of_shown(items: Money, options: &[DeliveryOption]) -> String {
        let mut shown = items.currency.code().to_owned();
        for option in options {
            let total = items.amount_minor + option.price.amount_minor;
            shown.push_str(&format!(" {}={total}", option.kind.as_str()));
        }
        shown
    }

    /// Whether the page showed another total than this one for the way of delivery: beside it or
    /// on the button. A form that carries none was shown none.
    #[must_use]
    pub fn was_shown_another(&self, kind: DeliveryKind, total: Money) -> bool {
        let mut words = self.shown.split(' ').filter(|word| !word.is_empty()).peekable();
        if words.peek().is_none() {
            return false;
        }
        let wanted = format!("{}={}", kind.as_str(), total.amount_minor);
        words.next() != Some(total.currency.code()) || !words.any(|word| word == wanted)
    }
}

/// A field of the checkout form with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
#[expect(missing_docs, reason = "the fields of `CheckoutForm`")]
pub enum CheckoutField {
    Name,
    Email,
    Phone,
    Country,
    Region,
    City,
    Street,
    PostalCode,
    Delivery,
    Currency,
    GiftMessage,
}

impl CheckoutField {
    /// Every field in the order in which the form shows it.
    pub const ALL: [Self; 11] = [
        Self::Name,
        Self::Email,
        Self::Country,
        Self::Region,
        Self::Street,
        Self::City,
        Self::PostalCode,
        Self::Phone,
        Self::Delivery,
        Self::Currency,
        Self::GiftMessage,
    ];

    /// Name of the value in the form, and its id on the page; `in_peru` the region is chosen from
    /// the list of departamentos.
    #[must_use]
    pub const fn name(self, in_peru: bool) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Country => "country",
            Self::Region if in_peru => "department",
            Self::Region => "region",
            Self::City => "city",
            Self::Street => "street",
            Self::PostalCode => "postal_code",
            Self::Delivery => "delivery",
            Self::Currency => "currency",
            Self::GiftMessage => "gift_message",
        }
    }

    /// Most letters a visitor may type, in UTF-16 units, as browsers count: those that the server
    /// counts.
    #[must_use]
    pub const fn max_letters(self) -> u32 {
        let max = match self {
            Self::Name => PersonName::MAX,
            Self::Region | Self::City => PLACE_MAX,
            Self::Street => STREET_MAX,
            Self::Email => Email::MAX,
            Self::Phone => Phone::MAX,
            Self::GiftMessage => GiftMessage::MAX,
            Self::PostalCode => POSTAL_CODE_MAX,
            Self::Country | Self::Delivery | Self::Currency => 16,
        };
        max as u32
    }
}

/// What is wrong with a field. The page turns it into a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
pub enum FieldProblem {
    /// Nothing was typed.
    Missing,
    /// More than so many letters.
    TooLong(u32),
    /// More than so many lines.
    TooManyLines(u32),
    /// A name without a letter.
    NoLetter,
    /// A name with a web address.
    WebAddress,
    /// An e-mail address with letters that mail does not carry.
    OtherLetters,
    /// A phone number without all its digits.
    TooFewDigits,
    /// More digits than one phone number has.
    TooManyDigits,
    /// A phone number whose country nobody can tell.
    NoCountryCode,
    /// Not of the field's form.
    Malformed,
    /// Not a choice that is offered.
    NotOffered,
    /// The payment provider does not take it.
    NotAccepted,
}

/// Why the order as a whole could not be placed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub enum CheckoutTrouble {
    /// These pieces (names with serials) were taken meanwhile; they left the bag.
    Taken(Vec<String>),
    /// The bag is empty.
    EmptyBag,
    /// The parcel is worth more than what may be sent abroad.
    OverAbroadLimit(Money),
    /// It would cost this, and another total was shown.
    TotalChanged(Money),
    /// The total is less or more than what can be charged at once.
    NotChargeable(NotChargeable),
    /// The metal is priced in this currency, of which there is no exchange rate; the board was told.
    NoRate {
        /// Code of the currency.
        currency: String,
    },
    /// More pieces would await their payment than one e-mail, visitor or network may hold.
    TooManyHeld(TooManyHeld),
    /// She sent too many forms in a minute: this one was only kept.
    TooManyForms {
        /// Seconds until she may send the next.
        retry_after_s: u32,
    },
    /// The payment provider does not answer; nothing was charged, the pieces are free again.
    PaymentUnavailable,
    /// The provider lets our account take no payment now; the board was told.
    PaymentClosed,
    /// The provider takes no payment as small or as large as this in the currency.
    PaymentAmount,
    /// The provider refuses, for a reason that is in no field; the board was told.
    PaymentRefused,
}

impl CheckoutTrouble {
    /// Its name in the page's markup, for machines that buy (tests, the load generator).
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Taken(_) => "taken",
            Self::EmptyBag => "empty-bag",
            Self::OverAbroadLimit(_) => "over-abroad-limit",
            Self::TotalChanged(_) => "total-changed",
            Self::NotChargeable(_) => "not-chargeable",
            Self::NoRate { .. } => "no-rate",
            Self::TooManyHeld(_) => "too-many-held",
            Self::TooManyForms { .. } => "too-many-forms",
            Self::PaymentUnavailable => "payment-unavailable",
            Self::PaymentClosed => "payment-closed",
            Self::PaymentAmount => "payment-amount",
            Self::PaymentRefused => "payment-refused",
        }
    }
}

/// The checkout page.
#[derive(Debug, Clone)]
pub struct CheckoutView {
    /// The bag.
    pub bag: BagView,
    /// What was typed.
    pub form: CheckoutForm,
    /// Errors beside their fields.
    pub errors: Vec<(CheckoutField, FieldProblem)>,
    /// Error of the whole, said on top.
    pub trouble: Option<CheckoutTrouble>,
    /// Ways of delivery for the country typed; empty until one is chosen.
    pub options: Vec<DeliveryOption>,
    /// The sums with the choice made so far, in the chosen currency.
    pub sums: OrderSums,
    /// Currencies that may be chosen.
    pub currencies: Vec<Currency>,
    /// The rate of the chosen currency; `None` for soles.
    pub rate: Option<ExchangeRate>,
    /// Minutes for which pieces are held once the payment page opens.
    pub hold_minutes: u32,
}
