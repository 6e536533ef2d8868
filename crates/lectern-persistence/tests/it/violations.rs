//! Violated constraints have the same names on both backends.

use crate::support::add_source;
use diesel::connection::SimpleConnection;
use lectern_persistence::{DbError, Tx};
use lectern_testkit::on_every_database;

const USER: &str = "INSERT INTO users (username, email, email_key, hashed_password) VALUES ('ada', 'a@b.c', 'a@b.c', 'x')";

#[track_caller]
fn check(sql: &'static [&'static str], expect: impl Fn(&DbError) -> bool) {
    on_every_database(|test| {
        let outcome = test.database().write::<(), DbError>(move |tx: &mut Tx<'_>| {
            for statement in sql {
                tx.conn().batch_execute(statement)?;
            }
            Ok(())
        });
        let error = outcome.expect_err("violated");
        assert!(expect(&error), "{}: {error:?}", test.name());
    });
}

#[test]
fn batches_report_the_constraint() {
    check(&[USER, "INSERT INTO users (username, email, email_key, hashed_password) VALUES ('ada', 'd@e.f', 'd@e.f', 'x')"], |error| {
        error.is_unique_violation_of("ix_users_username")
    });
    check(&[USER, "INSERT INTO users (username, email, email_key, hashed_password) VALUES ('bob', 'a@b.c', 'a@b.c', 'x')"], |error| {
        error.is_unique_violation_of("ix_users_email_key")
    });
    check(&["INSERT INTO chats (chat_type, user_id) VALUES ('meeting', 77)"], |error| matches!(error, DbError::ForeignKeyViolation { .. }));
    check(
        &[USER, "INSERT INTO chats (chat_type, user_id) VALUES ('party', 1)"],
        |error| matches!(error, DbError::CheckViolation { constraint } if constraint == "chats_chat_type_check"),
    );
}

#[test]
fn prepared_statements_report_the_constraint() {
    on_every_database(|test| {
        test.database().write::<_, DbError>(|tx| add_source(tx, "same")).expect("the first");
        let error = test.database().write::<_, DbError>(|tx| add_source(tx, "same")).expect_err("the second");
        assert!(error.is_unique_violation_of("sources_source_name_key"), "{}: {error:?}", test.name());
    });
}
