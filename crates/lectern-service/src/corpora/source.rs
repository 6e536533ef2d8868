//! Documents from files and folders, in batches of a bounded size. Blocks.

use lectern_corpus::{CorpusSettings, FileError, FileKind, JsonLines, LineProblem, external_id, read_file, read_to_limit};
use lectern_domain::{
    document::{Format, NewDocument},
    fields::FilterableFields,
};
use std::{
    fmt,
    fs::{self, File},
    io::{self, BufReader},
    iter::Enumerate,
    path::{Path, PathBuf},
    vec,
};
use walkdir::{DirEntry, FilterEntry, WalkDir};

/// The most documents of a batch, and the most failures.
const DOCUMENTS: usize = 64;

/// The bytes that end a batch. Only one document can take a batch beyond it.
const BYTES: u64 = 4 << 20;

/// A file, or a line of one, that gave no document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The file or folder.
    pub path: PathBuf,
    /// The line, from 1, in a file of many documents.
    pub line: Option<u64>,
    /// What is wrong, and what to do about it.
    pub message: String,
}

impl Failure {
    pub(super) fn of_file(path: &Path, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: None, message: message.into() }
    }

    fn unreadable(path: &Path, error: impl fmt::Display) -> Self {
        Self::of_file(path, format!("cannot be read: {error}; check its path and who may read it"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        self.line.map_or(Ok(()), |line| write!(f, ", line {line}"))?;
        write!(f, ": {}", self.message)
    }
}

/// What was read in one go.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) documents: Vec<NewDocument>,
    pub(super) failures: Vec<Failure>,
    pub(super) bytes: u64,
}

impl Batch {
    fn is_full(&self) -> bool {
        self.documents.len() >= DOCUMENTS || self.failures.len() >= DOCUMENTS || self.bytes >= BYTES
    }

    fn is_empty(&self) -> bool {
        self.documents.is_empty() && self.failures.is_empty()
    }
}

/// The files at some paths: each path itself, or everything below it whose extension is known, by name. Hidden files and folders are
/// passed over, links are followed, and a folder that links back to itself is entered once.
pub(super) struct Files {
    paths: Enumerate<vec::IntoIter<PathBuf>>,
    /// The place among the paths of the one that is being read.
    number: usize,
    folder: Option<(PathBuf, Walk)>,
}

/// A walk without what is hidden.
type Walk = FilterEntry<walkdir::IntoIter, fn(&DirEntry) -> bool>;

/// A file and the folder that was named, or the file itself where it was named.
pub(super) struct Found {
    root: PathBuf,
    /// The root's place among the paths that were named.
    number: usize,
    path: PathBuf,
    kind: FileKind,
}

impl Files {
    pub(super) fn new(paths: Vec<PathBuf>) -> Self {
        Self { paths: paths.into_iter().enumerate(), number: 0, folder: None }
    }

    /// How many bytes all of these files have.
    pub(super) fn bytes(self) -> u64 {
        self.flatten().filter_map(|found| fs::metadata(found.path).ok()).map(|file| file.len()).sum()
    }

    fn in_folder(&mut self) -> Option<Result<Found, Failure>> {
        let (root, walk) = self.folder.as_mut()?;
        for entry in walk {
            match entry {
                Ok(entry) if entry.file_type().is_file() => {
                    if let Some(kind) = FileKind::of_path(entry.path()) {
                        return Some(Ok(Found { root: root.clone(), number: self.number, path: entry.into_path(), kind }));
                    }
                }
                Ok(_) => {}
                // The folder above is being read.
                Err(error) if error.loop_ancestor().is_some() => {}
                Err(error) => {
                    let path = error.path().unwrap_or(root).to_owned();
                    return Some(Err(Failure::unreadable(&path, reason(&error))));
                }
            }
        }
        self.folder = None;
        None
    }
}

impl Iterator for Files {
    type Item = Result<Found, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(found) = self.in_folder() {
                return Some(found);
            }
            let (number, path) = self.paths.next()?;
            self.number = number;
            let file = match fs::metadata(&path) {
                Ok(file) => file,
                Err(error) => return Some(Err(Failure::unreadable(&path, error))),
            };
            if file.is_dir() {
                let walk = WalkDir::new(&path).follow_links(true).sort_by_file_name().into_iter();
                self.folder = Some((path, walk.filter_entry(is_shown)));
            } else if !file.is_file() {
                return Some(Err(Failure::of_file(&path, "neither a file nor a folder")));
            } else {
                let unknown = "its extension is none of jsonl, md, markdown, txt, html, htm; rename it, or convert it to one of these";
                let kind = FileKind::of_path(&path).ok_or_else(|| Failure::of_file(&path, unknown));
                return Some(kind.map(|kind| Found { root: path.clone(), number, path, kind }));
            }
        }
    }
}

/// Why a folder could not be walked; the path is told beside it.
fn reason(error: &walkdir::Error) -> String {
    error.io_error().map_or_else(|| error.to_string(), io::Error::to_string)
}

fn is_shown(entry: &DirEntry) -> bool {
    entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".")
}

