//! Restoring into a database that has rows.

use super::{another, archive, assert_same, restore_with, rows};
use lectern_persistence::transfer::{OnConflict, RestoreOptions, Restored, TransferError};
use lectern_testkit::{
    TestDatabase,
    database::{
        execute,
        full::{self, Pool},
    },
};

fn with(on_conflict: OnConflict) -> RestoreOptions {
    RestoreOptions { on_conflict, without_checkpoints: true }
}

/// A full database with its archive, for each backend, and another database with the same rows.
fn twins(test: impl Fn(&TestDatabase, &[u8], &TestDatabase)) {
    for source in TestDatabase::all() {
        full::fill(&source, &Pool::default());
        let (bytes, _) = archive(source.database());
        // JSON is spelled as the other backend spells it, where there is one.
        for origin in TestDatabase::all_empty() {
            super::restore(origin.database(), &bytes).expect("a restore");
            let (bytes, _) = archive(origin.database());
            let target = another(source.name(), true);
            super::restore(target.database(), &archive(source.database()).0).expect("a restore");
            test(&source, &bytes, &target);
        }
    }
}

fn total(restored: &Restored) -> (u64, u64, u64, u64) {
    restored.tables.iter().fold((0, 0, 0, 0), |sum, (_, merged)| {
        (sum.0 + merged.inserted, sum.1 + merged.replaced, sum.2 + merged.identical, sum.3 + merged.skipped)
    })
}

#[test]
fn a_row_that_is_there_is_an_error_unless_a_policy_says_otherwise() {
    twins(|source, bytes, target| {
        let before = rows(target.database());
        let refused = restore_with(target.database(), bytes, with(OnConflict::Error)).expect_err("a conflict");
        assert!(matches!(&refused, TransferError::Conflict { row, .. } if row.contains('1')), "{refused}");
        assert_same(&rows(target.database()), &before);

        let same = restore_with(target.database(), bytes, with(OnConflict::SkipIdentical)).expect("nothing differs");
        let all: u64 = before.values().map(|rows| rows.len() as u64).sum();
        assert_eq!(total(&same), (0, 0, all, 0), "on {}", source.name());
        assert!(!same.was_empty);
        assert_same(&rows(target.database()), &before);
    });
}

#[test]
fn rows_that_differ_are_kept_or_replaced_as_the_policy_says() {
    twins(|source, bytes, target| {
        execute(target.database(), "UPDATE users SET organization_name = 'elsewhere' WHERE id = 2");
        execute(target.database(), "DELETE FROM feedbacks WHERE id = 1");
        let before = rows(target.database());
        let refused = restore_with(target.database(), bytes, with(OnConflict::SkipIdentical)).expect_err("a conflict");
        assert!(refused.to_string().contains("users, row id 2"), "{refused}");
        assert_same(&rows(target.database()), &before);

        let skipped = restore_with(target.database(), bytes, with(OnConflict::Skip)).expect("it is skipped");
        let all: u64 = before.values().map(|rows| rows.len() as u64).sum();
        assert_eq!(total(&skipped), (1, 0, all - 1, 1), "on {}", source.name());
        let mut expected = rows(source.database());
        expected.insert("users".to_owned(), before["users"].clone());
        assert_same(&rows(target.database()), &expected);

        let replaced = restore_with(target.database(), bytes, with(OnConflict::Replace)).expect("it is replaced");
        assert_eq!(total(&replaced), (0, 1, all, 0), "on {}", source.name());
        assert_same(&rows(target.database()), &rows(source.database()));
    });
}

#[test]
fn a_row_in_the_way_of_a_unique_constraint_is_named_whatever_the_policy() {
    twins(|_, bytes, target| {
        let name = "UPDATE sources SET id = 77 WHERE id = 3";
        execute(target.database(), "DELETE FROM stream_source WHERE source_id = 3");
        execute(target.database(), name);
        let before = rows(target.database());
        for policy in [OnConflict::Skip, OnConflict::Replace, OnConflict::SkipIdentical, OnConflict::Error] {
            let refused = restore_with(target.database(), bytes, with(policy)).expect_err("a conflict").to_string();
            if matches!(policy, OnConflict::Skip | OnConflict::Replace) {
                assert!(refused.contains("sources, row id 3") && refused.contains("source_name: id 77"), "{refused}");
            }
            assert_same(&rows(target.database()), &before);
        }
    });
}

#[test]
fn a_database_with_rows_must_be_where_the_archive_is() {
    use lectern_persistence::migrate::{Migrator, Revision};
    for source in TestDatabase::all() {
        full::fill(&source, &Pool::default());
        let (bytes, _) = archive(source.database());
        let target = another(source.name(), false);
        full::fill(&target, &Pool { rows: 1, ..Pool::default() });
        Migrator::new(target.database()).downgrade(&Revision::Relative(-1)).expect("a downgrade");
        let before = rows(target.database());
        let refused = super::restore(target.database(), &bytes).expect_err("another revision");
        assert!(
            matches!(refused, TransferError::NotAtRevision { .. }) && refused.to_string().contains("`lectern db upgrade 2026"),
            "{refused}"
        );
        assert_same(&rows(target.database()), &before);

        let (older, _) = archive(target.database());
        let refused = super::restore(source.database(), &older).expect_err("another revision");
        assert!(refused.to_string().contains("`lectern db downgrade 2026"), "{refused}");
    }
}
