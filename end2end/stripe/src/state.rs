//! Everything the simulator remembers, its clock, and the file it is kept in.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fs, io,
    path::Path,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use rand::Rng;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    account::Account,
    balance::BalanceTransaction,
    charges::Charge,
    disputes::{self, Dispute},
    events::Event,
    idempotency::Keys,
    intents::PaymentIntent,
    money::Fees,
    payments,
    refunds::{self, Refund},
    sessions::{self, Session},
    webhooks::Delivery,
};

/// Events and deliveries kept; older ones are forgotten, as Stripe forgets events after 30 days.
const MAX_EVENTS: usize = 100_000;

/// An object with an id and a birthday.
pub(crate) trait Noun {
    /// Its id.
    fn id(&self) -> &str;
    /// When it came to be, Unix seconds.
    fn created(&self) -> i64;
}

/// All objects of one noun in the order they came.
#[derive(Debug)]
pub(crate) struct Table<T> {
    items: VecDeque<T>,
    forgotten: usize,
    places: HashMap<String, usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { items: VecDeque::new(), forgotten: 0, places: HashMap::new() }
    }
}

impl<T: Noun> Table<T> {
    /// Adds a new object.
    pub(crate) fn add(&mut self, item: T) {
        self.places.insert(item.id().to_owned(), self.forgotten + self.items.len());
        self.items.push_back(item);
    }

    /// The object of that id.
    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.items.get(self.places.get(id)? - self.forgotten)
    }

    /// The object of that id, to change.
    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.items.get_mut(self.places.get(id)? - self.forgotten)
    }

    /// Newest first.
    pub(crate) fn newest(&self) -> impl Iterator<Item = &T> {
        self.items.iter().rev()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    fn forget_beyond(&mut self, limit: usize) {
        while self.items.len() > limit {
            if let Some(oldest) = self.items.pop_front() {
                self.places.remove(oldest.id());
                self.forgotten += 1;
            }
        }
    }
}

impl<T: Serialize> Serialize for Table<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.items)
    }
}

impl<'de, T: Noun + DeserializeOwned> Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut table = Self::default();
        for item in Vec::<T>::deserialize(deserializer)? {
            table.add(item);
        }
        Ok(table)
    }
}

/// What happens by itself at its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what", content = "id")]
pub(crate) enum Due {
    /// The session expires if it is still open.
    Expire(String),
    /// The delayed payment of this session is decided.
    Decide(String),
    /// The charge gets its balance transaction.
    Settle(String),
    /// The pending refund succeeds, or the shaky one fails.
    FinishRefund(String),
    /// The payer's bank disputes the charge.
    Dispute(String),
}

impl Due {
    fn id(&self) -> &str {
        match self {
            Self::Expire(id)
            | Self::Decide(id)
            | Self::Settle(id)
            | Self::FinishRefund(id)
            | Self::Dispute(id) => id,
        }
    }
}

/// What the command line decided about how the world behaves.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    /// Where the pay pages are.
    pub(crate) public_url: String,
    /// What Stripe keeps.
    pub(crate) fees: Fees,
    /// Seconds until a delayed payment is decided.
    pub(crate) async_delay: i64,
    /// Seconds until a charge has its balance transaction.
    pub(crate) settle_delay: i64,
    /// The account's one currency; none: money lies as it was paid.
    pub(crate) account: Option<crate::balance::Conversion>,
    /// Whether a webhook endpoint is set.
    pub(crate) has_webhook: bool,
}

/// Which API request is at work, for the events it causes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Caller {
    /// `req_…`
    pub(crate) request: Option<String>,
    /// What it carried as Idempotency-Key.
    pub(crate) idempotency_key: Option<String>,
}

/// The state, as it is also written to the file.
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
    #[serde(with = "agenda_as_list")]
    agenda: BTreeMap<(i64, u64), Due>,
    agenda_number: u64,
    /// How far the simulated clock is ahead of the real one, in seconds.
    pub(crate) clock_ahead: i64,
    #[serde(skip)]
    rules: Arc<Rules>,
    #[serde(skip)]
    pub(crate) caller: Caller,
    /// Ids of events that wait to be handed to the webhook sender.
    #[serde(skip)]
    pub(crate) outbox: Vec<String>,
}

/// JSON has no tuple keys.
mod agenda_as_list {
    use super::{BTreeMap, Deserialize, Deserializer, Due, Serializer};

