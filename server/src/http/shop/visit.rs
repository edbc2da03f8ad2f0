//! The facts of a request that pages need, and the contents of the visitor's session.
//!
//! `tower-sessions` keeps the cookie and the expiry. The contents of a session are rows
//! ([`store::session`]), so that nothing is read, changed and written back as a whole.

use domain::id::SessionId;
use std::convert::Infallible;

use axum::extract::FromRequestParts;
use domain::language::Language;
use domain::money::Currency;
use http::HeaderMap;
use http::request::Parts;
use jiff::Timestamp;
use store::db::Tx;
use store::{session, version};
use tower_sessions::Session;

use app::backend::shop::{Contents, Visit};

use super::cookies;
use super::currency;
use super::session_store::{self, NEAR_US};
use crate::http::edge::method::IsHead;
use crate::http::edge::watch::RequestId;
use crate::http::state::AppState;
use crate::kernel::error::{ShopError, ShopResult};
use crate::sales::Shop;

/// Pieces a bag may hold.
pub(super) const BAG_LIMIT: usize = 20;

/// The visitor of a request: path, session, headers.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    /// Path and query of the request.
    pub(super) path: String,
    /// Session, loaded only when a cookie came.
    pub(super) session: Option<Session>,
    /// Headers of the request.
    pub(super) headers: HeaderMap,
    /// The request's id in the log.
    pub(super) request_id: String,
    /// Nobody reads the answer now: the request is a `HEAD` or a prefetch.
    pub(super) is_unread: bool,
}

/// The contents of the visitor's session; empty without a session.
#[derive(Debug, Clone, Default)]
pub(super) struct Remembered {
    /// Key of the session, if there is one.
    pub(super) key: Option<SessionId>,
    /// Keys of the pieces in the bag, oldest first.
    pub(super) bag: Vec<String>,
    /// The running attempt at buying, if one was begun.
    pub(super) attempt: Option<String>,
    /// Whether a notice waits for one of the visitor's pages.
    pub(super) is_notified: bool,
    /// When the session ends, microseconds UTC.
    expires_at_us: i64,
}

impl Remembered {
    /// How many pieces are in the bag.
    pub(super) fn bag_count(&self) -> u32 {
        u32::try_from(self.bag.len()).unwrap_or(u32::MAX)
    }
}

/// A session to write to.
#[derive(Debug)]
pub(super) struct Begun {
    /// The transaction that writes to it. It already contains a new session.
    pub(super) tx: Tx,
    /// Its key.
    pub(super) key: SessionId,
    /// Whether this request began it. Then it is not known yet whether the browser keeps its
    /// cookie.
    pub(super) is_new: bool,
}

