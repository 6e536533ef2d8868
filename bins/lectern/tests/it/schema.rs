//! `lectern db`: migrations of a folder, on an empty database.

use crate::support::{Done, Migration, Place, done, on_every_empty_database};
use lectern_testkit::comes;
use serde_json::{Value, json};
use std::{
    fs::{File, TryLockError},
    process::Stdio,
};

const NOTES: Migration<'_> = ("2026-01-01-000001_notes", "CREATE TABLE notes (id INTEGER PRIMARY KEY);\n", "DROP TABLE notes;\n");
const PAGES: Migration<'_> = ("2026-01-01-000002_pages", "CREATE TABLE pages (id INTEGER PRIMARY KEY);\n", "DROP TABLE pages;\n");
const WORDS: Migration<'_> =
    ("2026-01-01-000003_words", "ALTER TABLE notes ADD COLUMN words INTEGER;\n", "ALTER TABLE notes DROP COLUMN words;\n");

impl Place {
    /// Takes the transaction from a migration.
    fn without_transaction(&self, folder: &str, name: &str) {
        for backend in ["postgres", "sqlite"] {
            self.write(&format!("{folder}/{backend}/{name}/metadata.toml"), "run_in_transaction = false\n");
        }
    }

    fn states(&self, folder: &str) -> Vec<(String, String)> {
        let history = self.json(&["db", "history", "--folder", folder]);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        history["migrations"].as_array().unwrap().iter().map(|step| (text(&step["name"])[18..].to_owned(), text(&step["state"]))).collect()
    }

    #[track_caller]
    fn check_states(&self, folder: &str, expect: &[(&str, &str)]) {
        let expect: Vec<_> = expect.iter().map(|&(name, state)| (name.to_owned(), state.to_owned())).collect();
        assert_eq!(self.states(folder), expect, "on {}", self.database.name());
    }

    /// Whether another process holds the lock, seen without asking for it where that would be granted.
    fn is_migrating(&self, folder: &str) -> bool {
        let Some(file) = self.database.url().path() else {
            // Each migration has its own transaction: the first one is there, and the second one is in hand.
            return self.states(folder)[0].1 == "applied";
        };
        let mut name = file.as_os_str().to_owned();
        name.push(".migrating");
        File::open(name).is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// A statement that does not end by itself.
    fn endless(&self) -> &'static str {
        match self.database.name() {
            "postgres" => "SELECT pg_sleep(100000);\n",
            _ => {
                "CREATE TABLE endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i > 0) SELECT count(*) FROM n;\n"
            }
        }
    }
}

#[test]
fn up_and_down_by_revisions() {
    on_every_empty_database(|place| {
        place.migrations("m", &[NOTES, PAGES, WORDS]);
        assert_eq!(place.ok(&["db", "current", "--folder", "m"]), "base\n");
        assert_eq!(place.tables(), Vec::<String>::new(), "looking leaves no trace");
        place.check_states("m", &[("notes", "pending"), ("pages", "pending"), ("words", "pending")]);
        let behind = place.run(&["db", "current", "--check", "--folder", "m"]);
        assert_eq!(behind.code, Some(3), "{behind:?}");

        let sql = place.ok(&["db", "upgrade", "+1", "--sql", "--folder", "m"]);
        assert_eq!(sql, "-- 2026-01-01-000001_notes\nCREATE TABLE notes (id INTEGER PRIMARY KEY);\n\n");
        assert!(place.ok(&["db", "upgrade", "+1", "--folder", "m"]).starts_with("applied 2026-01-01-000001_notes in "));
        assert_eq!(place.ok(&["db", "current", "--folder", "m"]), "2026-01-01-000001_notes\n");

        let tried = place.json(&["db", "upgrade", "--dry-run", "--folder", "m"]);
        let locked = |at: usize| tried["would_apply"][at]["locked"].as_array().unwrap().iter().any(|name| name == "notes");
        assert!(tried["would_apply"][0]["milliseconds"].is_u64() && locked(1), "{tried}");
        place.check_states("m", &[("notes", "applied"), ("pages", "pending"), ("words", "pending")]);

        place.ok(&["db", "upgrade", "20260101000003", "--folder", "m"]);
        assert_eq!(place.ok(&["db", "current", "--check", "--folder", "m"]), "2026-01-01-000003_words (head)\n");
        assert_eq!(place.ok(&["db", "upgrade", "--folder", "m"]), "the database is up to date\n");
        assert_eq!(place.tables(), ["notes", "pages"]);

        let planned = place.run(&["db", "downgrade", "-2", "--folder", "m"]);
        let plan = "would revert 2026-01-01-000003_words\nwould revert 2026-01-01-000002_pages\n";
        assert_eq!((planned.code, planned.out.as_str()), (Some(2), plan), "{planned:?}");
        place.ok(&["db", "downgrade", "-2", "--yes", "--folder", "m"]);
        assert_eq!(place.tables(), ["notes"]);
        place.ok(&["db", "downgrade", "base", "--yes", "--folder", "m"]);
        assert_eq!(place.ok(&["db", "downgrade", "base", "--yes", "--folder", "m"]), "there is nothing to revert\n");
        assert_eq!(place.tables(), Vec::<String>::new());
        assert!(place.error(2, &["db", "upgrade", "+9", "--folder", "m"]).contains("beyond"));
        assert!(place.ok(&["db", "show", "20260101000002", "--folder", "m"]).contains("-- down\nDROP TABLE pages;\n"));
        assert_eq!(place.ok(&["db", "heads", "--folder", "m"]), "2026-01-01-000003_words\n");
    });
}

