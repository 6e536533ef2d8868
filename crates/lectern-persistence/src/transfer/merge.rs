//! Writing rows into a table that has rows: they are loaded beside it, compared with it, and then taken over.

use super::{
    error::TransferError,
    identity::Identity,
    line::cut,
    load::{self, Watch, refused},
    shape::{Column, Found, Kind, Reference, Table, quoted},
};
use crate::conn::{Backend, Conn, with_conn};
use diesel::{
    QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_types::{BigInt, Text},
};

/// What is done with a row whose key the target has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnConflict {
    /// Nothing is restored.
    #[default]
    Error,
    /// Nothing is restored, unless the rows are the same.
    SkipIdentical,
    /// The target's row stays.
    Skip,
    /// The archive's row takes its place.
    Replace,
}

/// What became of a table's rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Merged {
    /// Rows that the target did not have.
    pub inserted: u64,
    /// Rows that took the place of others.
    pub replaced: u64,
    /// Rows that were there already, the same.
    pub identical: u64,
    /// Rows that were there already, others, and stayed.
    pub skipped: u64,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    present: i64,
    #[diesel(sql_type = BigInt)]
    differing: i64,
    #[diesel(sql_type = BigInt)]
    others: i64,
}

#[derive(QueryableByName)]
struct Pair {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    other: String,
}

/// Two things with one key.
#[derive(QueryableByName)]
struct Others {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    here: String,
    #[diesel(sql_type = Text)]
    archived: String,
}

/// How many pairs of things with one key are told.
const TOLD: usize = 3;

/// A table with rows, and the place beside it.
pub(crate) struct Merge {
    /// The table beside the target's.
    stage: String,
    found: Found,
    identity: Identity,
    policy: OnConflict,
    backend: Backend,
}

impl Merge {
    /// Makes the place beside the table. It is gone with the transaction or the session.
    pub(crate) fn begin(conn: &mut Conn, stage: String, found: Found, policy: OnConflict) -> Result<Self, TransferError> {
        let table = quoted(&found.table.name);
        let backend = conn.backend();
        let columns = found.table.column_list();
        conn.batch_execute(&match backend {
            Backend::Postgres => {
                format!("CREATE TEMP TABLE {stage} ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA")
            }
            Backend::Sqlite => format!("CREATE TEMP TABLE {stage} AS SELECT {columns} FROM {table} WHERE FALSE"),
        })?;
        match conn {
            #[cfg(feature = "postgres")]
            Conn::Pg(_) => {}
            #[cfg(feature = "sqlite")]
            Conn::Sqlite(sqlite) => super::canonical::register(sqlite)?,
        }
        let identity = Identity::of(&found);
        Ok(Self { stage, found, identity, policy, backend })
    }

    /// Loads a part's rows beside the table. How many there are.
    pub(crate) fn stage_part(&self, conn: &mut Conn, part: &[u8], watch: Watch<'_>) -> Result<u64, TransferError> {
        load::load(conn, &self.stage, &self.found.table, part, watch)
    }

    /// Takes over the rows beside the table, so many, as the policy says.
    pub(crate) fn settle(&self, conn: &mut Conn, rows: u64) -> Result<Merged, TransferError> {
        let Counted { present, differing, others } = self.count(conn)?;
        if others > 0 {
            return Err(self.others(conn)?);
        }
        let (present, differing) = (u64::try_from(present).unwrap_or_default(), u64::try_from(differing).unwrap_or_default());
        match self.policy {
            OnConflict::Error if present > 0 => {
                return Err(self.conflict(conn, &self.same_key(), "the database has a row with this key")?);
            }
            OnConflict::SkipIdentical if differing > 0 => {
                let and_differs = format!("{} AND ({})", self.same_key(), self.differs());
                return Err(self.conflict(conn, &and_differs, "the database has another row with this key")?);
            }
            OnConflict::Skip | OnConflict::SkipIdentical => {
                let sql =
                    format!("DELETE FROM {} AS s WHERE EXISTS (SELECT 1 FROM {} t WHERE {})", self.stage, self.name(), self.same_key());
                conn.batch_execute(&sql)?;
            }
            OnConflict::Error | OnConflict::Replace => {}
        }
        self.take_over(conn)?;
        conn.batch_execute(&match self.backend {
            Backend::Postgres => format!("TRUNCATE {}", self.stage),
            Backend::Sqlite => format!("DELETE FROM {}", self.stage),
        })?;
        let inserted = rows - present;
        Ok(match self.policy {
            OnConflict::Replace => Merged { inserted, replaced: differing, identical: present - differing, skipped: 0 },
            _ => Merged { inserted, replaced: 0, identical: present - differing, skipped: differing },
        })
    }

