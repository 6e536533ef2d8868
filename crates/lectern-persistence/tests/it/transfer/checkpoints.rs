//! The tables of LangGraph's savers, whose columns depend on the version that made them.

use super::{archive, restore_with};
use crate::support::lines;
use lectern_persistence::{
    Database, DbError,
    migrate::Migrator,
    transfer::{self, CopyOptions, RestoreOptions, TransferError},
};
use lectern_testkit::{
    TestDatabase,
    database::{
        execute,
        full::{self, Pool},
    },
};

/// A full database whose savers' tables were changed.
fn full_after(source: TestDatabase, sql: &str) -> TestDatabase {
    full::fill(&source, &Pool::default());
    execute(source.database(), sql);
    source
}

/// Through an archive and by a copy, each into an empty database of the same backend that has the columns of today.
fn both_ways(source: &TestDatabase, without_checkpoints: bool, then: impl Fn(&Database, Result<(), TransferError>)) {
    let empty = || TestDatabase::all_empty().into_iter().find(|target| target.name() == source.name()).expect("there is one");
    let target = empty();
    let options = RestoreOptions { without_checkpoints, ..RestoreOptions::default() };
    let restored = restore_with(target.database(), &archive(source.database()).0, options);
    then(target.database(), restored.map(drop));
    let target = empty();
    let options = CopyOptions { without_checkpoints, ..CopyOptions::default() };
    let copied = transfer::copy(source.database(), &Migrator::new(target.database()), options, &mut |_| {});
    then(target.database(), copied.map(drop));
}

/// The rows of SQLite's `writes` and of the checkpoints, whatever the order of their columns.
fn kept(database: &Database) -> Vec<String> {
    let sql = "SELECT concat_ws(' ', thread_id, checkpoint_id, task_id, task_path, idx, channel, type, hex(value)) AS line FROM writes
        UNION ALL SELECT concat_ws(' ', thread_id, checkpoint_id, type) FROM checkpoints ORDER BY 1";
    database.read::<_, DbError>(|conn| Ok(lines(conn, sql))).expect("they can be read")
}

#[test]
fn columns_in_another_order_are_brought() {
    let last = "ALTER TABLE writes DROP COLUMN task_path; ALTER TABLE writes ADD COLUMN task_path TEXT NOT NULL DEFAULT ''";
    let source = full_after(TestDatabase::sqlite(), last);
    execute(source.database(), "UPDATE writes SET task_path = 'a/b' WHERE idx = (SELECT max(idx) FROM writes)");
    let expected = kept(source.database());
    assert!(expected.iter().any(|line| line.contains("a/b")) && expected.len() > 3, "{expected:?}");
    both_ways(&source, false, |target, brought| {
        brought.expect("it is brought");
        assert_eq!(kept(target), expected);
    });
}

#[test]
fn tables_without_rows_may_have_any_columns() {
    let source = full_after(TestDatabase::sqlite(), "ALTER TABLE writes DROP COLUMN task_path; DELETE FROM writes");
    both_ways(&source, false, |target, brought| {
        brought.expect("it is brought");
        assert!(kept(target).len() == 3, "the checkpoints are");
    });
    let Some(postgres) = TestDatabase::postgres() else { return println!("skipped: there is no PostgreSQL") };
    let source = full_after(postgres, "ALTER TABLE checkpoint_writes ADD COLUMN later TEXT; DELETE FROM checkpoint_writes");
    both_ways(&source, false, |_, brought| brought.expect("it is brought"));
}

#[test]
fn rows_with_other_columns_can_be_left_out_and_the_message_says_so() {
    for source in TestDatabase::all() {
        let other = match source.name() {
            "sqlite" => "ALTER TABLE writes DROP COLUMN task_path",
            _ => "ALTER TABLE checkpoint_writes ADD COLUMN later TEXT",
        };
        let source = full_after(source, other);
        both_ways(&source, false, |target, brought| {
            let said = brought.expect_err("a refusal").to_string();
            assert!(said.contains("writes.") && said.contains("leave them out with --without-checkpoints"), "{said}");
            assert!(full::rows(target).is_empty());
        });
        both_ways(&source, true, |target, brought| {
            brought.expect("it is brought");
            assert_eq!(full::rows(target)["users"], full::rows(source.database())["users"]);
        });
    }
}
