//! `lectern db info` and `shell`: which database it is, and its own command line.

use crate::support::{Place, done, installed, on_every_database, search_path};
use lectern_testkit::TestDatabase;

#[test]
fn info_says_which_database_it_is_and_why() {
    on_every_database(|place| {
        let info = place.json(&["db", "info"]);
        assert_eq!((&info["from"], &info["backend"]), (&"env LECTERN__DATABASE__URL".into(), &place.database.name().into()));
        assert!(info["bytes"].as_i64().unwrap() > 10_000 && info["revision"]["head"] == true, "{info}");
        assert!(info["server_version"].as_str().unwrap().starts_with(|char: char| char.is_ascii_digit()), "{info}");
        let text = place.ok(&["db", "info"]);
        let server = if place.database.name() == "postgres" { "server    PostgreSQL " } else { "server    SQLite " };
        assert!(text.contains(server) && text.ends_with(" (head)\n"), "{text}");
    });
}

#[test]
fn info_helps_where_there_is_no_connection() {
    let place = Place::sqlite();
    let mut command = place.command(&["db", "info"]);
    command.env("LECTERN__DATABASE__URL", "postgres://me:hunter2@127.0.0.1:1/lectern");
    let done = done(command);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert_eq!(done.out, "url       postgres://me:***@127.0.0.1:1/lectern\nfrom      env LECTERN__DATABASE__URL\n");
    assert!(done.err.contains("cannot connect to postgresql://me:***@127.0.0.1:1/lectern") && !done.err.contains("hunter2"), "{done:?}");
}

/// The program of a database's command line.
fn program(database: &TestDatabase) -> &'static str {
    if database.name() == "postgres" { "psql" } else { "sqlite3" }
}

#[test]
fn shell_runs_the_database_s_own_program() {
    on_every_database(|place| {
        if !installed(program(&place.database)) {
            return;
        }
        let query = "SELECT count(*) FROM users";
        let arguments: &[&str] = if place.database.name() == "postgres" { &["-At", "-c", query] } else { &[query] };
        let mut command = place.command(&[&["db", "shell", "--"], arguments].concat());
        command.env("PATH", search_path());
        let done = done(command);
        assert_eq!((done.code, done.out.as_str()), (Some(0), "0\n"), "{done:?}");
    });
}

#[test]
fn shell_says_which_program_is_missing() {
    on_every_database(|place| {
        let mut command = place.command(&["db", "shell"]);
        command.env("PATH", "/nonexistent");
        let done = done(command);
        let program = program(&place.database);
        assert_eq!(done.code, Some(1), "{done:?}");
        assert!(done.err.starts_with(&format!("lectern: the program `{program}` is not installed: ")), "{done:?}");
    });
}

#[test]
fn a_password_is_handed_over_where_nobody_sees_it() {
    let place = Place::sqlite();
    // In the place of psql: what it was given.
    place.write("bin/psql", "#!/bin/sh\necho \"$@\"\necho \"$PGPASSWORD\"\n");
    std::fs::set_permissions(place.path("bin/psql"), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let mut command = place.command(&["db", "shell", "--", "-c", "SELECT 1"]);
    command.env("LECTERN__DATABASE__URL", "postgresql+asyncpg://me:p%40ss@db/x?sslmode=require").env("PATH", place.path("bin"));
    let done = done(command);
    assert_eq!(done.out, "postgresql://me@db/x?sslmode=require -c SELECT 1\np@ss\n", "{done:?}");
}

#[test]
fn env_decides_where_no_address_is_given() {
    let place = Place::sqlite();
    std::fs::create_dir(place.path("tmp")).unwrap();
    let found = |variables: &[(&str, &str)]| {
        let mut command = place.command(&["config", "show", "--json"]);
        command.env_remove("LECTERN__DATABASE__URL").envs(variables.iter().copied());
        let done = done(command);
        assert_eq!(done.code, Some(0), "{variables:?}: {done:?}");
        let all: serde_json::Value = serde_json::from_str(&done.out).unwrap();
        all.as_array().unwrap().iter().find(|one| one["key"] == "database.url").unwrap()["value"].as_str().unwrap().to_owned()
    };
    for (env, host, file) in [
        ("unittest", "postgres://postgres@h:5432/postgres", "sqlite::memory:"),
        ("dev", "postgres://postgres@h:5432/postgres_dev", "sqlite://./data/lectern.sqlite3"),
        ("staging", "postgres://postgres@h:5432/postgres", "sqlite://./data/lectern.sqlite3"),
        ("prod", "postgres://postgres@h:5432/postgres", "sqlite://./data/lectern.sqlite3"),
    ] {
        assert_eq!(
            found(&[("ENV", env), ("DATABASE_URL", "postgresql+asyncpg://a:b@h/x"), ("POSTGRES_HOST", "h")]),
            "postgresql://a:***@h/x"
        );
        assert_eq!(found(&[("ENV", env), ("POSTGRES_HOST", "h")]), host);
        assert_eq!(found(&[("ENV", env)]), file);
    }
    // The one of automated tests is there while a process is.
    let mut command = place.command(&["db", "upgrade"]);
    command.env_remove("LECTERN__DATABASE__URL").env("ENV", "unittest").env("TMPDIR", place.path("tmp"));
    let done = done(command);
    assert!(done.out.starts_with("applied "), "{done:?}");
    assert_eq!(std::fs::read_dir(place.path("tmp")).unwrap().count(), 0, "nothing is left of it");
}
