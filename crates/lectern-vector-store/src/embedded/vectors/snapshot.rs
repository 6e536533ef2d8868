//! The one file that holds a generation's vectors:
//!
//! ```text
//! the graph as usearch writes it │ slots │ documents │ header │ footer
//! ```
//!
//! The graph comes first, so that usearch can read it or map it into memory where it lies. A slot is a chunk's id (16 bytes), its document's
//! place (4 bytes; all bits set for a free slot) and the digest of its entry (32 bytes). Documents and header are JSON. The footer has the lengths of the parts and a checksum over
//! everything before it. Numbers are little-endian.

use super::{
    graph::{self, Graph, Progress, Usearch, usearch},
    table::{Slot, Table},
};
use crate::{
    IndexedDocument, StoreError,
    embedded::{
        EmbeddedOptions,
        files::{engine_error, io_error, replace_file},
        vectors::{footer::Footer, header},
    },
};
use lectern_domain::{change::Cursor, collection::Generation, digest::Digest, ids::ChunkId, model::EmbeddingModelSpec};
use std::{
    fs::{File, OpenOptions},
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
    path::Path,
};
use usearch::Index;
use uuid::Uuid;

/// The bytes of a slot.
const SLOT: usize = 52;
/// The document of a slot that is free.
const FREE: u32 = u32::MAX;

/// How the graph is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Read into memory, to be changed.
    Load,
    /// Mapped from the file, for searches alone.
    View,
}

/// A path that usearch can't take.
#[derive(Debug, thiserror::Error)]
#[error("the path is not valid UTF-8")]
struct NotUnicode;

fn text(path: &Path) -> Result<&str, Usearch> {
    path.to_str().ok_or_else(|| usearch(NotUnicode))
}

/// Replaces the snapshot by the graph as it is now. Nothing may be added or removed meanwhile; searches go on.
pub(crate) fn write(path: &Path, generation: &Generation, graph: &Graph, cursor: Cursor) -> Result<(), StoreError> {
    replace_file(path, |unfinished| {
        let index = graph.index();
        let table = graph.table();
        let failed = |source| io_error("write", unfinished, source);
        if table.len() == 0 {
            File::create(unfinished).map_err(failed)?;
        } else {
            let length = index.serialized_length() as u64;
            text(unfinished)
                .and_then(|path| index.save(path).map_err(usearch))
                .map_err(|error| engine_error("write", unfinished, error))?;
            // usearch does not tell whether the last bytes reached the file.
            if std::fs::metadata(unfinished).map_err(failed)?.len() != length {
                return Err(failed(io::ErrorKind::StorageFull.into()));
            }
        }
        let header = header::encode(generation, &graph.spec, cursor).map_err(|error| engine_error("describe", unfinished, error))?;
        append(unfinished, &table, &header).map_err(failed)
    })
}

fn append(path: &Path, table: &Table, header: &[u8]) -> io::Result<()> {
    let graph = std::fs::metadata(path)?.len();
    let mut file = BufWriter::new(OpenOptions::new().append(true).open(path)?);
    for slot in table.slots() {
        let free = Slot { chunk: ChunkId(Uuid::nil()), document: FREE, digest: Digest([0; 32]) };
        let Slot { chunk, document, digest } = slot.unwrap_or(free);
        file.write_all(chunk.0.as_bytes())?;
        file.write_all(&document.to_le_bytes())?;
        file.write_all(&digest.0)?;
    }
    let documents = serde_json::to_vec(&table.documents().map(|document| document.map(header::DocumentRow::from)).collect::<Vec<_>>())?;
    file.write_all(&documents)?;
    file.write_all(header)?;
    file.flush()?;
    let slots = (table.slots().len() * SLOT) as u64;
    let parts = Footer { graph, slots, documents: documents.len() as u64, header: header.len() as u64, checksum: 0 };
    let mut whole = File::open(path)?;
    let footer = Footer { checksum: checksum(&mut whole, parts.body())?, ..parts };
    file.write_all(&footer.encode())?;
    file.flush()
}

/// The checksum of a file's first `length` bytes.
fn checksum(file: &mut File, length: u64) -> io::Result<u32> {
    file.seek(SeekFrom::Start(0))?;
    let mut hasher = crc32fast::Hasher::new();
    let mut rest = Read::by_ref(file).take(length);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match rest.read(&mut buffer)? {
            0 => return Ok(hasher.finalize()),
            read => hasher.update(&buffer[..read]),
        }
    }
}

/// Why a snapshot can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("it is not whole")]
    Damaged,
    #[error("it was made for another generation, model or format")]
    Other,
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Usearch(#[from] Usearch),
}

/// Reads the snapshot of a generation, whole and checked.
pub(crate) fn read(
    path: &Path,
    generation: &Generation,
    spec: &EmbeddingModelSpec,
    mode: Mode,
    options: &EmbeddedOptions,
) -> Result<Graph, Unusable> {
    let mut file = File::open(path)?;
    let footer = Footer::read(&mut file)?.ok_or(Unusable::Damaged)?;
    if checksum(&mut file, footer.body())? != footer.checksum {
        return Err(Unusable::Damaged);
    }
    file.seek(SeekFrom::Start(footer.graph))?;
    let mut file = BufReader::new(file);
    let slots = slots(&part(&mut file, footer.slots)?);
    let documents: Vec<Option<header::DocumentRow>> =
        serde_json::from_slice(&part(&mut file, footer.documents)?).or(Err(Unusable::Damaged))?;
    let cursor = header::decode(&part(&mut file, footer.header)?, generation, spec).ok_or(Unusable::Other)?;
    let documents = documents.into_iter().map(|document| document.map(IndexedDocument::from)).collect();
    let table = Table::restore(slots, documents).ok_or(Unusable::Damaged)?;

    let index = graph::new_index(spec.dimensions, options)?;
    let mut tombstones = 0;
    if footer.graph > 0 {
        let path = text(path)?;
        tombstones = open(&index, path, mode)?;
    }
    if index.size() != table.len() || index.dimensions() != spec.dimensions as usize {
        return Err(Unusable::Damaged);
    }
    Ok(Graph::new(spec.clone(), index, table, Progress::loaded(cursor, tombstones)))
}

/// Fills the index from the file, and tells how many of its nodes are of removed vectors.
fn open(index: &Index, path: &str, mode: Mode) -> Result<usize, Usearch> {
    let metadata = Index::metadata(path).map_err(usearch)?;
    match mode {
        Mode::Load => index.load(path),
        Mode::View => index.view(path),
    }
    .map_err(usearch)?;
    Ok(metadata.count_deleted as usize)
}

fn part(file: &mut impl Read, length: u64) -> Result<Vec<u8>, Unusable> {
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == length { Ok(bytes) } else { Err(Unusable::Damaged) }
}

fn slots(bytes: &[u8]) -> Vec<Option<Slot>> {
    let (slots, _) = bytes.as_chunks::<SLOT>();
    slots
        .iter()
        .map(|slot| {
            let chunk: [u8; 16] = std::array::from_fn(|at| slot[at]);
            let document = u32::from_le_bytes(std::array::from_fn(|at| slot[16 + at]));
            let digest = Digest(std::array::from_fn(|at| slot[20 + at]));
            (document != FREE).then(|| Slot { chunk: ChunkId(Uuid::from_bytes(chunk)), document, digest })
        })
        .collect()
}
