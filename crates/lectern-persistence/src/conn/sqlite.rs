//! SQLite: the file and the pragmas of a session.

use super::{DatabaseUrl, Purpose};
use crate::error::{ConnectError, DbError};
use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::sqlite::SqliteConnection;
use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// How long a statement waits for another process's lock, in milliseconds.
pub(crate) const BUSY_TIMEOUT_MS: u32 = 5_000;

/// What the write-ahead log is cut down to after a checkpoint, in bytes.
pub(crate) const JOURNAL_LIMIT: u64 = 64 * 1024 * 1024;

/// Opens an existing file. `busy_timeout` comes first: switching to WAL takes a lock.
pub(crate) fn connect(url: &DatabaseUrl, purpose: Purpose) -> Result<SqliteConnection, Box<ConnectError>> {
    let failed = |cause: String| Box::new(ConnectError::new(url, &cause));
    let path = url.path().ok_or_else(|| failed("the database has no file".to_owned()))?;
    if !path.is_file() {
        // SQLite would make an empty database of it.
        return Err(failed("unable to open database file: there is none".to_owned()));
    }
    let mut conn = SqliteConnection::establish(&file_name(path)).map_err(|error| failed(error.to_string()))?;
    let pragmas = format!(
        "PRAGMA busy_timeout = {BUSY_TIMEOUT_MS};
         PRAGMA journal_mode = WAL;
         PRAGMA foreign_keys = ON;
         PRAGMA synchronous = FULL;
         PRAGMA journal_size_limit = {JOURNAL_LIMIT};
         PRAGMA query_only = {};",
        if purpose == Purpose::Read { "ON" } else { "OFF" }
    );
    conn.batch_execute(&pragmas).map_err(|error| failed(error.to_string()))?;
    Ok(conn)
}

/// The path as Diesel takes it: a relative one that begins like a URI must not be read as one.
fn file_name(path: &Path) -> String {
    let name = path.to_string_lossy();
    if path.is_absolute() { name.into_owned() } else { format!("./{name}") }
}

/// Makes the file, readable by its owner alone, and its folders, where they do not exist.
pub(crate) fn create(path: &Path) -> Result<(), DbError> {
    let io = |source| DbError::Io { path: path.to_owned(), source };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|source| DbError::Io { path: folder.to_owned(), source })?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(io(error)),
    }
}

/// The file behind `sqlite::memory:`. Several connections must see one database, which SQLite's own memory databases give only with
/// locks that nobody can wait for; so it is a file in a folder of its own, gone with this value.
#[derive(Debug)]
pub(crate) struct PrivateFile {
    folder: PathBuf,
}

impl PrivateFile {
    pub(crate) fn create() -> Result<Self, DbError> {
        let folder = std::env::temp_dir().join(format!("lectern-{}", uuid::Uuid::new_v4()));
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(|source| DbError::Io { path: folder.clone(), source })?;
        Ok(Self { folder })
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join("lectern.db")
    }
}

impl Drop for PrivateFile {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            tracing::warn!(folder = %self.folder.display(), %error, "a temporary database could not be removed");
        }
    }
}
