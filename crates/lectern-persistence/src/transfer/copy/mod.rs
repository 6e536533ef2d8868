//! One database's rows into another, of either backend.

mod feed;
mod preflight;
mod record;
mod since;
mod sync;

pub use since::Changed;

use super::{
    archive::{Header, TableHead},
    error::TransferError,
    line::Sum,
    merge::OnConflict,
    progress::{Counter, Listener},
    snapshot::Snapshot,
    target::Target,
};
use crate::{database::Database, migrate::Migrator};
use preflight::preflight;
use sync::Sync;

/// What to copy, and into what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CopyOptions {
    /// The target has an earlier copy: bring it up to date. Tables that have the same digest are passed by.
    pub resume: bool,
    /// Leave the vectors out: they can be made again from the texts.
    pub without_vectors: bool,
    /// Leave out what means nothing to the other backend: the checkpoints of conversation agents.
    pub without_checkpoints: bool,
}

/// A table that was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopiedTable {
    /// Its name.
    pub name: String,
    /// How many rows it has.
    pub rows: u64,
    /// The SHA-256 of its rows, in the source and in the target.
    pub sha256: String,
    /// Whether it was the same before.
    pub was_there: bool,
}

/// What was copied.
#[derive(Debug)]
pub struct Copied {
    /// The migration that both databases are at.
    pub revision: Option<String>,
    /// The tables, each compared in the end.
    pub tables: Vec<CopiedTable>,
    /// Tables whose rows were left out.
    pub left_out: Vec<String>,
    /// Tables of the source that are none of Lectern's.
    pub passed_by: Vec<String>,
    /// What changed in the source while it was copied, and is not in the copy; or why that is not known. The copy is there in either case.
    pub changed: Result<Vec<(String, Changed)>, TransferError>,
}

/// Copies one consistent snapshot of a database, which may be in use meanwhile, into another one, which is created by whoever opens it and taken to
/// the source's revision. Before anything is written, every value is looked at: whether the target takes it, whether it refers to what exists, and
/// whether what should be unique is. Everything is one transaction; in the end the target is read again and must have the source's digests.
///
/// The target gets an id of its own, so that its indexes are made anew from its rows and nobody writes into the source's.
///
/// What it leaves in each table is kept in the target. An earlier copy is brought up to date where the target is as a copy of the same source left it; rows
/// that the source does not have any more are removed.
///
/// # Errors
/// [`TransferError::Preflight`] with what would not arrive; [`TransferError::NotEmpty`], [`TransferError::SameDatabase`], [`TransferError::NotACopy`] and
/// [`TransferError::WrittenTo`] for targets that are none; what else is in [`TransferError`]. Nothing is copied then.
pub fn copy(source: &Database, target: &Migrator<'_>, options: CopyOptions, listener: Listener<'_>) -> Result<Copied, TransferError> {
    let mut snapshot = Snapshot::open(source)?;
    let origin = record::id(&mut snapshot.conn)?;
    record::refuse_same(origin, target.database())?;
    let about = snapshot.about(options.without_vectors)?;
    let header = Header { about, tables: snapshot.tables(options.without_vectors)? };
    let rows: u64 = header.tables.iter().map(|head| head.rows).sum();
    // The rows are read to be looked at, read to be copied, and read again in the target.
    let mut counter = Counter::new(listener, 3 * rows);
    let sums = preflight(&mut snapshot, &header.tables, target.database().backend(), &mut counter)?;

    let mut to = Target::begin(target, &header.about)?;
    if !to.was_empty() && !options.resume {
        return Err(TransferError::NotEmpty);
    }
    let left_out = to.expect(&header, options.without_checkpoints)?;
    let (heads, sums_of): (Vec<&TableHead>, Vec<&Sum>) =
        header.tables.iter().zip(&sums).filter(|(head, _)| !left_out.contains(&head.table.name)).unzip();
    let (mut earlier, mut there) = (Vec::new(), Vec::new());
    if !to.was_empty() {
        earlier = record::find(&mut to, origin)?;
        there = record::refuse_written(&mut to, &heads, &earlier)?;
    }
    let mut sync = Sync::default();
    let mut tables = Vec::new();
    for (at, (&head, &sum)) in heads.iter().zip(&sums_of).enumerate() {
        let was_there = there.get(at) == Some(sum);
        let name = &head.table.name;
        if was_there {
            counter.add(name, head.rows);
        } else if to.was_empty() {
            let mut load = to.load(head, OnConflict::Error, false)?;
            feed::feed(&mut snapshot.conn, &head.table, |part| {
                counter.add(name, to.part(&mut load, part, &mut |_| Ok(()))?);
                Ok(())
            })?;
            to.end(load)?;
        } else {
            sync.stage(&mut snapshot, &mut to, head, &mut |rows| counter.add(name, rows))?;
        }
        tables.push(CopiedTable { name: name.clone(), rows: sum.rows, sha256: sum.sha256.clone(), was_there });
    }
    let touched = sync.make_room(&mut to)?;
    for head in header.tables.iter().filter(|head| touched.contains(&head.table.name)) {
        sync.stage(&mut snapshot, &mut to, head, &mut |_| {})?;
    }
    sync.apply(&mut to)?;
    let brought = heads.iter().zip(&sums_of).map(|(head, sum)| (&head.table, sum.rows, sum.sha256.as_str()));
    to.compare(brought, &mut |name, rows| counter.add(name, rows))?;
    if let Some(origin) = origin {
        let copied: Vec<(&str, &Sum)> = heads.iter().map(|head| head.table.name.as_str()).zip(sums_of).collect();
        let copied = record::make(&mut to, origin, &copied, earlier)?;
        to.keep(copied);
    }
    to.finish(header.tables.iter().map(|head| (head.table.name.as_str(), head.next)), false)?;

    // What fails from here on does not undo the copy.
    let changed = since::changed(source, &mut snapshot, &header.tables, &sums);
    let revision = header.about.migrations.last().map(|migration| migration.name.clone());
    let left_out = header.with_rows(left_out);
    Ok(Copied { revision, tables, left_out, passed_by: snapshot.inspection.foreign, changed })
}
