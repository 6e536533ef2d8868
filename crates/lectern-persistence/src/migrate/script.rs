//! Migrations as their scripts.

use crate::{conn::Backend, error::DbError};
use lectern_domain::digest::Digest;
use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// What a migration does to the catalogue, in its folder.
const CATALOGUE: &str = "catalogue.txt";

/// A migration: two scripts and what else is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Its version: the digits of its name's first part.
    pub version: String,
    /// The name of its folder.
    pub name: String,
    /// What applies it.
    pub up: String,
    /// What reverts it.
    pub down: String,
    /// Whether it runs in a transaction.
    pub in_transaction: bool,
    /// What it does to the catalogue, as [`crate::catalogue::Catalogue::changes_to`] writes it; none where nobody wrote it down.
    pub catalogue: Option<String>,
}

/// What the build script lists.
pub(super) struct Embedded {
    name: &'static str,
    up: &'static str,
    down: &'static str,
    in_transaction: bool,
    catalogue: Option<&'static str>,
}

mod embedded {
    use super::Embedded;

    include!(concat!(env!("OUT_DIR"), "/scripts.rs"));
}

impl Script {
    /// A migration of that name.
    pub fn new(name: &str, up: &str, down: &str, in_transaction: bool) -> Self {
        let version = name.split('_').next().unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
        Self { version, name: name.to_owned(), up: up.to_owned(), down: down.to_owned(), in_transaction, catalogue: None }
    }

    fn with_catalogue(self, catalogue: Option<String>) -> Self {
        Self { catalogue, ..self }
    }

    /// The SHA-256 of what applies it, in hexadecimal. Line ends are all the same to it.
    pub fn checksum(&self) -> String {
        Digest::of(self.up.replace("\r\n", "\n").trim_end()).to_string()
    }

    /// Whether it can be reverted.
    pub fn is_reversible(&self) -> bool {
        is_reversible(&self.down)
    }
}

/// Whether a script does anything: a comment alone does not.
pub(super) fn is_reversible(down: &str) -> bool {
    down.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with("--"))
}

/// The migrations of this build, the oldest first.
pub fn embedded(backend: Backend) -> Vec<Script> {
    let scripts = match backend {
        #[cfg(feature = "postgres")]
        Backend::Postgres => embedded::POSTGRES,
        #[cfg(feature = "sqlite")]
        Backend::Sqlite => embedded::SQLITE,
        #[cfg(not(all(feature = "postgres", feature = "sqlite")))]
        _ => &[],
    };
    let script =
        |one: &Embedded| Script::new(one.name, one.up, one.down, one.in_transaction).with_catalogue(one.catalogue.map(str::to_owned));
    scripts.iter().map(script).collect()
}

/// The migrations in a folder, the oldest first.
///
/// # Errors
/// [`DbError::Io`] where a folder or a script can't be read.
pub fn in_folder(folder: &Path) -> Result<Vec<Script>, DbError> {
    let read = |path: &Path| fs::read_to_string(path).map_err(|source| DbError::Io { path: path.to_owned(), source });
    let failed = |source| DbError::Io { path: folder.to_owned(), source };
    let mut scripts = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if !path.is_dir() {
            continue;
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let in_transaction =
            fs::read_to_string(path.join("metadata.toml")).map_or(true, |text| text.replace(' ', "").contains("run_in_transaction=true"));
        let catalogue = match fs::read_to_string(path.join(CATALOGUE)) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(source) => return Err(DbError::Io { path: path.join(CATALOGUE), source }),
        };
        let script = Script::new(&name, &read(&path.join("up.sql"))?, &read(&path.join("down.sql"))?, in_transaction);
        scripts.push(script.with_catalogue(catalogue));
    }
    scripts.sort_by(|a, b| a.version.cmp(&b.version));
    Ok(scripts)
}

/// Writes what a migration does to the catalogue into its folder, below the one that [`in_folder`] takes. Returns the file.
///
/// # Errors
/// [`DbError::Io`] where it can't be written.
pub fn write_catalogue(folder: &Path, name: &str, changes: &str) -> Result<PathBuf, DbError> {
    let path = folder.join(name).join(CATALOGUE);
    fs::write(&path, changes).map_err(|source| DbError::Io { path: path.clone(), source })?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_no_edit() {
        let script = |up: &str| Script::new("2026-01-02-030405_a", up, "DROP TABLE a;", true);
        assert_eq!(script("a;\nb;\n").checksum(), script("a;\r\nb;\r\n").checksum());
        assert_eq!(script("a;\nb;\n").checksum(), script("a;\nb;").checksum());
        assert_ne!(script("a;\nb;\n").checksum(), script("a;\nc;\n").checksum());
        assert_eq!(script("").version, "20260102030405");
    }

    #[test]
    fn a_comment_reverts_nothing() {
        assert!(!is_reversible("-- nothing\n\n  -- more\n"));
        assert!(is_reversible("-- the table\nDROP TABLE a;"));
    }
}
