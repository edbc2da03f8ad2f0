//! What pages ask of the server: one small trait per audience, and the view types that it
//! returns. A view has facts (numbers, dates, enums of `domain`); the page turns them into
//! sentences in the visitor's language.

pub mod shop;

pub use shop::ShopBackend;

/// Why a page could not be answered. The server logs the cause under the request's id. A visitor
/// sees only a short sentence and that id.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// The database or another service does not answer now; the visitor may try again.
    #[error("the shop is briefly out of reach: {0}")]
    Unavailable(#[source] Cause),
    /// Any other error.
    #[error("internal error: {0}")]
    Internal(#[source] Cause),
}

/// What caused an error: another error, or a sentence.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Result of a question to the backend. "Not found" is `Ok(None)`, never an error.
pub type BackendResult<T> = Result<T, BackendError>;
