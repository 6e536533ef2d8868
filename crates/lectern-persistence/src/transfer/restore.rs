//! Reading an archive into a database, in one transaction.

use super::{
    archive::{self, Entry, Header},
    error::TransferError,
    merge::{Merged, OnConflict},
    progress::{Counter, Listener},
    target::{Load, Target},
    verify::Tables,
};
use crate::migrate::{Applied, Migrator};
use std::io::Read;

/// How to restore.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RestoreOptions {
    /// What is done with a row whose key the target has.
    pub on_conflict: OnConflict,
    /// Leave out what means nothing to the other backend: the checkpoints of conversation agents.
    pub without_checkpoints: bool,
}

/// What became of the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The archive's header.
    pub header: Header,
    /// Whether the target had no rows.
    pub was_empty: bool,
    /// What became of each table's rows.
    pub tables: Vec<(String, Merged)>,
    /// Tables whose rows were left out.
    pub left_out: Vec<String>,
    /// The migrations that were applied afterwards.
    pub upgraded: Vec<Applied>,
}

/// Restores an archive into a database, under the lock of migrations.
///
/// A database without rows is taken to the archive's revision, filled, and upgraded. One with rows must be at the archive's revision. Everything
/// is one transaction: rows, migrations that can be in one, the numbers that are given next, and a new id of the database, so that no index of
/// the archive's origin is ever written to. Afterwards an empty target is read again and must have the archive's digests.
///
/// # Errors
/// [`TransferError`]; nothing is restored then.
pub fn restore<R: Read + Send>(
    migrator: &Migrator<'_>,
    input: R,
    options: RestoreOptions,
    listener: Listener<'_>,
) -> Result<Restored, TransferError> {
    archive::read(input, |entries| {
        let Entry::Header(header) = entries.next()? else { return Err(TransferError::NotAnArchive("it has no header".to_owned())) };
        let mut counter = Counter::new(listener, header.tables.iter().map(|table| table.rows).sum());
        let mut target = Target::begin(migrator, &header.about)?;
        let left_out = target.expect(&header, options.without_checkpoints)?;
        let mut tables = Tables::new(&header.tables);
        let mut load: Option<Load<'_>> = None;
        let mut done = Vec::new();
        let manifest = loop {
            match entries.next()? {
                Entry::Part { table, bytes } => {
                    if load.as_ref().is_none_or(|load| load.name() != table) {
                        done.extend(load.take().map(|load| target.end(load)).transpose()?);
                        let head = tables.enter(&table)?;
                        load = Some(target.load(head, options.on_conflict, left_out.contains(&table))?);
                    }
                    let Some(load) = &mut load else { continue };
                    let rows = target.part(load, &bytes, &mut |row| tables.sum(row))?;
                    counter.add(&table, rows);
                    entries.recycle(bytes);
                }
                Entry::Manifest(manifest) => break manifest,
                Entry::Header(_) => return Err(TransferError::Damaged("it has two headers".to_owned())),
            }
        };
        done.extend(load.take().map(|load| target.end(load)).transpose()?);
        tables.finish(&manifest)?;
        let was_empty = target.was_empty();
        let sums = manifest.tables.iter().filter(|table| !left_out.contains(&table.head.table.name));
        if was_empty {
            target.compare(sums.map(|table| (&table.head.table, table.head.rows, table.sha256.as_str())), &mut |_, _| {})?;
        } else {
            target.compare_merged(&done, &sums.collect::<Vec<_>>())?;
        }
        let nexts = header.tables.iter().map(|head| (head.table.name.as_str(), head.next));
        let upgraded = target.finish(nexts, was_empty)?;
        let left_out = header.with_rows(left_out);
        Ok(Restored { header: *header, was_empty, tables: done, left_out, upgraded })
    })
}
