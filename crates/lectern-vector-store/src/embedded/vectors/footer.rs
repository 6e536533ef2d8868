//! The end of a snapshot: where its parts are, and whether it is whole.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

const MAGIC: [u8; 8] = *b"lecternV";
/// Raised when the file's layout changes, or what is kept of documents.
const FORMAT: u32 = 3;
/// Magic, format, four lengths, checksum.
const LENGTH: usize = 8 + 4 + 4 * 8 + 4;

/// The lengths of the parts, in bytes, and the checksum (CRC-32) over all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Footer {
    pub(crate) graph: u64,
    pub(crate) slots: u64,
    pub(crate) documents: u64,
    pub(crate) header: u64,
    pub(crate) checksum: u32,
}

impl Footer {
    /// The length of everything before the footer.
    pub(crate) fn body(&self) -> u64 {
        self.graph + self.slots + self.documents + self.header
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.extend(MAGIC);
        bytes.extend(FORMAT.to_le_bytes());
        for length in [self.graph, self.slots, self.documents, self.header] {
            bytes.extend(length.to_le_bytes());
        }
        bytes.extend(self.checksum.to_le_bytes());
        bytes
    }

    /// The footer of a file; none where there is no such thing, or where it does not tell the file's length.
    pub(crate) fn read(file: &mut File) -> io::Result<Option<Self>> {
        let length = file.metadata()?.len();
        let Some(body) = length.checked_sub(LENGTH as u64) else { return Ok(None) };
        file.seek(SeekFrom::Start(body))?;
        let mut bytes = [0; LENGTH];
        file.read_exact(&mut bytes)?;
        if bytes[..8] != MAGIC || number::<4>(&bytes, 8) != u64::from(FORMAT) {
            return Ok(None);
        }
        let footer = Self {
            graph: number::<8>(&bytes, 12),
            slots: number::<8>(&bytes, 20),
            documents: number::<8>(&bytes, 28),
            header: number::<8>(&bytes, 36),
            checksum: number::<4>(&bytes, 44) as u32,
        };
        let sum = [footer.slots, footer.documents, footer.header].into_iter().try_fold(footer.graph, u64::checked_add);
        Ok((sum == Some(body)).then_some(footer))
    }
}

/// A little-endian number of `WIDTH` bytes.
fn number<const WIDTH: usize>(bytes: &[u8; LENGTH], at: usize) -> u64 {
    bytes[at..at + WIDTH].iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte))
}
