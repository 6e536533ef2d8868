//! The tables of a database, as its catalogue tells them.

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use super::{
    error::TransferError,
    known::{self, Fate},
    shape::Found,
};
use crate::conn::Conn;
use std::collections::BTreeSet;

/// What there is in a database.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inspection {
    /// The tables whose rows travel, those that are referred to before those that refer to them.
    pub(crate) tables: Vec<Found>,
    /// Tables that are none of Lectern's.
    pub(crate) foreign: Vec<String>,
}

impl Inspection {
    /// Finds a table.
    pub(crate) fn find(&self, name: &str) -> Option<&Found> {
        self.tables.iter().find(|found| found.table.name == name)
    }
}

/// Reads the catalogue.
pub(crate) fn inspect(conn: &mut Conn) -> Result<Inspection, TransferError> {
    let all = match conn {
        #[cfg(feature = "postgres")]
        Conn::Pg(pg) => postgres::tables(pg)?,
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(sqlite) => sqlite::tables(sqlite)?,
    };
    let mut inspection = Inspection::default();
    for name in all.into_iter().filter(|name| !name.starts_with("__")) {
        let Some(known) = known::find(&name) else {
            inspection.foreign.push(name);
            continue;
        };
        if known.fate == Fate::Left {
            continue;
        }
        let found = match conn {
            #[cfg(feature = "postgres")]
            Conn::Pg(pg) => postgres::table(pg, &name)?,
            #[cfg(feature = "sqlite")]
            Conn::Sqlite(sqlite) => sqlite::table(sqlite, known)?,
        };
        if found.table.key.is_empty() {
            return Err(TransferError::Unfit(format!("the table {name} has no primary key")));
        }
        inspection.tables.push(found);
    }
    inspection.tables = ordered(inspection.tables)?;
    Ok(inspection)
}

/// Those that are referred to come first; of several that could come next, the first by name.
fn ordered(tables: Vec<Found>) -> Result<Vec<Found>, TransferError> {
    let mut waiting: Vec<Found> = tables;
    waiting.sort_by(|a, b| a.table.name.cmp(&b.table.name));
    let (mut done, mut all) = (Vec::with_capacity(waiting.len()), BTreeSet::new());
    let names: BTreeSet<String> = waiting.iter().map(|found| found.table.name.clone()).collect();
    while !waiting.is_empty() {
        let ready = waiting.iter().position(|found| {
            found.references.iter().all(|to| all.contains(&to.parent) || to.parent == found.table.name || !names.contains(&to.parent))
        });
        let Some(at) = ready else {
            let names: Vec<&str> = waiting.iter().map(|found| found.table.name.as_str()).collect();
            return Err(TransferError::Unfit(format!("the tables {} refer to each other in a circle", names.join(", "))));
        };
        let next = waiting.remove(at);
        all.insert(next.table.name.clone());
        done.push(next);
    }
    Ok(done)
}
