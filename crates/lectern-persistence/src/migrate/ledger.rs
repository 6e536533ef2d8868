//! The ledger: a row for every migration that was applied, with its checksum and the script that reverts it, so that an edited script is
//! noticed and an older program can roll a newer schema back. It stands beside Diesel's own table of versions.

use super::script::Script;
use crate::{
    conn::{Backend, Conn, with_conn},
    error::DbError,
    schema::schema_ledger,
    types::Timestamp,
};
use chrono::{DateTime, Utc};
use diesel::{
    ExpressionMethods, Insertable, QueryDsl, Queryable, QueryableByName, RunQueryDsl, Selectable, SelectableHelper,
    connection::SimpleConnection,
    migration::CREATE_MIGRATIONS_TABLE,
    sql_types::{Bool, Text},
};
use std::{collections::BTreeMap, time::Duration};

const CREATE_POSTGRES: &str = "CREATE TABLE IF NOT EXISTS __lectern_schema_migrations (
    version TEXT NOT NULL CONSTRAINT __lectern_schema_migrations_pkey PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    down_script TEXT NOT NULL,
    in_transaction BOOLEAN NOT NULL,
    state TEXT NOT NULL CONSTRAINT __lectern_schema_migrations_state_check CHECK (state IN ('running', 'applied')),
    applied_at TIMESTAMPTZ NOT NULL,
    milliseconds BIGINT,
    application TEXT NOT NULL
)";

const CREATE_SQLITE: &str = "CREATE TABLE IF NOT EXISTS __lectern_schema_migrations (
    version TEXT NOT NULL CONSTRAINT __lectern_schema_migrations_pkey PRIMARY KEY,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    down_script TEXT NOT NULL,
    in_transaction BOOLEAN NOT NULL,
    state TEXT NOT NULL CONSTRAINT __lectern_schema_migrations_state_check CHECK (state IN ('running', 'applied')),
    applied_at TEXT NOT NULL,
    milliseconds BIGINT,
    application TEXT NOT NULL
)";

const RUNNING: &str = "running";
const APPLIED: &str = "applied";

/// A row.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, diesel::AsChangeset)]
#[diesel(table_name = schema_ledger)]
pub(super) struct LedgerRow {
    pub(super) version: String,
    pub(super) name: String,
    pub(super) checksum: String,
    pub(super) down_script: String,
    pub(super) in_transaction: bool,
    state: String,
    applied_at: Timestamp,
    milliseconds: Option<i64>,
    pub(super) application: String,
}

