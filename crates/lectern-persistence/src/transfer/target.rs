//! The database that rows are brought into.

use super::{
    archive::{About, TableHead, TableSum},
    arrived::{Arrived, check_parents},
    digest::{digest, digest_where},
    error::TransferError,
    inspect::{Inspection, inspect},
    known,
    load::{self, Watch},
    merge::{Merge, Merged, OnConflict},
    orphans,
    revision::{move_to, refuse_half, refuse_other_revision},
    shape::{Found, Table, quoted},
    snapshot::count,
};
#[cfg(feature = "postgres")]
use crate::{
    conn::postgres::{Until, lift_time_limits},
    error::DbError,
};
use crate::{
    conn::{Backend, Conn, with_conn},
    migrate::{self, Applied, Migrator, Revision, Session, Span, State, UpgradeOptions},
    repo::{
        self,
        copies::{self, CopiedRows},
    },
};
use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_types::Bool};
#[cfg(feature = "postgres")]
use std::time::Instant;

#[derive(QueryableByName)]
struct Exists {
    #[diesel(sql_type = Bool)]
    found: bool,
}

/// A database under the lock of migrations, in a transaction.
pub(crate) struct Target<'m> {
    migrator: &'m Migrator<'m>,
    session: Session,
    inspection: Inspection,
    /// Whether it had no rows.
    was_empty: bool,
    /// Whether each table's rows were counted before.
    before: Vec<(String, u64)>,
    /// What came into tables that had rows.
    arrived: Vec<Arrived>,
    /// What is to be known of a copy.
    copied: Vec<CopiedRows>,
}

/// A table that is being filled.
pub(crate) struct Load<'t> {
    table: &'t Table,
    /// None where its rows are left out.
    way: Option<Way>,
    merged: Merged,
}

enum Way {
    /// The table is empty.
    Direct,
    Merge(Box<Merge>, Arrived),
}

impl Load<'_> {
    pub(crate) fn name(&self) -> &str {
        &self.table.name
    }
}

impl<'m> Target<'m> {
    /// Takes the lock, begins the transaction, and takes an empty database to where the rows come from.
    pub(crate) fn begin(migrator: &'m Migrator<'m>, about: &About) -> Result<Self, TransferError> {
        let wanted = migrator.find_all(about)?;
        let mut session = Session::start(migrator.database(), migrator.patience(), Span::Whole)?;
        let history = migrator.history_of(session.conn())?;
        refuse_half(&history)?;
        let inspection = inspect(session.conn())?;
        lock(&mut session, migrator, &inspection)?;
        let was_empty = is_empty(session.conn(), &inspection)?;
        if was_empty {
            move_to(migrator, &mut session, &history, &wanted)?;
        } else {
            refuse_other_revision(migrator, &history, &wanted)?;
        }
        let inspection = inspect(session.conn())?;
        if was_empty {
            // What migrations inserted is in the archive, as it was there.
            for found in inspection.tables.iter().rev() {
                session.conn().batch_execute(&format!("DELETE FROM {}", quoted(&found.table.name)))?;
            }
        }
        let mut before = Vec::new();
        for found in &inspection.tables {
            let rows = if was_empty { 0 } else { count(session.conn(), &found.table.name)? };
            before.push((found.table.name.clone(), rows));
        }
        Ok(Self { migrator, session, inspection, was_empty, before, arrived: Vec::new(), copied: Vec::new() })
    }

    /// Whether it had no rows.
    pub(crate) fn was_empty(&self) -> bool {
        self.was_empty
    }

    /// Has the database keep what a copy left in it. Without that it is a copy of nothing.
    pub(crate) fn keep(&mut self, copied: Vec<CopiedRows>) {
        self.copied = copied;
    }

    /// Which backend it is on.
    pub(crate) fn backend(&self) -> Backend {
        self.migrator.database().backend()
    }

    /// The connection, inside the transaction.
    pub(crate) fn conn(&mut self) -> &mut Conn {
        self.session.conn()
    }

    /// What the catalogue says of the tables whose rows travel, those that are referred to first.
    pub(crate) fn tables(&self) -> &[Found] {
        &self.inspection.tables
    }

    /// What the catalogue says of a table.
    pub(crate) fn found(&self, name: &str) -> Option<&Found> {
        self.inspection.find(name)
    }