    /// There are no more rows of this table.
    pub(crate) fn end(self, conn: &mut Conn) -> Result<(), TransferError> {
        Ok(conn.batch_execute(&format!("DROP TABLE {}", self.stage))?)
    }

    /// The name of the place beside the table.
    pub(crate) fn stage(&self) -> &str {
        &self.stage
    }

    /// The table.
    pub(crate) fn table(&self) -> &Table {
        &self.found.table
    }

    /// What the catalogue says of it.
    pub(crate) fn found(&self) -> &Found {
        &self.found
    }

    /// Everything is beside the table: what follows looks rows up there.
    pub(crate) fn loaded(&self, conn: &mut Conn) -> Result<(), TransferError> {
        let Self { stage, found, .. } = self;
        match self.backend {
            Backend::Postgres => conn.batch_execute(&format!("ANALYZE {stage}"))?,
            Backend::Sqlite => {
                for (at, columns) in found.uniques.iter().chain([&found.table.key]).enumerate() {
                    let columns = super::shape::list(columns.iter().map(String::as_str));
                    conn.batch_execute(&format!("CREATE INDEX temp.{stage}_{at} ON {stage} ({columns})"))?;
                }
            }
        }
        Ok(())
    }

    /// Removes the rows whose unique values another row beside the table has, and what refers to them, which is in `children`. Whether there were any.
    pub(crate) fn remove_blocking(&self, conn: &mut Conn, children: &[(&str, &Reference)]) -> Result<bool, TransferError> {
        let mut removed = 0;
        for unique in &self.found.uniques {
            let in_the_way = format!("EXISTS (SELECT 1 FROM {} s WHERE {} AND NOT ({}))", self.stage, equal(unique), self.same_key());
            for (child, reference) in children {
                let pairs = reference.columns.iter().zip(&reference.parent_columns);
                let same: Vec<String> = pairs.map(|(child, parent)| format!("c.{} = t.{}", quoted(child), quoted(parent))).collect();
                let sql = format!(
                    "DELETE FROM {} AS c WHERE EXISTS (SELECT 1 FROM {} t WHERE {} AND {in_the_way})",
                    quoted(child),
                    self.name(),
                    same.join(" AND ")
                );
                conn.batch_execute(&sql)?;
            }
            let sql = format!("DELETE FROM {} AS t WHERE {in_the_way}", self.name());
            removed += with_conn!(&mut *conn, c => diesel::sql_query(sql).execute(c))?;
        }
        Ok(removed > 0)
    }

    /// Takes over the rows beside the table.
    pub(crate) fn take_over(&self, conn: &mut Conn) -> Result<(), TransferError> {
        self.check_uniques(conn)?;
        let insert = self.insert();
        with_conn!(conn, c => diesel::sql_query(insert).execute(c)).map_err(|error| refused(&self.found.table.name, error))?;
        Ok(())
    }

    /// Removes the rows that are not among those beside the table.
    pub(crate) fn remove_absent(&self, conn: &mut Conn) -> Result<(), TransferError> {
        let sql = format!("DELETE FROM {} AS t WHERE NOT EXISTS (SELECT 1 FROM {} s WHERE {})", self.name(), self.stage, self.same_key());
        Ok(conn.batch_execute(&sql)?)
    }

    fn name(&self) -> String {
        quoted(&self.found.table.name)
    }

    fn same_key(&self) -> String {
        equal(&self.found.table.key)
    }

    /// Whether two rows of one key are not the same.
    fn differs(&self) -> String {
        let differs = |column: &Column| {
            let name = quoted(&column.name);
            // SQLite keeps documents as they were spelled.
            let side = |side: &str| match (self.backend, column.kind) {
                (Backend::Sqlite, Kind::Json) => format!("lectern_canonical_json({side}.{name})"),
                _ => format!("{side}.{name}"),
            };
            format!("{} IS DISTINCT FROM {}", side("s"), side("t"))
        };
        let all: Vec<String> = self.found.table.beside_key().map(differs).collect();
        if all.is_empty() { "FALSE".to_owned() } else { all.join(" OR ") }
    }

    fn count(&self, conn: &mut Conn) -> Result<Counted, TransferError> {
        let sql = format!(
            "SELECT count(*) AS present, {} AS differing, {} AS others FROM {} s JOIN {} t ON {}",
            counted(&self.differs()),
            counted(&format!("NOT {}", self.identity.same())),
            self.stage,
            self.name(),
            self.same_key()
        );
        Ok(with_conn!(conn, c => diesel::sql_query(sql).get_result(c))?)
    }

