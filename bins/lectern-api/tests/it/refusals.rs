//! Starts that can't succeed: one line that says what to do, and nothing half-written.

use crate::support::{Server, command, databases, fails};
use std::fs;

/// The message is one line, from the program, with these words.
#[track_caller]
fn check(error: &str, words: &[&str]) {
    let lines: Vec<&str> = error.lines().filter(|line| line.starts_with("lectern-api: ")).collect();
    assert_eq!((lines.len(), error.lines().last()), (1, lines.first().copied()), "{error}");
    for word in words {
        assert!(lines[0].contains(word), "'{word}' is not in: {}", lines[0]);
    }
}

#[test]
fn a_port_in_use() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(&mut command(folder.path()));
    let other = tempfile::tempdir().expect("a folder");
    let mut again = std::process::Command::new(env!("CARGO_BIN_EXE_lectern-api"));
    again.env_clear().current_dir(other.path()).args(["--data-dir", "data", "--listen", server.address()]);
    let (code, error) = fails(&mut again);
    assert_eq!(code, 1);
    check(&error, &["cannot listen on", "in use", "--listen"]);
    assert!(!other.path().join("data").exists(), "nothing was written");
}

#[test]
fn a_data_folder_that_cannot_be_written() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("data"), "a file").expect("a file");
    let (code, error) = fails(&mut command(folder.path()));
    assert_eq!(code, 1);
    check(&error, &["data folder", "--data-dir"]);
}

#[test]
fn an_unknown_setting_and_a_wrong_value() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, error) = fails(command(folder.path()).env("LECTERN__HTTP__LISTNE", "127.0.0.1:1"));
    check(&error, &["LECTERN__HTTP__LISTNE", "LECTERN__HTTP__LISTEN"]);
    fs::write(folder.path().join("lectern.toml"), "[http]\nworkers = \"many\"\n").expect("a file");
    let (_, error) = fails(&mut command(folder.path()));
    check(&error, &["http.workers", "lectern.toml"]);
}

#[test]
fn a_wrong_database_url() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, error) = fails(command(folder.path()).env("DATABASE_URL", "mysql://somebody:hidden@localhost/x"));
    assert_eq!(code, 1);
    check(&error, &["postgres"]);
    assert!(!error.contains("hidden"), "{error}");
    // Port 1 of this machine: nobody listens there.
    let (code, error) = fails(command(folder.path()).env("DATABASE_URL", "postgres://somebody:hidden@127.0.0.1:1/x"));
    assert_eq!(code, 1);
    check(&error, &["127.0.0.1", "check the port"]);
    assert!(!error.contains("hidden"), "{error}");
}

#[test]
fn a_schema_that_is_behind() {
    for database in databases() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut start = command(folder.path());
        start.env("DATABASE_URL", database.url().expose()).env("LECTERN__DATABASE__AUTO_UPGRADE", "false");
        let (code, error) = fails(&mut start);
        assert_eq!(code, 3, "{error}");
        check(&error, &["behind", "lectern db upgrade", "--auto-upgrade"]);
    }
}
