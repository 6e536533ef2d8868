//! What changed in a database since a snapshot of it.

use crate::{
    conn::Conn,
    database::Database,
    transfer::{
        archive::TableHead,
        backup::value,
        digest::digest,
        error::TransferError,
        line::{Lines, Sum},
        scan::scan,
        shape::Table,
        snapshot::Snapshot,
        value::Value,
    },
};
use std::{
    cmp::Ordering,
    hash::{DefaultHasher, Hasher as _},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

/// How many rows of a table are others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changed {
    /// Rows that came.
    pub added: u64,
    /// Rows that went.
    pub removed: u64,
    /// Rows whose values are others.
    pub altered: u64,
}

/// A value of a key, in the order in which the database has it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Null,
    Number(i64),
    Bytes(Vec<u8>),
}

/// A row's key, and what its line comes to.
type Marked = (Vec<Key>, u64);

/// How many rows wait between two threads.
const WAITING: usize = 4_096;

/// Compares a database as it is now with a snapshot of it, table by table where the digests differ.
pub(super) fn changed(
    source: &Database,
    before: &mut Snapshot,
    tables: &[TableHead],
    sums: &[Sum],
) -> Result<Vec<(String, Changed)>, TransferError> {
    let mut now = Snapshot::open_beside_another(source)?;
    let mut all = Vec::new();
    for (head, sum) in tables.iter().zip(sums) {
        let table = &head.table;
        if now.inspection.find(&table.name).is_none_or(|found| found.table != *table) {
            return Err(TransferError::Unfit(format!("the table {} was changed while it was copied", table.name)));
        }
        if digest(&mut now.conn, table, &mut || {})? != *sum {
            all.push((table.name.clone(), compare(&mut before.conn, &mut now.conn, table)?));
        }
    }
    Ok(all)
}

fn compare(before: &mut Conn, now: &mut Conn, table: &Table) -> Result<Changed, TransferError> {
    thread::scope(|scope| {
        let (send, old) = sync_channel(WAITING);
        let reading_old = scope.spawn(move || mark(before, table, &send));
        let (send, new) = sync_channel(WAITING);
        let reading_new = scope.spawn(move || mark(now, table, &send));
        let changed = count(&old, &new);
        for reading in [reading_old, reading_new] {
            reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        }
        Ok(changed)
    })
}

/// Both come in the order of their keys.
fn count(old: &Receiver<Marked>, new: &Receiver<Marked>) -> Changed {
    let mut changed = Changed::default();
    let (mut one, mut other) = (old.recv().ok(), new.recv().ok());
    loop {
        let order = match (&one, &other) {
            (None, None) => return changed,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((one, _)), Some((other, _))) => one.cmp(other),
        };
        match order {
            Ordering::Less => changed.removed += 1,
            Ordering::Greater => changed.added += 1,
            Ordering::Equal => changed.altered += u64::from(one.as_ref().map(|(_, mark)| mark) != other.as_ref().map(|(_, mark)| mark)),
        }
        if order != Ordering::Greater {
            one = old.recv().ok();
        }
        if order != Ordering::Less {
            other = new.recv().ok();
        }
    }
}

fn mark(conn: &mut Conn, table: &Table, send: &SyncSender<Marked>) -> Result<(), TransferError> {
    let mut lines = Lines::new(table);
    let mut line = Vec::new();
    let places = table.key_positions();
    scan(conn, table, &mut |row| {
        line.clear();
        lines.add(row, &mut line).map_err(|bad| value(&table.name, bad))?;
        let mut key = Vec::with_capacity(places.len());
        for &at in &places {
            let read = row.with(at, &mut |value| {
                key.push(match value {
                    Value::Null => Key::Null,
                    Value::Boolean(value) => Key::Number(value.into()),
                    Value::Integer(number) | Value::Timestamp(number) => Key::Number(number),
                    Value::Text(text) | Value::Json(text) => Key::Bytes(text.into_owned().into_bytes()),
                    Value::Uuid(bytes) => Key::Bytes(bytes.to_vec()),
                    Value::Bytes(bytes) => Key::Bytes(bytes.into_owned()),
                    Value::Double(_) => return Err("a double is no key".to_owned()),
                });
                Ok(())
            });
            read.map_err(|why| TransferError::Unfit(format!("{}: {why}", table.name)))?;
        }
        let mut hasher = DefaultHasher::new();
        hasher.write(&line);
        // The other side listens to the end.
        let _ = send.send((key, hasher.finish()));
        Ok(())
    })
}
