//! What a copy leaves in its target, beside the rows: which database they came from, and each table's digest. Only who finds the target as a copy of
//! the same source left it may take rows away from it.

use crate::{
    Database,
    conn::Conn,
    migrate,
    repo::{
        copies::{self, CopiedRows},
        installation,
    },
    transfer::{
        archive::TableHead,
        digest::digest,
        error::TransferError,
        known::{COPIES, INSTALLATION},
        line::Sum,
        target::Target,
    },
};
use chrono::{DateTime, Utc};
use lectern_domain::ids::InstallationId;

/// The id of a database; none before the migration that makes the table of it.
pub(super) fn id(conn: &mut Conn) -> Result<Option<InstallationId>, TransferError> {
    if migrate::exists(conn, INSTALLATION)? { Ok(Some(installation::id(conn)?)) } else { Ok(None) }
}

/// Refuses to copy a database into itself.
pub(super) fn refuse_same(source: Option<InstallationId>, target: &Database) -> Result<(), TransferError> {
    match source {
        Some(source) if target.read(id)? == Some(source) => Err(TransferError::SameDatabase { id: source.to_string() }),
        _ => Ok(()),
    }
}

/// What an earlier copy of the source left in the target, which has rows.
pub(super) fn find(to: &mut Target<'_>, source: Option<InstallationId>) -> Result<Vec<CopiedRows>, TransferError> {
    let all = if migrate::exists(to.conn(), COPIES)? { copies::list(to.conn())? } else { Vec::new() };
    match all.first() {
        Some(first) if Some(first.origin) == source => Ok(all),
        Some(first) => {
            Err(TransferError::NotACopy(format!("its rows were copied {} from another database, {}", told(first.at), first.origin)))
        }
        None => Err(TransferError::NotACopy("there is no record of a copy into it".to_owned())),
    }
}

/// The digests of the target's tables, in the order of `heads`: each must be what the copy left.
pub(super) fn refuse_written(to: &mut Target<'_>, heads: &[&TableHead], left: &[CopiedRows]) -> Result<Vec<Sum>, TransferError> {
    let mut tables = Vec::new();
    let mut sums = Vec::with_capacity(heads.len());
    for head in heads {
        let name = &head.table.name;
        let sum = digest(to.conn(), &head.table, &mut || {})?;
        let was = left.iter().find(|left| left.table == *name);
        // A table that came later is LangGraph's.
        if was.map_or(sum.rows > 0, |was| (was.rows, &was.sha256) != (sum.rows, &sum.sha256)) {
            tables.push(name.clone());
        }
        sums.push(sum);
    }
    match left.iter().map(|left| left.at).max() {
        Some(at) if !tables.is_empty() => Err(TransferError::WrittenTo { at: told(at), tables }),
        _ => Ok(sums),
    }
}

/// What is left now: the sums of the tables that were copied. What an earlier copy left in others is as it was; without one they are empty.
pub(super) fn make(
    to: &mut Target<'_>,
    origin: InstallationId,
    copied: &[(&str, &Sum)],
    earlier: Vec<CopiedRows>,
) -> Result<Vec<CopiedRows>, TransferError> {
    let at = Utc::now();
    let left = |table: &str, sum: &Sum| CopiedRows { table: table.to_owned(), rows: sum.rows, sha256: sum.sha256.clone(), origin, at };
    let mut all: Vec<CopiedRows> = copied.iter().map(|(table, sum)| left(table, sum)).collect();
    all.extend(earlier.into_iter().filter(|earlier| !copied.iter().any(|(table, _)| *table == earlier.table)));
    if to.was_empty() {
        for found in to.tables().to_vec() {
            if !all.iter().any(|left| left.table == found.table.name) {
                let sum = digest(to.conn(), &found.table, &mut || {})?;
                all.push(left(&found.table.name, &sum));
            }
        }
    }
    Ok(all)
}

fn told(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}
