//! Bringing tables of an earlier copy up to date. All rows of a table that changed are loaded beside it first: what is to be removed shows only
//! when all of them are there.

use crate::{
    conn::Conn,
    transfer::{
        archive::TableHead,
        error::TransferError,
        load,
        merge::{Merge, OnConflict},
        shape::Found,
        target::Target,
    },
};

/// The tables that changed, those that are referred to first.
#[derive(Default)]
pub(super) struct Sync(Vec<Merge>);

/// The place beside a table.
pub(super) struct Stage<'s>(&'s Merge);

impl Sync {
    /// Makes a place beside a table.
    pub(super) fn stage(&mut self, to: &mut Target<'_>, head: &TableHead) -> Result<Stage<'_>, TransferError> {
        let found = to.found(&head.table.name).cloned();
        let found = found.ok_or_else(|| TransferError::Unfit(format!("the database has no table {}", head.table.name)))?;
        let found = Found { table: head.table.clone(), ..found };
        let name = format!("lectern_stage_{}", self.0.len());
        self.0.push(Merge::begin(to.conn(), name, found, OnConflict::Replace)?);
        let last = self.0.len() - 1;
        Ok(Stage(&self.0[last]))
    }

    /// Takes everything over. A row that is in the way of another one's unique values goes before it; the others that are gone in the source go
    /// last, when nothing refers to them any more.
    pub(super) fn apply(self, conn: &mut Conn) -> Result<(), TransferError> {
        for merge in &self.0 {
            merge.remove_blocking(conn)?;
            merge.take_over(conn)?;
        }
        for merge in self.0.iter().rev() {
            merge.remove_absent(conn)?;
        }
        for merge in self.0 {
            merge.end(conn)?;
        }
        Ok(())
    }
}

impl Stage<'_> {
    /// Loads a part's rows. How many there were.
    pub(super) fn part(&self, conn: &mut Conn, part: &[u8]) -> Result<u64, TransferError> {
        load::load(conn, self.0.stage(), self.0.table(), part, &mut |_| Ok(()))
    }
}
