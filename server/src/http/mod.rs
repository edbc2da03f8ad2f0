//! HTTP. Each audience has a router of its own, with its own limits, sessions and browser policies.
//! [`edge`] surrounds all of them and knows none. A GET renders a page of `app`; a POST calls one use
//! case and redirects.
#![expect(clippy::disallowed_methods, reason = "a handler asks the clock and passes the time on")]

use axum::Router;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};

use crate::kernel::media::Photos;

mod edge;
mod machines;
mod shop;
mod state;

pub use edge::assets::SiteAssets;
pub use edge::baseline;
pub use edge::cache::PageCache;
pub use edge::listen::listen;
pub use edge::readiness::Readiness;
pub use edge::visitor_limit::VisitorLimit;
pub use state::{AppParts, AppState};

use edge::headers::{Headers, Powers};
use edge::watch::Watch;

/// The whole site.
pub fn router(state: AppState, photos: Photos) -> Router {
    let compress = CompressionLayer::new().compress_when(
        SizeAbove::new(512)
            .and(NotForContentType::IMAGES)
            .and(NotForContentType::const_new("font/")),
    );
    let watch = Watch::new(Headers::new(&Powers::NONE, state.is_secure()));
    // The shop answers every address that no other audience has.
    Router::new()
        .merge(machines::router(&state, photos.clone()))
        .merge(shop::router(&state))
        .layer(compress)
        .merge(machines::health::router(state, photos))
        .layer(axum::middleware::from_fn(edge::method::head_as_get))
        .layer(axum::middleware::from_fn(edge::body::to_the_end))
        .layer(axum::middleware::from_fn_with_state(watch, edge::watch::around))
}
