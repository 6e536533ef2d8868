//! Looking after the indexes: how they are, whether they hold what SQL says, and generations that are built beside those that serve.
//!
//! An index is compared with SQL by two streams in the order of the chunks' ids: what SQL has, with the digest of what an index would be told,
//! and what the index holds, with the digest of what it was told. Documents may change meanwhile. A difference counts where nothing that
//! the log tells since the index was asked how far it is speaks of its chunk; the others are looked at again when the followers have
//! reached the log's end.

mod chosen;
mod compare;
mod differences;
mod drop;
mod entries;
mod rebuild;
mod recut;
mod repair;
mod settle;
mod snapshot;
mod status;
mod switch;
mod verify;

pub use chosen::Chosen;
pub use differences::{Difference, Kind};
pub(crate) use drop::drop_outside;
pub use drop::{DropGeneration, drop};
pub use rebuild::{Built, Progress, Shape, rebuild};
pub use repair::{Repaired, repair};
pub use snapshot::{Snapshotted, snapshot};
pub use status::{IndexStatus, Status, status};
pub use switch::{Switched, switch};
pub use verify::{Checked, CheckedIndex, verify};
