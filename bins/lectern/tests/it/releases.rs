//! `lectern db downgrade --to-release`.

use crate::support::{Migration, on_every_empty_database};

const NOTES: Migration<'_> = ("2026-01-01-000001_notes", "CREATE TABLE notes (id INTEGER PRIMARY KEY);\n", "DROP TABLE notes;\n");
const PAGES: Migration<'_> = ("2026-01-01-000002_pages", "CREATE TABLE pages (id INTEGER PRIMARY KEY);\n", "DROP TABLE pages;\n");
const WORDS: Migration<'_> = ("2026-01-01-000003_words", "CREATE TABLE words (id INTEGER PRIMARY KEY);\n", "DROP TABLE words;\n");

#[test]
fn back_to_what_a_release_ended_with() {
    on_every_empty_database(|place| {
        place.migrations("m", &[NOTES, PAGES, WORDS]);
        place.write("m/releases.txt", "# Releases\n0.0.1 2026-01-01-000001_notes\n0.0.2 2026-01-01-000002_pages\n");
        place.ok(&["db", "upgrade", "--folder", "m"]);
        let planned = place.run(&["db", "downgrade", "--to-release", "0.0.2", "--folder", "m"]);
        assert_eq!((planned.code, planned.out.as_str()), (Some(2), "would revert 2026-01-01-000003_words\n"), "{planned:?}");
        assert_eq!(place.ok(&["db", "downgrade", "--to-release", "v0.0.1", "--yes", "--folder", "m"]).lines().count(), 2);
        assert_eq!(place.tables(), ["notes"]);
        let unknown = place.error(2, &["db", "downgrade", "--to-release", "0.0.3", "--yes", "--folder", "m"]);
        assert!(unknown.contains("what release 0.0.3 ended with is not known"), "{unknown}");
        // This release ends where its migrations do.
        let own = env!("CARGO_PKG_VERSION");
        assert_eq!(place.ok(&["db", "downgrade", "--to-release", own, "--yes", "--folder", "m"]), "there is nothing to revert\n");
    });
}

#[test]
fn the_ledger_knows_what_the_list_does_not() {
    on_every_empty_database(|place| {
        place.migrations("m", &[NOTES, PAGES, WORDS]);
        place.ok(&["db", "upgrade", "--folder", "m"]);
        let older = "UPDATE __lectern_schema_migrations SET application = '0.0.9' WHERE version < '20260101000003'";
        lectern_testkit::database::execute(place.database.database(), older);
        place.ok(&["db", "downgrade", "--to-release", "0.0.9", "--yes", "--folder", "m"]);
        assert_eq!(place.tables(), ["notes", "pages"]);
    });
}
