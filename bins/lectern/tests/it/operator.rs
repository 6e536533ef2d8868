//! Accounts, settings, the database, models: what an operator does.

use crate::support::{Place, done, on_every_database};
use lectern_testkit::TestDatabase;
use serde_json::{Value, json};
use std::{io::Write as _, process::Stdio};

#[test]
fn accounts_are_added_changed_and_deleted() {
    on_every_database(|place| {
        let made = place.json(&["user", "add", "ann", "ann@example.org"]);
        assert_eq!((&made["username"], &made["is_admin"]), (&json!("ann"), &json!(false)));
        assert_eq!(made["password"].as_str().unwrap().len(), 24);
        assert!(place.error(1, &["user", "add", "ann", "other@example.org"]).contains("Username already exists"));
        place.ok(&["user", "make-admin", "ann"]);
        place.ok(&["user", "disable", "ANN@example.org"]);
        assert!(place.ok(&["user", "set-password", "ann"]).contains("password: "));
        let listed = place.json(&["user", "list"]);
        let ann = &listed[0];
        assert_eq!((&ann["username"], &ann["is_admin"], &ann["is_confirmed"]), (&json!("ann"), &json!(true), &json!(false)));
        place.ok(&["user", "delete", "ann"]);
        assert_eq!(place.json(&["user", "list"]), json!([]));
        assert!(place.error(1, &["user", "delete", "ann"]).contains("lectern user list"));
    });
}

#[test]
fn a_password_from_standard_input_is_not_printed() {
    let place = Place::sqlite();
    let given = |password: &str| {
        let mut command = place.command(&["user", "add", "bob", "bob@example.org", "--password-stdin"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let short = given("short\n");
    assert_eq!(short.status.code(), Some(1));
    let said = String::from_utf8(short.stderr).unwrap();
    assert!(said.contains("8 to 128") && !said.contains("short"), "{said}");
    let made = given("a-Long-passw0rd\n");
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    assert_eq!(String::from_utf8(made.stdout).unwrap(), "bob: added\n");
}

#[test]
fn settings_are_shown_with_their_origin_and_without_secrets() {
    let place = Place::sqlite();
    place.write("lectern.toml", "[corpus]\nchunk_chars = 900\n");
    let mut command = place.command(&["config", "show", "--json"]);
    command
        .env("LECTERN__DATABASE__URL", "postgres://me:s3cret-one@127.0.0.1:1/x")
        .env("LECTERN__AUTH__SECRET_KEY", "s3cret-two-of-a-length-that-suffices");
    let shown = done(command);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert!(!shown.out.contains("s3cret"), "{}", shown.out);
    let entries: Vec<Value> = serde_json::from_str(&shown.out).unwrap();
    let entry = |key: &str| entries.iter().find(|entry| entry["key"] == key).unwrap().clone();
    assert_eq!(entry("corpus.chunk_chars")["value"], 900);
    assert!(entry("corpus.chunk_chars")["origin"].as_str().unwrap().contains("lectern.toml"));
    assert_eq!(entry("corpus.chunk_overlap")["origin"], "default");
    assert!(entry("database.url")["value"].as_str().unwrap().contains("127.0.0.1"));
    assert!(place.ok(&["config", "show"]).contains("corpus.chunk_chars"));
    place.write("lectern.toml", "[corpus]\nchunk_size = 900\n");
    assert!(place.error(1, &["config", "show"]).contains("corpus.chunk_size"));
}

#[test]
fn a_schema_that_is_behind_is_refused_until_it_is_upgraded() {
    for database in TestDatabase::all_empty() {
        let place = Place::on(database);
        let list = |auto: &str| {
            let mut command = place.command(&["user", "list"]);
            command.env("LECTERN__DATABASE__AUTO_UPGRADE", auto);
            done(command)
        };
        let behind = list("false");
        assert_eq!(behind.code, Some(3), "{behind:?}");
        assert!(behind.err.contains("lectern db upgrade"), "{}", behind.err);
        assert!(place.ok(&["db", "upgrade"]).starts_with("applied "));
        assert_eq!(list("false").code, Some(0));
        assert_eq!(place.json(&["db", "upgrade"]), json!({ "applied": [] }));
    }
}

#[test]
fn models_are_listed_and_what_is_none_is_refused() {
    let place = Place::sqlite();
    assert_eq!(place.json(&["model", "list"]), json!([]));
    place.write("empty/readme.txt", "no model");
    let said = place.error(1, &["model", "install", "empty"]);
    assert!(said.contains("config.json, tokenizer.json, model.safetensors"), "{said}");
    assert_eq!(place.json(&["model", "list"]), json!([]));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = Place::sqlite();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = place.command(&["config", "show"]);
    let status = command.stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert_eq!((status.status.code(), status.stderr), (Some(0), Vec::new()));
}