impl LedgerRow {
    /// What is written before a migration that runs outside a transaction: found later, it says that the migration stopped half-way.
    pub(super) fn running(script: &Script) -> Self {
        Self {
            version: script.version.clone(),
            name: script.name.clone(),
            checksum: script.checksum(),
            down_script: script.down.clone(),
            in_transaction: script.in_transaction,
            state: RUNNING.to_owned(),
            applied_at: Timestamp::now(),
            milliseconds: None,
            application: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// What is written with a migration; without a duration where it is only said to be applied.
    pub(super) fn applied(script: &Script, took: Option<Duration>) -> Self {
        let milliseconds = took.map(|took| i64::try_from(took.as_millis()).unwrap_or(i64::MAX));
        Self { state: APPLIED.to_owned(), milliseconds, ..Self::running(script) }
    }

    pub(super) fn is_running(&self) -> bool {
        self.state == RUNNING
    }

    pub(super) fn applied_at(&self) -> DateTime<Utc> {
        self.applied_at.into()
    }

    pub(super) fn took(&self) -> Option<Duration> {
        self.milliseconds.and_then(|milliseconds| u64::try_from(milliseconds).ok()).map(Duration::from_millis)
    }
}

/// What a database says was done to it.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    /// The versions that Diesel's table has.
    pub(super) versions: Vec<String>,
    /// The rows of the ledger, by version.
    pub(super) rows: BTreeMap<String, LedgerRow>,
}

impl Recorded {
    /// Whether a version is applied, or was begun.
    pub(super) fn has(&self, version: &str) -> bool {
        self.versions.iter().any(|one| one == version) || self.rows.contains_key(version)
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Whether there is such a table.
pub(crate) fn exists(conn: &mut Conn, table: &str) -> Result<bool, DbError> {
    let sql = match conn.backend() {
        Backend::Postgres => "SELECT to_regclass($1) IS NOT NULL AS found",
        Backend::Sqlite => "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1) AS found",
    };
    Ok(with_conn!(conn, c => diesel::sql_query(sql).bind::<Text, _>(table).get_result::<Found>(c))?.found)
}

/// Reads what was recorded, and makes nothing.
pub(super) fn read(conn: &mut Conn) -> Result<Recorded, DbError> {
    let mut recorded = Recorded::default();
    if exists(conn, "__diesel_schema_migrations")? {
        let versions = diesel::sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY version");
        let versions: Vec<Version> = with_conn!(&mut *conn, c => versions.load(c))?;
        recorded.versions = versions.into_iter().map(|row| row.version).collect();
    }
    if exists(conn, "__lectern_schema_migrations")? {
        let rows: Vec<LedgerRow> = with_conn!(conn, c => schema_ledger::table.select(LedgerRow::as_select()).load(c))?;
        recorded.rows = rows.into_iter().map(|row| (row.version.clone(), row)).collect();
    }
    Ok(recorded)
}

/// Makes both tables where they are not there.
pub(super) fn create(conn: &mut Conn) -> Result<(), DbError> {
    conn.batch_execute(CREATE_MIGRATIONS_TABLE)?;
    Ok(conn.batch_execute(match conn.backend() {
        Backend::Postgres => CREATE_POSTGRES,
        Backend::Sqlite => CREATE_SQLITE,
    })?)
}

/// Removes both tables.
pub(super) fn drop(conn: &mut Conn) -> Result<(), DbError> {
    Ok(conn.batch_execute("DROP TABLE __diesel_schema_migrations; DROP TABLE __lectern_schema_migrations")?)
}

/// Writes a row over one of its version, or removes one, on either backend's own connection: migrations are not given the enum of both.
macro_rules! statement {
    (write $row:expr, $conn:expr) => {
        diesel::insert_into($crate::schema::schema_ledger::table)
            .values($row)
            .on_conflict($crate::schema::schema_ledger::version)
            .do_update()
            .set($row)
            .execute($conn)
    };
    (remove $version:expr, $conn:expr) => {
        diesel::delete($crate::schema::schema_ledger::table.filter($crate::schema::schema_ledger::version.eq($version))).execute($conn)
    };
}
pub(super) use statement;

/// Writes a row, over one of its version.
pub(super) fn write(conn: &mut Conn, row: &LedgerRow) -> Result<(), DbError> {
    with_conn!(conn, c => statement!(write row, c))?;
    Ok(())
}

/// Removes a row.
pub(super) fn remove(conn: &mut Conn, version: &str) -> Result<(), DbError> {
    with_conn!(conn, c => statement!(remove version, c))?;
    Ok(())
}

/// Says in Diesel's table that a version is applied.
pub(super) fn add_version(conn: &mut Conn, version: &str) -> Result<(), DbError> {
    let sql = "INSERT INTO __diesel_schema_migrations (version) VALUES ($1) ON CONFLICT DO NOTHING";
    with_conn!(conn, c => diesel::sql_query(sql).bind::<Text, _>(version).execute(c))?;
    Ok(())
}

/// Says in Diesel's table that a version is not applied.
pub(super) fn remove_version(conn: &mut Conn, version: &str) -> Result<(), DbError> {
    let sql = "DELETE FROM __diesel_schema_migrations WHERE version = $1";
    with_conn!(conn, c => diesel::sql_query(sql).bind::<Text, _>(version).execute(c))?;
    Ok(())
}
