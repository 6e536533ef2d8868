//! Where an archive is read from. One that is encrypted says so itself.

use super::{ArchiveError, Keys, Place};
use age::{DecryptError, Decryptor};
use std::{
    fmt,
    fs::File,
    io::{self, BufReader, Chain, Cursor, Read},
};

/// What every file of age begins with.
const AGE: &[u8] = b"age-encryption.org/";

/// How much is read at once.
const BUFFER: usize = 256 * 1024;

/// An archive that is open, to be read once: it may be a pipe.
pub struct Input {
    is_encrypted: bool,
    reader: BufReader<WithStart>,
}

/// What was looked at, and what follows it.
type WithStart = Chain<Cursor<Vec<u8>>, Box<dyn Read + Send>>;

impl Input {
    /// Opens an archive and looks at how it begins.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn open(place: &Place) -> Result<Self, ArchiveError> {
        let mut input: Box<dyn Read + Send> = match place {
            Place::Standard => Box::new(io::stdin()),
            Place::File(path) => Box::new(File::open(path).map_err(|source| ArchiveError::Io { path: path.clone(), source })?),
        };
        let mut start = Vec::with_capacity(AGE.len());
        input.by_ref().take(AGE.len() as u64).read_to_end(&mut start).map_err(|source| match place {
            Place::Standard => ArchiveError::Stream { stream: "standard input", source },
            Place::File(path) => ArchiveError::Io { path: path.clone(), source },
        })?;
        let is_encrypted = start == AGE;
        Ok(Self { is_encrypted, reader: BufReader::with_capacity(BUFFER, Cursor::new(start).chain(input)) })
    }

    /// Whether a key or a passphrase is needed.
    pub fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }

    /// The archive's own bytes, decrypted where it is encrypted.
    pub(crate) fn decrypted(self, keys: &Keys) -> Result<Box<dyn Read + Send>, ArchiveError> {
        if !self.is_encrypted {
            return Ok(Box::new(self.reader));
        }
        let identities = keys.identities()?;
        if identities.is_empty() {
            return Err(ArchiveError::NoKey);
        }
        let decryptor = Decryptor::new_buffered(self.reader).map_err(locked)?;
        Ok(Box::new(Decrypted(decryptor.decrypt(identities.iter().map(|identity| &**identity)).map_err(locked)?)))
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input").field("is_encrypted", &self.is_encrypted).finish_non_exhaustive()
    }
}

/// Why an encrypted archive does not open: the key is another one, or it is not what was written.
fn locked(error: DecryptError) -> ArchiveError {
    match error {
        DecryptError::InvalidHeader | DecryptError::InvalidMac | DecryptError::UnknownFormat => ArchiveError::Damaged(error.to_string()),
        DecryptError::Io(source) if is_of_content(&source) => ArchiveError::Damaged("it ends in the middle".to_owned()),
        error => ArchiveError::Locked(error.to_string()),
    }
}

/// Whether it is what was read that is wrong, rather than the reading.
fn is_of_content(error: &io::Error) -> bool {
    error.raw_os_error().is_none() && matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

/// Says of bytes that do not decrypt what that means.
struct Decrypted<R>(R);

impl<R: Read> Read for Decrypted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData if is_of_content(&error) => {
                io::Error::new(io::ErrorKind::InvalidData, "it does not decrypt to its end: some of its bytes are others, or missing")
            }
            _ => error,
        })
    }
}
