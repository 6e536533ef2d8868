//! Looking after the database's schema: what `lectern db` does. Nothing here upgrades unless it is asked to.

mod archives;
mod backup;
mod check;
mod copy;
mod current;
mod freeze;
mod init;
mod open;
mod record;
mod restore;
mod sequences;
mod sizes;
mod write;

pub use archives::{ArchiveError, Input, Keys, Passphrase, Place, Seal};
pub use backup::{BackupRequest, Written, backup, verify};
pub use check::{Report, check};
pub use copy::{Rehearsal, copy, rehearse};
pub use current::{Current, current};
pub use freeze::{FreezeOptions, Frozen, freeze, thaw};
pub use init::{InitSpec, NewRole, Outcome, Prepared, init};
pub use lectern_persistence::catalogue::Difference;
pub use lectern_persistence::migrate::author::Retimed;
pub use lectern_persistence::migrate::{AdoptOptions, Adopted, Adoption, Extent, Finding, KEPT_IN, LeftOut, TableRows};
pub use lectern_persistence::migrate::{Applied, Repaired, Revision, RevisionError, Script, Stamped, State, Step, UpgradeOptions};
pub use lectern_persistence::transfer::{
    Backup, BackupOptions, Changed, Copied, CopiedTable, CopyOptions, Listener, Manifest, Merged, OnConflict, Progress, RestoreOptions,
    Restored, TransferError,
};
pub use lectern_persistence::{Client, DatabaseUrl, Removal};
pub use open::Schema;
pub use record::{Recorded, record, scratch_places};
pub use restore::{RestoreRequest, restore};
pub use sequences::{Counter, Reset, reset_sequences};
pub use sizes::{About, TableSize, about, ping, tables};
pub use write::{Comparison, retime, targets, write};
