//! One consistent look at a database, for as long as it takes.

use super::{
    archive::{About, FORMAT, MigrationOf, Model, TableHead, VERSION, WITHOUT_VECTORS},
    error::TransferError,
    inspect::{Inspection, inspect},
    known,
    shape::{Table, list},
};
#[cfg(feature = "postgres")]
use crate::conn::postgres::{Until, lift_time_limits};
use crate::{
    conn::{Backend, Conn, Purpose, with_conn},
    database::Database,
    error::DbError,
    migrate::{self, State},
    repo::sequences,
};
use diesel::{
    QueryableByName, RunQueryDsl,
    connection::AnsiTransactionManager,
    sql_types::{BigInt, Integer, Text},
};

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

#[derive(QueryableByName)]
struct Rows {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

#[derive(QueryableByName)]
struct ModelRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    revision: String,
    #[diesel(sql_type = Integer)]
    dimensions: i32,
}

/// A read-only transaction on a connection of its own, and what its catalogue said.
pub(crate) struct Snapshot {
    pub(crate) conn: Conn,
    pub(crate) inspection: Inspection,
}

impl Snapshot {
    /// Begins it. On PostgreSQL no table can be changed in its shape until it ends; rows can.
    pub(crate) fn open(database: &Database) -> Result<Self, TransferError> {
        Self::begin(database, true)
    }

    /// The same while there is an earlier one. Whoever waits to change a table waits for that one's end, and is not waited for here: nobody would go on.
    pub(crate) fn open_beside_another(database: &Database) -> Result<Self, TransferError> {
        Self::begin(database, false)
    }

    #[cfg_attr(not(feature = "postgres"), expect(unused_variables, reason = "nobody locks tables on SQLite"))]
    fn begin(database: &Database, waits: bool) -> Result<Self, TransferError> {
        let mut conn = database.dedicated(Purpose::Read)?;
        match &mut conn {
            #[cfg(feature = "postgres")]
            Conn::Pg(pg) => lift_time_limits(pg, Until::SessionEnds)?,
            #[cfg(feature = "sqlite")]
            Conn::Sqlite(_) => {}
        }
        #[cfg(feature = "postgres")]
        let before = inspect(&mut conn)?;
        match &mut conn {
            #[cfg(feature = "postgres")]
            Conn::Pg(pg) => {
                use diesel::connection::SimpleConnection as _;
                AnsiTransactionManager::begin_transaction_sql(pg, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
                // Before the first query, which takes the snapshot: what is locked looks as it does now.
                let names = list(before.tables.iter().map(|found| found.table.name.as_str()));
                if !names.is_empty() {
                    let or_not = if waits { "" } else { " NOWAIT" };
                    pg.batch_execute(&format!("LOCK TABLE {names} IN ACCESS SHARE MODE{or_not}"))?;
                }
            }
            #[cfg(feature = "sqlite")]
            Conn::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN")?,
        }
        let inspection = inspect(&mut conn)?;
        Ok(Self { conn, inspection })
    }

    /// What the snapshot is of.
    pub(crate) fn about(&mut self, without_vectors: bool) -> Result<About, TransferError> {
        let backend = self.conn.backend();
        let sql = match backend {
            Backend::Postgres => "SELECT current_setting('server_version') AS version",
            Backend::Sqlite => "SELECT sqlite_version() AS version",
        };
        let Version { version } = with_conn!(&mut self.conn, c => diesel::sql_query(sql).get_result(c))?;
        let models: Vec<ModelRow> = if self.inspection.find("embedding_models").is_some() {
            let sql = "SELECT name, revision, dimensions FROM embedding_models ORDER BY id";
            with_conn!(&mut self.conn, c => diesel::sql_query(sql).load(c))?
        } else {
            Vec::new()
        };
        Ok(About {
            format: FORMAT.to_owned(),
            version: VERSION,
            application: env!("CARGO_PKG_VERSION").to_owned(),
            backend: backend.as_str().to_owned(),
            backend_version: version,
            created_at: chrono::Utc::now(),
            migrations: applied(&mut self.conn)?,
            without: if without_vectors { vec![WITHOUT_VECTORS.to_owned()] } else { Vec::new() },
            models: models.into_iter().map(|ModelRow { name, revision, dimensions }| Model { name, revision, dimensions }).collect(),
        })
    }

    /// The tables with their rows counted.
    pub(crate) fn tables(&mut self, without_vectors: bool) -> Result<Vec<TableHead>, TransferError> {
        let tables = self.inspection.tables.iter().filter(|found| !(without_vectors && found.table.name == known::VECTORS));
        let tables: Vec<Table> = tables.map(|found| found.table.clone()).collect();
        // Counters of others may not even be read.
        let nexts = sequences::nexts(&mut self.conn, |name| tables.iter().any(|table| table.name == name))?;
        tables
            .into_iter()
            .map(|table| {
                let rows = count(&mut self.conn, &table.name)?;
                let next = nexts.get(&table.name).copied();
                Ok(TableHead { table, rows, next })
            })
            .collect()
    }
}

/// How many rows a table has.
pub(crate) fn count(conn: &mut Conn, table: &str) -> Result<u64, DbError> {
    let sql = format!("SELECT count(*) AS rows FROM {}", list([table]));
    let Rows { rows } = with_conn!(conn, c => diesel::sql_query(sql).get_result(c))?;
    Ok(u64::try_from(rows).unwrap_or_default())
}

/// The migrations that are applied, in order; none of them stopped half-way.
fn applied(conn: &mut Conn) -> Result<Vec<MigrationOf>, TransferError> {
    let mut all = Vec::new();
    for step in migrate::history_on(conn)? {
        if step.state == State::HalfApplied {
            return Err(DbError::HalfApplied { name: step.name }.into());
        }
        if step.state.is_applied() {
            all.push(MigrationOf { version: step.version, name: step.name, sha256: step.checksum.unwrap_or_default() });
        }
    }
    Ok(all)
}
