//! Looking at a database: whether it is one of the Albert API at its head, and what stands in the way.

use super::{
    AdoptOptions, Adopted, Adoption, KEPT_IN, emails, left_out,
    query::{texts, texts_with},
    rows, tables,
};
use crate::{
    catalogue::{Catalogue, Difference},
    conn::{Backend, Conn},
    error::DbError,
    migrate::{ledger, script::Script},
};

/// The last revision of the Albert API's own migrations.
pub(super) const HEAD: &str = "f1ec44cacbfe";

/// The most examples of one finding.
pub(super) const EXAMPLES_MAX: usize = 100;

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub what: String,
    /// In how many rows; none where it is not about rows.
    pub rows: Option<i64>,
    /// What it was found in: at most 100.
    pub examples: Vec<String>,
    /// What to do about it.
    pub remedy: String,
    /// Lists all the rows.
    pub query: Option<String>,
}

impl Finding {
    pub(super) fn new(what: impl Into<String>, examples: Vec<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), rows: None, examples, remedy: remedy.into(), query: None }
    }
}

pub(super) fn not_on_postgres() -> Finding {
    Finding::new("the database is not on PostgreSQL", Vec::new(), "name the Albert API's database, on PostgreSQL, in DATABASE_URL")
}

/// Tables that something changed as they were made.
pub(super) fn drifted(differences: &[Difference]) -> Finding {
    let remedy = "look for what changes tables as they are made, such as an event trigger, and drop it";
    Finding::new("the tables would not be what the migrations make", differences.iter().map(Difference::to_string).collect(), remedy)
}

/// Whether it is a database of Lectern's, and no other.
pub(super) fn is_lectern(conn: &mut Conn) -> Result<bool, DbError> {
    let recorded = ledger::read(conn)?;
    let is_recorded = !recorded.versions.is_empty() || !recorded.rows.is_empty();
    Ok(is_recorded && !is_albert(conn)?)
}

/// Whether the Albert API's tables are where Lectern's are to be made.
pub(in crate::migrate) fn is_albert(conn: &mut Conn) -> Result<bool, DbError> {
    if conn.backend() != Backend::Postgres {
        return Ok(false);
    }
    let sql =
        "SELECT relname::text AS answer FROM pg_class WHERE relname = 'alembic_version' AND relnamespace = current_schema()::regnamespace";
    Ok(!texts(conn, sql)?.is_empty())
}

/// What there is to take over; what else became of it where that cannot be.
pub(super) fn look(conn: &mut Conn, options: &AdoptOptions, scripts: &[Script]) -> Result<Result<Adopted, Adoption>, DbError> {
    if is_lectern(conn)? {
        return Ok(Err(Adoption::Already));
    }
    if !is_albert(conn)? {
        let schema = texts(conn, "SELECT concat(current_database(), '.', current_schema()) AS answer")?;
        let remedy = "name the Albert API's database in DATABASE_URL; an empty one is made Lectern's by `lectern db upgrade`";
        let finding = Finding::new("this is no database of the Albert API: it has no table alembic_version", schema, remedy);
        return Ok(Err(Adoption::Refused(vec![finding])));
    }
    let (time_zone, zone_is_known) = time_zone(conn, options)?;
    let mut findings: Vec<Finding> =
        [encoding(conn)?, zone_is_known, head(conn)?, recorded(conn)?, kept(conn)?].into_iter().flatten().collect();
    findings.extend(privileges(conn)?);
    let (differences, has_columns) = tables::differences(&Catalogue::read(conn)?, scripts)?;
    findings.extend(differences);
    findings.extend(tables::strangers(conn)?);
    if !has_columns {
        // The queries would fail.
        return Ok(Err(Adoption::Refused(findings)));
    }
    let (mut tables, unfit) = rows::look(conn)?;
    findings.extend(unfit);
    findings.extend(emails::equal(conn)?);
    if !findings.is_empty() {
        return Ok(Err(Adoption::Refused(findings)));
    }
    let left_out = left_out::look(conn)?;
    for table in &mut tables {
        table.after -= left_out.iter().filter(|one| one.table == table.name).map(|one| one.rows).sum::<i64>();
    }
    let bytes = tables::bytes(conn)?;
    let grants = tables::grants(conn)?;
    Ok(Ok(Adopted { time_zone, bytes, tables, left_out, grants, migrations: Vec::new(), took: None }))
}