#[test]
fn an_edited_migration_is_refused_and_line_ends_are_no_edit() {
    on_every_empty_database(|place| {
        place.migrations("m", &[NOTES]);
        place.ok(&["db", "upgrade", "--folder", "m"]);
        place.migrations("crlf", &[(NOTES.0, &NOTES.1.replace('\n', "\r\n"), NOTES.2)]);
        assert_eq!(place.ok(&["db", "upgrade", "--folder", "crlf"]), "the database is up to date\n");
        place.migrations("edited", &[(NOTES.0, "CREATE TABLE notes (id BIGINT PRIMARY KEY);\n", NOTES.2), PAGES]);
        place.check_states("edited", &[("notes", "modified"), ("pages", "pending")]);
        let refused = place.error(5, &["db", "upgrade", "--folder", "edited"]);
        assert!(refused.contains("2026-01-01-000001_notes was edited") && refused.contains("lectern db repair"), "{refused}");
        assert_eq!(place.tables(), ["notes"]);
        place.ok(&["db", "repair", "--folder", "edited"]);
        place.ok(&["db", "upgrade", "--folder", "edited"]);
        place.check_states("edited", &[("notes", "applied"), ("pages", "applied")]);
        assert_eq!(place.ok(&["db", "repair", "--folder", "edited"]), "there is nothing to repair\n");
    });
}

#[test]
fn an_older_program_takes_a_newer_schema_back_with_the_stored_scripts() {
    on_every_empty_database(|place| {
        place.migrations("newer", &[NOTES, PAGES, WORDS]);
        place.migrations("older", &[NOTES]);
        place.ok(&["db", "upgrade", "--folder", "newer"]);
        place.check_states("older", &[("notes", "applied"), ("pages", "future"), ("words", "future")]);
        let refused = place.error(4, &["db", "upgrade", "--folder", "older"]);
        assert!(refused.contains("2026-01-01-000002_pages") && refused.contains("downgrade"), "{refused}");
        let planned = place.run(&["db", "downgrade", "20260101000001", "--folder", "older"]);
        assert_eq!(planned.out, "would revert 2026-01-01-000003_words\nwould revert 2026-01-01-000002_pages\n");
        place.ok(&["db", "downgrade", "head", "--yes", "--folder", "older"]);
        assert_eq!(place.ok(&["db", "current", "--check", "--folder", "older"]), "2026-01-01-000001_notes (head)\n");
        assert_eq!(place.tables(), ["notes"]);
    });
}

#[test]
fn what_lands_late_or_cannot_be_undone_is_refused() {
    on_every_empty_database(|place| {
        place.migrations("m", &[NOTES, (WORDS.0, WORDS.1, "-- nothing takes it back\n")]);
        place.ok(&["db", "upgrade", "--folder", "m"]);
        let refused = place.error(4, &["db", "downgrade", "base", "--yes", "--folder", "m"]);
        assert!(refused.contains("2026-01-01-000003_words cannot be reverted"), "{refused}");
        place.migrations("late", &[NOTES, PAGES, (WORDS.0, WORDS.1, "-- nothing takes it back\n")]);
        place.check_states("late", &[("notes", "applied"), ("pages", "out of order"), ("words", "applied")]);
        let refused = place.error(4, &["db", "upgrade", "--folder", "late"]);
        assert!(refused.contains("2026-01-01-000002_pages came after"), "{refused}");
        place.ok(&["db", "upgrade", "--out-of-order", "--folder", "late"]);
        assert_eq!(place.tables(), ["notes", "pages"]);
    });
}

