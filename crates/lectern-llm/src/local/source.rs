//! Where a model comes from: a folder, or an archive. Both are a list of files that can be read.

use super::ModelError;
use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};
use zip::ZipArchive;

/// The file of the weights.
pub(super) const WEIGHTS: &str = "model.safetensors";
/// The file of the architecture.
pub(super) const CONFIG: &str = "config.json";
/// The file of the tokenizer.
pub(super) const TOKENIZER: &str = "tokenizer.json";

const MAX_FILES: usize = 100_000;
const MAX_DEPTH: usize = 16;

/// The files of a folder or an archive, named with forward slashes.
pub(super) struct Source {
    path: PathBuf,
    names: Vec<String>,
    archive: Option<ZipArchive<File>>,
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Self, ModelError> {
        let about = fs::metadata(path).map_err(ModelError::io(path))?;
        let mut source = Self { path: path.to_owned(), names: Vec::new(), archive: None };
        if about.is_dir() {
            source.list(&mut PathBuf::new(), 0)?;
        } else {
            let file = File::open(path).map_err(ModelError::io(path))?;
            let archive = ZipArchive::new(file).map_err(|error| ModelError::Archive { path: path.to_owned(), source: error })?;
            source.names = archive.file_names().take(MAX_FILES).filter_map(Result::ok).map(|name| name.into_owned()).collect();
            source.archive = Some(archive);
        }
        source.names.sort();
        Ok(source)
    }

    /// Lists a folder's files. Links to files are followed (a download cache is made of them), links to folders are not.
    fn list(&mut self, below: &mut PathBuf, depth: usize) -> Result<(), ModelError> {
        let folder = self.path.join(&below);
        for entry in fs::read_dir(&folder).map_err(ModelError::io(&folder))? {
            let entry = entry.map_err(ModelError::io(&folder))?;
            let kind = entry.file_type().map_err(ModelError::io(entry.path()))?;
            below.push(entry.file_name());
            if kind.is_dir() {
                if depth < MAX_DEPTH {
                    self.list(below, depth + 1)?;
                }
            } else if self.names.len() < MAX_FILES {
                let parts: Vec<_> = below.components().map(|part| part.as_os_str().to_string_lossy()).collect();
                self.names.push(parts.join("/"));
            }
            below.pop();
        }
        Ok(())
    }

    /// The folder, ending with a slash unless it is the top, that holds a whole model; the least deep one.
    ///
    /// # Errors
    /// There is none, or several equally deep ones.
    pub(super) fn model_folder(&self) -> Result<String, ModelError> {
        let has = |folder: &str, file: &str| self.has(&format!("{folder}{file}"));
        let with_weights: Vec<&str> = self
            .names
            .iter()
            .filter_map(|name| name.strip_suffix(WEIGHTS))
            .filter(|folder| folder.is_empty() || folder.ends_with('/'))
            .collect();
        let whole: Vec<&str> = with_weights.iter().copied().filter(|folder| has(folder, CONFIG) && has(folder, TOKENIZER)).collect();
        let depth = |folder: &str| folder.matches('/').count();
        let least = whole.iter().map(|folder| depth(folder)).min();
        let mut nearest = whole.into_iter().filter(|folder| Some(depth(folder)) == least);
        match (nearest.next(), nearest.next()) {
            (Some(folder), None) => Ok(folder.to_owned()),
            (Some(first), Some(second)) => {
                let folders = [first, second].into_iter().chain(nearest).take(5).map(str::to_owned).collect();
                Err(ModelError::Several { path: self.path.clone(), folders })
            }
            (None, _) => {
                let missing = match with_weights.first() {
                    None => WEIGHTS,
                    Some(folder) if !has(folder, CONFIG) => CONFIG,
                    Some(_) => TOKENIZER,
                };
                Err(ModelError::Missing { path: self.path.clone(), missing })
            }
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.names.binary_search_by(|known| known.as_str().cmp(name)).is_ok()
    }

    /// Reads one of the listed files through `read`, which is given at most `limit` bytes.
    ///
    /// # Errors
    /// The file is longer than `limit`, or cannot be read, or `read` fails.
    pub(super) fn read<T>(&mut self, name: &str, limit: u64, read: impl FnOnce(&mut dyn Read) -> io::Result<T>) -> Result<T, ModelError> {
        let path = self.path.join(name);
        let mut open: Box<dyn Read + '_> = match &mut self.archive {
            Some(archive) => {
                Box::new(archive.by_name(name).map_err(|error| ModelError::Archive { path: self.path.clone(), source: error })?)
            }
            None => Box::new(File::open(&path).map_err(ModelError::io(&path))?),
        };
        let mut bounded = (&mut open).take(limit);
        let value = read(&mut bounded).map_err(ModelError::io(&path))?;
        if bounded.limit() == 0 && open.read(&mut [0]).map_err(ModelError::io(&path))? > 0 {
            return Err(ModelError::TooLarge { file: name.to_owned(), limit });
        }
        Ok(value)
    }

    /// A whole file, within its bound.
    pub(super) fn read_all(&mut self, name: &str, limit: u64) -> Result<Vec<u8>, ModelError> {
        self.read(name, limit, |reader| {
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes).map(|_| bytes)
        })
    }
}
