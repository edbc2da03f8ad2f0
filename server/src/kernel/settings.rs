//! What the association decides by configuration and never by a constant in a use case.

use domain::hold::HoldLimits;
use domain::shipping::ShippingTariff;
use domain::tax::TaxPolicy;

use super::secret::Secret;

/// The association's settings, checked at start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Scheme and host under which shoppers reach the shop, without trailing slash.
    pub public_url: String,
    /// IGV.
    pub tax: TaxPolicy,
    /// Expected payment fee in basis points of the amount, for estimates before a sale.
    pub payment_fee_bps: i64,
    /// Expected fixed part of the payment fee in minor units of PEN.
    pub payment_fee_fixed_minor: i64,
    /// Minutes for which pieces are held once the payment page opens. If this is shorter than the
    /// least time that Stripe leaves a page open, the shop closes the page.
    pub hold_minutes: i64,
    /// How many pieces may be held unpaid at a time.
    pub holds: HoldRules,
    /// Days in which a piece can be changed or returned.
    pub return_days: u32,
    /// Zones, weight bands, days and the greatest value sent abroad.
    pub tariff: ShippingTariff,
    /// How to reach the association.
    pub contact: ContactSettings,
    /// Sender of mails, e.g. `Divinas en Brillo de Oro <tienda@example.org>`.
    pub mail_from: String,
    /// Whether there is a mail server. Without one, mails are kept for the board to read.
    pub mails_leave: bool,
    /// Where the board receives its notices.
    pub board_email: String,
}

/// How to reach the association.
#[derive(Debug, Clone)]
pub struct ContactSettings {
    /// E-mail shown on the pages.
    pub email: String,
    /// Phone shown on the pages, or none.
    pub phone: Option<String>,
}

/// The limits on held pieces, and the key of the marks.
#[derive(Debug, Clone)]
pub struct HoldRules {
    /// How many pieces.
    pub limits: HoldLimits,
    /// Key of the marks; the same on all nodes of a shop.
    pub key: Secret,
}
