//! Where an archive is read from. One that is encrypted says so itself.

use super::{ArchiveError, Keys, Place};
use age::Decryptor;
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
};

/// What every file of age begins with.
const AGE: &[u8] = b"age-encryption.org/";

/// How much is read at once.
const BUFFER: usize = 256 * 1024;

/// Opens an archive, decrypting it where it is encrypted.
pub(crate) fn open(place: &Place, keys: &Keys) -> Result<Box<dyn Read + Send>, ArchiveError> {
    let input: Box<dyn Read + Send> = match place {
        Place::Standard => Box::new(io::stdin()),
        Place::File(path) => Box::new(File::open(path).map_err(|source| ArchiveError::Io { path: path.clone(), source })?),
    };
    let mut input = BufReader::with_capacity(BUFFER, input);
    let failed = |source| match place {
        Place::Standard => ArchiveError::Stream { stream: "standard input", source },
        Place::File(path) => ArchiveError::Io { path: path.clone(), source },
    };
    // A pipe's first bytes are enough.
    if !input.fill_buf().map_err(failed)?.starts_with(AGE) {
        return Ok(Box::new(input));
    }
    let identities = keys.identities()?;
    if identities.is_empty() {
        return Err(ArchiveError::NoKey);
    }
    let locked = |error: age::DecryptError| ArchiveError::Locked(error.to_string());
    let decryptor = Decryptor::new_buffered(input).map_err(locked)?;
    Ok(Box::new(decryptor.decrypt(identities.iter().map(|identity| &**identity)).map_err(locked)?))
}