    /// Begins to fill a table.
    pub(crate) fn load<'t>(&mut self, head: &'t TableHead, policy: OnConflict, left_out: bool) -> Result<Load<'t>, TransferError> {
        let way = match self.inspection.find(&head.table.name) {
            _ if left_out => None,
            None => None,
            Some(_) if rows_before(&self.before, &head.table.name) == 0 => Some(Way::Direct),
            // Columns in the archive's order.
            Some(found) => {
                let found = Found { table: head.table.clone(), ..found.clone() };
                let arrived = Arrived::begin(self.session.conn(), self.arrived.len(), &found.table)?;
                let merge = Merge::begin(self.session.conn(), "lectern_stage".to_owned(), found, policy)?;
                Some(Way::Merge(Box::new(merge), arrived))
            }
        };
        Ok(Load { table: &head.table, way, merged: Merged::default() })
    }

    /// Fills in a part's rows. How many there were.
    pub(crate) fn part(&mut self, load: &mut Load<'_>, part: &[u8], watch: Watch<'_>) -> Result<u64, TransferError> {
        let Self { session, arrived: came, before, .. } = self;
        let conn = session.conn();
        match &load.way {
            None => {
                let parser = super::parse::Parser::new(load.table);
                let mut rows = 0;
                for line in super::verify::lines(part) {
                    watch(&parser.row(line)?)?;
                    rows += 1;
                }
                Ok(rows)
            }
            Some(Way::Direct) => {
                let rows = load::load(conn, &load.table.name, load.table, part, watch)?;
                load.merged.inserted += rows;
                Ok(rows)
            }
            Some(Way::Merge(merge, arrived)) => {
                let rows = merge.stage_part(conn, part, watch)?;
                check_parents(conn, merge.stage(), merge.found(), came, |table| rows_before(before, table) > 0)?;
                arrived.add(conn, merge.stage())?;
                let Merged { inserted, replaced, identical, skipped } = merge.settle(conn, rows)?;
                load.merged.inserted += inserted;
                load.merged.replaced += replaced;
                load.merged.identical += identical;
                load.merged.skipped += skipped;
                Ok(rows)
            }
        }
    }

    /// The table is filled.
    pub(crate) fn end(&mut self, load: Load<'_>) -> Result<(String, Merged), TransferError> {
        let conn = self.session.conn();
        match load.way {
            None => {}
            Some(Way::Direct) => {
                if let Some(found) = self.inspection.find(&load.table.name) {
                    let had_rows = |table: &str| rows_before(&self.before, table) > 0;
                    check_parents(conn, &load.table.name, found, &self.arrived, had_rows)?;
                }
            }
            Some(Way::Merge(merge, arrived)) => {
                merge.end(conn)?;
                arrived.end(conn)?;
                self.arrived.push(arrived);
            }
        }
        Ok((load.table.name.clone(), load.merged))
    }

    /// Reads what was written and compares its digests, which are those of the columns in the order in which the rows came.
    pub(crate) fn compare<'a>(
        &mut self,
        sums: impl Iterator<Item = (&'a Table, u64, &'a str)>,
        told: &mut dyn FnMut(&str, u64),
    ) -> Result<(), TransferError> {
        orphans::check_sqlite(self.session.conn(), &self.inspection)?;
        for (table, rows, sha256) in sums {
            let name = &table.name;
            let differs = |why: String| Err(TransferError::Differs { table: name.clone(), why });
            let sum = digest(self.session.conn(), table, &mut || told(name, 1))?;
            if sum.rows != rows {
                return differs(format!("it has {} rows of {rows}", sum.rows));
            }
            if sum.sha256 != sha256 {
                return differs("its rows have another digest".to_owned());
            }
        }
        Ok(())
    }

    /// The same of a database that had rows before: of these, how many there are is compared, and of the archive's, the digests, where all of them
    /// were taken over.
    pub(crate) fn compare_merged(&mut self, merged: &[(String, Merged)], sums: &[&TableSum]) -> Result<(), TransferError> {
        let conn = self.session.conn();
        orphans::check_sqlite(conn, &self.inspection)?;
        for (name, merged) in merged.iter().filter(|(name, _)| self.inspection.find(name).is_some()) {
            let differs = |why: String| Err(TransferError::Differs { table: name.clone(), why });
            let (rows, expected) = (count(conn, name)?, rows_before(&self.before, name) + merged.inserted);
            if rows != expected {
                return differs(format!("it has {rows} rows of {expected}"));
            }
            let Some(sum) = sums.iter().find(|sum| sum.head.table.name == *name).filter(|_| merged.skipped == 0) else { continue };
            let came = self.arrived.iter().find(|arrived| arrived.table() == name).map_or("TRUE".to_owned(), |arrived| arrived.has("t"));
            let there = digest_where(conn, &sum.head.table, &came, &mut || {})?;
            if (there.rows, &there.sha256) != (sum.head.rows, &sum.sha256) {
                return differs("the archive's rows do not stand there as they were".to_owned());
            }
        }
        Ok(())
    }

    /// Sets the numbers that are given next, gives the database a new id, upgrades it if asked to, and commits.
    pub(crate) fn finish<'a>(
        mut self,
        nexts: impl Iterator<Item = (&'a str, Option<i64>)>,
        upgrade: bool,
    ) -> Result<Vec<Applied>, TransferError> {
        repo::sequences::reset_own(self.session.conn())?;
        // A row that is gone does not lend its number to another one.
        let nexts = nexts.filter_map(|(table, next)| Some((table, next?)));
        repo::sequences::raise(self.session.conn(), &nexts.collect())?;
        let mut upgraded = Vec::new();
        let mut rest = false;
        if upgrade {
            let history = self.migrator.history_of(self.session.conn())?;
            let pending = history.iter().filter(|step| matches!(step.state, State::Pending | State::OutOfOrder));
            for step in pending {
                let Some(script) = self.migrator.script(&step.version).filter(|script| script.in_transaction) else {
                    // What can't be in a transaction comes after this one.
                    rest = true;
                    break;
                };
                let took = self.session.apply(script)?;
                upgraded.push(Applied::new(script, Some(took)));
            }
        }
        super::renew::renew(self.session.conn(), self.migrator)?;
        // Before the migration that makes the table, nothing is kept.
        if migrate::exists(self.session.conn(), known::COPIES)? {
            copies::replace(self.session.conn(), &self.copied)?;
        }
        self.session.finish().map_err(|error| match error.into() {
            TransferError::Lost(said) => TransferError::InDoubt(said),
            error => error,
        })?;
        if rest {
            let all = self.migrator.upgrade(&Revision::Head, UpgradeOptions::default());
            upgraded.extend(all.map_err(TransferError::Upgrade)?);
        }
        Ok(upgraded)
    }
}

