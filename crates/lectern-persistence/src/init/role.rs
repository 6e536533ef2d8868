//! The role that the application uses, and what it may do: everything that migrations and the servers do, in this database.

use super::{
    NewRole, Outcome,
    postgres::{ask, not_allowed, quote, run},
};
use crate::{conn::DatabaseUrl, error::DbError};
use diesel::{QueryableByName, RunQueryDsl, pg::PgConnection, sql_query, sql_types::Text};
use postgres_protocol::password::scram_sha_256;

#[derive(QueryableByName)]
struct Here {
    #[diesel(sql_type = Text)]
    database: String,
    #[diesel(sql_type = Text)]
    schema: String,
}

pub(super) fn prepare(conn: &mut PgConnection, url: &DatabaseUrl, role: &NewRole) -> Result<Outcome, DbError> {
    let name = quote(&role.name);
    // The server gets what it would make of the password: its log may show statements.
    let password = role.password.as_ref().map(|password| format!(" PASSWORD '{}'", scram_sha_256(password.as_bytes())));
    let there = ask(conn, "SELECT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1) AS answer", &role.name)?;
    let change = if there { "ALTER" } else { "CREATE" };
    if !there || password.is_some() {
        let shown = format!("{change} ROLE {name} LOGIN{}", if password.is_some() { " PASSWORD '…'" } else { "" });
        run(conn, url, &format!("{change} ROLE {name} LOGIN{}", password.unwrap_or_default()), &shown)?;
    }
    // Who prepares the database has made it.
    if !ask(conn, "SELECT current_user = $1 AS answer", &role.name)? {
        grant(conn, url, role)?;
    }
    Ok(if there { Outcome::There } else { Outcome::Made })
}

/// Whoever migrates, the role or somebody else: it may make tables, and use those that are made here later.
fn grant(conn: &mut PgConnection, url: &DatabaseUrl, role: &NewRole) -> Result<(), DbError> {
    let here = "SELECT current_database()::text AS database, coalesce(current_schema()::text, 'public') AS schema";
    let Here { database, schema } = sql_query(here).get_result(conn)?;
    let (database, schema, name) = (quote(&database), quote(&schema), quote(&role.name));
    let (rows, numbers) = ("SELECT, INSERT, UPDATE, DELETE", "USAGE, SELECT, UPDATE");
    let create = [
        (
            format!("GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {database} TO {name}"),
            "has_database_privilege($1, current_database(), 'CREATE')",
        ),
        (format!("GRANT USAGE, CREATE ON SCHEMA {schema} TO {name}"), "has_schema_privilege($1, current_schema(), 'CREATE')"),
    ];
    for (grant, has) in create {
        run(conn, url, &grant, &grant)?;
        // Who may not grant is warned, not refused.
        if !ask(conn, &format!("SELECT {has} AS answer"), &role.name)? {
            return Err(not_allowed(url, &grant, "no privileges were granted"));
        }
    }
    for grant in [
        format!("GRANT {rows} ON ALL TABLES IN SCHEMA {schema} TO {name}"),
        format!("GRANT {numbers} ON ALL SEQUENCES IN SCHEMA {schema} TO {name}"),
        format!("ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT {rows} ON TABLES TO {name}"),
        format!("ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT {numbers} ON SEQUENCES TO {name}"),
    ] {
        run(conn, url, &grant, &grant)?;
    }
    Ok(())
}
