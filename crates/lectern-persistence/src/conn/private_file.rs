//! Files for one process alone.

use crate::error::DbError;
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

/// What the names of their folders begin with, before a UUID.
const PREFIX: &str = "lectern-";

/// The file that its process has locked. It gets its name when it is.
const ALIVE: &str = "alive";
const MAKING: &str = "making";

/// How often a folder is removed in which somebody makes files at the same time.
const TRIES: usize = 20;

/// The file behind `sqlite::memory:`. Several connections must see one database, which SQLite's own memory databases give only with
/// locks that nobody can wait for; so it is a file in a folder of its own, gone with this value.
#[derive(Debug)]
pub(crate) struct PrivateFile {
    folder: PathBuf,
    _alive: File,
}

impl PrivateFile {
    pub(crate) fn create() -> Result<Self, DbError> {
        let folder = std::env::temp_dir().join(format!("{PREFIX}{}", uuid::Uuid::new_v4()));
        let failed = |source| DbError::Io { path: folder.clone(), source };
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(failed)?;
        let alive = File::create_new(folder.join(MAKING)).map_err(failed)?;
        // Where files can't be locked, nobody takes it for one that was left.
        if alive.try_lock().is_ok() {
            fs::rename(folder.join(MAKING), folder.join(ALIVE)).map_err(failed)?;
        }
        Ok(Self { folder, _alive: alive })
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join("lectern.db")
    }
}

impl Drop for PrivateFile {
    fn drop(&mut self) {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(folder = %self.folder.display(), %error, "a temporary database could not be removed");
            }
            _ => {}
        }
    }
}

/// Removes the folder of a private file, though somebody may be writing into it.
pub(crate) fn remove(file: &Path) -> Result<(), DbError> {
    let Some(folder) = file.parent() else { return Ok(()) };
    let mut outcome = Ok(());
    for _ in 0..TRIES {
        outcome = match fs::remove_dir_all(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            outcome => outcome,
        };
        if outcome.is_ok() {
            break;
        }
    }
    outcome.map_err(|source| DbError::Io { path: folder.to_owned(), source })
}

/// Removes the private files of this user's processes that were killed. `own` is one of this process.
pub(crate) fn sweep(own: &Path) {
    let Some((own, all)) = own.parent().and_then(|folder| Some((folder, folder.parent()?))) else { return };
    let is_private = |name: &str| name.strip_prefix(PREFIX).is_some_and(|id| uuid::Uuid::try_parse(id).is_ok());
    for entry in fs::read_dir(all).into_iter().flatten().flatten() {
        let folder = entry.path();
        if entry.file_name().to_str().is_some_and(is_private)
            && entry.file_type().is_ok_and(|kind| kind.is_dir())
            && is_of_one_user(&folder, own)
            // Whoever lives has it locked.
            && let Ok(alive) = File::open(folder.join(ALIVE))
            && alive.try_lock().is_ok()
        {
            // What can't be removed is in nobody's way.
            let _ = fs::remove_dir_all(&folder);
        }
    }
}

#[cfg(unix)]
fn is_of_one_user(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let user = |path: &Path| fs::symlink_metadata(path).map(|found| found.uid());
    matches!((user(one), user(other)), (Ok(one), Ok(other)) if one == other)
}

#[cfg(not(unix))]
fn is_of_one_user(_: &Path, _: &Path) -> bool {
    true
}