    /// Whatever is to be done with rows that meet: what refers to one of two things is not to be found below the other one.
    fn others(&self, conn: &mut Conn) -> Result<TransferError, TransferError> {
        let table = &self.found.table;
        let telling = self.identity.telling(table);
        let told = |side: &str| match telling.as_slice() {
            [] => "'something else'".to_owned(),
            telling => spelled(telling, side, self.backend),
        };
        let sql = format!(
            "SELECT {} AS name, {} AS here, {} AS archived FROM {} s JOIN {} t ON {} WHERE NOT {} ORDER BY {} LIMIT {}",
            shown(table, "s", self.backend),
            told("t"),
            told("s"),
            self.stage,
            self.name(),
            self.same_key(),
            self.identity.same(),
            table.key.iter().map(|name| format!("s.{}", quoted(name))).collect::<Vec<_>>().join(", "),
            TOLD + 1
        );
        let pairs: Vec<Others> = with_conn!(conn, c => diesel::sql_query(sql).load(c))?;
        let more = pairs.len() > TOLD;
        let told = pairs.into_iter().take(TOLD).map(|Others { name, here, archived }| {
            format!("{} is {} in the database and {} in the archive", cut(name), cut(here), cut(archived))
        });
        Ok(TransferError::OtherThings { table: table.name.clone(), told: told.collect(), more })
    }

    /// A unique constraint beside the key: the database would only name it, and a row that is left out for it would be lost unseen.
    fn check_uniques(&self, conn: &mut Conn) -> Result<(), TransferError> {
        for unique in &self.found.uniques {
            let on = format!("{} AND NOT ({})", equal(unique), self.same_key());
            let why = format!("the database has another row with the same {}", unique.join(", "));
            if let Some(error) = self.pair(conn, &on, &why)? {
                return Err(error);
            }
        }
        Ok(())
    }

    /// The first of the rows that meet another one.
    fn conflict(&self, conn: &mut Conn, on: &str, why: &str) -> Result<TransferError, TransferError> {
        let unknown = || TransferError::Unfit(format!("rows of {} meet others", self.found.table.name));
        Ok(self.pair(conn, on, why)?.unwrap_or_else(unknown))
    }

    fn pair(&self, conn: &mut Conn, on: &str, why: &str) -> Result<Option<TransferError>, TransferError> {
        let table = &self.found.table;
        let sql = format!(
            "SELECT {} AS name, {} AS other FROM {} s JOIN {} t ON {on} LIMIT 1",
            shown(table, "s", self.backend),
            shown(table, "t", self.backend),
            self.stage,
            self.name()
        );
        let pairs: Vec<Pair> = with_conn!(conn, c => diesel::sql_query(sql).load(c))?;
        Ok(pairs.into_iter().next().map(|Pair { name, other }| {
            let (row, other) = (cut(name), cut(other));
            let why = if row == other { why.to_owned() } else { format!("{why}: {other}") };
            TransferError::Conflict { table: table.name.clone(), row, why }
        }))
    }

    fn insert(&self) -> String {
        let table = &self.found.table;
        let columns = table.column_list();
        // Without WHERE, SQLite takes ON for that of a join.
        let insert = format!("INSERT INTO {} ({columns}) SELECT {columns} FROM {} WHERE TRUE", self.name(), self.stage);
        if self.policy != OnConflict::Replace {
            return insert;
        }
        let set: Vec<String> = table.beside_key().map(|column| format!("{0} = excluded.{0}", quoted(&column.name))).collect();
        let key = super::shape::list(table.key.iter().map(String::as_str));
        let then = if set.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", set.join(", ")) };
        format!("{insert} ON CONFLICT ({key}) DO {then}")
    }
}

/// Whether `s` and `t` have the same values in these columns.
fn equal(columns: &[String]) -> String {
    columns.iter().map(|column| format!("s.{0} = t.{0}", quoted(column))).collect::<Vec<_>>().join(" AND ")
}

/// How many rows meet a condition.
fn counted(condition: &str) -> String {
    format!("CAST(coalesce(sum(CASE WHEN {condition} THEN 1 ELSE 0 END), 0) AS bigint)")
}

/// The key of a row as people read it.
pub(crate) fn shown(table: &Table, side: &str, backend: Backend) -> String {
    let columns: Vec<&Column> = table.key_positions().into_iter().map(|at| &table.columns[at]).collect();
    spelled(&columns, side, backend)
}

/// Columns of a row as people read them.
fn spelled(columns: &[&Column], side: &str, backend: Backend) -> String {
    let parts = columns.iter().map(|Column { name, kind }| {
        let column = format!("{side}.{}", quoted(name));
        let text = match (backend, kind) {
            (Backend::Sqlite, Kind::Uuid | Kind::Bytes) => format!("lower(hex({column}))"),
            (Backend::Postgres, Kind::Bytes) => format!("encode({column}, 'hex')"),
            _ => format!("CAST({column} AS text)"),
        };
        format!("'{} ' || coalesce({text}, 'NULL')", name.replace('\'', "''"))
    });
    parts.collect::<Vec<_>>().join(" || ', ' || ")
}
