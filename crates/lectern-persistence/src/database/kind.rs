//! What a write is for, and how a freeze refuses it.
//!
//! A write must not begin before a freeze and end after it. On SQLite the one that writes has the file's lock, and looks at the row under it.
//! On PostgreSQL every write shares an advisory lock for as long as it lasts, and looks at the row once it has that; who freezes writes the row,
//! then takes the lock for itself, which is when all who did not see the row have ended.

/// What a write is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteKind {
    /// It changes what the database keeps. Refused from the first moment of a freeze.
    Change,
    /// It ends what was begun before: an answer, a job. Refused once the database is frozen.
    Ending,
    /// Rows that no copy takes: places in the change log, leases. Never refused.
    Upkeep,
}

#[cfg(feature = "sqlite")]
impl WriteKind {
    pub(super) fn is_refused_in(self, state: Option<crate::repo::freezes::FreezeState>) -> bool {
        use crate::repo::freezes::FreezeState;
        match self {
            Self::Change => state.is_some(),
            Self::Ending => state == Some(FreezeState::Frozen),
            Self::Upkeep => false,
        }
    }
}

/// PostgreSQL: the lock that writes share. Any number does; no other lock may have it.
#[cfg(feature = "postgres")]
pub(super) const WRITERS_LOCK: i64 = 0x6c65_6374_6672_7a01;

#[cfg(feature = "postgres")]
impl WriteKind {
    /// What begins a transaction on PostgreSQL, in one trip. A frozen one may only read, and the server itself holds it to that. The statement
    /// that looks must not see less than what was there when it got the lock, whatever level of isolation is the default.
    pub(super) fn begin(self) -> String {
        let look = |condition: &str| {
            format!(
                "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock_shared({WRITERS_LOCK}); \
                 SELECT set_config('transaction_read_only', 'on', true) FROM freezes{condition}"
            )
        };
        match self {
            Self::Change => look(""),
            Self::Ending => look(" WHERE state = 'frozen'"),
            Self::Upkeep => "BEGIN ISOLATION LEVEL READ COMMITTED".to_owned(),
        }
    }
}