#[test]
fn a_stamp_writes_the_ledger_alone() {
    on_every_empty_database(|place| {
        place.migrations("m", &[NOTES, PAGES]);
        let stamped = place.json(&["db", "stamp", "head", "--force", "--folder", "m"]);
        assert_eq!(stamped, json!({ "added": [NOTES.0, PAGES.0], "removed": [] }));
        assert_eq!(place.tables(), Vec::<String>::new());
        assert_eq!(place.ok(&["db", "current", "--folder", "m"]), "2026-01-01-000002_pages (head)\n");
        let stamped = place.json(&["db", "stamp", "base", "--force", "--folder", "m"]);
        assert_eq!(stamped, json!({ "added": [], "removed": [NOTES.0, PAGES.0] }));
        let done = place.run(&["db", "merge"]);
        assert_eq!(done.code, Some(2), "{done:?}");
    });
}

/// Starts an upgrade, kills it when `reached` says so, and returns what a second upgrade said meanwhile.
fn killed(place: &Place, folder: &str, reached: impl Fn() -> bool) -> Done {
    let mut child = place.command(&["db", "upgrade", "--folder", folder]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // Only then: a second one that comes first would itself do what has no end.
    let beside = comes(reached).then(|| done(place.command(&["db", "upgrade", "--lock-timeout", "0", "--folder", folder])));
    child.kill().unwrap();
    child.wait().unwrap();
    beside.expect("the migration was never in hand")
}

#[test]
fn a_kill_in_a_transaction_leaves_nothing_behind() {
    on_every_empty_database(|place| {
        let both = format!("CREATE TABLE pages (id INTEGER PRIMARY KEY);\n{}", place.endless());
        place.migrations("slow", &[NOTES, (PAGES.0, &both, PAGES.2)]);
        let beside = killed(place, "slow", || place.is_migrating("slow"));
        assert_eq!(beside.code, Some(6), "{beside:?}");
        assert!(beside.err.contains("another process is migrating"), "{beside:?}");
        place.migrations("fixed", &[NOTES, PAGES]);
        place.ok(&["db", "upgrade", "--folder", "fixed"]);
        place.check_states("fixed", &[("notes", "applied"), ("pages", "applied")]);
        assert_eq!(place.tables(), ["notes", "pages"]);
    });
}

#[test]
fn a_kill_outside_a_transaction_is_told_and_can_be_mended() {
    on_every_empty_database(|place| {
        place.migrations("slow", &[NOTES, (PAGES.0, place.endless(), PAGES.2), WORDS]);
        place.without_transaction("slow", PAGES.0);
        let half = |state: &(String, String)| state.1 == "half-applied";
        killed(place, "slow", || place.states("slow").iter().any(half));
        let refused = place.error(5, &["db", "upgrade", "--folder", "slow"]);
        assert!(refused.contains("2026-01-01-000002_pages stopped half-way") && refused.contains("lectern db repair"), "{refused}");
        place.check_states("slow", &[("notes", "applied"), ("pages", "half-applied"), ("words", "pending")]);
        let started = place.run(&["search", "anything", "--collection", "x"]);
        assert_eq!(started.code, Some(5), "{started:?}");
        assert!(place.ok(&["db", "repair", "--folder", "slow"]).contains("runs it again"));
        place.migrations("fixed", &[NOTES, PAGES, WORDS]);
        place.without_transaction("fixed", PAGES.0);
        place.ok(&["db", "upgrade", "--folder", "fixed"]);
        place.check_states("fixed", &[("notes", "applied"), ("pages", "applied"), ("words", "applied")]);
    });
}

#[test]
fn a_migration_that_fails_changes_nothing() {
    on_every_empty_database(|place| {
        place.migrations("m", &[NOTES, (PAGES.0, "CREATE TABLE pages (id INTEGER PRIMARY KEY);\nSELECT * FROM nowhere;\n", PAGES.2)]);
        let failed = place.error(1, &["db", "upgrade", "--folder", "m"]);
        assert!(failed.contains("2026-01-01-000002_pages failed") && failed.contains("nowhere"), "{failed}");
        assert!(!place.tables().contains(&"pages".to_owned()));
        place.migrations("fixed", &[NOTES, PAGES]);
        place.ok(&["db", "upgrade", "--folder", "fixed"]);
        assert_eq!(place.tables(), ["notes", "pages"]);
    });
}

#[test]
fn the_database_tells_its_tables_and_answers() {
    on_every_empty_database(|place| {
        place.ok(&["db", "upgrade"]);
        let tables = place.json(&["db", "tables"]);
        let users = tables.as_array().unwrap().iter().find(|table| table["name"] == "users").unwrap();
        assert_eq!(users["rows"], 0);
        assert!(users["bytes"].as_i64().unwrap() > 0, "{users}");
        assert!(place.json(&["db", "ping"])["milliseconds"].as_f64().unwrap() > 0.0);
        let history = place.ok(&["db", "history", "-v"]);
        assert!(history.contains("SHA-256") && history.contains("can be reverted") && history.contains(" by version "), "{history}");
    });
}