/// How many rows a table had.
fn rows_before(before: &[(String, u64)], table: &str) -> u64 {
    before.iter().find(|(name, _)| name == table).map_or(0, |(_, rows)| *rows)
}

/// Keeps everybody else from writing until the end, so that what was compared stays as it was.
fn lock(session: &mut Session, migrator: &Migrator<'_>, inspection: &Inspection) -> Result<(), TransferError> {
    match session.conn() {
        #[cfg(feature = "postgres")]
        Conn::Pg(pg) => {
            let patience = migrator.patience();
            let tables = inspection.tables.iter().map(|found| found.table.name.as_str());
            let names = super::shape::list(tables);
            lift_time_limits(pg, Until::TransactionEnds)?;
            pg.batch_execute(&format!("SET LOCAL lock_timeout = {}", patience.as_millis().clamp(1, i32::MAX as u128)))?;
            if !names.is_empty() {
                let start = Instant::now();
                // The server's words for it depend on its language.
                pg.batch_execute(&format!("LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")).map_err(|error| match start.elapsed() {
                    waited if waited >= patience => TransferError::Db(DbError::InUse { waited }),
                    _ => error.into(),
                })?;
            }
            pg.batch_execute("SET LOCAL lock_timeout = 0")?;
        }
        // The transaction has the whole file.
        #[cfg(feature = "sqlite")]
        Conn::Sqlite(_) => {
            let _ = (migrator, inspection);
        }
    }
    Ok(())
}

fn is_empty(conn: &mut Conn, inspection: &Inspection) -> Result<bool, TransferError> {
    for found in &inspection.tables {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {}) AS found", quoted(&found.table.name));
        if with_conn!(&mut *conn, c => diesel::sql_query(sql).get_result::<Exists>(c))?.found {
            return Ok(false);
        }
    }
    Ok(true)
}
