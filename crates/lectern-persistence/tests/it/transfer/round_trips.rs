//! What is restored is what was archived, row by row, whichever backends are the two ends.

use super::{LEFT, another, archive, assert_same, digests, restore, rows};
use lectern_persistence::{
    migrate::{Migrator, Revision, UpgradeOptions},
    repo::installation,
    transfer,
    types::Timestamp,
};
use lectern_testkit::{
    TestDatabase,
    database::full::{self, Pool},
};
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};
use serde_json::Value;
use std::io::Cursor;

/// Documents of every kind, with numbers of every size.
fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        finite().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((text(), inner), 0..6).prop_map(|members| members.into_iter().collect())
        ]
    })
}

/// Texts of any characters but NUL.
fn text() -> impl Strategy<Value = String> {
    vec(any::<char>().prop_filter("no NUL", |char| *char != '\0'), 0..24).prop_map(|chars| chars.into_iter().collect())
}

fn finite() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("finite", |number| number.is_finite())
}

fn time() -> impl Strategy<Value = Timestamp> {
    (-62_135_596_800_000_000_i64..=253_402_300_799_999_999)
        .prop_map(|micros| Timestamp(chrono::DateTime::from_timestamp_micros(micros).expect("a time")))
}

fn pool() -> impl Strategy<Value = Pool> {
    let lists = (vec(text(), 1..8), vec(document(), 1..8), vec(any::<i32>(), 1..4), vec(any::<i64>(), 1..4));
    let others = (vec(finite(), 1..4), vec(time(), 1..4), vec(vec(any::<u8>(), 0..64), 1..4));
    (lists, others).prop_map(|((texts, documents, integers, bigints), (doubles, times, bytes))| Pool {
        rows: 4,
        texts,
        documents,
        integers,
        bigints,
        doubles,
        times,
        bytes,
    })
}

/// From a full database of each backend into an empty one of each.
fn check(pool: &Pool) {
    for source in TestDatabase::all() {
        full::fill(&source, pool);
        let expected = rows(source.database());
        assert!(expected.values().all(|rows| rows.len() == pool.rows), "every table is full: {expected:?}");
        let (bytes, manifest) = archive(source.database());
        assert_eq!(transfer::verify(Cursor::new(&bytes), &mut |_| {}).expect("it is whole"), manifest);
        for target in TestDatabase::all_empty() {
            let restored =
                restore(target.database(), &bytes).unwrap_or_else(|error| panic!("{} to {}: {error}", source.name(), target.name()));
            assert!(restored.was_empty);
            assert_same(&rows(target.database()), &expected);
            let (_, again) = archive(target.database());
            assert_eq!(digests(&again), digests(&manifest), "{} to {}", source.name(), target.name());
        }
    }
}

#[test]
fn what_is_hard_to_keep_is_kept_between_any_two_backends() {
    check(&Pool::default());
}

