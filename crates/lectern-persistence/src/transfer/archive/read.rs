//! Reading an archive in one pass. It is unpacked in one thread, and its digests are checked there; rows are handed on in another.

use super::{FORMAT, HEADER, Header, MANIFEST, Manifest, Part, VERSION, part_name};
use crate::transfer::{error::TransferError, line::hex};
use sha2::{Digest as _, Sha256};
use std::{
    io::{self, Read},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

/// The most bytes of a header or a manifest.
const DESCRIPTION_BYTES: u64 = 64 * 1024 * 1024;

/// The most bytes of a part of several rows.
const PART_BYTES: u64 = 64 * 1024 * 1024;

/// The most bytes of a part of one row, which may be as large as a database takes it.
const ROW_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// How much memory zstd may take, as a power of two.
const WINDOW_LOG: u32 = 27;

/// What is in an archive, in its order.
pub(crate) enum Entry {
    Header(Box<Header>),
    /// Rows of a table, a line each.
    Part {
        table: String,
        bytes: Vec<u8>,
    },
    /// The end: everything before it is what was written.
    Manifest(Box<Manifest>),
}

/// What every zstd frame begins with.
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

const READING: &str = "the archive cannot be read";

/// Where entries come from.
pub(crate) struct Entries {
    queue: Receiver<Result<Entry, TransferError>>,
    empty: SyncSender<Vec<u8>>,
}

impl Entries {
    /// The next entry.
    pub(crate) fn next(&mut self) -> Result<Entry, TransferError> {
        self.queue.recv().unwrap_or(Err(TransferError::Cut("its end is missing")))
    }

    /// Gives a part's buffer back, to be filled again.
    pub(crate) fn recycle(&mut self, buffer: Vec<u8>) {
        // The other side may have as many as it needs.
        let _ = self.empty.try_send(buffer);
    }
}

/// Reads an archive from `input` and hands its entries to `consume`, which takes them to the manifest.
pub(crate) fn read<R: Read + Send, T>(
    input: R,
    consume: impl FnOnce(&mut Entries) -> Result<T, TransferError>,
) -> Result<T, TransferError> {
    let (send, queue) = sync_channel(1);
    let (empty, recycled) = sync_channel(4);
    thread::scope(|scope| {
        scope.spawn(move || {
            if let Err(error) = unpack(input, &send, &recycled) {
                // Who does not listen any more has a failure of its own.
                let _ = send.send(Err(error));
            }
        });
        consume(&mut Entries { queue, empty })
    })
}

fn unpack<R: Read>(input: R, send: &SyncSender<Result<Entry, TransferError>>, recycled: &Receiver<Vec<u8>>) -> Result<(), TransferError> {
    let mut magic = Vec::new();
    let mut input = Told(input);
    input.by_ref().take(ZSTD.len() as u64).read_to_end(&mut magic).map_err(broken)?;
    if magic != ZSTD {
        return Err(TransferError::NotAnArchive("it is not compressed by zstd".to_owned()));
    }
    let mut decoder = zstd::Decoder::new(io::Cursor::new(magic).chain(input)).map_err(broken)?;
    decoder.window_log_max(WINDOW_LOG).map_err(broken)?;
    let mut tar = tar::Archive::new(decoder);
    let mut expected: Option<Header> = None;
    let mut parts: Vec<(String, Vec<Part>)> = Vec::new();
    for entry in tar.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let table = name.strip_prefix("tables/").and_then(|rest| rest.split_once('/')).map(|(table, _)| table.to_owned());
        let (size, most) = (entry.size(), if table.is_some() { ROW_BYTES } else { DESCRIPTION_BYTES });
        if size > most {
            return Err(TransferError::Damaged(format!("{name} says that it has {size} bytes, of {most} at most")));
        }
        // What one large row took is not kept for those that follow.
        let mut bytes = recycled.try_recv().ok().filter(|bytes| bytes.capacity() as u64 <= PART_BYTES).unwrap_or_default();
        bytes.clear();
        entry.by_ref().take(PART_BYTES).read_to_end(&mut bytes).map_err(broken)?;
        if size > PART_BYTES {
            if bytes.contains(&b'\n') {
                return Err(TransferError::Damaged(format!(
                    "{name} has {size} bytes and several rows, which {PART_BYTES} bytes hold at most"
                )));
            }
            entry.read_to_end(&mut bytes).map_err(broken)?;
        }
        let next = match (&expected, table) {
            (None, _) if name == HEADER => {
                let header = header(&bytes)?;
                expected = Some(header.clone());
                Entry::Header(Box::new(header))
            }
            (None, _) => return Err(TransferError::NotAnArchive(format!("it begins with {name}"))),
            (Some(header), None) if name == MANIFEST => {
                let manifest = parse(&name, &bytes)?;
                check(header, &parts, &manifest)?;
                rest(tar.into_inner())?;
                // Who does not listen any more has a failure of its own.
                let _ = send.send(Ok(Entry::Manifest(Box::new(manifest))));
                return Ok(());
            }
            (Some(_), Some(table)) => {
                match parts.last() {
                    Some((last, _)) if *last == table => {}
                    _ => parts.push((table.clone(), Vec::new())),
                }
                let Some((_, of_table)) = parts.last_mut() else { continue };
                if name != part_name(&table, of_table.len() + 1) {
                    return Err(TransferError::Damaged(format!("{name} is not what follows")));
                }
                let rows = bytes.iter().filter(|&&byte| byte == b'\n').count() as u64;
                of_table.push(Part { file: name, rows, bytes: bytes.len() as u64, sha256: hex(&Sha256::digest(&bytes)) });
                Entry::Part { table, bytes }
            }
            (Some(_), None) => return Err(TransferError::Damaged(format!("{name} does not belong into it"))),
        };
        if send.send(Ok(next)).is_err() {
            return Ok(());
        }
    }
    match expected {
        Some(_) => Err(TransferError::Cut("its manifest is missing")),
        None => Err(TransferError::NotAnArchive("it is empty".to_owned())),
    }
}

