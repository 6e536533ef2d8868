//! The tables of the Albert API: how they should be, who else uses them, and moving them away.

use super::{
    KEPT_IN,
    look::Finding,
    query::{numbers, texts},
};
use crate::{
    catalogue::{Catalogue, Difference, Kind},
    conn::Conn,
    error::DbError,
    migrate::{expected::may_be_there, script::Script},
};
use diesel::connection::SimpleConnection;
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

/// The tables at the head of the Albert API's migrations, as [`Catalogue::changes_to`] writes them.
const CATALOGUE: &str = include_str!("albert.txt");

/// The types beside them, as `strangers.sql` lists them.
const TYPES: [(&str, &str); 3] = [
    ("feedback_type", "chat, evaluations"),
    ("feedbacknegatives", "incorrect, incoherent, manque_de_sources"),
    ("feedbackpositives", "clair, synthetique, complet, sources_fiables"),
];

/// Lists what is neither a table nor part of one.
const STRANGERS: &str = include_str!("strangers.sql");

fn expected() -> Result<Catalogue, DbError> {
    let mut catalogue = Catalogue::default();
    catalogue.apply(CATALOGUE).map_err(DbError::corrupt("the description of the Albert API's tables"))?;
    Ok(catalogue)
}

fn names() -> Result<Vec<String>, DbError> {
    Ok(expected()?.tables().map(|(name, _)| name.to_owned()).collect())
}

/// The names as a list of texts.
fn quoted_names() -> Result<String, DbError> {
    Ok(names()?.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", "))
}

/// What the tables differ in, and whether every column is there as it should be.
pub(super) fn differences(found: &Catalogue, scripts: &[Script]) -> Result<(Vec<Finding>, bool), DbError> {
    let expected = expected()?;
    let differences = expected.differences(found);
    let is_column = |one: &Difference| one.expected.is_some() && one.fact.as_ref().is_none_or(|fact| fact.kind == Kind::Column);
    let has_columns = !differences.iter().any(is_column);
    let mut lines: Vec<String> = differences.iter().map(Difference::to_string).collect();
    let is_shared = |name: &str| scripts.iter().any(|script| may_be_there(script, name));
    let others = found.tables().filter(|(name, _)| expected.table(name).is_none() && !is_shared(name));
    lines.extend(others.map(|(name, _)| format!("table {name} should not be there")));
    let remedy = "undo what was changed beside the Albert API's own migrations; move what belongs to others into a schema of their own with \
                  `ALTER TABLE … SET SCHEMA …`";
    let what = format!("the tables are not those of the Albert API at {}", super::look::HEAD);
    let finding = (!lines.is_empty()).then(|| Finding::new(what, lines, remedy));
    Ok((finding.into_iter().collect(), has_columns))
}

/// What else stands in the schema, or leans on its tables.
pub(super) fn strangers(conn: &mut Conn) -> Result<Option<Finding>, DbError> {
    let expected: BTreeSet<String> = TYPES.iter().map(|(name, labels)| format!("enum {name}: {labels}")).collect();
    let found: BTreeSet<String> = texts(conn, STRANGERS)?.into_iter().collect();
    let missing = expected.difference(&found).map(|line| format!("{line} is missing"));
    let lines: Vec<String> = missing.chain(found.difference(&expected).map(|line| format!("{line} should not be there"))).collect();
    let remedy = "drop it, or move it into a schema of its own: the tables move, and it would go on reading the old ones";
    Ok((!lines.is_empty())
        .then(|| Finding::new("there is more in the schema, or less, than the Albert API's migrations make", lines, remedy)))
}

/// Those of the tables that there are in a schema.
fn here(conn: &mut Conn, schema: &str) -> Result<Vec<String>, DbError> {
    let sql = format!(
        "SELECT c.relname::text AS answer FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname = {schema}"
    );
    let names = names()?;
    Ok(texts(conn, &sql)?.into_iter().filter(|name| names.contains(name)).collect())
}

/// Whether the tables are where they were moved to.
pub(super) fn are_kept(conn: &mut Conn) -> Result<bool, DbError> {
    Ok(here(conn, &format!("'{KEPT_IN}'"))?.len() == names()?.len())
}

/// What the tables take on the disk.
pub(super) fn bytes(conn: &mut Conn) -> Result<i64, DbError> {
    let tables = quoted_names()?;
    let sum = "sum(pg_total_relation_size(oid))".to_owned();
    let from =
        format!("(SELECT oid FROM pg_class WHERE relname IN ({tables}) AND relnamespace = current_schema()::regnamespace) AS tables");
    Ok(numbers(conn, &[sum], &from)?.first().copied().unwrap_or_default())
}

/// Who else may use the tables.
pub(super) fn grants(conn: &mut Conn) -> Result<Vec<String>, DbError> {
    let tables = quoted_names()?;
    let sql = format!(
        "SELECT format('%s may %s %s', CASE a.grantee WHEN 0 THEN 'everybody' ELSE a.grantee::regrole::text END,
                       string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type), c.relname) AS answer
           FROM pg_class c, aclexplode(c.relacl) a
          WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.grantee <> c.relowner AND c.relname IN ({tables})
          GROUP BY a.grantee, c.relname ORDER BY 1"
    );
    texts(conn, &sql)
}

/// Waits until nobody else uses the tables, and keeps it so.
pub(super) fn lock(conn: &mut Conn, patience: Duration) -> Result<(), DbError> {
    // No time at all would be a time without end.
    conn.batch_execute(&format!("SET LOCAL lock_timeout = {}", patience.as_millis().clamp(1, i32::MAX as u128)))?;
    let start = Instant::now();
    let names = here(conn, "current_schema()")?.join(", ");
    let locked = conn.batch_execute(&format!("LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"));
    locked.map_err(|error| {
        let waited = start.elapsed();
        if waited >= patience { DbError::InUse { waited } } else { error.into() }
    })?;
    Ok(conn.batch_execute("SET LOCAL lock_timeout = 0")?)
}

/// Moves the tables, with their indexes and sequences, and the types into a schema of their own.
pub(super) fn move_away(conn: &mut Conn) -> Result<(), DbError> {
    conn.batch_execute(&format!(
        "CREATE SCHEMA {KEPT_IN}; COMMENT ON SCHEMA {KEPT_IN} IS 'The tables of the Albert API as they were before Lectern took over'"
    ))?;
    for name in names()? {
        conn.batch_execute(&format!("ALTER TABLE {name} SET SCHEMA {KEPT_IN}"))?;
    }
    for (name, _) in TYPES {
        conn.batch_execute(&format!("ALTER TYPE {name} SET SCHEMA {KEPT_IN}"))?;
    }
    Ok(())
}

/// Moves them back.
pub(super) fn move_back(conn: &mut Conn) -> Result<(), DbError> {
    let schema = texts(conn, "SELECT quote_ident(current_schema()) AS answer")?.concat();
    for (name, _) in TYPES {
        conn.batch_execute(&format!("ALTER TYPE {KEPT_IN}.{name} SET SCHEMA {schema}"))?;
    }
    for name in names()? {
        conn.batch_execute(&format!("ALTER TABLE {KEPT_IN}.{name} SET SCHEMA {schema}"))?;
    }
    Ok(conn.batch_execute(&format!("DROP SCHEMA {KEPT_IN}"))?)
}
