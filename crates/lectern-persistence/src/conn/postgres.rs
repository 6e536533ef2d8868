//! PostgreSQL: the session, and the database where it does not exist.

use super::DatabaseUrl;
use super::url::percent_decode;
use crate::error::{ConnectError, DbError};
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::sql_types::{Bool, Text};
use diesel::{Connection, RunQueryDsl};
use std::thread;
use std::time::Duration;

/// What libpq is told where the URL does not say: how long it may try to reach the server, in seconds, and when it gives up a connection on
/// whose other end nothing moves: after half a minute without an acknowledgement of what was sent (in ms), or of three questions in a row
/// whether somebody is there. A server that is long at work answers those.
const LIMITS: [(&str, u32); 5] =
    [("connect_timeout", 10), ("tcp_user_timeout", 30_000), ("keepalives_idle", 30), ("keepalives_interval", 10), ("keepalives_count", 3)];

/// How often a creation that another process disturbs is tried, and the pause between.
const CREATE_ATTEMPTS: u32 = 20;
const CREATE_PAUSE: Duration = Duration::from_millis(100);

pub(crate) fn connect(url: &DatabaseUrl) -> Result<PgConnection, Box<ConnectError>> {
    let failed = |cause: String| Box::new(ConnectError::new(url, &cause));
    let mut text = url.expose();
    for (name, limit) in LIMITS {
        if !text.contains(&format!("{name}=")) {
            text.push(if text.contains('?') { '&' } else { '?' });
            text.push_str(&format!("{name}={limit}"));
        }
    }
    let mut conn = PgConnection::establish(&text).map_err(|error| failed(error.to_string()))?;
    conn.batch_execute("SET TIME ZONE 'UTC'").map_err(|error| failed(error.to_string()))?;
    Ok(conn)
}

/// Lifts the limits on time that a server, a database or a role has for forgotten sessions, until the session or the transaction ends. Those that the server's
/// version does not know are not there.
pub(crate) fn lift_time_limits(conn: &mut PgConnection, until: Until) -> Result<(), DbError> {
    let is_local = until == Until::TransactionEnds;
    let sql = format!(
        "SELECT set_config(name, '0', {is_local}) FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout',
            'idle_in_transaction_session_timeout', 'idle_session_timeout')"
    );
    Ok(conn.batch_execute(&sql)?)
}

/// For how long a setting holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    SessionEnds,
    TransactionEnds,
}

#[derive(diesel::QueryableByName)]
struct Exists {
    #[diesel(sql_type = Bool)]
    found: bool,
}

/// Makes the database where the server says that there is none. Processes that race for it all succeed.
pub(crate) fn create_if_missing(url: &DatabaseUrl) -> Result<(), DbError> {
    let Err(failure) = connect(url) else { return Ok(()) };
    let Some(name) = url.database_name().map(percent_decode) else { return Err(failure.into()) };
    // The server's words depend on its language; its catalogue does not.
    let Ok(mut maintenance) = connect(&url.with_database("postgres")) else { return Err(failure.into()) };
    let mut outcome = Err(failure.into());
    for _ in 0..CREATE_ATTEMPTS {
        let exists = diesel::sql_query("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1) AS found").bind::<Text, _>(&name);
        if exists.get_result::<Exists>(&mut maintenance).map_err(DbError::from)?.found {
            return connect(url).map(drop).map_err(DbError::from);
        }
        match maintenance.batch_execute(&format!("CREATE DATABASE \"{}\"", name.replace('"', "\"\""))) {
            Ok(()) => return Ok(()),
            // Another process makes it, or holds the template for a moment: look again.
            Err(error) => outcome = Err(DbError::Unreachable(Box::new(ConnectError::new(url, &error.to_string())))),
        }
        if matches!(&outcome, Err(DbError::Unreachable(error)) if error.cause().contains("permission denied")) {
            break;
        }
        thread::sleep(CREATE_PAUSE);
    }
    outcome
}

/// What the names of scratch databases begin with.
pub(crate) const TRIAL: &str = "lectern_trial_";

/// Who makes or removes scratch databases has this lock, in the maintenance database. Any number does; no other lock there may have it.
const TRIAL_LOCK: i64 = 0x6c65_6374_7472_6961;

#[derive(diesel::QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Makes a scratch database, and removes those that nobody is connected to. The connection must stay open for as long as the database is needed.
pub(crate) fn create_trial(url: &DatabaseUrl) -> Result<PgConnection, DbError> {
    let mut maintenance = connect(&url.with_database("postgres"))?;
    // Between its making and its first connection nobody sees that it is needed.
    maintenance.batch_execute(&format!("SET lock_timeout = '60s'; SELECT pg_advisory_lock({TRIAL_LOCK})"))?;
    let left = format!(
        "SELECT d.datname::text AS name FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba AND r.rolname = current_user
          WHERE d.datname ~ '^{TRIAL}[0-9a-f]{{32}}$' AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datid = d.oid)"
    );
    for Name { name } in diesel::sql_query(left).load(&mut maintenance).map_err(DbError::from)? {
        // Not by force: one that somebody is connected to after all stays.
        if let Err(error) = maintenance.batch_execute(&format!("DROP DATABASE IF EXISTS \"{name}\"")) {
            tracing::debug!(name, error = &error as &dyn std::error::Error, "a scratch database that was left could not be removed");
        }
    }
    create_if_missing(url)?;
    let mut alive = connect(url)?;
    lift_time_limits(&mut alive, Until::SessionEnds)?;
    Ok(alive)
}

/// Removes a database, whoever is connected to it. Does nothing on SQLite.
pub(crate) fn drop_database(url: &DatabaseUrl) -> Result<(), DbError> {
    let Some(name) = url.database_name().map(percent_decode) else { return Ok(()) };
    let mut maintenance = connect(&url.with_database("postgres"))?;
    Ok(maintenance.batch_execute(&format!("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", name.replace('"', "\"\"")))?)
}
