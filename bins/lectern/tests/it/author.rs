//! `lectern db revision` and `rebase`: writing migrations.

use crate::support::{Done, Migration, Place, done, installed, on_every_empty_database, search_path};
use lectern_testkit::TestDatabase;
use std::{
    fs,
    path::{Path, PathBuf},
};

const NOTES: Migration<'_> = ("2026-01-01-000001_notes", "CREATE TABLE notes (id INTEGER PRIMARY KEY);\n", "DROP TABLE notes;\n");
const PAGES: Migration<'_> = ("2026-01-01-000002_pages", "CREATE TABLE pages (id INTEGER PRIMARY KEY);\n", "DROP TABLE pages;\n");
const WORDS: Migration<'_> = ("2026-01-01-000003_words", "CREATE TABLE words (id INTEGER PRIMARY KEY);\n", "DROP TABLE words;\n");

/// The names of the migrations in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The last migration of a place's folder `migrations`, the same for both backends.
fn last(place: &Place) -> String {
    let both = ["postgres", "sqlite"].map(|backend| names(&place.path("migrations").join(backend)));
    assert_eq!(both[0], both[1]);
    both[0].last().unwrap().clone()
}

fn script(place: &Place, backend: &str, file: &str) -> String {
    fs::read_to_string(place.path("migrations").join(backend).join(last(place)).join(file)).unwrap()
}

#[test]
fn a_new_migration_has_two_scripts_for_each_backend_and_one_version() {
    let place = Place::on(TestDatabase::all_empty().remove(0));
    place.migrations("migrations", &[NOTES]);
    let written = place.json(&["db", "revision", "-m", "Add user  role"]);
    let name = last(&place);
    assert!(name.ends_with("_add_user_role") && name.len() == "2026-01-01-000001_add_user_role".len(), "{name}");
    let files: Vec<String> = ["postgres", "sqlite"]
        .iter()
        .flat_map(|backend| ["up.sql", "down.sql"].map(|file| format!("migrations/{backend}/{name}/{file}")))
        .collect();
    assert_eq!(written, serde_json::json!({ "files": files }));
    assert_eq!(script(&place, "postgres", "up.sql"), "-- Add user role\n\n");
    assert_eq!(script(&place, "sqlite", "down.sql"), "-- Takes back: Add user role\n\n");
    // A comment reverts nothing: whoever forgets the script can't go down by accident.
    place.ok(&["db", "upgrade", "--folder", "migrations"]);
    assert!(place.error(4, &["db", "downgrade", "-1", "--yes", "--folder", "migrations"]).contains("cannot be reverted"));
}

#[test]
fn a_new_migration_comes_last_whatever_the_clock_says() {
    let place = Place::sqlite();
    place.migrations("m", &[NOTES, ("9998-12-31-235959_far", NOTES.1, NOTES.2)]);
    let said = place.ok(&["db", "revision", "-m", "later", "--folder", "m"]);
    assert!(said.starts_with("wrote m/postgres/9999-01-01-000000_later/up.sql\n"), "{said}");
    assert_eq!(place.error(2, &["db", "revision", "-m", "…", "--folder", "m"]), "'…' has no letter or digit to name a migration by");
    assert!(place.error(1, &["db", "revision", "-m", "x", "--folder", "nowhere"]).contains("nowhere/postgres"));
}

#[test]
fn without_diesel_s_program_it_says_how_to_get_it() {
    let place = checkout();
    let mut command = place.command(&["db", "revision", "-m", "x", "--autogenerate", "--schema", "schema"]);
    let done = done_without_diesel(&mut command);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(done.err.contains("`diesel`") && done.err.contains("just diesel-cli"), "{done:?}");
    assert_eq!(last(&place), head(), "nothing was written");
}

