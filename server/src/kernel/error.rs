//! The error of a use case that is not caused by what the visitor typed.

use store::db::{Cause, DbError};

use app::backend::BackendError;

/// Result of a use case.
pub type ShopResult<T> = Result<T, ShopError>;

/// Why a use case could not be carried out. A mistake of the visitor is not an error but an answer
/// of the use case.
#[derive(Debug, thiserror::Error)]
pub enum ShopError {
    /// The database or another service does not answer now.
    #[error("unavailable: {0}")]
    Unavailable(#[source] Cause),
    /// Anything else that should not happen.
    #[error("{0}")]
    Internal(#[source] Cause),
}

/// An error and what it is about.
#[derive(Debug, thiserror::Error)]
#[error("{about}: {cause}")]
struct About {
    about: String,
    #[source]
    cause: Cause,
}

impl ShopError {
    /// An error that should not happen, and what it is about.
    pub(crate) fn about(about: impl Into<String>, cause: impl Into<Cause>) -> Self {
        Self::Internal(Box::new(About { about: about.into(), cause: cause.into() }))
    }

    /// The session ended while it was being written to.
    pub(crate) fn session_ended() -> Self {
        Self::Unavailable("the session has just ended".into())
    }
}

impl From<DbError> for ShopError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unavailable(_) | DbError::Deadlock(_) => Self::Unavailable(error.into()),
            _ => Self::Internal(error.into()),
        }
    }
}

impl From<ShopError> for BackendError {
    fn from(error: ShopError) -> Self {
        match error {
            ShopError::Unavailable(what) => Self::Unavailable(what),
            ShopError::Internal(what) => Self::Internal(what),
        }
    }
}

impl From<BackendError> for ShopError {
    fn from(error: BackendError) -> Self {
        match error {
            BackendError::Unavailable(what) => Self::Unavailable(what),
            BackendError::Internal(what) => Self::Internal(what),
        }
    }
}
