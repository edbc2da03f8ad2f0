//! The circumstances of a request as pages want them, and the visitor's bag.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use domain::language::Language;
use domain::money::Currency;
use http::HeaderMap;
use http::request::Parts;
use jiff::Timestamp;
use tower_sessions::Session;

use app::backend::shop::{Contents, Visit};

use super::AppState;
use super::currency;
use super::watch::RequestId;
use crate::error::{ShopError, ShopResult};
use crate::shop::Shop;
use crate::store::version;

/// Key of the bag in the session.
const BAG: &str = "bag";
/// Key of the running attempt at buying in the session.
const ATTEMPT: &str = "attempt";
/// Pieces a bag may hold.
pub(super) const BAG_LIMIT: usize = 20;

/// Who asks: path, session, headers.
#[derive(Debug, Clone)]
pub(super) struct Visitor {
    /// Path and query as asked for.
    pub(super) path: String,
    /// Session, loaded only when a cookie came.
    pub(super) session: Option<Session>,
    /// Headers of the request.
    pub(super) headers: HeaderMap,
    /// The request's id in the log.
    pub(super) request_id: String,
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
    /// Out of a request's head.
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
        }
    }

    /// Identifiers of the pieces in the bag, oldest first.
    pub(super) async fn bag(&self) -> ShopResult<Vec<String>> {
        let Some(session) = &self.session else { return Ok(Vec::new()) };
        let bag = session.get::<Vec<String>>(BAG).await.map_err(unavailable)?;
        Ok(bag.unwrap_or_default())
    }

    /// Changes the bag.
    pub(super) async fn set_bag(&self, pieces: &[String]) -> ShopResult<()> {
        let Some(session) = &self.session else { return Ok(()) };
        session.insert(BAG, pieces).await.map_err(unavailable)
    }

    /// The running attempt at buying, if one was begun.
    pub(super) async fn attempt(&self) -> ShopResult<Option<String>> {
        let Some(session) = &self.session else { return Ok(None) };
        session.get(ATTEMPT).await.map_err(unavailable)
    }

    /// Begins an attempt at buying.
    pub(super) async fn set_attempt(&self, attempt: &str) -> ShopResult<()> {
        let Some(session) = &self.session else { return Ok(()) };
        session.insert(ATTEMPT, attempt).await.map_err(unavailable)
    }

    /// The session's own key, once it is kept.
    pub(super) fn session_id(&self) -> Option<String> {
        self.session.as_ref().and_then(Session::id).map(|id| id.to_string())
    }

    /// Writes the session now, whatever the answer will be.
    pub(super) async fn save(&self) -> ShopResult<()> {
        let Some(session) = &self.session else { return Ok(()) };
        session.save().await.map_err(unavailable)
    }

    /// Ends the attempt: the next purchase is a new one.
    pub(super) async fn clear_attempt(&self) -> ShopResult<()> {
        let Some(session) = &self.session else { return Ok(()) };
        session.remove::<String>(ATTEMPT).await.map(|_| ()).map_err(unavailable)
    }

    /// The visit in `language`, now, and the shop for this request: it reads the catalogue's
    /// version once.
    pub(super) async fn enter(
        &self,
        state: &AppState,
        language: Language,
    ) -> ShopResult<(Shop, Visit)> {
        let shop = state.shop.at(version::current(&state.shop.db).await?);
        let mut visit = self.visit_with(state, language, self.bag_count().await?);
        shop.describe(&mut visit).await?;
        let now_us = visit.now.as_microsecond();
        currency::set(&mut visit, &self.headers, shop.currencies(now_us).await?);
        Ok((shop, visit))
    }

    /// How many pieces are in the bag.
    pub(super) async fn bag_count(&self) -> ShopResult<u32> {
        Ok(u32::try_from(self.bag().await?.len()).unwrap_or(u32::MAX))
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
            // Which ones are offered, the database knows.
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

fn unavailable(error: tower_sessions::session::Error) -> ShopError {
    ShopError::Unavailable(format!("session: {error}"))
}
