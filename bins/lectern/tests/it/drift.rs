//! `lectern db check`: what is written down of migrations, and databases that differ from it.

use crate::support::{Place, on_every_database, on_every_empty_database};
use lectern_testkit::{TestDatabase, database::execute};
use serde_json::{Value, json};

const NOTES: (&str, &str, &str) = ("2026-01-01-000001_notes", "CREATE TABLE notes (id INTEGER PRIMARY KEY);\n", "DROP TABLE notes;\n");
const WORDS: (&str, &str, &str) =
    ("2026-01-01-000002_words", "ALTER TABLE notes ADD COLUMN words TEXT;\n", "ALTER TABLE notes DROP COLUMN words;\n");

#[test]
fn a_database_that_is_as_it_should_be() {
    on_every_database(|place| {
        let said = place.ok(&["db", "check"]);
        assert!(said.starts_with("the database is as its migrations make it, at 2026-"), "{said}");
        let report = place.json(&["db", "check"]);
        assert_eq!((&report["differences"], &report["edited"], &report["pending"]), (&json!([]), &json!([]), &json!([])), "{report}");
    });
}

#[test]
fn drift_is_told_and_ends_with_7() {
    on_every_database(|place| {
        execute(place.database.database(), "DROP INDEX ix_streams_chat_id; CREATE TABLE of_others (id INTEGER);");
        let done = place.run(&["db", "check"]);
        let method = if place.database.name() == "postgres" { "btree " } else { "" };
        assert_eq!((done.code, done.out), (Some(7), format!("streams: index ix_streams_chat_id is missing: {method}(chat_id)\n")));
        let done = place.run(&["db", "check", "--json"]);
        let report: Value = serde_json::from_str(&done.out).unwrap();
        let difference = json!({ "table": "streams", "kind": "index", "name": "ix_streams_chat_id", "expected": format!("{method}(chat_id)"), "found": null });
        assert_eq!((done.code, &report["differences"]), (Some(7), &json!([difference])));
    });
}

#[test]
fn edits_and_order_are_told_before_drift() {
    on_every_empty_database(|place| {
        place.migrations("m", &[NOTES]);
        let done = place.run(&["db", "check", "--folder", "m"]);
        assert_eq!(
            (done.code, done.out.as_str()),
            (Some(0), "the database is as its migrations make it, at base\npending: 2026-01-01-000001_notes\n")
        );
        place.ok(&["db", "upgrade", "--folder", "m"]);
        let done = place.run(&["db", "check", "--folder", "m"]);
        assert_eq!(done.code, Some(1), "{done:?}");
        assert!(done.out.contains("not compared: 2026-01-01-000001_notes has no catalogue.txt"), "{done:?}");
        place.migrations("edited", &[(NOTES.0, "CREATE TABLE notes (id BIGINT PRIMARY KEY);\n", NOTES.2)]);
        let done = place.run(&["db", "check", "--folder", "edited"]);
        assert_eq!(done.code, Some(5), "{done:?}");
        assert!(done.out.starts_with("2026-01-01-000001_notes was edited after it was applied\n"), "{done:?}");
        place.migrations("older", &[]);
        place.write("older/postgres/.keep", "");
        place.write("older/sqlite/.keep", "");
        let done = place.run(&["db", "check", "--folder", "older"]);
        assert_eq!(done.code, Some(4), "{done:?}");
        assert!(done.out.starts_with("2026-01-01-000001_notes is newer than this program\n"), "{done:?}");
    });
}

#[test]
fn what_migrations_do_is_written_down_by_running_them() {
    let postgres = TestDatabase::postgres().map(|database| database.url().expose());
    let place = Place::sqlite();
    place.migrations("migrations", &[NOTES, WORDS]);
    let write: Vec<&str> = ["db", "check", "--write"].into_iter().chain(postgres.iter().flat_map(|url| ["--postgres", url])).collect();
    let done = place.run(&write);
    assert_eq!(done.code, Some(0), "{done:?}");
    let left_out = "lectern: postgres is left out: name a server with --postgres\n";
    assert_eq!(done.err, if postgres.is_some() { "" } else { left_out });
    assert_eq!(done.out.lines().count(), if postgres.is_some() { 4 } else { 2 }, "{done:?}");
    assert!(done.out.starts_with("wrote sqlite/2026-01-01-000001_notes/catalogue.txt\n"), "{done:?}");
    let words = std::fs::read_to_string(place.path("migrations/sqlite/2026-01-01-000002_words/catalogue.txt")).unwrap();
    assert_eq!(words, "table notes\n+ column words: text\n");
    assert_eq!(place.run(&write).out, "every catalogue.txt is right\n");
    // What was written is what is compared.
    let place = Place { database: TestDatabase::all_empty().remove(0), ..place };
    place.ok(&["db", "upgrade", "--folder", "migrations"]);
    assert_eq!(
        place.ok(&["db", "check", "--folder", "migrations"]),
        "the database is as its migrations make it, at 2026-01-01-000002_words\n"
    );
    // One that is edited before it is applied anywhere is written anew.
    let (name, _, down) = WORDS;
    place.write(&format!("migrations/sqlite/{name}/up.sql"), "ALTER TABLE notes ADD COLUMN words INTEGER;\n");
    place.write(&format!("migrations/sqlite/{name}/down.sql"), down);
    let written = place.json(&["db", "check", "--write"]);
    let changed: Vec<&Value> = written["catalogues"].as_array().unwrap().iter().filter(|one| one["written"] == true).collect();
    assert_eq!(changed, [&json!({ "backend": "sqlite", "migration": name, "written": true })]);
}

#[test]
fn a_stamp_is_refused_where_the_database_is_not_like_that() {
    on_every_empty_database(|place| {
        let refused = place.error(4, &["db", "stamp", "head"]);
        assert!(refused.contains("the database is not at 2026-") && refused.contains("table api_tokens is missing; "), "{refused}");
        assert!(refused.ends_with(" more"), "{refused}");
        assert_eq!(place.ok(&["db", "stamp", "base"]), "nothing to change\n");
        place.ok(&["db", "upgrade"]);
        let refused = place.error(4, &["db", "stamp", "20261121000600"]);
        assert!(
            refused.contains("is not at 2026-11-21-000600_rate_limits: ") && refused.contains("table stream_runs should not be there"),
            "{refused}"
        );
        assert_eq!(place.ok(&["db", "current", "--check"]).lines().count(), 1);
        // A database whose records were lost is found to be where it is.
        execute(place.database.database(), "DROP TABLE __lectern_schema_migrations; DROP TABLE __diesel_schema_migrations;");
        assert_eq!(place.run(&["db", "upgrade"]).code, Some(1));
        assert!(place.ok(&["db", "stamp", "head"]).starts_with("counts as applied: 2026-11-21-000100_accounts\n"));
        assert_eq!(place.ok(&["db", "upgrade"]), "the database is up to date\n");
        place.ok(&["db", "check"]);
        place.ok(&["db", "stamp", "base", "--force"]);
        assert_eq!(place.ok(&["db", "current"]), "base\n");
    });
}

#[test]
fn a_stamp_without_a_catalogue_is_forced() {
    on_every_empty_database(|place| {
        place.migrations("m", &[NOTES]);
        assert!(place.error(4, &["db", "stamp", "head", "--folder", "m"]).contains("has no catalogue.txt"));
        place.ok(&["db", "stamp", "head", "--force", "--folder", "m"]);
    });
}
