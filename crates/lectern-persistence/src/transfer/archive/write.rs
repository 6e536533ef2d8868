//! Writing an archive in one pass. Rows are made in one thread and packed in another; a part waits between them at most, another one is being
//! filled and a third one packed.

use super::{About, HEADER, Header, MANIFEST, Manifest, PART_BYTES, Part, TableHead, TableSum, part_name};
use crate::transfer::{
    error::TransferError,
    line::{Sum, hex},
};
use sha2::{Digest as _, Sha256};
use std::{
    io::{self, Write},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

/// zstd's own default: as fast as the rows come.
const LEVEL: i32 = 3;

const WRITING: &str = "the archive cannot be written";

enum Message {
    Header(Box<Header>),
    Table(TableHead),
    Part { rows: u64, bytes: Vec<u8> },
    End { sha256: String },
    Manifest(Box<About>),
}

/// Where rows go.
pub(crate) struct Sink {
    queue: SyncSender<Message>,
    /// Buffers that are packed, to be filled again.
    empty: Receiver<Vec<u8>>,
    buffer: Vec<u8>,
    rows: u64,
}

/// The packing thread is gone; why is what it answers.
pub(crate) struct Gone;

impl From<Gone> for TransferError {
    fn from(_: Gone) -> Self {
        Self::Io { doing: WRITING, source: io::ErrorKind::BrokenPipe.into() }
    }
}

impl Sink {
    fn send(&mut self, message: Message) -> Result<(), Gone> {
        self.queue.send(message).map_err(|_closed| Gone)
    }

    /// What the archive begins with.
    pub(crate) fn header(&mut self, header: Header) -> Result<(), Gone> {
        self.send(Message::Header(Box::new(header)))
    }

    /// The rows that follow belong to this table.
    pub(crate) fn table(&mut self, head: &TableHead) -> Result<(), Gone> {
        self.send(Message::Table(head.clone()))
    }

    /// Where the next row is to be written.
    pub(crate) fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// A row was written from `start` on.
    pub(crate) fn added(&mut self, start: usize) -> Result<(), Gone> {
        if start > 0 && self.buffer.len() > PART_BYTES {
            // The row that is too much is the next part's first.
            let mut next = self.empty.try_recv().unwrap_or_default();
            next.clear();
            next.extend_from_slice(&self.buffer[start..]);
            self.buffer.truncate(start);
            self.part(next)?;
        }
        self.rows += 1;
        Ok(())
    }

    fn part(&mut self, next: Vec<u8>) -> Result<(), Gone> {
        let (bytes, rows) = (std::mem::replace(&mut self.buffer, next), std::mem::take(&mut self.rows));
        self.send(Message::Part { rows, bytes })
    }

    /// The table has no more rows.
    pub(crate) fn end(&mut self, sum: Sum) -> Result<(), Gone> {
        if !self.buffer.is_empty() {
            let mut next = self.empty.try_recv().unwrap_or_default();
            next.clear();
            self.part(next)?;
        }
        self.send(Message::End { sha256: sum.sha256 })
    }

    /// There are no more tables.
    pub(crate) fn manifest(&mut self, about: About) -> Result<(), Gone> {
        self.send(Message::Manifest(Box::new(about)))
    }
}

/// Makes rows with `produce` and writes them to `out`; hands `out` back when the archive is complete.
pub(crate) fn write<W: Write + Send>(
    out: W,
    produce: impl FnOnce(&mut Sink) -> Result<(), TransferError>,
) -> Result<(W, Manifest), TransferError> {
    let (queue, messages) = sync_channel(1);
    // No more buffers than these are ever on their way back.
    let (give_back, empty) = sync_channel(4);
    thread::scope(|scope| {
        let packing = scope.spawn(move || pack(out, &messages, &give_back).map_err(TransferError::io(WRITING)));
        let mut sink = Sink { queue, empty, buffer: Vec::new(), rows: 0 };
        let produced = produce(&mut sink);
        drop(sink);
        let packed = packing.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // Without a place to write to, the rows fail too: the place is the cause.
        match (produced, packed) {
            (Ok(()), packed) => packed,
            (Err(_), Err(error @ TransferError::Io { .. })) if !is_unfinished(&error) => Err(error),
            (Err(error), _) => Err(error),
        }
    })
}

/// Whether packing ended because no more came.
fn is_unfinished(error: &TransferError) -> bool {
    matches!(error, TransferError::Io { source, .. } if source.kind() == io::ErrorKind::UnexpectedEof)
}

fn pack<W: Write>(out: W, messages: &Receiver<Message>, give_back: &SyncSender<Vec<u8>>) -> io::Result<(W, Manifest)> {
    let mut encoder = zstd::Encoder::new(out, LEVEL)?;
    encoder.include_checksum(true)?;
    let mut tar = tar::Builder::new(encoder);
    let mut tables: Vec<TableSum> = Vec::new();
    let mut time = 0;
    while let Ok(message) = messages.recv() {
        match message {
            Message::Header(header) => {
                time = u64::try_from(header.about.created_at.timestamp()).unwrap_or_default();
                append(&mut tar, HEADER, &pretty(&header)?, time)?;
            }
            Message::Table(head) => tables.push(TableSum { head, sha256: String::new(), parts: Vec::new() }),
            Message::Part { rows, bytes } => {
                let Some(table) = tables.last_mut() else { continue };
                let file = part_name(&table.head.table.name, table.parts.len() + 1);
                append(&mut tar, &file, &bytes, time)?;
                table.parts.push(Part { file, rows, bytes: bytes.len() as u64, sha256: hex(&Sha256::digest(&bytes)) });
                // The other side may have as many as it needs.
                let _ = give_back.try_send(bytes);
            }
            Message::End { sha256 } => {
                if let Some(table) = tables.last_mut() {
                    table.sha256 = sha256;
                }
            }
            Message::Manifest(about) => {
                let manifest = Manifest { about: *about, tables };
                append(&mut tar, MANIFEST, &pretty(&manifest)?, time)?;
                return Ok((tar.into_inner()?.finish()?, manifest));
            }
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

fn pretty(value: &impl serde::Serialize) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn append<W: Write>(tar: &mut tar::Builder<W>, name: &str, bytes: &[u8], time: u64) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o600);
    header.set_mtime(time);
    tar.append_data(&mut header, name, bytes)
}