/// Reads to the end, so that the compression's own checksum is checked too.
fn rest(mut input: impl Read) -> Result<(), TransferError> {
    let mut buffer = [0; 4096];
    loop {
        match input.read(&mut buffer).map_err(broken)? {
            0 => return Ok(()),
            count if buffer[..count].iter().any(|&byte| byte != 0) => {
                return Err(TransferError::Damaged("something follows its manifest".to_owned()));
            }
            _ => {}
        }
    }
}

/// The header, if this program can read what follows it.
fn header(bytes: &[u8]) -> Result<Header, TransferError> {
    #[derive(serde::Deserialize)]
    struct Version {
        format: String,
        version: u64,
        #[serde(default)]
        application: String,
    }
    let found: Version = serde_json::from_slice(bytes).map_err(|error| TransferError::NotAnArchive(format!("{HEADER}: {error}")))?;
    if found.format != FORMAT {
        return Err(TransferError::NotAnArchive(format!("its format is '{}'", found.format)));
    }
    if found.version > VERSION {
        return Err(TransferError::NewerFormat { version: found.version, known: VERSION, application: found.application });
    }
    parse(HEADER, bytes)
}

fn parse<T: serde::de::DeserializeOwned>(name: &str, bytes: &[u8]) -> Result<T, TransferError> {
    serde_json::from_slice(bytes).map_err(|error| TransferError::Damaged(format!("{name}: {error}")))
}

/// Compares what was read with what the manifest says.
fn check(header: &Header, parts: &[(String, Vec<Part>)], manifest: &Manifest) -> Result<(), TransferError> {
    let damaged = |what: String| Err(TransferError::Damaged(what));
    if header.about != manifest.about || !header.tables.iter().eq(manifest.tables.iter().map(|table| &table.head)) {
        return damaged(format!("{HEADER} and {MANIFEST} do not say the same"));
    }
    let mut found = parts.iter().peekable();
    for table in &manifest.tables {
        let name = &table.head.table.name;
        let there = found.next_if(|(of, _)| of == name).map_or(&[] as &[Part], |(_, parts)| parts);
        if there.len() != table.parts.len() {
            return damaged(format!("{name} has {} parts, {} were written", there.len(), table.parts.len()));
        }
        for (there, written) in there.iter().zip(&table.parts) {
            if there != written {
                return damaged(format!("{} is not what was written: its SHA-256, its length or its rows differ", there.file));
            }
        }
        if table.parts.iter().map(|part| part.rows).sum::<u64>() != table.head.rows {
            return damaged(format!("the rows of {name} are not as many as {MANIFEST} says"));
        }
    }
    match found.next() {
        Some((name, _)) => damaged(format!("{MANIFEST} does not know the table {name} there")),
        None => Ok(()),
    }
}

/// What the operating system, zstd and tar say has one type; this tells them apart.
fn broken(error: io::Error) -> TransferError {
    let kind = error.kind();
    match error.into_inner().map(|inner| inner.downcast::<Outside>()) {
        Some(Ok(outside)) => TransferError::Io { doing: READING, source: outside.0 },
        _ if kind == io::ErrorKind::UnexpectedEof => TransferError::Cut("it ends in the middle"),
        Some(Err(error)) => TransferError::Damaged(error.to_string()),
        None => TransferError::Damaged(kind.to_string()),
    }
}

/// A failure of what the archive is read from.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct Outside(io::Error);

/// Marks failures of what the archive is read from. Whoever decrypts it says by the kind of a failure that its bytes are wrong.
struct Told<R>(R);

impl<R: Read> Read for Told<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof if error.raw_os_error().is_none() => error,
            kind => io::Error::new(kind, Outside(error)),
        })
    }
}
