//! What a use case can answer instead of a result.

use lectern_domain::{Invalid, executor::Overloaded};
use lectern_persistence::DbError;

/// A refusal, or a failure. The HTTP layer maps each variant to one status in one table; the text of a refusal is what the caller sees.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The request carries nothing that proves who calls.
    #[error("Authorization header must be provided")]
    NoCredentials,
    /// What it carries proves nothing.
    #[error("Unauthorized")]
    Unauthorized,
    /// It proves who called, and that account is gone; or the account that was named does not exist.
    #[error("User not found")]
    UserNotFound,
    /// An administrator has not let the account in, or has refused it.
    #[error("User not confirmed")]
    UserNotConfirmed,
    /// Unknown account or wrong password: which of them is not told.
    #[error("Incorrect email or password")]
    WrongCredentials,
    /// An account of that name exists.
    #[error("Username already exists")]
    UsernameTaken,
    /// An account with that address exists.
    #[error("Email already exists")]
    EmailTaken,
    /// An API token has no session to end.
    #[error("API tokens are revoked with DELETE /user/token/{{token}}")]
    ApiTokenSignOut,
    /// No such API token.
    #[error("token not found")]
    TokenNotFound,
    /// The caller may not do this.
    #[error("Forbidden")]
    Forbidden,
    /// No such chat.
    #[error("Chat not found")]
    ChatNotFound,
    /// No such stream.
    #[error("Stream not found")]
    StreamNotFound,
    /// A value that breaks a rule which only the use case can check.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Too much work is waiting: nothing was done, the caller may try again.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// The database has no time: nothing was done, the caller may try again.
    #[error("the database is busy")]
    Busy(#[source] DbError),
    /// The database failed.
    #[error("the database failed")]
    Db(#[source] DbError),
    /// Something that should not happen.
    #[error("{doing} failed")]
    Internal {
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl From<DbError> for ServiceError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Overloaded | DbError::Busy | DbError::PoolTimeout { .. } => Self::Busy(error),
            _ => Self::Db(error),
        }
    }
}

impl ServiceError {
    /// A failure that nobody can act on but who runs the server.
    pub fn internal(doing: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal { doing, source: source.into() }
    }
}