fn encoding(conn: &mut Conn) -> Result<Option<Finding>, DbError> {
    let encodings = texts(conn, "SELECT current_setting('server_encoding') AS answer")?;
    let remedy = "dump it, and restore it into a database that was made with `ENCODING 'UTF8'`";
    Ok((encodings != ["UTF8"]).then(|| Finding::new("the database is not encoded in UTF-8", encodings, remedy)))
}

/// Lectern's sessions are in UTC; what the server gives to others is what it would be reset to.
fn time_zone(conn: &mut Conn, options: &AdoptOptions) -> Result<(String, Option<Finding>), DbError> {
    let zone = match &options.time_zone {
        Some(zone) => zone.clone(),
        None => texts(conn, "SELECT reset_val AS answer FROM pg_settings WHERE name = 'TimeZone'")?.pop().unwrap_or_default(),
    };
    let known = texts_with(conn, "SELECT name AS answer FROM pg_timezone_names WHERE name = $1", &zone)?;
    let remedy = "name the time zone in which the Albert API's server wrote its times, such as Europe/Paris, with --time-zone";
    let finding = known.is_empty().then(|| Finding::new("the server knows no such time zone", vec![zone.clone()], remedy));
    Ok((zone, finding))
}

fn head(conn: &mut Conn) -> Result<Option<Finding>, DbError> {
    let at = texts(conn, "SELECT to_jsonb(v)->>'version_num' AS answer FROM alembic_version v ORDER BY 1")?;
    let what = format!("the database is not at the head of the Albert API's migrations, {HEAD}");
    let remedy = "run `alembic upgrade head` with the last version of the Albert API";
    Ok((at != [HEAD]).then(|| Finding::new(what, at, remedy)))
}

fn recorded(conn: &mut Conn) -> Result<Option<Finding>, DbError> {
    let recorded = ledger::read(conn)?;
    let mut names: Vec<String> = recorded.rows.into_values().map(|row| row.name).collect();
    names.extend(recorded.versions);
    let remedy = "they were not run here: forget them with `lectern db stamp base --force`";
    Ok((!names.is_empty()).then(|| Finding::new("Lectern's migrations count as applied beside the Albert API's tables", names, remedy)))
}

fn kept(conn: &mut Conn) -> Result<Option<Finding>, DbError> {
    let there = texts(conn, &format!("SELECT nspname::text AS answer FROM pg_namespace WHERE nspname = '{KEPT_IN}'"))?;
    let remedy =
        format!("the old tables are to be kept in a schema of that name: rename the other one with `ALTER SCHEMA {KEPT_IN} RENAME TO …`");
    Ok((!there.is_empty()).then(|| Finding::new("there is a schema of that name already", there, remedy)))
}

fn privileges(conn: &mut Conn) -> Result<Vec<Finding>, DbError> {
    let missing = texts(
        conn,
        "SELECT format('GRANT CREATE ON DATABASE %I TO %I;', current_database(), current_user) AS answer
          WHERE NOT has_database_privilege(current_database(), 'CREATE')
          UNION ALL
         SELECT format('GRANT CREATE ON SCHEMA %I TO %I;', current_schema(), current_user) WHERE NOT has_schema_privilege(current_schema(), 'CREATE')",
    )?;
    let owned = texts(
        conn,
        "SELECT concat('table ', relname, ' belongs to ', pg_get_userbyid(relowner)) AS answer FROM pg_class
          WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT pg_has_role(relowner, 'USAGE')
          UNION ALL
         SELECT concat('type ', typname, ' belongs to ', pg_get_userbyid(typowner)) FROM pg_type
          WHERE typnamespace = current_schema()::regnamespace AND typtype = 'e' AND NOT pg_has_role(typowner, 'USAGE') ORDER BY 1",
    )?;
    let mut findings = Vec::new();
    if !missing.is_empty() {
        findings.push(Finding::new(
            "this role may not make schemas or tables",
            missing,
            "have these statements run by an administrator of the server",
        ));
    }
    if !owned.is_empty() {
        findings.push(Finding::new("tables or types belong to another role", owned, "connect as that role, or as a member of it"));
    }
    Ok(findings)
}
