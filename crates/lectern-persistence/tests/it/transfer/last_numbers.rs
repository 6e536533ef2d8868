//! Columns that gave their last number: an id of 2147483647.

use super::{archive, assert_same, restore, rows};
use diesel::connection::SimpleConnection as _;
use lectern_persistence::{Database, DbError, migrate::Migrator, repo::sequences, transfer};
use lectern_testkit::{
    TestDatabase,
    database::execute,
    database::full::{self, Pool},
};

const LAST: &str = "INSERT INTO sources (id, source_name) VALUES (2147483647, 'the last one')";
const ANOTHER: &str = "INSERT INTO sources (source_name) VALUES ('another')";
const ONE_MORE: &str = "INSERT INTO sources (source_name) VALUES ('one more')";

/// SQLite's numbers go on; PostgreSQL's sequence says itself that it has no more.
#[track_caller]
fn has_no_number_left(database: &Database, name: &str) {
    let added = database.write::<(), DbError>(|tx| Ok(tx.conn().batch_execute(ONE_MORE)?));
    match name {
        "sqlite" => added.expect("SQLite has more"),
        _ => {
            let said = added.expect_err("there is none left").to_string();
            assert!(said.contains("reached maximum value of sequence \"sources_id_seq\""), "{said}");
        }
    }
}

#[test]
fn a_row_with_the_last_number_goes_anywhere() {
    for source in TestDatabase::all() {
        full::fill(&source, &Pool::default());
        execute(source.database(), LAST);
        let (bytes, _) = archive(source.database());
        for target in TestDatabase::all_empty() {
            restore(target.database(), &bytes).expect("a restore");
            assert_same(&rows(target.database()), &rows(source.database()));
            // From one that knows that it has none left.
            let (again, manifest) = archive(target.database());
            let sources = manifest.tables.iter().find(|table| table.head.table.name == "sources").expect("it is archived");
            assert_eq!(sources.head.next, Some(2_147_483_648));
            for third in TestDatabase::all_empty() {
                restore(third.database(), &again).expect("a restore");
                has_no_number_left(third.database(), third.name());
            }
            for third in TestDatabase::all_empty() {
                let options = transfer::CopyOptions { without_checkpoints: true, ..transfer::CopyOptions::default() };
                transfer::copy(target.database(), &Migrator::new(third.database()), options, &mut |_| {}).expect("a copy");
                has_no_number_left(third.database(), third.name());
            }
            has_no_number_left(target.database(), target.name());
        }
    }
}

#[test]
fn a_reset_that_is_undone_takes_no_numbers_away() {
    for test in TestDatabase::all() {
        execute(test.database(), LAST);
        let undone = test.database().write::<(), DbError>(|tx| {
            sequences::reset(tx.conn())?;
            Err(DbError::Data("undone".to_owned()))
        });
        assert!(matches!(undone, Err(DbError::Data(_))), "{undone:?}");
        execute(test.database(), ANOTHER);
        let reset = |test: &TestDatabase| test.database().write::<_, DbError>(|tx| sequences::reset(tx.conn())).expect("a reset");
        assert!(reset(&test).iter().any(|one| one.table == "sources" && one.next >= 2_147_483_648));
        has_no_number_left(test.database(), test.name());
        assert!(reset(&test).iter().all(|one| one.was == one.next), "a second time changes nothing");
    }
}
