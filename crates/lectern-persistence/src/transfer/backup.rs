//! Writing a database into an archive.

use super::{
    archive::{self, Header, Manifest, TableHead},
    error::TransferError,
    line::{Bad, Lines},
    progress::{Counter, Listener},
    scan::scan,
    snapshot::Snapshot,
};
use crate::{conn::Conn, database::Database};
use std::io::Write;

/// What to take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BackupOptions {
    /// Leave the vectors out: they can be made again from the texts.
    pub without_vectors: bool,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// What the archive says of itself.
    pub manifest: Manifest,
    /// Tables that are none of Lectern's, and are not in it.
    pub passed_by: Vec<String>,
}

/// Writes a consistent snapshot of a database, which may be in use meanwhile, as an archive. Streams: neither a table nor the archive is ever in
/// memory as a whole. Hands `out` back, with everything written into it but not flushed by its own means.
///
/// # Errors
/// [`TransferError::Io`] where `out` fails, [`TransferError::Value`] where a value is not what its column promises, failures of the database. What
/// was written until then is no archive: it has no manifest.
pub fn backup<W: Write + Send>(
    database: &Database,
    out: W,
    options: BackupOptions,
    listener: Listener<'_>,
) -> Result<(W, Backup), TransferError> {
    let mut snapshot = Snapshot::open(database)?;
    let about = snapshot.about(options.without_vectors)?;
    let tables = snapshot.tables(options.without_vectors)?;
    let passed_by = snapshot.inspection.foreign.clone();
    let mut counter = Counter::new(listener, tables.iter().map(|head| head.rows).sum());
    let (out, manifest) = archive::write(out, |sink| {
        sink.header(Header { about: about.clone(), tables: tables.clone() })?;
        for head in &tables {
            write_table(&mut snapshot.conn, head, sink, &mut counter)?;
        }
        Ok(sink.manifest(about)?)
    })?;
    Ok((out, Backup { manifest, passed_by }))
}

/// Writes a table's rows.
fn write_table(conn: &mut Conn, head: &TableHead, sink: &mut archive::Sink, counter: &mut Counter<'_>) -> Result<(), TransferError> {
    sink.table(head)?;
    let name = &head.table.name;
    let mut lines = Lines::new(&head.table);
    scan(conn, &head.table, &mut |row| {
        let buffer = sink.buffer();
        let start = buffer.len();
        lines.add(row, buffer).map_err(|bad| value(name, bad))?;
        sink.added(start)?;
        counter.add(name, 1);
        Ok(())
    })?;
    if lines.rows() != head.rows {
        return Err(TransferError::Differs { table: name.clone(), why: format!("{} rows were counted, {} read", head.rows, lines.rows()) });
    }
    Ok(sink.end(lines.finish())?)
}

/// A row that can't be written.
pub(crate) fn value(table: &str, Bad { row, column, why }: Bad) -> TransferError {
    TransferError::Value { table: table.to_owned(), row, column, why }
}
