//! A table's rows from one thread to another, in parts.

use crate::{
    conn::Conn,
    transfer::{backup::value, error::TransferError, line::Lines, scan::scan, shape::Table},
};
use std::{
    sync::mpsc::{SyncSender, sync_channel},
    thread,
};

/// How large a part is at least, but for the last one: two are waiting at most.
const PART_BYTES: usize = 2 * 1024 * 1024;

/// Reads a table and hands its rows to `take`, which may be as slow as it is.
pub(super) fn feed(conn: &mut Conn, table: &Table, mut take: impl FnMut(&[u8]) -> Result<(), TransferError>) -> Result<(), TransferError> {
    let (send, parts) = sync_channel(1);
    thread::scope(|scope| {
        let reading = scope.spawn(move || read(conn, table, &send));
        let taken = parts.iter().try_for_each(|part: Vec<u8>| take(&part));
        drop(parts);
        let read = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        // A reader that nobody listens to any more has no failure of its own.
        taken.and(read.map(drop))
    })
}

fn read(conn: &mut Conn, table: &Table, send: &SyncSender<Vec<u8>>) -> Result<(), TransferError> {
    let mut lines = Lines::new(table);
    let mut part = Vec::new();
    let gone = |_closed| TransferError::Unfit(format!("nobody takes the rows of {}", table.name));
    scan(conn, table, &mut |row| {
        lines.add(row, &mut part).map_err(|bad| value(&table.name, bad))?;
        if part.len() >= PART_BYTES {
            send.send(std::mem::take(&mut part)).map_err(gone)?;
        }
        Ok(())
    })?;
    if part.is_empty() { Ok(()) } else { send.send(part).map_err(gone) }
}
