//! The state of the simulator, its clock, and the file that keeps it.

use std::{fs, io, path::Path, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    base::{clock::real_now, ids::new_id},
    objects::{
        balance_transaction::BalanceTransaction, charge::Charge, dispute::Dispute, event::Event,
        payment_intent::PaymentIntent, refund::Refund, session::Session,
    },
    state::{
        account::Account, delivery::Delivery, idempotency::Keys, schedule::Schedule,
        settings::Settings, table::Table,
    },
};

/// How many events and deliveries are kept. Stripe, too, forgets events: after 30 days.
const MAX_EVENTS: usize = 100_000;

/// The API request that is being handled. Its events name it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Caller {
    /// `req_…`
    pub(crate) request: Option<String>,
    /// Its `Idempotency-Key`.
    pub(crate) idempotency_key: Option<String>,
}

/// The state of the simulator. It is written to the file as JSON.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Store {
    pub(crate) sessions: Table<Session>,
    pub(crate) intents: Table<PaymentIntent>,
    pub(crate) charges: Table<Charge>,
    pub(crate) balance: Table<BalanceTransaction>,
    pub(crate) refunds: Table<Refund>,
    #[serde(default)]
    pub(crate) disputes: Table<Dispute>,
    pub(crate) events: Table<Event>,
    pub(crate) deliveries: Table<Delivery>,
    pub(crate) keys: Keys,
    /// What the account may do.
    #[serde(default)]
    pub(crate) account: Account,
    /// What happens later.
    #[serde(flatten)]
    pub(crate) schedule: Schedule,
    /// How far the simulated clock is ahead of the real one, in seconds.
    pub(crate) clock_ahead: i64,
    #[serde(skip)]
    settings: Arc<Settings>,
    /// The API request that is being handled.
    #[serde(skip)]
    pub(crate) caller: Caller,
    /// Ids of new events that the webhook sender has not seen yet.
    #[serde(skip)]
    pub(crate) outbox: Vec<String>,
}

impl Store {
    /// Reads the state from the file. Without a file the state is empty.
    pub(crate) fn open(file: Option<&Path>, settings: Settings) -> io::Result<Self> {
        let mut store = match file.map(fs::read) {
            Some(Ok(bytes)) => serde_json::from_slice(&bytes).map_err(io::Error::other)?,
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => Self::default(),
        };
        store.settings = Arc::new(settings);
        store.keys.forget_unfinished();
        Ok(store)
    }

    /// Forgets everything but the settings. The clock shows the real time again.
    pub(crate) fn reset(&mut self) {
        *self = Self { settings: self.settings(), ..Self::default() };
    }

    /// The settings.
    pub(crate) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings)
    }

    /// The simulated time, Unix seconds.
    pub(crate) fn now(&self) -> i64 {
        real_now() + self.clock_ahead
    }

    /// Records an event: the object as it is now, and the changed fields with their old values.
    pub(crate) fn emit(&mut self, kind: &str, object: &Value, previous: Option<&Value>) {
        let event = Event {
            id: new_id("evt_1", 23),
            kind: kind.to_owned(),
            created: self.now(),
            object: object.to_string(),
            previous: previous.map(Value::to_string),
            request: self.caller.request.clone(),
            idempotency_key: self.caller.idempotency_key.clone(),
            pending: i64::from(self.settings.has_webhook),
        };
        self.outbox.push(event.id.clone());
        self.events.add(event);
        self.events.forget_oldest(MAX_EVENTS);
        self.deliveries.forget_oldest(MAX_EVENTS);
    }

    /// The content of the file.
    pub(crate) fn to_bytes(&self) -> io::Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(io::Error::other)
    }
}

/// Replaces the file in one step, so that a reader sees either the old state or the new one.
pub(crate) fn write_file(file: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    let new_file = file.with_extension("new");
    let mut writer = fs::File::create(&new_file)?;
    writer.write_all(bytes)?;
    writer.sync_all()?;
    fs::rename(&new_file, file)
}
