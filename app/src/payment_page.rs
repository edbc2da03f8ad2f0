//! Our words on the payment provider's page.

use domain::language::Language;
use domain::shipping::DeliveryKind;

use crate::components::delivery::delivery_name;
use crate::i18n::shop::design as words;
use crate::routes::Route;

/// A piece by the name of its design and its serial.
#[must_use]
pub fn piece(language: Language, name: &str, serial: &str) -> String {
    format!("{name}, {}", words::serial(language, serial))
}

/// A way of delivery.
#[must_use]
pub fn delivery(language: Language, kind: DeliveryKind) -> String {
    delivery_name(language, kind).to_owned()
}

/// Where the payment page leads back to: the order's own page.
#[must_use]
pub fn way_back(language: Language, public_url: &str, order_secret: &str) -> String {
    let page = Route::Order { secret: order_secret.to_owned() }.path(language);
    format!("{public_url}{page}")
}
