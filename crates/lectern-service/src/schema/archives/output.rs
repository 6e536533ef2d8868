//! Where an archive is written. A file gets its name when everything is in it and safe on the disk.

use super::{ArchiveError, Place, Seal};
use age::stream::StreamWriter;
use std::{
    fs::{self, File, TryLockError},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};
use tempfile::NamedTempFile;

const STDOUT: &str = "standard output";

/// How much is written at once.
const BUFFER: usize = 256 * 1024;

/// What the name of a file ends with that is not complete.
const SUFFIX: &str = ".partial";

/// How often a file is made where others take it away.
const TRIES: usize = 8;

/// An archive that is being written.
pub(crate) struct Output {
    to: Sealed,
    /// The name that it gets in the end.
    path: Option<PathBuf>,
}

enum Sealed {
    Open(BufWriter<Target>),
    Age(Box<StreamWriter<BufWriter<Target>>>),
}

enum Target {
    File(NamedTempFile),
    Stdout(io::Stdout),
}

impl Output {
    /// Makes a file beside the one that is named, for its owner alone. Where there is such a file, it is refused unless it may be replaced.
    pub(crate) fn create(place: &Place, seal: &Seal, overwrite: bool) -> Result<Self, ArchiveError> {
        let encryptor = seal.encryptor()?;
        let (target, path) = match place {
            Place::Standard => (Target::Stdout(io::stdout()), None),
            Place::File(path) => {
                check(path, overwrite)?;
                let file = partial(path).map_err(|source| ArchiveError::Io { path: folder(path).to_owned(), source })?;
                (Target::File(file), Some(path.clone()))
            }
        };
        let writer = BufWriter::with_capacity(BUFFER, target);
        let to = match encryptor {
            None => Sealed::Open(writer),
            Some(encryptor) => {
                let sealed = encryptor.wrap_output(writer).map_err(|error| ArchiveError::Unsealed(error.to_string()))?;
                Sealed::Age(Box::new(sealed))
            }
        };
        Ok(Self { to, path })
    }

    /// Writes what is left, and gives the file its name. How many bytes it has, where it is one.
    pub(crate) fn finish(self) -> Result<Option<u64>, ArchiveError> {
        let path = self.path;
        let failed = |source| match &path {
            Some(path) => ArchiveError::Io { path: path.clone(), source },
            None => ArchiveError::Stream { stream: STDOUT, source },
        };
        let mut writer = match self.to {
            Sealed::Open(writer) => writer,
            Sealed::Age(sealed) => sealed.finish().map_err(failed)?,
        };
        writer.flush().map_err(failed)?;
        let target = writer.into_inner().map_err(|error| failed(error.into_error()))?;
        let (Target::File(file), Some(path)) = (target, &path) else { return Ok(None) };
        file.as_file().sync_all().map_err(failed)?;
        let bytes = file.as_file().metadata().map_err(failed)?.len();
        file.persist(path).map_err(|error| failed(error.error))?;
        // The name is as safe as the content only when its folder is.
        File::open(folder(path)).and_then(|folder| folder.sync_all()).map_err(failed)?;
        Ok(Some(bytes))
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the file beside the one that is named, for its owner alone, and removes what backups of that name left there when they were killed.
fn partial(path: &Path) -> io::Result<NamedTempFile> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let prefix = format!(".{name}.");
    sweep(folder(path), &prefix);
    for _ in 0..TRIES {
        // The crate makes its files for their owner alone.
        let file = tempfile::Builder::new().prefix(&prefix).suffix(SUFFIX).tempfile_in(folder(path))?;
        // Who sweeps leaves it alone from now on; somebody may have had it before.
        if !matches!(file.as_file().try_lock(), Err(TryLockError::WouldBlock)) && file.path().exists() {
            return Ok(file);
        }
    }
    Err(io::Error::new(io::ErrorKind::ResourceBusy, "others begin backups of that name at the same time"))
}

fn sweep(folder: &Path, prefix: &str) {
    let is_partial =
        |name: &str| name.strip_prefix(prefix).is_some_and(|rest| rest.ends_with(SUFFIX) && !rest.trim_end_matches(SUFFIX).contains('.'));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        // Whoever writes one has it locked.
        if entry.file_name().to_str().is_some_and(is_partial)
            && let Ok(file) = File::open(entry.path())
            && file.try_lock().is_ok()
        {
            // What can't be removed is in nobody's way.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn check(path: &Path, overwrite: bool) -> Result<(), ArchiveError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(ArchiveError::Io { path: path.to_owned(), source }),
        Ok(there) if !there.is_file() && !there.is_symlink() => Err(ArchiveError::NoFile { path: path.to_owned() }),
        Ok(_) if overwrite => Ok(()),
        Ok(_) => Err(ArchiveError::Exists { path: path.to_owned() }),
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.to {
            Sealed::Open(writer) => writer.write(bytes),
            Sealed::Age(writer) => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            Sealed::Open(writer) => writer.flush(),
            Sealed::Age(writer) => writer.flush(),
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Stdout(stdout) => stdout.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Stdout(stdout) => stdout.flush(),
        }
    }
}