    pub(super) fn serialize<S: Serializer>(
        agenda: &BTreeMap<(i64, u64), Due>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(agenda)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<(i64, u64), Due>, D::Error> {
        Ok(Vec::<((i64, u64), Due)>::deserialize(deserializer)?.into_iter().collect())
    }
}

/// The real time in seconds.
#[expect(clippy::disallowed_methods, reason = "the only place that asks the real clock")]
pub(crate) fn real_now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// `prefix` with as many random letters and digits as asked.
#[expect(clippy::disallowed_methods, reason = "the only place that asks for randomness")]
pub(crate) fn new_id(prefix: &str, length: usize) -> String {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut random = rand::rng();
    let mut id = String::with_capacity(prefix.len() + length);
    id.push_str(prefix);
    for _ in 0..length {
        id.push(char::from(LETTERS[random.random_range(0..LETTERS.len())]));
    }
    id
}

impl Store {
    /// An empty state, or the one in the file.
    pub(crate) fn open(file: Option<&Path>, rules: Rules) -> io::Result<Self> {
        let mut store = match file.map(fs::read) {
            Some(Ok(bytes)) => serde_json::from_slice(&bytes).map_err(io::Error::other)?,
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => Self::default(),
        };
        store.rules = Arc::new(rules);
        store.keys.forget_unfinished();
        Ok(store)
    }

    /// Forgets everything but the rules; the clock is the real one again.
    pub(crate) fn reset(&mut self) {
        *self = Self { rules: self.rules(), ..Self::default() };
    }

    /// How the world behaves.
    pub(crate) fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules)
    }

    /// The simulated time, Unix seconds.
    pub(crate) fn now(&self) -> i64 {
        real_now() + self.clock_ahead
    }

    /// Puts something on the agenda.
    pub(crate) fn plan(&mut self, at: i64, due: Due) {
        self.agenda_number += 1;
        self.agenda.insert((at, self.agenda_number), due);
    }

    /// What is planned for an object happens at the next opportunity; says how much that was.
    pub(crate) fn hurry(&mut self, id: &str) -> usize {
        let planned = self.agenda.iter().filter(|(_, due)| due.id() == id).map(|(key, _)| *key);
        let planned: Vec<_> = planned.collect();
        for key in &planned {
            if let Some(due) = self.agenda.remove(key) {
                self.plan(i64::MIN, due);
            }
        }
        planned.len()
    }

    /// Does what is due; says whether there was anything.
    pub(crate) fn run_due(&mut self) -> bool {
        let now = self.now();
        let mut ran = false;
        while let Some(entry) = self.agenda.first_entry() {
            if entry.key().0 > now {
                break;
            }
            ran = true;
            match entry.remove() {
                Due::Expire(id) => {
                    // Refused when it is no longer open, which is what we want.
                    let _ = sessions::close(self, &id);
                }
                Due::Decide(id) => payments::decide(self, &id),
                Due::Settle(id) => payments::settle(self, &id),
                Due::FinishRefund(id) => refunds::finish(self, &id),
                Due::Dispute(id) => disputes::open(self, &id),
            }
        }
        ran
    }

    /// Records an event and puts it into the outbox.
    pub(crate) fn emit(&mut self, kind: &str, object: &Value, previous: Option<&Value>) {
        let event = Event {
            id: new_id("evt_1", 23),
            kind: kind.to_owned(),
            created: self.now(),
            object: object.to_string(),
            previous: previous.map(Value::to_string),
            request: self.caller.request.clone(),
            idempotency_key: self.caller.idempotency_key.clone(),
            pending: i64::from(self.rules.has_webhook),
        };
        self.outbox.push(event.id.clone());
        self.events.add(event);
        self.events.forget_beyond(MAX_EVENTS);
        self.deliveries.forget_beyond(MAX_EVENTS);
    }

    /// What is written to the file.
    pub(crate) fn to_bytes(&self) -> io::Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(io::Error::other)
    }
}

/// Replaces the file in one step: whoever reads it sees the old state or the new one.
pub(crate) fn write_file(file: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    let fresh = file.with_extension("new");
    let mut writer = fs::File::create(&fresh)?;
    writer.write_all(bytes)?;
    writer.sync_all()?;
    fs::rename(&fresh, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Serialize, Deserialize, PartialEq)]
    struct Thing(String);

    impl Noun for Thing {
        fn id(&self) -> &str {
            &self.0
        }
        fn created(&self) -> i64 {
            0
        }
    }

    #[test]
    fn a_table_forgets_the_oldest_and_still_finds_the_rest() {
        let mut table = Table::default();
        for n in 0..10 {
            table.add(Thing(format!("t{n}")));
        }
        table.forget_beyond(4);
        assert_eq!(table.len(), 4);
        assert!(table.get("t5").is_none());
        assert_eq!(table.get("t6"), Some(&Thing("t6".into())));
        assert_eq!(table.newest().next(), Some(&Thing("t9".into())));
        table.add(Thing("t10".into()));
        assert_eq!(table.get("t10"), Some(&Thing("t10".into())));
    }
}
