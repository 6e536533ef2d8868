//! LangGraph's own savers (from PyPI) on tables that our migrations made, and our migrations where the savers came first.

use crate::support::{BESIDE, lines, variable};
use lectern_persistence::{
    DbError,
    catalogue::{Catalogue, Fact, Facts, Kind},
    migrate::{self, Migrator, Revision},
};
use lectern_testkit::{TestDatabase, database::execute};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The interpreter that has both packages; `.ci/run` makes it.
fn python() -> Option<PathBuf> {
    let python = variable("LECTERN_TEST_LANGGRAPH_PYTHON").map(PathBuf::from);
    if python.is_none() {
        println!("skipped: LECTERN_TEST_LANGGRAPH_PYTHON names no Python with the packages langgraph-checkpoint-postgres and -sqlite");
    }
    python
}

/// Runs a part of the script on a database.
#[track_caller]
fn savers(python: &Path, test: &TestDatabase, action: &[&str]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/langgraph/savers.py");
    let (first, rest) = action.split_first().expect("an action");
    let run = Command::new(python).arg(script).args([first, test.url().expose().as_str()]).args(rest).output().expect("Python runs");
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.trim() == "fine", "{}: {said}{}", test.name(), String::from_utf8_lossy(&run.stderr));
}

/// What the catalogue says of the savers' tables. Python gives SQLite's keys no names.
fn facts(test: &TestDatabase) -> Vec<String> {
    let catalogue = test.database().read(Catalogue::read).expect("the catalogue can be read");
    let of = |(table, facts): (&str, &Facts)| {
        let line = |(fact, definition): (&Fact, &String)| {
            let name = if fact.kind == Kind::PrimaryKey && !fact.name.starts_with('(') { "" } else { &fact.name };
            format!("{table}: {} {name} {definition}", fact.kind.as_str()).split_whitespace().collect::<Vec<_>>().join(" ")
        };
        facts.iter().map(line).collect::<Vec<_>>()
    };
    catalogue.tables().filter(|(table, _)| BESIDE.contains(table)).flat_map(of).collect()
}

/// The threads that have a checkpoint, and the steps of `setup()` that count as taken.
fn kept(test: &TestDatabase) -> Vec<String> {
    let mut sql = "SELECT DISTINCT thread_id AS line FROM checkpoints".to_owned();
    if test.name() == "postgres" {
        sql.push_str(" UNION ALL SELECT concat('v', v) FROM checkpoint_migrations");
    }
    sql.push_str(" ORDER BY 1");
    test.database().read::<_, DbError>(|conn| Ok(lines(conn, &sql))).expect("the tables can be read")
}

/// What [`kept`] says of one thread, and of steps that are all taken.
fn threads(test: &TestDatabase, threads: &[&str]) -> Vec<String> {
    let steps = (0..10).filter(|_| test.name() == "postgres").map(|step| format!("v{step}"));
    threads.iter().map(|&thread| thread.to_owned()).chain(steps).collect()
}

#[test]
fn the_savers_use_the_tables_as_they_are() {
    let Some(python) = python() else { return };
    for (ours, theirs) in TestDatabase::all().iter().zip(TestDatabase::all_empty()) {
        savers(&python, &theirs, &["setup"]);
        let made = facts(ours);
        assert_eq!(made, facts(&theirs), "{}: the tables that their setup makes", ours.name());
        assert!(made.len() > 15, "{}: only {} facts", ours.name(), made.len());
        savers(&python, ours, &["use", "a"]);
        savers(&python, ours, &["read", "a"]);
        assert_eq!(facts(ours), made, "{}: their setup changed the tables", ours.name());
        assert_eq!(kept(ours), threads(ours, &["a"]));
    }
}

#[test]
fn what_the_savers_kept_before_us_stays() {
    let Some(python) = python() else { return };
    for test in TestDatabase::all_empty() {
        savers(&python, &test, &["use", "a"]);
        let made = facts(&test);
        migrate::upgrade(test.database()).expect("upgraded");
        assert_eq!(facts(&test), made, "{}", test.name());
        savers(&python, &test, &["read", "a"]);
        savers(&python, &test, &["use", "b"]);
        Migrator::new(test.database()).downgrade(&Revision::Base).expect("downgraded");
        savers(&python, &test, &["read", "b"]);
        migrate::upgrade(test.database()).expect("upgraded again");
        savers(&python, &test, &["read", "a"]);
        assert_eq!(kept(&test), threads(&test, &["a", "b"]));
    }
}

#[test]
fn tables_that_another_version_made_are_no_drift() {
    let differences = |test: &TestDatabase| Migrator::new(test.database()).drift().expect("it can be compared").len();
    for test in TestDatabase::all() {
        execute(test.database(), "ALTER TABLE checkpoints ADD COLUMN later TEXT; ALTER TABLE checkpoints DROP COLUMN type;");
        assert_eq!(differences(&test), 0, "{}", test.name());
        execute(test.database(), "DROP TABLE checkpoints");
        assert_eq!(differences(&test), 1, "{}: a table that is not there is", test.name());
    }
}

#[test]
fn tables_of_an_older_saver_are_completed() {
    let Some(python) = python() else { return };
    for (new, old) in TestDatabase::all().iter().zip(TestDatabase::all_empty()) {
        savers(&python, &old, &["old"]);
        migrate::upgrade(old.database()).expect("upgraded");
        savers(&python, &old, &["use", "a"]);
        assert_eq!(facts(&old), facts(new), "{}", old.name());
        assert_eq!(kept(&old), threads(&old, &["a"]));
    }
}
