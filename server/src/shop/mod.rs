//! Use cases: one file per thing someone does.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::db::Db;
use crate::payments::PaymentProvider;

mod settings;

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
    /// Wakes the job workers of this process when something was enqueued.
    pub wake: Arc<Notify>,
}
