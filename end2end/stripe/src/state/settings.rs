//! What the command line sets.

use crate::base::money::{Conversion, Fees};

/// Settings that never change while the simulator runs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    /// Where the pay pages are.
    pub(crate) public_url: String,
    /// Stripe's fees.
    pub(crate) fees: Fees,
    /// Seconds until a delayed payment or refund is decided.
    pub(crate) async_delay: i64,
    /// Seconds until a charge has its balance transaction.
    pub(crate) settle_delay: i64,
    /// The account's only currency. Without it, each amount stays in the currency of its charge.
    pub(crate) settle_in: Option<Conversion>,
    /// Whether a webhook endpoint is set.
    pub(crate) has_webhook: bool,
}
