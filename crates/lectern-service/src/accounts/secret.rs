//! The key that signs sessions: given, or kept in the data folder.

use rand::Rng as _;
use std::{
    fmt, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// The name of the key's file in the data folder.
pub const SECRET_KEY_FILE: &str = "secret_key";

const LENGTH: usize = 32;

/// The key that signs sessions. `Debug` does not show it.
#[derive(Clone)]
pub struct SecretKey(Vec<u8>);

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum SecretKeyError {
    /// The file can't be read or made.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{} holds {found} bytes rather than {LENGTH}: restore it, or delete it and sign in again everywhere", path.display())]
    Length {
        /// The file.
        path: PathBuf,
        /// How many bytes it has.
        found: usize,
    },
    /// Several machines may share the database, so that a key of this one alone would not do.
    #[error("set SECRET_KEY: with PostgreSQL and a listener beyond this machine, every process must be given the same key")]
    MustBeGiven,
}

impl SecretKey {
    /// A key from settings: the bytes of the text, as the reference takes them.
    pub fn from_text(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The key of a data folder, made at the first call: 32 random bytes that the owner alone may read. Processes that start at once
    /// get the same one.
    ///
    /// # Errors
    /// [`SecretKeyError`] where the file can't be read, made or used.
    pub fn of_folder(folder: &Path) -> Result<Self, SecretKeyError> {
        let path = folder.join(SECRET_KEY_FILE);
        let failed = |source| SecretKeyError::File { path: path.clone(), source };
        let key = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                create(folder, &path).map_err(failed)?;
                fs::read(&path).map_err(failed)?
            }
            read => read.map_err(failed)?,
        };
        if key.len() == LENGTH { Ok(Self(key)) } else { Err(SecretKeyError::Length { found: key.len(), path }) }
    }

    /// The key to use: the given one, else the data folder's, unless the database and the listener reach beyond this machine.
    ///
    /// # Errors
    /// [`SecretKeyError::MustBeGiven`], or what [`SecretKey::of_folder`] says.
    pub fn choose(given: Option<&str>, folder: &Path, shared_database: bool, reached_from_elsewhere: bool) -> Result<Self, SecretKeyError> {
        match given {
            Some(text) => Ok(Self::from_text(text)),
            None if shared_database && reached_from_elsewhere => Err(SecretKeyError::MustBeGiven),
            None => Self::of_folder(folder),
        }
    }
}

/// Writes the key beside its place and links it there: the file is whole or absent, and the first process wins.
fn create(folder: &Path, path: &Path) -> io::Result<()> {
    let mut key = [0; LENGTH];
    rand::rng().fill_bytes(&mut key);
    let draft = folder.join(format!("{SECRET_KEY_FILE}.{}", Uuid::new_v4().simple()));
    let written = write_private(&draft, &key).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    let removed = fs::remove_file(&draft);
    written.and(removed)
}

/// Writes a new file that its owner alone may read, and waits until it is on the disk.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_keeps_its_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let keys: Vec<SecretKey> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| SecretKey::of_folder(folder.path()).expect("a key"))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert!(keys.iter().all(|key| key.bytes() == keys[0].bytes() && key.bytes().len() == LENGTH));
        let files: Vec<_> = fs::read_dir(folder.path()).expect("a folder").collect();
        assert_eq!(files.len(), 1, "no draft is left");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(folder.path().join(SECRET_KEY_FILE)).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_damaged_key_is_refused_and_a_shared_database_needs_a_given_one() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(SECRET_KEY_FILE), b"short").expect("written");
        assert!(matches!(SecretKey::of_folder(folder.path()), Err(SecretKeyError::Length { found: 5, .. })));
        assert!(matches!(SecretKey::choose(None, folder.path(), true, true), Err(SecretKeyError::MustBeGiven)));
        assert!(SecretKey::choose(Some("given"), folder.path(), true, true).is_ok());
    }
}
