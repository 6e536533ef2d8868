//! Bringing tables of an earlier copy up to date. All rows of a table that changed are loaded beside it first: what is to be removed shows only
//! when all of them are there.

use super::feed::feed;
use crate::transfer::{
    archive::TableHead,
    error::TransferError,
    load,
    merge::{Merge, OnConflict},
    shape::Found,
    snapshot::Snapshot,
    target::Target,
};
use std::collections::BTreeSet;

/// The tables that changed.
#[derive(Default)]
pub(super) struct Sync(Vec<Merge>);

impl Sync {
    /// Makes a place beside a table, and loads its rows there.
    pub(super) fn stage(
        &mut self,
        from: &mut Snapshot,
        to: &mut Target<'_>,
        head: &TableHead,
        told: &mut dyn FnMut(u64),
    ) -> Result<(), TransferError> {
        let found = to.found(&head.table.name).cloned();
        let found = found.ok_or_else(|| TransferError::Unfit(format!("the database has no table {}", head.table.name)))?;
        let found = Found { table: head.table.clone(), ..found };
        let merge = Merge::begin(to.conn(), format!("lectern_stage_{}", self.0.len()), found, OnConflict::Replace)?;
        feed(&mut from.conn, &head.table, |part| {
            told(load::load(to.conn(), merge.stage(), merge.table(), part, &mut |_| Ok(()))?);
            Ok(())
        })?;
        merge.loaded(to.conn())?;
        self.0.push(merge);
        Ok(())
    }

    /// Removes the rows whose unique values others have in the source, with all that refer to them. The names of the other tables that may have lost rows by
    /// that: they need a place too.
    pub(super) fn make_room(&self, to: &mut Target<'_>) -> Result<Vec<String>, TransferError> {
        let tables = to.tables().to_vec();
        let mut touched = BTreeSet::new();
        for merge in &self.0 {
            let name = &merge.table().name;
            let children = tables.iter().flat_map(|found| found.references.iter().map(|reference| (found.table.name.as_str(), reference)));
            let children: Vec<_> = children.filter(|(_, reference)| reference.parent == *name).collect();
            if merge.remove_blocking(to.conn(), &children)? {
                touched.insert(name.as_str());
            }
        }
        // Those that are referred to come first.
        for found in &tables {
            if found.references.iter().any(|reference| touched.contains(reference.parent.as_str())) {
                touched.insert(&found.table.name);
            }
        }
        let has_place = |name: &str| self.0.iter().any(|merge| merge.table().name == name);
        Ok(touched.into_iter().filter(|name| !has_place(name)).map(str::to_owned).collect())
    }

    /// Takes everything over. The rows that are gone in the source go last, when nothing refers to them any more.
    pub(super) fn apply(mut self, to: &mut Target<'_>) -> Result<(), TransferError> {
        self.0.sort_by_key(|merge| to.tables().iter().position(|found| found.table.name == merge.table().name));
        let conn = to.conn();
        for merge in &self.0 {
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