/// Reads files one after the other.
pub(super) struct Source {
    files: Files,
    named: Vec<PathBuf>,
    lines: Option<(PathBuf, JsonLines<BufReader<File>>)>,
    settings: CorpusSettings,
    fields: FilterableFields,
}

impl Source {
    /// Documents for a collection with these fields.
    pub(super) fn new(paths: Vec<PathBuf>, settings: CorpusSettings, fields: FilterableFields) -> Self {
        Self { files: Files::new(paths.clone()), named: paths, lines: None, settings, fields }
    }

    /// The next documents and failures; none at the end.
    pub(super) fn next_batch(&mut self) -> Option<Batch> {
        let mut batch = Batch::default();
        while !batch.is_full() {
            let Some(read) = self.read_line(&mut batch).or_else(|| self.read_next_file(&mut batch)) else { break };
            match read {
                Ok(document) => batch.documents.push(document),
                Err(failure) => batch.failures.push(failure),
            }
        }
        (!batch.is_empty()).then_some(batch)
    }

    fn read_line(&mut self, batch: &mut Batch) -> Option<Result<NewDocument, Failure>> {
        let (path, lines) = self.lines.as_mut()?;
        let before = lines.bytes_read();
        let read = lines.next();
        batch.bytes += lines.bytes_read() - before;
        let limit = self.settings.max_file_bytes;
        let failure = |line: u64, message: String| Some(Err(Failure { path: path.clone(), line: Some(line), message }));
        match read {
            Some(Ok(document)) if document.text.len() > limit => failure(lines.line(), too_large("its text is ", limit)),
            Some(Ok(document)) => match self.fields.check(&document.metadata) {
                Ok(()) => Some(Ok(document)),
                Err(wrong) => failure(lines.line(), wrong.message),
            },
            Some(Err(error)) => failure(error.line, line_message(&error.problem)),
            None => {
                self.lines = None;
                None
            }
        }
    }

    /// The next file of one document, or the first line of one of many.
    fn read_next_file(&mut self, batch: &mut Batch) -> Option<Result<NewDocument, Failure>> {
        loop {
            let found = match self.files.next()? {
                Ok(found) => found,
                Err(failure) => return Some(Err(failure)),
            };
            let file = match File::open(&found.path) {
                Ok(file) => file,
                Err(error) => return Some(Err(Failure::unreadable(&found.path, error))),
            };
            match found.kind {
                FileKind::JsonLines => {
                    self.lines = Some((found.path, JsonLines::new(BufReader::new(file), self.settings.max_line_bytes)));
                    if let Some(read) = self.read_line(batch) {
                        return Some(read);
                    }
                }
                FileKind::Document(format) => {
                    if let Some(failure) = self.taken(&found) {
                        return Some(Err(failure));
                    }
                    let read = self.read_document(&found, file, format, batch);
                    return Some(read.map_err(|error| Failure::of_file(&found.path, file_message(&error, format))));
                }
            }
        }
    }

    /// Why a file can't be loaded beside one of a path that was named before: both would be the same document, and the last one would win.
    fn taken(&self, found: &Found) -> Option<Failure> {
        let below = found.path.strip_prefix(&found.root).ok().filter(|below| !below.as_os_str().is_empty());
        let below = below.or_else(|| found.path.file_name().map(Path::new))?;
        let same =
            |other: &PathBuf| fs::canonicalize(other).is_ok_and(|other| fs::canonicalize(&found.path).is_ok_and(|this| this == other));
        let of_root = |root: &PathBuf| if root.file_name() == Some(below.as_os_str()) { root.clone() } else { root.join(below) };
        // The first one is the one that is loaded.
        let other = self.named[..found.number].iter().map(of_root).find(|other| other.is_file()).filter(|other| !same(other))?;
        Some(Failure::of_file(
            &found.path,
            format!(
                "has the id '{}', and so has {}; name the folder above both, or load one of them elsewhere",
                below.display(),
                other.display()
            ),
        ))
    }

    fn read_document(&self, found: &Found, file: File, format: Format, batch: &mut Batch) -> Result<NewDocument, FileError> {
        let id = external_id(&found.root, &found.path)?;
        let bytes = read_to_limit(file, format, &self.settings)?;
        batch.bytes += bytes.len() as u64;
        read_file(id, format, bytes, &self.settings)
    }
}

fn too_large(what: &str, limit: usize) -> String {
    format!("{what}larger than {limit} bytes; raise corpus.max_document_bytes or cut it into several")
}

fn file_message(error: &FileError, format: Format) -> String {
    match error {
        FileError::TooLarge { limit, .. } if format == Format::Html && *limit >= CorpusSettings::default().max_html_bytes => {
            format!("larger than {limit} bytes, the most for HTML; cut it into several, or convert it to Markdown")
        }
        FileError::TooLarge { limit, .. } => too_large("", *limit),
        other => other.to_string(),
    }
}

fn line_message(problem: &LineProblem) -> String {
    match problem {
        LineProblem::TooLong { limit } => {
            format!("longer than {limit} bytes; raise corpus.max_line_bytes or cut the document into several")
        }
        LineProblem::Io(error) => format!("cannot be read: {error}"),
        other => other.to_string(),
    }
}
