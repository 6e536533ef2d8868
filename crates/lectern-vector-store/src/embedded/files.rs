//! Files and folders: names, atomic writes, and errors that say what to do.

use crate::StoreError;
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// How files that were not finished and folders that are going away begin; whoever holds the lock removes them.
const TRASH: &str = "trash-";

/// An IO error with the path and what can be done about it.
pub(crate) fn io_error(doing: &str, path: &Path, source: io::Error) -> StoreError {
    StoreError::Io { what: format!("could not {doing} {}{}", path.display(), advice(source.kind())), source }
}

/// What somebody can do about an error of this kind.
fn advice(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ": free some disk space, and the index catches up by itself",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            ": let this process write there, or choose another data folder"
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => ": a file is in the way; move it, or choose another data folder",
        _ => "",
    }
}

/// An error of one of the engines.
pub(crate) fn engine_error(doing: &str, path: &Path, source: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Engine { what: format!("could not {doing} {}", path.display()), source: Box::new(source) }
}

/// Makes a folder and those above it.
pub(crate) fn create_folder(path: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(path).map_err(|source| io_error("create the folder", path, source))
}

/// Writes a file next to its place with `fill`, forces it to the disk and renames it into place, so that a crash leaves the old content or the new.
pub(crate) fn replace_file(path: &Path, fill: impl FnOnce(&Path) -> Result<(), StoreError>) -> Result<(), StoreError> {
    let folder = path.parent().unwrap_or(path);
    let unfinished = folder.join(format!("{TRASH}{}", Uuid::new_v4()));
    let written = fill(&unfinished).and_then(|()| {
        File::open(&unfinished).and_then(|file| file.sync_all()).map_err(|source| io_error("force to the disk", &unfinished, source))?;
        fs::rename(&unfinished, path).map_err(|source| io_error("put into place", path, source))?;
        sync_folder(folder)
    });
    if written.is_err() {
        // Best effort: what stays behind is swept at the next start.
        let _ = fs::remove_file(&unfinished);
    }
    written
}

/// Forces a folder's entries to the disk.
pub(crate) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(|source| io_error("force to the disk", path, source))
}

/// Removes a file or a folder in one step, as far as anybody who looks for it can tell: it is renamed first. Nothing to remove is fine.
pub(crate) fn discard(path: &Path) -> Result<(), StoreError> {
    let folder = path.parent().unwrap_or(path);
    let trash = folder.join(format!("{TRASH}{}", Uuid::new_v4()));
    match fs::rename(path, &trash) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(io_error("remove", path, source)),
    }
    sync_folder(folder)?;
    remove(&trash)
}

/// Removes what [`discard`] and [`replace_file`] may have left in a folder and in the folders right below it.
pub(crate) fn sweep(path: &Path) -> Result<(), StoreError> {
    for entry in entries(path)? {
        if entry.file_name().is_some_and(|name| name.to_string_lossy().starts_with(TRASH)) {
            remove(&entry)?;
        } else if entry.is_dir() {
            for below in entries(&entry)? {
                if below.file_name().is_some_and(|name| name.to_string_lossy().starts_with(TRASH)) {
                    remove(&below)?;
                }
            }
        }
    }
    Ok(())
}

fn entries(path: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let read = || fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>();
    read().map_err(|source| io_error("list", path, source))
}

fn remove(path: &Path) -> Result<(), StoreError> {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done.map_err(|source| io_error("remove", path, source)),
    }
}

/// What tells one content of a file from the next: files are replaced by renaming, so each has an inode of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    length: u64,
    modified: Option<std::time::SystemTime>,
    inode: u64,
}

impl Stamp {
    /// The stamp of a file, or none where there is no such file.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self { length: metadata.len(), modified: metadata.modified().ok(), inode: inode(&metadata) })
    }
}

#[cfg(unix)]
fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> u64 {
    0
}
