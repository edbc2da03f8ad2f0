//! The form of the checkout: what was typed, what is wrong with it, what can be chosen.

pub use domain::contact::FieldProblem;

use domain::address::{PLACE_MAX, POSTAL_CODE_MAX, STREET_MAX};
use domain::contact::{Email, GiftMessage, PersonName, Phone};
use domain::country::Country;
use domain::hold::TooManyHeld;
use domain::money::{Currency, ExchangeRate, Money};
use domain::price::NotChargeable;
use domain::shipping::DeliveryKind;
use jiff::civil::Date;

use super::bag::BagView;
use super::order::OrderSums;

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

/// The form as it was typed, so that nothing is lost when there is an error.
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
    /// Code of the departamento, if the form showed the list of them. It is used for Peru only: a
    /// departamento that was chosen before the country was changed is no state of that country.
    pub department: String,
    /// State or province; for Peru the departamento, after the form was read.
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
    /// Identifier that the server made when it first showed the form. Sending the same form again never
    /// makes a second order.
    pub attempt: String,
}

/// The button that sent the checkout form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// Shows the ways of delivery and the sums for what was typed.
    Update,
    /// Places the order.
    Pay,
    /// Only keeps what was typed and its errors, because the visitor changes the language or leaves the
    /// page.
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
    /// The button that sent the form; without one it is [`Pressed::Update`].
    #[must_use]
    pub fn pressed(&self) -> Pressed {
        let known = [Pressed::Pay, Pressed::Keep];
        known.into_iter().find(|button| button.as_str() == self.action).unwrap_or(Pressed::Update)
    }

    /// Whether its address is in Peru. This is also assumed while no country is chosen.
    #[must_use]
    pub fn is_in_peru(&self) -> bool {
        Country::from_code(self.country.trim()).is_none_or(Country::is_peru)
    }

    /// The country for which the form shows the fields of an address: Peru while none is chosen.
    #[must_use]
    pub fn place(&self) -> Country {
        Country::from_code(self.country.trim()).unwrap_or_else(Country::peru)
    }

    /// The totals that a page shows, as its form sends them: `PEN courier=39800 pickup=38000`.
    #[must_use]
    pub fn of_shown(items: Money, options: &[DeliveryOption]) -> String {
        let mut shown = items.currency.code().to_owned();
        for option in options {
            let total = items.amount_minor + option.price.amount_minor;
            shown.push_str(&format!(" {}={total}", option.kind.as_str()));
        }
        shown
    }

    /// Whether the page showed another total than this one for the way of delivery. A form without
    /// totals comes from a page that showed none.
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

    /// Name of the value in the form, and its id on the page. With `in_peru` the region is chosen from
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

    /// Most letters that a visitor may type, in UTF-16 units, as browsers and the server count.
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

/// Why the order could not be placed, when the reason is in no field.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub enum CheckoutTrouble {
    /// Other shoppers took these pieces (names with serials) in the meantime; they left the bag.
    Taken(Vec<String>),
    /// The bag is empty.
    EmptyBag,
    /// The parcel is worth more than what may be sent abroad.
    OverAbroadLimit(Money),
    /// The order would cost this, but another total was shown.
    TotalChanged(Money),
    /// The total is below or above the limits of a charge.
    NotChargeable(NotChargeable),
    /// The metal is priced in a currency without an exchange rate; the board was told.
    NoRate {
        /// Code of the currency.
        currency: String,
    },
    /// One e-mail address, visitor or network would hold more unpaid pieces than it may.
    TooManyHeld(TooManyHeld),
    /// The visitor sent too many forms in a minute: this one was only kept.
    TooManyForms {
        /// Seconds until she may send the next.
        retry_after_s: u32,
    },
    /// The payment provider does not answer; nothing was charged, the pieces are free again.
    PaymentUnavailable,
    /// The provider does not let our account take payments now; the board was told.
    PaymentClosed,
    /// The provider accepts no payment as small or as large as this in the currency.
    PaymentAmount,
    /// The provider refuses for a reason that is in no field; the board was told.
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
    /// Why the order could not be placed, for the top of the page.
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