/// A path that stays on this site when a page links to it: `//evil.example/` names another host.
pub(super) fn local(path: &str) -> String {
    format!("/{}", path.trim_start_matches(['/', '\\']))
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

impl Visitor {
    /// Reads the visitor from the head of a request.
    pub(super) fn of(parts: &Parts) -> Self {
        Self {
            path: parts
                .uri
                .path_and_query()
                .map_or_else(|| "/".to_owned(), |path| local(path.as_str())),
            session: parts.extensions.get::<Session>().cloned(),
            headers: parts.headers.clone(),
            request_id: parts
                .extensions
                .get::<RequestId>()
                .map(|id| id.0.clone())
                .unwrap_or_default(),
            is_unread: parts.extensions.get::<IsHead>().is_some()
                || is_ahead_of_time(&parts.headers),
        }
    }

    /// The key in the visitor's cookie, whether or not such a session exists.
    pub(super) fn cookie_key(&self) -> Option<SessionId> {
        self.session.as_ref()?.id().map(|id| session_store::key_of(&id))
    }

    /// The contents of the visitor's session.
    pub(super) async fn remembered(&self, state: &AppState) -> ShopResult<Remembered> {
        let Some(key) = self.cookie_key() else { return Ok(Remembered::default()) };
        let db = &state.shop.db;
        let now_us = Timestamp::now().as_microsecond();
        let Some(mut held) = session::held(db, &key, now_us).await.map_err(unavailable)? else {
            return Ok(Remembered::default());
        };
        let begun = cookies::begun(&self.headers, cookies::session_name(state.is_secure()));
        let others: Vec<SessionId> = begun.into_iter().filter(|other| *other != key).collect();
        if !others.is_empty() {
            let mut tx = db.begin().await.map_err(unavailable)?;
            for other in others {
                session::merge(&mut tx, &key, &other, BAG_LIMIT).await?;
            }
            tx.commit().await.map_err(unavailable)?;
            held = session::held(db, &key, now_us).await.map_err(unavailable)?.unwrap_or_default();
        }
        Ok(Remembered {
            key: Some(key),
            bag: held.bag,
            attempt: held.attempt,
            is_notified: held.is_notified,
            expires_at_us: held.expires_at_us,
        })
    }

    /// The number of pieces in the visitor's bag.
    pub(super) async fn bag_count(&self, state: &AppState) -> ShopResult<u32> {
        let Some(key) = self.cookie_key() else { return Ok(0) };
        let now_us = Timestamp::now().as_microsecond();
        let count = session::bag_count(&state.shop.db, &key, now_us).await.map_err(unavailable)?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// The visitor's session, in a transaction. A new one begins if she has none, and it lasts its
    /// full time from now on. A key from a cookie that belongs to no session is not used.
    pub(super) async fn begin(&self, state: &AppState, mine: &Remembered) -> ShopResult<Begun> {
        let none = || ShopError::Internal("a handler without the layer of sessions".into());
        let session = self.session.as_ref().ok_or_else(none)?;
        let expires_at_us = session_store::micros(session.expiry_date());
        if let Some(key) = mine.key.clone() {
            if mine.expires_at_us < expires_at_us - NEAR_US {
                // Marks it as changed: the layer sends the cookie again and moves the expiry.
                session.set_expiry(session.expiry());
            }
            let tx = state.shop.db.begin().await.map_err(unavailable)?;
            return Ok(Begun { tx, key, is_new: false });
        }
        // Drops a key from the cookie that belongs to no session, then saves under a new random
        // key.
        session.get_value("").await.map_err(unavailable)?;
        session.save().await.map_err(unavailable)?;
        // Marks it as changed: the layer sends the cookie.
        session.set_expiry(session.expiry());
        let key = session.id().map(|id| session_store::key_of(&id)).ok_or_else(none)?;
        let mut tx = state.shop.db.begin().await.map_err(unavailable)?;
        let created = session::create(&mut tx, &key, session_store::EMPTY, expires_at_us);
        created.await.map_err(unavailable)?;
        Ok(Begun { tx, key, is_new: true })
    }

    /// The visit in `language` at this moment, and the shop for this request. The catalogue's
    /// version is read once.
    pub(super) async fn enter(
        &self,
        state: &AppState,
        language: Language,
        bag_count: u32,
    ) -> ShopResult<(Shop, Visit)> {
        let shop = state.shop.at(version::current(&state.shop.db).await?);
        let mut visit = self.visit_with(state, language, bag_count);
        shop.catalogue.describe(&mut visit).await?;
        let now_us = visit.now.as_microsecond();
        currency::set(&mut visit, &self.headers, shop.catalogue.currencies(now_us).await?);
        Ok((shop, visit))
    }

    /// The visit when the database cannot be asked.
    pub(super) fn bare_visit(&self, state: &AppState, language: Language) -> Visit {
        self.visit_with(state, language, 0)
    }

    /// The visit as far as it is known without the database.
    pub(super) fn visit_with(&self, state: &AppState, language: Language, bag_count: u32) -> Visit {
        let now = Timestamp::now();
        Visit {
            language,
            // The database knows which currencies are offered.
            currency: Currency::Pen,
            currencies: vec![Currency::Pen],
            today: domain::calendar::lima_date(now.as_microsecond()),
            now,
            bag_count,
            path: self.path.clone(),
            public_url: state.shop.settings.public_url.clone(),
            demo: false,
            has: Contents::EVERYTHING,
        }
    }
}

/// Whether a browser prefetches a page at which perhaps nobody will ever look
/// (<https://html.spec.whatwg.org/multipage/links.html#the-sec-purpose-header>).
fn is_ahead_of_time(headers: &HeaderMap) -> bool {
    headers.get("sec-purpose").is_some_and(|value| value.as_bytes().starts_with(b"prefetch"))
}

/// A bag that cannot be read is a temporary failure, so the visitor may try again.
fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> ShopError {
    ShopError::Unavailable(error.into())
}
