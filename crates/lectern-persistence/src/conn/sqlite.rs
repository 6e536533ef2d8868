//! SQLite: the file and the pragmas of a session.

use super::{DatabaseUrl, Purpose};
use crate::error::{ConnectError, DbError};
use diesel::Connection;
use diesel::connection::SimpleConnection;
use diesel::sqlite::SqliteConnection;
use std::fs::{self, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;

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
