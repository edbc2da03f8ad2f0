//! From the bag to the parcel and back: checkout, payment, orders, refunds. One file per thing
//! someone does.

use std::sync::Arc;

use store::db::Db;
use store::version::Version;
use tokio::sync::Notify;

use crate::catalogue::Catalogue;
use crate::kernel::last_use::LastUses;
use crate::kernel::payments::{PaymentProvider, Watched};
use crate::kernel::settings::Settings;

pub mod address;
mod board;
pub mod cancel;
pub mod checkout;
mod checkout_form;
mod checkout_store;
mod checkout_sums;
pub mod draft;
pub mod holds;
mod look_up;
mod not_opened;
mod order_returns;
pub mod order_view;
pub mod payment_page;
pub mod refund;
pub mod settle;
pub mod webhook;

pub use holds::Asker;
pub use look_up::LookUps;

/// What every use case works with.
#[derive(Debug, Clone)]
pub struct Shop {
    /// The database.
    pub db: Db,
    /// What there is to buy.
    pub catalogue: Catalogue,
    /// The payment provider.
    pub payments: Arc<dyn PaymentProvider>,
    /// The association's settings.
    pub settings: Arc<Settings>,
    /// Which payments were looked up a moment ago for their orders' pages.
    pub look_ups: Arc<LookUps>,
    /// How the last use of the payment provider and of the mail server went.
    pub last_uses: Arc<LastUses>,
    /// Wakes the job workers of this process when something was enqueued.
    pub wake: Arc<Notify>,
}

impl Shop {
    /// A shop that remembers nothing yet.
    #[must_use]
    pub fn new(db: Db, payments: Arc<dyn PaymentProvider>, settings: Settings) -> Self {
        let last_uses = Arc::<LastUses>::default();
        let settings = Arc::new(settings);
        Self {
            catalogue: Catalogue::new(db.clone(), Arc::clone(&settings)),
            db,
            payments: Arc::new(Watched::new(payments, Arc::clone(&last_uses))),
            last_uses,
            settings,
            look_ups: Arc::default(),
            wake: Arc::default(),
        }
    }

    /// The same shop for one request that has read the catalogue's version already.
    #[must_use]
    pub fn at(&self, version: Version) -> Self {
        Self { catalogue: self.catalogue.at(version), ..self.clone() }
    }
}

/// The number a shopper quotes, e.g. `D-000147`.
pub(crate) fn order_number(number: i64) -> String {
    format!("D-{number:06}")
}

/// The number in what a shopper or the board writes: `D-000147`, `d-147` or `147`.
pub(crate) fn parse_order_number(text: &str) -> Option<i64> {
    let text = text.trim();
    text.strip_prefix("D-")
        .or_else(|| text.strip_prefix("d-"))
        .unwrap_or(text)
        .parse()
        .ok()
        .filter(|number| *number > 0)
}
