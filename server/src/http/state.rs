//! The state of the handlers.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;

use super::edge::assets::SiteAssets;
use super::edge::cache::PageCache;
use super::edge::readiness::Readiness;
use super::edge::visitor_limit::VisitorLimit;
use crate::sales::Shop;

/// The state of every handler. Each layer clones it for each request, so it is one pointer.
#[derive(Debug, Clone)]
pub struct AppState(Arc<AppParts>);

/// The parts of the state.
#[derive(Debug)]
pub struct AppParts {
    /// The use cases.
    pub shop: Shop,
    /// Rendered pages.
    pub cache: Arc<PageCache>,
    /// The files that the build of the site wrote.
    pub assets: Arc<SiteAssets>,
    /// Limit on writes of one visitor.
    pub writes: Arc<VisitorLimit>,
    /// Whether this node takes requests.
    pub readiness: Arc<Readiness>,
    /// Origins, besides our own, to which a form may lead: the payment page's.
    pub form_targets: Arc<Vec<String>>,
}

impl Deref for AppState {
    type Target = AppParts;
    fn deref(&self) -> &AppParts {
        &self.0
    }
}

impl AppState {
    /// A state of these parts.
    #[must_use]
    pub fn new(parts: AppParts) -> Self {
        Self(Arc::new(parts))
    }

    /// Whether the shop is reached over TLS only.
    pub(super) fn is_secure(&self) -> bool {
        self.shop.settings.public_url.starts_with("https://")
    }
}

impl FromRef<AppState> for Arc<VisitorLimit> {
    fn from_ref(state: &AppState) -> Self {
        Self::clone(&state.writes)
    }
}
