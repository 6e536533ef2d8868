//! A document from the bytes of a file.

use crate::{headings::Headings, html, settings::CorpusSettings};
use lectern_domain::{
    Invalid,
    document::{ExternalId, Format, NewDocument},
};
use serde_json::Map;
use std::{
    io::{self, Read},
    path::{Component, Path},
};

/// The most characters of a title that is taken from a document's text.
const TITLE_CHARS: usize = 300;

/// Why a file gave no document.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is larger than allowed.
    #[error("larger than {limit} bytes; raise {setting} or cut the file into several")]
    TooLarge {
        /// The most bytes.
        limit: usize,
        /// The setting that says so.
        setting: &'static str,
    },
    /// It is not UTF-8.
    #[error("invalid UTF-8 at byte {}; convert the file to UTF-8", .0.valid_up_to())]
    Utf8(#[source] std::str::Utf8Error),
    /// It holds a NUL, as binary files do.
    #[error("a NUL at byte {offset}; this is not a text file")]
    Nul {
        /// The place of the NUL.
        offset: usize,
    },
    /// Its HTML is nested deeper than any page is.
    #[error("its HTML is nested deeper than {limit} elements; simplify it")]
    TooDeep {
        /// The most elements inside each other.
        limit: usize,
    },
    /// Its path can't be a document's id.
    #[error("its path cannot be a document's id: {0}")]
    Id(#[from] Invalid),
    /// Its path is not UTF-8.
    #[error("its path is not UTF-8; rename it")]
    PathNotUtf8,
    /// It can't be read.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// The id of a file: its path below the folder that was given, with `/` between the parts; the name alone where `path` is `root` itself.
///
/// # Errors
/// [`FileError::PathNotUtf8`], or [`FileError::Id`] where the path is too long or has control characters.
pub fn external_id(root: &Path, path: &Path) -> Result<ExternalId, FileError> {
    let below = path.strip_prefix(root).ok().filter(|below| !below.as_os_str().is_empty());
    let below = below.or_else(|| path.file_name().map(Path::new)).unwrap_or(path);
    let mut parts = Vec::new();
    for component in below.components() {
        if let Component::Normal(part) = component {
            parts.push(part.to_str().ok_or(FileError::PathNotUtf8)?);
        }
    }
    Ok(ExternalId::try_from(parts.join("/"))?)
}

/// Everything that `reader` gives, or an error as soon as it gives more than is allowed for a file of this format.
///
/// # Errors
/// [`FileError::TooLarge`] and [`FileError::Io`].
pub fn read_to_limit(reader: impl Read, format: Format, settings: &CorpusSettings) -> Result<Vec<u8>, FileError> {
    let (limit, _) = limit(format, settings);
    let mut bytes = Vec::new();
    reader.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    check_size(bytes.len(), format, settings)?;
    Ok(bytes)
}

/// The document in the bytes of a file. Its title is the first heading (Markdown), the `<title>` or the first heading (HTML), or else
/// the file's name without its extension. HTML becomes Markdown; a byte order mark is dropped; a file without bytes is a document without text.
///
/// # Errors
/// [`FileError`] where the bytes are too many or are not text.
pub fn read_file(external_id: ExternalId, format: Format, bytes: Vec<u8>, settings: &CorpusSettings) -> Result<NewDocument, FileError> {
    check_size(bytes.len(), format, settings)?;
    if let Some(offset) = bytes.iter().position(|byte| *byte == 0) {
        return Err(match std::str::from_utf8(&bytes[..offset]) {
            Ok(_) => FileError::Nul { offset },
            Err(error) => FileError::Utf8(error),
        });
    }
    let mut text = String::from_utf8(bytes).map_err(|error| FileError::Utf8(error.utf8_error()))?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    let mut title = None;
    if format == Format::Html {
        let page = html::to_markdown(&text)?;
        (title, text) = (page.title, page.markdown);
    }
    if title.is_none() && format != Format::Text {
        title = Headings::new(&text).next().map(|heading| heading.title).filter(|title| !title.is_empty());
    }
    let title = title.unwrap_or_else(|| stem(external_id.as_str()).to_owned());
    Ok(NewDocument {
        title: title.chars().take(TITLE_CHARS).collect(),
        external_id,
        url: None,
        source: None,
        metadata: Map::new(),
        format,
        text,
    })
}

/// The last part of an id without its extension.
fn stem(id: &str) -> &str {
    let name = id.rsplit('/').next().unwrap_or(id);
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

/// The most bytes of a file of this format, and the setting that says so.
fn limit(format: Format, settings: &CorpusSettings) -> (usize, &'static str) {
    match format {
        Format::Html => (settings.max_html_bytes, "max_html_bytes"),
        Format::Text | Format::Markdown => (settings.max_file_bytes, "max_file_bytes"),
    }
}

fn check_size(bytes: usize, format: Format, settings: &CorpusSettings) -> Result<(), FileError> {
    let (limit, setting) = limit(format, settings);
    if bytes > limit { Err(FileError::TooLarge { limit, setting }) } else { Ok(()) }
}
