//! How far a transfer has come.

/// Told now and then while rows travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The table that is in hand.
    pub table: &'a str,
    /// The rows of all tables that are done.
    pub rows: u64,
    /// The rows of all tables that there are.
    pub of: u64,
}

/// Who is told.
pub type Listener<'a> = &'a mut (dyn FnMut(Progress<'_>) + Send);

/// Every so many rows somebody is told.
const EVERY: u64 = 4_096;

/// Counts rows.
pub(crate) struct Counter<'a> {
    listener: Listener<'a>,
    rows: u64,
    of: u64,
}

impl<'a> Counter<'a> {
    pub(crate) fn new(listener: Listener<'a>, of: u64) -> Self {
        Self { listener, rows: 0, of }
    }

    /// So many rows more.
    pub(crate) fn add(&mut self, table: &str, rows: u64) {
        let before = self.rows;
        self.rows += rows;
        if before / EVERY != self.rows / EVERY || self.rows == self.of {
            (self.listener)(Progress { table, rows: self.rows, of: self.of });
        }
    }
}
