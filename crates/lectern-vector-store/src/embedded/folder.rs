//! The folder that holds an installation's indexes, and who may write to it.

use super::{
    EmbeddedOptions,
    files::{create_folder, io_error, sweep},
    lexical::EmbeddedLexical,
    shared::{Shared, lock},
    vectors::EmbeddedVectors,
};
use crate::{LexicalIndex, StoreError, VectorIndex};
use lectern_domain::{
    executor::Executor,
    ids::{FollowerId, GenerationId, InstallationId},
};
use std::{
    fs::{self, File, TryLockError},
    io::{self, Read, Seek, Write},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use uuid::Uuid;

/// What this process may do in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It has the lock: it follows the log and writes.
    Holder,
    /// Another process has the lock: this one reads what that one wrote.
    Reader,
}

/// The indexes of one installation in one folder.
pub struct EmbeddedFolder {
    shared: Arc<Shared>,
    follower: FollowerId,
    lexical: Arc<EmbeddedLexical>,
    vectors: Arc<EmbeddedVectors>,
}

impl EmbeddedFolder {
    /// Opens, or makes, the folder of an installation below `path`, and takes its lock if it is free. Indexes are opened on demand. Searches
    /// run on one set of threads, changes, which take longer, on another.
    ///
    /// # Errors
    /// [`StoreError::Io`] where the folder can't be made, listed or written to.
    pub fn open(
        path: &Path,
        installation: InstallationId,
        searches: Arc<dyn Executor>,
        changes: Arc<dyn Executor>,
        options: EmbeddedOptions,
    ) -> Result<Arc<Self>, StoreError> {
        let path = path.join(installation.to_string());
        create_folder(&path)?;
        let lock_path = path.join("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&lock_path);
        let file = file.map_err(|source| io_error("open the lock", &lock_path, source))?;
        let holder = try_lock(&file, &lock_path)?;
        if holder {
            sweep(&path)?;
        }
        let follower = follower(&path)?;
        let shared = Arc::new(Shared { path, options, searches, changes, holder: AtomicBool::new(holder), lock: Mutex::new(file) });
        let lexical = Arc::new(EmbeddedLexical::new(Arc::clone(&shared)));
        let vectors = Arc::new(EmbeddedVectors::new(Arc::clone(&shared)));
        Ok(Arc::new(Self { shared, follower, lexical, vectors }))
    }

    /// The folder's path.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// What this process may do here.
    pub fn role(&self) -> Role {
        self.shared.role()
    }

    /// The id under which this folder follows the change log, the same for every process that opens it.
    pub fn follower_id(&self) -> FollowerId {
        self.follower
    }

    /// The generations of which something is kept here.
    ///
    /// # Errors
    /// [`StoreError::Io`] where the folder can't be listed.
    pub fn generations(&self) -> Result<Vec<GenerationId>, StoreError> {
        let path = &self.shared.path;
        let entries = fs::read_dir(path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let entries = entries.map_err(|source| io_error("list", path, source))?;
        let id = |entry: fs::DirEntry| entry.file_name().to_str()?.strip_prefix('g')?.parse().ok().map(GenerationId);
        Ok(entries.into_iter().filter_map(id).collect())
    }

    /// Takes the lock if nobody has it any more. A reader that gets it reopens everything as the holder, and has to ask for the positions
    /// before it follows. Tells whether this process is the holder now.
    ///
    /// # Errors
    /// [`StoreError::Io`] where the lock can't be tried or the folder not be written to.
    pub fn try_take_over(&self) -> Result<bool, StoreError> {
        let file = lock(&self.shared.lock);
        if self.role() == Role::Holder {
            return Ok(true);
        }
        if !try_lock(&file, &self.shared.path.join("lock"))? {
            return Ok(false);
        }
        sweep(&self.shared.path)?;
        self.shared.holder.store(true, Ordering::Release);
        self.lexical.reopen();
        self.vectors.reopen();
        Ok(true)
    }

    /// The index of words.
    pub fn lexical(&self) -> Arc<dyn LexicalIndex> {
        Arc::clone(&self.lexical) as Arc<dyn LexicalIndex>
    }

    /// The index of vectors.
    pub fn vectors(&self) -> Arc<dyn VectorIndex> {
        Arc::clone(&self.vectors) as Arc<dyn VectorIndex>
    }
}

fn try_lock(file: &File, path: &Path) -> Result<bool, StoreError> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(source)) => Err(io_error("lock", path, source)),
    }
}

/// The folder's follower id; made by whoever comes first.
fn follower(path: &Path) -> Result<FollowerId, StoreError> {
    let path = path.join("follower");
    let read_or_make = || {
        let mut file = File::options().create(true).truncate(false).read(true).write(true).open(&path)?;
        // Two processes may be here at once; the file's own lock is held for this moment only.
        file.lock()?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        if let Ok(id) = Uuid::parse_str(text.trim()) {
            return Ok(FollowerId(id));
        }
        let id = Uuid::new_v4();
        file.rewind()?;
        file.set_len(0)?;
        file.write_all(id.to_string().as_bytes())?;
        file.sync_all()?;
        Ok(FollowerId(id))
    };
    read_or_make().map_err(|source: io::Error| io_error("read or write", &path, source))
}
