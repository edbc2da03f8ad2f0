//! Use cases: one file per thing someone does.

use std::sync::Arc;

use store::db::Db;
use store::version::Version;
use tokio::sync::Notify;

use crate::last_use::LastUses;
use crate::payments::{PaymentProvider, Watched};

pub mod address;
mod backend;
mod board;
pub mod browse;
pub mod cancel;
pub mod checkout;
mod checkout_form;
mod checkout_store;
mod checkout_sums;
pub mod draft;
pub mod holds;
mod look_up;
mod making;
pub mod melt;
mod not_opened;
mod order_returns;
pub mod order_view;
pub mod payment_page;
pub mod refund;
pub(crate) mod sale;
pub mod search_words;
mod settings;
pub mod settle;
pub mod webhook;

pub use holds::{Asker, HoldRules};
pub use look_up::LookUps;
pub use settings::{ContactSettings, Settings};

/// What every use case works with.
#[derive(Debug, Clone)]
pub struct Shop {
    /// The database.
    pub db: Db,
    /// Whoever takes the money.
    pub payments: Arc<dyn PaymentProvider>,
    /// The association's settings.
    pub settings: Arc<Settings>,
    /// What pages remember while the catalogue's version stands.
    pub memory: Arc<browse::Memory>,
    /// Which payments were looked up a moment ago for their orders' pages.
    pub look_ups: Arc<LookUps>,
    /// How payments and mail went the last time.
    pub last_uses: Arc<LastUses>,
    /// Wakes the job workers of this process when something was enqueued.
    pub wake: Arc<Notify>,
    /// The catalogue's version that this request has read already.
    pub seen: Option<Version>,
}

impl Shop {
    /// A shop that remembers nothing yet.
    #[must_use]
    pub fn new(db: Db, payments: Arc<dyn PaymentProvider>, settings: Settings) -> Self {
        let last_uses = Arc::<LastUses>::default();
        Self {
            db,
            payments: Arc::new(Watched::new(payments, Arc::clone(&last_uses))),
            last_uses,
            settings: Arc::new(settings),
            memory: Arc::default(),
            look_ups: Arc::default(),
            wake: Arc::default(),
            seen: None,
        }
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
