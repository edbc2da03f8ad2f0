//! The error of a use case that is nobody's typing mistake.

use store::db::DbError;

use app::backend::BackendError;

/// Result of a use case.
pub type ShopResult<T> = Result<T, ShopError>;

/// Why a use case could not be carried out. What a visitor did wrong is not an error
/// but an answer of the use case.
#[derive(Debug, thiserror::Error)]
pub enum ShopError {
    /// The database or another service does not answer now.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// Anything else that should not happen.
    #[error("{0}")]
    Internal(String),
}

impl ShopError {
    /// The session ended while it was being written to.
    pub(crate) fn session_ended() -> Self {
        Self::Unavailable("the session has just ended".to_owned())
    }
}

impl From<DbError> for ShopError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unavailable(_) | DbError::Deadlock(_) => Self::Unavailable(error.to_string()),
            _ => Self::Internal(error.to_string()),
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
