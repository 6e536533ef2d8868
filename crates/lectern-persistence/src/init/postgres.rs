//! PostgreSQL: the database and its extensions.

use super::{Outcome, Prepared, Wanted, role};
use crate::{
    conn::{DatabaseUrl, percent_decode, postgres::connect},
    error::DbError,
};
use diesel::{
    QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    pg::PgConnection,
    sql_query,
    sql_types::{Bool, Text},
};

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Bool)]
    answer: bool,
}

pub(super) fn init(url: &DatabaseUrl, wanted: &Wanted) -> Result<Prepared, DbError> {
    let database = create(url)?;
    let mut conn = connect(url)?;
    let mut extensions = Vec::with_capacity(wanted.extensions.len());
    for name in &wanted.extensions {
        extensions.push((name.clone(), extension(&mut conn, url, name)?));
    }
    let role = match &wanted.role {
        Some(wanted) => Some((wanted.name.clone(), role::prepare(&mut conn, url, wanted)?)),
        None => None,
    };
    Ok(Prepared { url: url.to_string(), database, extensions, role })
}

/// Makes the database where the server says that there is none.
fn create(url: &DatabaseUrl) -> Result<Outcome, DbError> {
    let Err(failure) = connect(url) else { return Ok(Outcome::There) };
    let Some(name) = url.database_name().map(percent_decode) else { return Err(failure.into()) };
    let maintenance_url = url.with_database("postgres");
    let Ok(mut maintenance) = connect(&maintenance_url) else { return Err(failure.into()) };
    // The server's words depend on its language; its catalogue does not.
    if ask(&mut maintenance, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1) AS answer", &name)? {
        return Err(failure.into());
    }
    let create = format!("CREATE DATABASE {}", quote(&name));
    run(&mut maintenance, &maintenance_url, &create, &create)?;
    Ok(Outcome::Made)
}

fn extension(conn: &mut PgConnection, url: &DatabaseUrl, name: &str) -> Result<Outcome, DbError> {
    if ask(conn, "SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = $1) AS answer", name)? {
        return Ok(Outcome::There);
    }
    if !ask(conn, "SELECT EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = $1) AS answer", name)? {
        return Ok(Outcome::Unavailable);
    }
    let create = format!("CREATE EXTENSION IF NOT EXISTS {}", quote(name));
    run(conn, url, &create, &create)?;
    Ok(Outcome::Made)
}

/// Asks a question about a name.
pub(super) fn ask(conn: &mut PgConnection, sql: &str, name: &str) -> Result<bool, DbError> {
    Ok(sql_query(sql).bind::<Text, _>(name).get_result::<Answer>(conn)?.answer)
}

/// Runs a statement; where that fails, says which one somebody else is to run. `shown` has no secret in it.
pub(super) fn run(conn: &mut PgConnection, url: &DatabaseUrl, sql: &str, shown: &str) -> Result<(), DbError> {
    conn.batch_execute(sql).map_err(|error| not_allowed(url, shown, &error.to_string()))
}

pub(super) fn not_allowed(url: &DatabaseUrl, statement: &str, cause: &str) -> DbError {
    DbError::NotAllowed { place: url.to_string(), statement: statement.to_owned(), cause: cause.to_owned() }
}

/// A name as SQL takes it.
pub(super) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
