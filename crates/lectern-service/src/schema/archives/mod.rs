//! Archives as files and streams, encrypted or not.

mod error;
mod input;
mod output;
mod seal;

pub use error::ArchiveError;
pub use input::Input;
pub use seal::{Keys, Passphrase, Seal};

pub(super) use output::Output;

use std::path::PathBuf;

/// Where an archive goes, or comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// Standard output or input.
    Standard,
}
