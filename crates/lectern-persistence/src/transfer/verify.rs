//! Reading an archive back.

use super::{
    archive::{self, Entry, Manifest, TableHead},
    error::TransferError,
    line::Lines,
    parse::Parser,
    progress::{Counter, Listener},
};
use std::io::Read;

/// Reads an archive from beginning to end and compares everything in it with what its manifest says: the parts' digests, the rows, and the
/// tables' digests, for which every value is read.
///
/// # Errors
/// [`TransferError`] that says what is wrong with it.
pub fn verify<R: Read + Send>(input: R, listener: Listener<'_>) -> Result<Manifest, TransferError> {
    archive::read(input, |entries| {
        let Entry::Header(header) = entries.next()? else { return Err(TransferError::NotAnArchive("it has no header".to_owned())) };
        let mut counter = Counter::new(listener, header.tables.iter().map(|table| table.rows).sum());
        let mut tables = Tables::new(&header.tables);
        loop {
            match entries.next()? {
                Entry::Part { table, bytes } => {
                    tables.part(&table, &bytes, &mut counter)?;
                    entries.recycle(bytes);
                }
                Entry::Manifest(manifest) => {
                    tables.finish(&manifest)?;
                    return Ok(*manifest);
                }
                Entry::Header(_) => return Err(TransferError::Damaged("it has two headers".to_owned())),
            }
        }
    })
}

/// The digests of the tables so far.
pub(crate) struct Tables<'t> {
    heads: &'t [TableHead],
    /// The table in hand.
    at: usize,
    lines: Option<Lines<'t>>,
    sums: Vec<super::line::Sum>,
    again: Vec<u8>,
}

impl<'t> Tables<'t> {
    pub(crate) fn new(heads: &'t [TableHead]) -> Self {
        Self { heads, at: 0, lines: heads.first().map(|head| Lines::new(&head.table)), sums: Vec::new(), again: Vec::new() }
    }

    /// Goes to the table of the next part. The tables come in the header's order.
    pub(crate) fn enter(&mut self, table: &str) -> Result<&'t TableHead, TransferError> {
        loop {
            let Some(head) = self.heads.get(self.at) else {
                return Err(TransferError::Damaged(format!("its header does not say that rows of {table} follow")));
            };
            if head.table.name == table {
                return Ok(head);
            }
            self.leave();
        }
    }

    fn leave(&mut self) {
        self.sums.extend(self.lines.take().map(Lines::finish));
        self.at += 1;
        self.lines = self.heads.get(self.at).map(|head| Lines::new(&head.table));
    }

    /// Reads a part's rows.
    fn part(&mut self, table: &str, bytes: &[u8], counter: &mut Counter<'_>) -> Result<(), TransferError> {
        let head = self.enter(table)?;
        let parser = Parser::new(&head.table);
        let mut rows = 0;
        for line in lines(bytes) {
            let row = parser.row(line)?;
            self.sum(&row)?;
            rows += 1;
        }
        counter.add(table, rows);
        Ok(())
    }

    /// Takes a row into the digest of its table.
    pub(crate) fn sum(&mut self, row: &dyn super::value::Row) -> Result<(), TransferError> {
        let Some(lines) = &mut self.lines else { return Ok(()) };
        self.again.clear();
        lines.add(row, &mut self.again).map_err(|bad| TransferError::Damaged(format!("{}: {}: {}", bad.row, bad.column, bad.why)))
    }

    /// Compares with the manifest.
    pub(crate) fn finish(mut self, manifest: &Manifest) -> Result<(), TransferError> {
        while self.at < self.heads.len() {
            self.leave();
        }
        for (sum, table) in self.sums.iter().zip(&manifest.tables) {
            if sum.rows != table.head.rows || sum.sha256 != table.sha256 {
                return Err(TransferError::Damaged(format!(
                    "the rows of {} do not have the digest that was written",
                    table.head.table.name
                )));
            }
        }
        Ok(())
    }
}

/// The lines of a part.
pub(crate) fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split_inclusive(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\n").unwrap_or(line))
}
