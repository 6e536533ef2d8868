//! Exit codes: 0 ok, 1 error, 2 usage, 3 database behind, 4 database ahead.

use lectern_service::{PersistenceError, ServiceError};

/// The exit code of an error.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    match error.downcast_ref::<ServiceError>() {
        Some(ServiceError::Behind { .. }) => 3,
        Some(ServiceError::Db(PersistenceError::Ahead { .. })) => 4,
        _ => 1,
    }
}