#[test]
fn large_values_are_kept() {
    // A text of 1 MB, of characters of one to three bytes.
    let large: String = (0..400_000).map(|at| char::from_u32(((at * 7) % 50_000 + 33) as u32).unwrap_or('x')).collect();
    assert!(large.len() > 1_048_576);
    let bytes: Vec<u8> = (0..1_048_576_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let mut texts = Pool::default().texts;
    texts.push(large);
    check(&Pool { rows: 2, texts, bytes: vec![bytes, Vec::new()], ..Pool::default() });
}

#[test]
fn any_rows_are_kept_between_any_two_backends() {
    let mut runner = TestRunner::new(ProptestConfig { cases: 6, ..ProptestConfig::default() });
    runner
        .run(&pool(), |pool| {
            check(&pool);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

/// The same with a text and bytes of more than a megabyte among the values.
fn large_pool() -> impl Strategy<Value = Pool> {
    let most = 1_048_577;
    (pool(), vec(any::<char>().prop_filter("no NUL", |char| *char != '\0'), 1..24), vec(any::<u8>(), 1..24)).prop_map(
        move |(mut pool, text, bytes)| {
            let text: String = text.into_iter().collect();
            pool.texts.truncate(2);
            pool.texts.push(text.repeat(most / text.len() + 1));
            pool.bytes.truncate(1);
            pool.bytes.push(bytes.repeat(most / bytes.len() + 1));
            Pool { rows: 3, ..pool }
        },
    )
}

#[test]
fn any_rows_are_copied_between_any_two_backends() {
    let mut runner = TestRunner::new(ProptestConfig { cases: 2, ..ProptestConfig::default() });
    let copied = runner.run(&large_pool(), |pool| {
        for source in TestDatabase::all() {
            full::fill(&source, &pool);
            let expected = rows(source.database());
            let large = expected.values().flatten().any(|row| row.contains("=1048") && row.contains(" bytes, "));
            assert!(large, "there is a value of more than a megabyte");
            for target in TestDatabase::all_empty() {
                let options = transfer::CopyOptions { without_checkpoints: true, ..transfer::CopyOptions::default() };
                let copied = transfer::copy(source.database(), &Migrator::new(target.database()), options, &mut |_| {});
                copied.unwrap_or_else(|error| panic!("{} to {}: {error}", source.name(), target.name()));
                assert_same(&rows(target.database()), &expected);
            }
        }
        Ok(())
    });
    copied.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn every_table_is_archived_or_named_as_one_that_is_not() {
    for source in TestDatabase::all() {
        full::fill(&source, &Pool { rows: 1, ..Pool::default() });
        let (_, manifest) = archive(source.database());
        let all: Vec<String> = full::rows(source.database()).into_keys().collect();
        let mut archived: Vec<&str> = manifest.tables.iter().map(|table| table.head.table.name.as_str()).chain(LEFT).collect();
        archived.sort_unstable();
        assert_eq!(archived, all, "a new table belongs into transfer/known.rs");
    }
}

#[test]
fn an_archive_is_taken_to_any_revision_of_an_empty_database_and_upgraded() {
    for source in TestDatabase::all() {
        full::fill(&source, &Pool::default());
        let (bytes, _) = archive(source.database());
        let target = another(source.name(), true);
        Migrator::new(target.database())
            .upgrade(&Revision::Version("20261121000300".into()), UpgradeOptions::default())
            .expect("an upgrade");
        restore(target.database(), &bytes).expect("a restore");
        assert_same(&rows(target.database()), &rows(source.database()));

        // And one of an older schema.
        let older = another(source.name(), true);
        let at = Revision::Version("20261121000400".into());
        Migrator::new(older.database()).upgrade(&at, UpgradeOptions::default()).expect("an upgrade");
        full::fill(&older, &Pool::default());
        let (bytes, manifest) = archive(older.database());
        assert_eq!(manifest.about.migrations.len(), 4);
        let target = another(source.name(), false);
        let restored = restore(target.database(), &bytes).expect("a restore");
        assert!(!restored.upgraded.is_empty());
        // A column that came later is empty.
        let streams: Vec<String> =
            rows(target.database())["streams"].iter().map(|row| row.replace("collections=Json(None) ", "")).collect();
        assert_eq!(streams, rows(older.database())["streams"]);
        assert_eq!(Migrator::new(target.database()).drift().expect("a comparison"), []);
    }
}

#[test]
fn a_restored_database_is_another_one_and_gives_numbers_that_nobody_had() {
    for source in TestDatabase::all() {
        full::fill(&source, &Pool::default());
        // The last user is gone, and somebody may hold a token with its number.
        lectern_testkit::database::execute(source.database(), "DELETE FROM users WHERE id = 3");
        let (bytes, _) = archive(source.database());
        for target in TestDatabase::all_empty() {
            restore(target.database(), &bytes).expect("a restore");
            let id = |database: &lectern_persistence::Database| database.read(installation::id).expect("an id");
            assert_ne!(id(source.database()), id(target.database()));
            let insert = "INSERT INTO users (username, email, email_key, hashed_password) VALUES ('new', 'n', 'n', 'n')";
            lectern_testkit::database::execute(target.database(), insert);
            let users = &rows(target.database())["users"];
            assert!(users.iter().any(|row| row.contains("Integer(Some(4))") && row.contains("\"new\"")), "{users:?}");
            // Those who follow the log begin anew.
            assert!(full::rows(target.database())["followers"].is_empty());
            assert_eq!(full::rows(target.database())["changes"].len(), rows(target.database())["collections"].len());
        }
    }
}

#[test]
fn vectors_can_be_left_out() {
    for source in TestDatabase::all() {
        full::fill(&source, &Pool::default());
        let options = transfer::BackupOptions { without_vectors: true };
        let (bytes, backup) = transfer::backup(source.database(), Vec::new(), options, &mut |_| {}).expect("a backup");
        assert_eq!((backup.manifest.about.without.as_slice(), backup.manifest.about.models.len()), (&["vectors".to_owned()][..], 3));
        let target = another(source.name(), true);
        restore(target.database(), &bytes).expect("a restore");
        let mut expected = rows(source.database());
        expected.insert("chunk_embeddings".to_owned(), Vec::new());
        assert_same(&rows(target.database()), &expected);
    }
}

#[test]
fn progress_is_told_up_to_the_last_row() {
    let source = TestDatabase::sqlite();
    full::fill(&source, &Pool::default());
    let mut told = Vec::new();
    let (bytes, backup) =
        transfer::backup(source.database(), Vec::new(), transfer::BackupOptions::default(), &mut |step| told.push((step.rows, step.of)))
            .expect("a backup");
    let rows: u64 = backup.manifest.tables.iter().map(|table| table.head.rows).sum();
    assert_eq!(told.last(), Some(&(rows, rows)));
    told.clear();
    transfer::verify(Cursor::new(bytes), &mut |step| told.push((step.rows, step.of))).expect("it is whole");
    assert_eq!(told.last(), Some(&(rows, rows)));
}

#[test]
fn checkpoints_travel_between_databases_of_one_backend() {
    for source in TestDatabase::all() {
        full::fill(&source, &Pool::default());
        let (bytes, _) = archive(source.database());
        for target in TestDatabase::all_empty() {
            let restored = super::restore_with(target.database(), &bytes, transfer::RestoreOptions::default());
            if target.name() == source.name() {
                restored.expect("a restore");
                assert_eq!(full::rows(target.database())["checkpoints"], full::rows(source.database())["checkpoints"]);
            } else {
                let said = restored.expect_err("a refusal").to_string();
                assert!(said.contains("checkpoints of LangGraph's saver") && said.contains("--without-checkpoints"), "{said}");
            }
        }
    }
}
