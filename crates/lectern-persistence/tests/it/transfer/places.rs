//! Values that one backend keeps and the other does not, and rows that refer to nothing.

use super::{archive, restore};
use lectern_persistence::transfer::{self, BackupOptions, TransferError};
use lectern_testkit::{
    TestDatabase,
    database::{
        execute,
        full::{self, Pool},
    },
};

fn sqlite() -> TestDatabase {
    let source = TestDatabase::sqlite();
    full::fill(&source, &Pool::default());
    source
}

/// An archive of the database goes into SQLite, and on PostgreSQL it is refused with the row.
#[track_caller]
fn refused_by_postgres(source: &TestDatabase, expect: &str) {
    let (bytes, _) = archive(source.database());
    for target in TestDatabase::all_empty() {
        match (target.name(), restore(target.database(), &bytes)) {
            ("sqlite", restored) => drop(restored.expect("SQLite keeps it")),
            (_, restored) => {
                let said = restored.expect_err("PostgreSQL does not keep it").to_string();
                assert!(said.contains(expect), "{said}");
                assert!(full::rows(target.database()).values().all(Vec::is_empty));
            }
        }
    }
}

#[test]
fn nuls_and_numbers_of_more_than_32_bits_are_told_with_their_row() {
    let source = sqlite();
    execute(source.database(), "UPDATE users SET organization_name = 'a' || char(0) || 'b' WHERE id = 2");
    refused_by_postgres(&source, "users, row id 2: organization_name: the text has a NUL character");
    let source = sqlite();
    execute(source.database(), "UPDATE chats SET themes = '[\"\\u0000\"]' WHERE id = 3");
    refused_by_postgres(&source, "chats, row id 3: themes: a text in the document has a NUL character");
    let source = sqlite();
    execute(source.database(), "UPDATE users SET token_version = 2147483648 WHERE id = 1");
    refused_by_postgres(&source, "users, row id 1: token_version: 2147483648 is outside the 32 bits");
}

#[track_caller]
fn no_backup(source: &TestDatabase, sql: &str, expect: &str) {
    execute(source.database(), sql);
    let said = transfer::backup(source.database(), Vec::new(), BackupOptions::default(), &mut |_| {}).expect_err("a refusal");
    assert!(matches!(said, TransferError::Value { .. }) && said.to_string().contains(expect), "{said}");
}

#[test]
fn values_that_are_not_what_their_column_promises_are_told_with_their_row() {
    no_backup(&sqlite(), "UPDATE users SET is_admin = 2 WHERE id = 1", "users, row id 1: is_admin: 2 is neither 0 nor 1");
    no_backup(
        &sqlite(),
        "UPDATE users SET token_version = 'x' WHERE id = 1",
        "token_version: a value of the type integer was expected, this is a text",
    );
    no_backup(&sqlite(), "UPDATE chats SET themes = '{' WHERE id = 1", "chats, row id 1: themes:");
    no_backup(&sqlite(), "UPDATE chats SET created_at = 'noon' WHERE id = 1", "'noon' is no time");
    no_backup(&sqlite(), "UPDATE collections SET uid = x'00' WHERE id = 1", "a UUID has 16 bytes, these are 1");
    no_backup(&sqlite(), "UPDATE users SET email = CAST(x'ff' AS TEXT) WHERE id = 1", "the text is not UTF-8");
    no_backup(
        &sqlite(),
        "UPDATE streams SET temperature = 9e999 WHERE id = 1",
        "streams, row id 1: temperature: inf is not a finite number",
    );
    for (sql, expect) in [
        ("UPDATE users SET created_at = 'infinity' WHERE id = 2", "users, row id 2: created_at: the time is outside the years"),
        ("UPDATE streams SET temperature = 'NaN' WHERE id = 2", "streams, row id 2: temperature: NaN is not a finite number"),
    ] {
        let Some(postgres) = TestDatabase::postgres() else { return };
        full::fill(&postgres, &Pool::default());
        no_backup(&postgres, sql, expect);
    }
}

#[test]
fn a_row_that_refers_to_nothing_is_told() {
    use diesel::{Connection as _, connection::SimpleConnection as _, sqlite::SqliteConnection};
    let source = sqlite();
    let path = source.database().url().path().expect("a file").display().to_string();
    // A connection that does not look at references.
    let mut careless = SqliteConnection::establish(&path).expect("a connection");
    careless
        .batch_execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = OFF; UPDATE chats SET user_id = 99 WHERE id = 2")
        .expect("nobody looks");
    drop(careless);
    let (bytes, _) = archive(source.database());
    for target in TestDatabase::all_empty() {
        let said = restore(target.database(), &bytes).expect_err("an orphan").to_string();
        let expect = match target.name() {
            "sqlite" => "chats, row id 2, refers to a row of users that does not exist",
            _ => {
                "did not take rows of chats: insert or update on table \"chats\" violates foreign key constraint \"chats_user_id_fkey\": Key (user_id)=(99) is not"
            }
        };
        assert!(said.contains(expect), "{said}");
        assert!(full::rows(target.database()).values().all(Vec::is_empty));
    }
}
