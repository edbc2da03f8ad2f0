//! What pages ask of the server: one small trait per audience and the view types
//! it answers with. A view holds facts (numbers, dates, enums of `domain`); turning
//! a fact into a sentence of the visitor's language is the page's work.

pub mod shop;

pub use shop::ShopBackend;

/// Why a page could not be answered. The cause is logged by the server under the
/// request's id; a visitor never sees more than a kind sentence and that id.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// The database or another service does not answer now; the visitor may try again.
    #[error("the shop is briefly out of reach: {0}")]
    Unavailable(String),
    /// Anything else that should not happen.
    #[error("internal error: {0}")]
    Internal(String),
}

/// Result of a question to the backend. "Not found" is `Ok(None)`, never an error.
pub type BackendResult<T> = Result<T, BackendError>;
