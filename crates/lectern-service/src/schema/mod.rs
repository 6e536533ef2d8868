//! Looking after the database's schema: what `lectern db` does. Nothing here upgrades unless it is asked to.

mod current;
mod open;
mod sizes;

pub use current::{Current, current};
pub use lectern_persistence::migrate::{Applied, Repaired, Revision, RevisionError, Script, Stamped, State, Step, UpgradeOptions};
pub use open::Schema;
pub use sizes::{TableSize, ping, tables};
