//! A migration whose process is killed, and the server's next start.

use crate::{
    beside::cli,
    support::{Server, command, databases, fails},
};
use lectern_testkit::{
    TestDatabase, comes,
    database::{beside, lines},
};
use serde_json::Value;
use std::{
    fs::{self, File, TryLockError},
    path::Path,
    process::{Command, Stdio},
};

/// A migration that does not end.
const NAME: &str = "2026-01-01-000001_slow";

fn write_endless(folder: &Path, in_transaction: bool) {
    let statements = [
        ("postgres", "SELECT pg_sleep(100000);\n"),
        (
            "sqlite",
            "CREATE TABLE endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i > 0) SELECT count(*) FROM n;\n",
        ),
    ];
    for (backend, up) in statements {
        let folder = folder.join("m").join(backend).join(NAME);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("up.sql"), up).expect("a file");
        fs::write(folder.join("down.sql"), "SELECT 1;\n").expect("a file");
        if !in_transaction {
            fs::write(folder.join("metadata.toml"), "run_in_transaction = false\n").expect("a file");
        }
    }
}

/// Starts to apply it, and kills that when it is under way.
fn killed(folder: &Path, database: &TestDatabase, is_under_way: impl Fn() -> bool) {
    let url = database.url().expose();
    let mut upgrade =
        cli(folder, &url, &["db", "upgrade", "--folder", "m"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let found = comes(is_under_way);
    upgrade.kill().expect("it can be killed");
    upgrade.wait().expect("it ends");
    assert!(found, "on {}: it was never under way", database.name());
}

fn start(folder: &Path, database: &TestDatabase) -> Command {
    let mut start = command(folder);
    start.env("DATABASE_URL", database.url().expose()).arg("--auto-upgrade");
    start
}

/// Whether somebody has the right to migrate, seen without asking for it.
fn is_migrating(database: &TestDatabase) -> bool {
    let Some(file) = database.url().path() else {
        let held = "SELECT 'x' AS line FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        let asleep = "SELECT 'x' AS line FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'";
        return !lines(database.database(), held).is_empty() && !lines(database.database(), asleep).is_empty();
    };
    let mut name = file.as_os_str().to_owned();
    name.push(".migrating");
    File::open(name).is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

fn serves(server: &Server) {
    let ready = server.ask("GET", "/readyz", None, "");
    assert_eq!(ready.status, 200, "{}", ready.body);
}

#[test]
fn a_kill_in_a_transaction_is_nothing_to_the_next_start() {
    for database in databases() {
        let folder = tempfile::tempdir().expect("a folder");
        write_endless(folder.path(), true);
        killed(folder.path(), &database, || is_migrating(&database));
        let server = Server::start(&mut start(folder.path(), &database));
        serves(&server);
        assert!(server.log().contains("applied a migration"), "{}", server.log());
    }
}

#[test]
fn a_kill_outside_a_transaction_is_told_with_the_way_out_which_works() {
    for database in databases() {
        let folder = tempfile::tempdir().expect("a folder");
        write_endless(folder.path(), false);
        let url = database.url().expose();
        let half = || {
            let history = cli(folder.path(), &url, &["db", "history", "--folder", "m"]).output().expect("an end");
            serde_json::from_slice::<Value>(&history.stdout).is_ok_and(|history| history["migrations"][0]["state"] == "half-applied")
        };
        killed(folder.path(), &database, half);
        for auto in ["true", "false"] {
            let mut start = command(folder.path());
            let (code, said) = fails(start.env("DATABASE_URL", &url).env("LECTERN__DATABASE__AUTO_UPGRADE", auto));
            assert_eq!(code, 5, "{said}");
            for words in [&format!("{NAME} stopped half-way"), "`lectern db show`", "`lectern db repair`"] {
                assert!(said.lines().last().is_some_and(|line| line.contains(words)), "no {words} in: {said}");
            }
        }
        let shown = cli(folder.path(), &url, &["db", "show", "20260101000001"]).output().expect("an end");
        assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
        let repaired = cli(folder.path(), &url, &["db", "repair"]).output().expect("an end");
        assert!(repaired.status.success(), "{}", String::from_utf8_lossy(&repaired.stderr));
        serves(&Server::start(&mut start(folder.path(), &database)));
    }
}

#[test]
fn a_server_that_is_killed_while_it_migrates_leaves_what_was_whole() {
    let Some(database) = databases().into_iter().find(|database| database.name() == "postgres") else {
        println!("skipped: LECTERN_TEST_POSTGRES_URL names no server");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    // A table of the second migration's name: the server waits for what becomes of it.
    let waiting = "SELECT 'x' AS line FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'transactionid'";
    let waits = || !lines(database.database(), waiting).is_empty();
    beside(database.database(), "CREATE TABLE chats (id INTEGER)", || {
        let mut server = start(folder.path(), &database).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        let found = comes(waits);
        server.kill().expect("it can be killed");
        server.wait().expect("it ends");
        assert!(found, "it never waited");
    });
    let server = Server::start(&mut start(folder.path(), &database));
    serves(&server);
    let log = server.log();
    assert!(!log.contains("000100_accounts") && log.contains("000200_conversations"), "{log}");
}
