//! Carrying a database's rows elsewhere: into archives and back, and from one database into another.
//!
//! Rows travel as lines of JSON whose meaning does not depend on the backend (see `line`), in the order of their keys. What there is to carry is
//! found in the catalogue; `known` says of each table whether its rows mean anything elsewhere.

mod archive;
mod arrived;
mod backup;
#[cfg(feature = "sqlite")]
mod canonical;
mod copy;
mod digest;
mod error;
mod expect;
mod identity;
mod inspect;
mod json;
mod known;
mod limits;
mod line;
mod load;
mod merge;
mod orphans;
mod parse;
mod progress;
mod renew;
mod restore;
mod revision;
mod scan;
mod shape;
mod snapshot;
mod target;
mod time;
mod value;
mod verify;

pub use archive::{About, Header, Manifest, MigrationOf, Model, Part, TableHead, TableSum};
pub use backup::{Backup, BackupOptions, backup};
pub use copy::{Changed, Copied, CopiedTable, CopyOptions, copy};
pub use error::TransferError;
pub(crate) use known::is_ours;
pub use merge::{Merged, OnConflict};
pub use progress::{Listener, Progress};
pub use restore::{RestoreOptions, Restored, restore};
pub use shape::{Column, Kind, Table};
pub use verify::verify;
