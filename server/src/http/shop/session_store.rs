//! Sessions of `tower-sessions` over our own database handle, on both engines.

use async_trait::async_trait;
use domain::id::SessionId;
use jiff::Timestamp;
use store::db::{Db, DbError};
use store::session;
use time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result, SessionStore as Store};

/// How much earlier than it should a stored session may end, in microseconds, before it is written
/// again and its cookie is sent again.
pub(super) const NEAR_US: i64 = 3_600_000_000;

/// The data of a session's record. It is empty, because everything is in rows of its own.
pub(super) const EMPTY: &str = "{}";

/// Keeps sessions in the table `session`.
#[derive(Debug, Clone)]
pub(super) struct SessionStore {
    db: Db,
}

impl SessionStore {
    pub(super) fn new(db: Db) -> Self {
        Self { db }
    }
}

fn backend(error: DbError) -> Error {
    Error::Backend(error.to_string())
}

/// The key of a session in the database.
pub(super) fn key_of(id: &Id) -> SessionId {
    SessionId::parse(id.to_string())
        .unwrap_or_else(|_| unreachable!("a session's id is letters, digits, `-` and `_`"))
}

pub(super) fn micros(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX)
}

#[async_trait]
impl Store for SessionStore {
    /// Writes nothing. The record has a random id already, and
    /// [`Visitor::begin`](super::visit::Visitor::begin) writes the session in the transaction of
    /// the change that needs it. That transaction fails if another session has the same 128 random
    /// bits.
    async fn create(&self, _: &mut Record) -> Result<()> {
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let data = serde_json::to_string(&record.data).map_err(|e| Error::Encode(e.to_string()))?;
        let (id, until_us) = (key_of(&record.id), micros(record.expiry_date));
        // Thirty days need not be extended by a minute: each write flushes the disk.
        let stored = session::load(&self.db, &id, until_us - NEAR_US).await.map_err(backend)?;
        if stored.is_some_and(|(stored, _)| stored == data) {
            return Ok(());
        }
        session::save(&self.db, &id, &data, until_us).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now_us = Timestamp::now().as_microsecond();
        let Some((data, expires_at_us)) =
            session::load(&self.db, &key_of(id), now_us).await.map_err(backend)?
        else {
            return Ok(None);
        };
        let expiry_date =
            OffsetDateTime::from_unix_timestamp_nanos(i128::from(expires_at_us) * 1_000)
                .map_err(|e| Error::Decode(e.to_string()))?;
        let data = serde_json::from_str(&data).map_err(|e| Error::Decode(e.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        session::delete(&self.db, &key_of(id)).await.map_err(backend)
    }
}
