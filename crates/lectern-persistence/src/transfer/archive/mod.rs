//! Archives: a tar inside zstd, with `header.json` first, the tables' rows in parts, and `manifest.json` last. `docs/backup-format.md` is
//! their description.

mod format;
mod read;
mod write;

pub use format::{About, Header, Manifest, MigrationOf, Model, Part, TableHead, TableSum};
pub(crate) use format::{FORMAT, VERSION, WITHOUT_VECTORS};
pub(crate) use read::{Entry, read};
pub(crate) use write::{Sink, write};

/// How large a part is at most, unless it has one row alone.
pub(crate) const PART_BYTES: usize = 16 * 1024 * 1024;

const HEADER: &str = "header.json";
const MANIFEST: &str = "manifest.json";

/// The name of a table's part in the archive; parts count from 1.
fn part_name(table: &str, number: usize) -> String {
    format!("tables/{table}/{number:06}.ndjson")
}
