//! PostgreSQL's own programs, as people use them on a Lectern database.

use super::Place;
use crate::support::{installed, search_path};
use lectern_testkit::{
    TestDatabase,
    database::{
        full::{self, Pool},
        number,
    },
    persistence::DbError,
};
use std::process::Command;

/// A full database on a server that the `pg_dump` at hand can read; none, and a line that says so, where there is no such program or no server.
fn source() -> Option<Place> {
    let source = TestDatabase::postgres()?;
    if !installed("pg_dump") || !installed("pg_restore") {
        return None;
    }
    let server = "SELECT current_setting('server_version_num')::bigint / 10000 AS number";
    let server = source.database().read::<_, DbError>(|conn| number(conn, server)).unwrap();
    let version = run("pg_dump", &["--version"]);
    let own: Option<i64> = version.split(|char: char| !char.is_ascii_digit()).find_map(|digits| digits.parse().ok());
    if own.is_none_or(|own| own < server) {
        println!("skipped: the server has version {server}, and {version}");
        return None;
    }
    Some(Place::on(source).full())
}

#[track_caller]
fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).env_clear().env("PATH", search_path()).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_dump_of_data_is_restored_and_sequences_are_reset_afterwards() {
    let Some(source) = source() else { return };
    let dump = source.path("data.dump").display().to_string();
    let url = source.database.url().expose();
    run("pg_dump", &["-Fc", "--data-only", "--inserts", "--on-conflict-do-nothing", "-f", &dump, &url]);
    // A database that has more rows is left with the counters of the dump.
    for rows in [0, 5] {
        let target = Place::on(TestDatabase::postgres().unwrap());
        if rows > 0 {
            full::fill(&target.database, &Pool { rows, ..Pool::default() });
        }
        let (before, url) = (target.archived(), target.database.url().expose());
        run("pg_restore", &["--single-transaction", "--data-only", "-d", &url, &dump]);
        if rows == 0 {
            assert_eq!(target.archived(), source.archived());
        }
        let there = rows.max(3);
        for (table, rows) in target.archived() {
            assert_eq!(rows.len(), there, "{table}");
        }
        let user = "INSERT INTO users (username, email, email_key, hashed_password) VALUES ('new', 'n', 'n', 'n')";
        if rows > 0 {
            assert_eq!(target.archived(), before, "rows that were there stay");
            let failed = run_sql(&target, user).expect_err("the counter is behind the rows");
            assert!(failed.contains("users_pkey"), "{failed}");
        }
        target.ok(&["db", "sequences", "reset"]);
        full::add(&target.database, there + 1);
        for (table, rows) in target.archived() {
            assert_eq!(rows.len(), there + 1, "{table} takes one more");
        }
        run_sql(&target, user).expect("the number after that");
        target.ok(&["db", "check"]);
    }
}

/// Runs a statement past the program.
fn run_sql(place: &Place, sql: &'static str) -> Result<(), String> {
    use diesel::connection::SimpleConnection as _;
    place.database.database().write::<(), DbError>(move |tx| Ok(tx.conn().batch_execute(sql)?)).map_err(|error| format!("{error:?}"))
}
