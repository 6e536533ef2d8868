//! What can go wrong with an archive's file or its encryption.

use std::{io, path::PathBuf};

/// A refusal, or a failure of the file system.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// There is such a file.
    #[error("{} is there already: name another file, or replace it with --overwrite", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// It is no file that could be replaced.
    #[error("{} is no file: write to standard output with -", path.display())]
    NoFile {
        /// What it is.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Standard output or input failed.
    #[error("{stream} failed: {source}")]
    Stream {
        /// Which.
        stream: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
    /// Not the public key of a recipient.
    #[error("'{recipient}' is no age recipient, which begins with age1: {why}")]
    Recipient {
        /// What was given.
        recipient: String,
        /// What is wrong with it.
        why: String,
    },
    /// Not a file of secret keys.
    #[error("{} holds no age identity: {why}", path.display())]
    Identity {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// An encrypted archive, and nothing to open it with.
    #[error(
        "the archive is encrypted: give the file of its key with --identity, or its passphrase (--passphrase-file, or the setting backup.passphrase)"
    )]
    NoKey,
    /// An encrypted archive that does not open.
    #[error("the archive cannot be decrypted: {0}: check that it is the key or the passphrase that it was made with")]
    Locked(String),
    /// An encrypted archive that is not what was written.
    #[error("the archive is damaged: {0}: fetch it again, or take an older one (`lectern db backup --verify FILE` checks one)")]
    Damaged(String),
    /// Encrypting failed.
    #[error("the archive cannot be encrypted: {0}")]
    Unsealed(String),
}
