//! Files of an operator's own, read once at start. What is wrong with one is told with its path and, where there is one, the place in it.

use crate::ServiceError;
use serde::de::DeserializeOwned;
use std::{fs::File, io::Read as _, path::Path};

/// The text of a file of at most `limit` bytes. Blocks.
///
/// # Errors
/// [`ServiceError::DataFile`] where it cannot be read, is longer, or is not UTF-8.
pub(crate) fn read(path: &Path, limit: u64) -> Result<String, ServiceError> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(limit + 1).read_to_string(&mut text));
    match read {
        Err(error) => Err(wrong(path, error)),
        Ok(length) if length as u64 > limit => Err(wrong(path, format!("it is longer than {limit} bytes"))),
        Ok(_) => Ok(text),
    }
}

/// The content of a JSON file of at most `limit` bytes. Blocks.
///
/// # Errors
/// As [`read`], and where it is something else: with the line.
pub(crate) fn json<T: DeserializeOwned>(path: &Path, limit: u64) -> Result<T, ServiceError> {
    serde_json::from_str(&read(path, limit)?).map_err(|error| wrong(path, error))
}

/// The file, and what is wrong with it.
pub(crate) fn wrong(path: &Path, why: impl ToString) -> ServiceError {
    ServiceError::DataFile { path: path.to_owned(), why: why.to_string() }
}
