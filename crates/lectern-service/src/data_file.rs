//! Files of an operator's own, read once at start.

use crate::ServiceError;
use std::{fs::File, io::Read as _, path::Path};

/// The text of a file of at most `limit` bytes. Blocks.
///
/// # Errors
/// [`ServiceError::DataFile`] where it cannot be read, is longer, or is not UTF-8.
pub(crate) fn read(path: &Path, limit: u64) -> Result<String, ServiceError> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(limit + 1).read_to_string(&mut text));
    let wrong = |why: String| Err(ServiceError::DataFile { path: path.to_owned(), why });
    match read {
        Err(error) => wrong(error.to_string()),
        Ok(length) if length as u64 > limit => wrong(format!("it is longer than {limit} bytes")),
        Ok(_) => Ok(text),
    }
}
