//! What comes and what there is, compared before any row is written.

use super::{
    archive::{Header, TableHead},
    error::TransferError,
    known::{self, Fate},
    shape::Table,
    target::Target,
};
use crate::conn::Backend;

impl Target<'_> {
    /// Compares the tables that come with those that there are. The names of those whose rows are to be left out.
    pub(crate) fn expect(&self, header: &Header, without_checkpoints: bool) -> Result<Vec<String>, TransferError> {
        let here = self.backend();
        let mut left_out = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for TableHead { table, rows, .. } in &header.tables {
            let is_of_backend = known::find(&table.name).is_some_and(|known| known.fate == Fate::OfBackend);
            if is_of_backend {
                let of_another = header.about.backend != here.as_str();
                // Who made them may have been LangGraph, before the migration that does.
                let is_missing = self.found(&table.name).is_none();
                if *rows > 0 && !without_checkpoints && (of_another || is_missing) {
                    let why = if of_another {
                        "which its saver for the other backend cannot read"
                    } else {
                        "which this revision has no table for"
                    };
                    return Err(TransferError::Unfit(format!(
                        "{rows} rows of {} are checkpoints of LangGraph's saver for {}, {why}: leave them out with --without-checkpoints",
                        table.name, header.about.backend
                    )));
                }
                if without_checkpoints || of_another || is_missing {
                    left_out.push(table.name.clone());
                    continue;
                }
            }
            let Some(found) = self.found(&table.name) else {
                return Err(TransferError::Unfit(format!("the archive has a table {} that the database does not have", table.name)));
            };
            match compare(table, &found.table, here) {
                Ok(()) => {}
                // Each version of LangGraph's savers adds columns of its own, at the end of its own tables.
                Err(_) if is_of_backend && *rows == 0 => {
                    left_out.push(table.name.clone());
                    continue;
                }
                Err(what) if is_of_backend => {
                    return Err(TransferError::Unfit(format!(
                        "{what}, which LangGraph's saver keeps checkpoints in: have its `setup()` bring both databases to one version, or leave them out with \
                         --without-checkpoints"
                    )));
                }
                Err(what) => return Err(TransferError::Unfit(format!("{what}: compare the database with `lectern db check`"))),
            }
            if let Some(parent) = found.references.iter().find(|to| {
                header.tables.iter().any(|head| head.table.name == to.parent)
                    && !seen.contains(&to.parent.as_str())
                    && to.parent != table.name
            }) {
                return Err(TransferError::Damaged(format!("its rows of {} come before those of {}", table.name, parent.parent)));
            }
            seen.push(&table.name);
        }
        Ok(left_out)
    }
}

/// The columns that come must be the columns that there are, in any order. What differs.
fn compare(archived: &Table, found: &Table, here: Backend) -> Result<(), String> {
    let name = &archived.name;
    for column in &archived.columns {
        let Some(there) = found.position(&column.name).map(|at| found.columns[at].kind) else {
            return Err(format!("the rows that come have a column {name}.{} that the database does not have", column.name));
        };
        // SQLite's catalogue does not tell all kinds apart.
        if there != column.kind && here == Backend::Postgres {
            return Err(format!("{name}.{} is {there} in the database and {} in the rows that come", column.name, column.kind));
        }
    }
    match found.columns.iter().find(|column| archived.position(&column.name).is_none()) {
        Some(column) => Err(format!("the database has a column {name}.{} that the rows that come do not have", column.name)),
        None if archived.key != found.key => Err(format!("{name} has another primary key where the rows come from")),
        None => Ok(()),
    }
}