fn done_without_diesel(command: &mut std::process::Command) -> Done {
    command.env("PATH", "/nonexistent");
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Done { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// A place with our migrations and our Diesel schema, as in a checkout.
fn checkout() -> Place {
    let place = Place::sqlite();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for backend in ["postgres", "sqlite"] {
        for name in names(&root.join("migrations").join(backend)) {
            for file in names(&root.join("migrations").join(backend).join(&name)) {
                let path: PathBuf = ["migrations", backend, &name, &file].iter().collect();
                place.write(path.to_str().unwrap(), fs::read(root.join(&path)).unwrap());
            }
        }
    }
    for file in names(&root.join("crates/lectern-persistence/src/schema")) {
        place.write(&format!("schema/{file}"), fs::read(root.join("crates/lectern-persistence/src/schema").join(&file)).unwrap());
    }
    place
}

fn head() -> String {
    names(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/sqlite")).last().unwrap().clone()
}

/// Runs `revision --autogenerate` with the real program.
fn autogenerate(place: &Place, postgres: Option<&str>, more: &[&str]) -> Done {
    let server: Vec<&str> = postgres.iter().flat_map(|url| ["--postgres", *url]).collect();
    let arguments = [&["db", "revision", "-m", "what is new", "--autogenerate", "--schema", "schema"], server.as_slice(), more].concat();
    let mut command = place.command(&arguments);
    command.env("PATH", search_path());
    done(command)
}

/// The statements of a script, without comments.
fn statements(place: &Place, backend: &str, file: &str) -> String {
    script(place, backend, file)
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("--"))
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn autogenerate_begins_with_what_differs() {
    if !installed("diesel") {
        return;
    }
    let postgres = TestDatabase::postgres().map(|database| database.url().expose());
    let backends: &[&str] = if postgres.is_some() { &["postgres", "sqlite"] } else { &["sqlite"] };
    let place = checkout();
    let done = autogenerate(&place, postgres.as_deref(), &[]);
    assert_eq!(done.code, Some(0), "{done:?}");
    assert_eq!(done.err.contains("postgres was not compared"), postgres.is_none(), "{done:?}");
    for backend in backends {
        assert_eq!(statements(&place, backend, "up.sql"), "", "{backend}: the Diesel schema is what the migrations make");
        for unseen in ["indexes, unique constraints and checks", "renames", "AUTOINCREMENT"] {
            assert!(script(&place, backend, "up.sql").contains(unseen), "{backend}");
        }
    }

    let place = checkout();
    let accounts = fs::read_to_string(place.path("schema/accounts.rs")).unwrap();
    let accounts = accounts.replacen("        username -> Text,\n", "        username -> Text,\n        colour -> Nullable<Text>,\n", 1);
    let tables = "
diesel::table! {
    use crate::types::sql::*;
    use diesel::sql_types::*;

    shelves (id) {
        id -> Integer,
        uid -> UuidType,
        made_at -> TimestampType,
        open -> Bool,
        extra -> Nullable<JsonType>,
        user_id -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;

    books (shelf_id, place) {
        shelf_id -> Integer,
        place -> BigInt,
        cover -> Nullable<Binary>,
    }
}

diesel::joinable!(shelves -> users (user_id));
diesel::joinable!(books -> shelves (shelf_id));
";
    place.write("schema/accounts.rs", format!("{accounts}{tables}"));
    let done = autogenerate(&place, postgres.as_deref(), &[]);
    assert_eq!(done.code, Some(0), "{done:?}");
    for backend in backends {
        let (uid, at, open, extra, cover) = if *backend == "postgres" {
            ("UUID", "TIMESTAMPTZ", "BOOL", "JSONB", "BYTEA")
        } else {
            ("BLOB", "TEXT", "BOOLEAN", "TEXT", "BLOB")
        };
        let expect = format!(
            "CREATE TABLE \"shelves\" (
    \"id\" INTEGER NOT NULL CONSTRAINT shelves_pkey PRIMARY KEY,
    \"uid\" {uid} NOT NULL,
    \"made_at\" {at} NOT NULL,
    \"open\" {open} NOT NULL,
    \"extra\" {extra},
    \"user_id\" INTEGER NOT NULL,
    CONSTRAINT shelves_user_id_fkey FOREIGN KEY (\"user_id\") REFERENCES \"users\" (\"id\")
);
CREATE TABLE \"books\" (
    \"shelf_id\" INTEGER NOT NULL,
    \"place\" BIGINT NOT NULL,
    \"cover\" {cover},
    CONSTRAINT books_pkey PRIMARY KEY (\"shelf_id\", \"place\"),
    CONSTRAINT books_shelf_id_fkey FOREIGN KEY (\"shelf_id\") REFERENCES \"shelves\" (\"id\")
);
ALTER TABLE \"users\" ADD COLUMN \"colour\" TEXT;
"
        );
        assert_eq!(statements(&place, backend, "up.sql"), expect);
        let back = "ALTER TABLE \"users\" DROP COLUMN \"colour\";\nDROP TABLE \"books\";\nDROP TABLE \"shelves\";\n";
        assert_eq!(statements(&place, backend, "down.sql"), back, "{backend}");
    }
    // The draft runs, both ways.
    for database in TestDatabase::all() {
        let target = Place::on(database);
        let folder = place.path("migrations");
        let folder = folder.to_str().unwrap();
        assert!(target.ok(&["db", "upgrade", "--folder", folder]).contains("_what_is_new in "));
        target.ok(&["db", "downgrade", "-1", "--yes", "--folder", folder]);
        target.ok(&["db", "check"]);
    }
}

#[test]
fn autogenerate_drops_nothing_unless_it_may() {
    if !installed("diesel") {
        return;
    }
    let place = checkout();
    let accounts = fs::read_to_string(place.path("schema/accounts.rs")).unwrap();
    place.write("schema/accounts.rs", accounts.replacen("        hashed_password -> Text,\n", "", 1));
    let done = autogenerate(&place, None, &[]);
    assert_eq!(done.code, Some(4), "{done:?}");
    assert!(done.err.contains("--allow-destructive: ALTER TABLE \"users\" DROP COLUMN \"hashed_password\";"), "{done:?}");
    assert_eq!(last(&place), head(), "nothing was written");
    assert_eq!(autogenerate(&place, None, &["--allow-destructive"]).code, Some(0));
    assert_eq!(statements(&place, "sqlite", "up.sql"), "ALTER TABLE \"users\" DROP COLUMN \"hashed_password\";\n");
    assert_eq!(statements(&place, "sqlite", "down.sql"), "ALTER TABLE \"users\" ADD COLUMN \"hashed_password\" TEXT NOT NULL;\n");
}

#[test]
fn autogenerate_compares_a_database_at_head_alone() {
    on_every_empty_database(|database| {
        let place = checkout();
        let scratch = database.database.url().expose();
        let done = autogenerate(&place, None, &["--scratch", &scratch]);
        assert_eq!(done.code, Some(4), "{done:?}");
        let pending = names(&place.path("migrations/sqlite")).len();
        assert!(done.err.contains(&format!("not at head: {pending} of the migrations")), "{done:?}");
        database.ok(&["db", "upgrade"]);
        if installed("diesel") {
            assert_eq!(autogenerate(&place, None, &["--scratch", &scratch]).code, Some(0));
        }
    });
}

#[test]
fn what_landed_late_gets_a_later_time() {
    on_every_empty_database(|place| {
        place.migrations("migrations", &[NOTES, WORDS]);
        place.ok(&["db", "upgrade", "--folder", "migrations"]);
        place.migrations("migrations", &[NOTES, PAGES, WORDS]);
        assert!(place.error(4, &["db", "upgrade", "--folder", "migrations"]).contains("lectern db rebase"));
        assert!(place.error(4, &["db", "rebase", "20260101000003"]).contains("2026-01-01-000003_words is applied"));
        assert!(place.error(2, &["db", "rebase", "2027"]).contains("starts with 2027"));
        assert!(place.error(2, &["db", "rebase", "head"]).contains("'head'"));
        let said = place.ok(&["db", "rebase", "20260101000002"]);
        let name = last(place);
        assert_eq!(said, format!("2026-01-01-000002_pages is {name} now\n"));
        assert!(name.ends_with("_pages") && !place.path("migrations/sqlite/2026-01-01-000002_pages").exists(), "{name}");
        assert_eq!(script(place, "postgres", "down.sql"), PAGES.2);
        let said = place.json(&["db", "rebase", &name]);
        assert_eq!(said, serde_json::json!({ "from": name, "to": name }));
        place.ok(&["db", "upgrade", "--folder", "migrations"]);
        assert_eq!(place.ok(&["db", "current", "--check", "--folder", "migrations"]), format!("{name} (head)\n"));
    });
}
