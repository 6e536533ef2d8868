//! How a program ends: its exit code, and the one line that says why.
//!
//! Exit codes: 0 ok, 1 error, 2 usage, 3 database behind, 4 refused, 5 edited or half-applied migration, 6 another process is in the way for too long,
//! 7 the schema is not what its migrations make, or an index does not hold what the database says.

use lectern_service::{
    PersistenceError, ServiceError,
    schema::{ArchiveError, TransferError},
};

/// A command that was not meant like that.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// The exit code of an error.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<Usage>() {
        return 2;
    }
    let database = match error.downcast_ref::<ServiceError>() {
        Some(ServiceError::Behind { .. } | ServiceError::NoSchema { .. }) => return 3,
        Some(ServiceError::Frozen(_) | ServiceError::NotSwitched { .. } | ServiceError::NotDropped { .. }) => return 4,
        Some(ServiceError::StillBusy { .. } | ServiceError::NotCaughtUp { .. }) => return 6,
        Some(ServiceError::Archive(ArchiveError::Exists { .. } | ArchiveError::NoFile { .. })) => return 4,
        Some(ServiceError::Archive(ArchiveError::Recipient { .. } | ArchiveError::Identity { .. } | ArchiveError::NoKey)) => return 2,
        Some(ServiceError::Transfer(TransferError::Db(error))) => Some(error),
        Some(ServiceError::Transfer(TransferError::OtherMigrations(_))) => return 5,
        Some(ServiceError::Transfer(
            TransferError::NewerFormat { .. }
            | TransferError::NewerSchema { .. }
            | TransferError::NotAtRevision { .. }
            | TransferError::NotEmpty
            | TransferError::SameDatabase { .. }
            | TransferError::NotACopy(_)
            | TransferError::WrittenTo { .. }
            | TransferError::Preflight { .. }
            | TransferError::Unfit(_)
            | TransferError::Conflict { .. }
            | TransferError::OtherThings { .. },
        )) => return 4,
        Some(ServiceError::Db(error)) => Some(error),
        _ => error.downcast_ref(),
    };
    match database {
        Some(
            PersistenceError::Ahead { .. }
            | PersistenceError::Gap { .. }
            | PersistenceError::Irreversible { .. }
            | PersistenceError::Mismatch { .. }
            | PersistenceError::NoCatalogue { .. }
            | PersistenceError::Frozen
            | PersistenceError::NotAllowed { .. }
            | PersistenceError::NotAdopted,
        ) => 4,
        Some(PersistenceError::Edited { .. } | PersistenceError::HalfApplied { .. }) => 5,
        Some(PersistenceError::MigrationLock { .. } | PersistenceError::StillWriting { .. } | PersistenceError::InUse { .. }) => 6,
        Some(PersistenceError::Author(error)) if error.is_refusal() => 4,
        Some(PersistenceError::Author(error)) if error.is_usage() => 2,
        Some(PersistenceError::Revision(_) | PersistenceError::NoRoles) => 2,
        _ => 1,
    }
}

/// An error with its causes on one line; a cause that the line says already is left out.
pub fn one_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain() {
        let cause = cause.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        if line.is_empty() {
            line = cause;
        } else if !line.contains(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(causes: &[&'static str], expect: &str) {
        let (first, rest) = causes.split_first().unwrap();
        let error = rest.iter().fold(anyhow::anyhow!(*first), |error, &outer| error.context(outer));
        assert_eq!(one_line(&error), expect);
    }

    #[test]
    fn causes_are_said_once_on_one_line() {
        check(&["no such file"], "no such file");
        check(&["no such file", "cannot read x"], "cannot read x: no such file");
        check(&["no such\n  file", "cannot read x: no such file"], "cannot read x: no such file");
    }
}
