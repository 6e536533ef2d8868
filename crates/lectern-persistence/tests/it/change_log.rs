//! The order of numbers in the change log is the order of commits.

use crate::support::lines;
use diesel::connection::SimpleConnection;
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use lectern_domain::change::{ChangeKind, NewChange};
use lectern_domain::ids::{CollectionId, DocumentId, VersionId};
use lectern_persistence::schema::changes;
use lectern_persistence::{Backend, Database, DbError};
use lectern_testkit::on_every_database;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use uuid::Uuid;

fn change(document: i32) -> NewChange {
    NewChange {
        kind: ChangeKind::Put,
        collection: CollectionId(1),
        document: DocumentId(document),
        version: VersionId(Uuid::from_u128(7)),
        chunking: "c800-100".to_owned(),
        chunks: 3,
    }
}

/// What a follower sees beyond its cursor.
fn follow(database: &Database, cursor: i64) -> Vec<(i64, i32)> {
    let read = database.read::<_, DbError>(|conn| {
        let beyond = changes::table.filter(changes::seq.gt(cursor)).order(changes::seq);
        Ok(beyond.select((changes::seq, changes::document_id)).load(conn)?)
    });
    read.expect("the log can be read")
}

#[test]
fn entries_of_a_transaction_keep_their_order() {
    on_every_database(|test| {
        let database = test.database();
        database
            .write::<_, DbError>(|tx| {
                // More than one statement takes.
                (0..2_500).for_each(|document| tx.log(change(document)));
                Ok(())
            })
            .expect("written");
        let _: DbError = database
            .write::<(), DbError>(|tx| {
                tx.log(change(9_999));
                Err(DbError::Data("rolled back".to_owned()))
            })
            .expect_err("rolled back");
        let documents: Vec<i32> = follow(database, 0).into_iter().map(|(_, document)| document).collect();
        assert_eq!(documents, (0..2_500).collect::<Vec<_>>(), "{}", test.name());
    });
}

/// A takes a number and waits; B writes. Nobody who follows may see B before A.
#[test]
fn no_follower_passes_a_number_that_is_taken() {
    on_every_database(|test| {
        // On SQLite nobody has a number but the one writer, which has been shown to commit before the next one begins.
        if test.database().backend() == Backend::Sqlite {
            return;
        }
        let database = test.database();
        std::thread::scope(|scope| {
            // Made in here, so that a failure below lets A go.
            let (hold, held) = sync_channel::<()>(0);
            let (taken, took) = sync_channel::<()>(0);
            let a = scope.spawn(move || {
                // What a write does when it finishes, stopped between the number and the commit.
                database.read::<(), DbError>(|conn| {
                    conn.batch_execute("BEGIN; SELECT pg_advisory_xact_lock(7810758480430589697)")?;
                    diesel::insert_into(changes::table).values(entry(1)).execute(conn)?;
                    taken.send(()).expect("the test listens");
                    held.recv().expect("released");
                    Ok(conn.batch_execute("COMMIT")?)
                })
            });
            took.recv().expect("A has its number");
            let b = scope.spawn(|| {
                database.write::<_, DbError>(|tx| {
                    tx.log(change(2));
                    Ok(())
                })
            });
            let waits = "SELECT 'waits' AS line FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
            while database.read::<_, DbError>(|conn| Ok(lines(conn, waits))).expect("read").is_empty() {
                assert!(!b.is_finished(), "B did not wait for A");
                assert_eq!(follow(database, 0), [], "a follower sees what is not committed in order");
                std::thread::yield_now();
            }
            assert_eq!(follow(database, 0), [], "a follower passes A");
            hold.send(()).expect("A waits");
            a.join().expect("no panic").expect("A is written");
            b.join().expect("no panic").expect("B is written");
        });
        assert_eq!(follow(database, 0).into_iter().map(|(_, document)| document).collect::<Vec<_>>(), [1, 2]);
    });
}

type Values = (
    diesel::dsl::Eq<changes::entry_id, lectern_persistence::types::UuidValue>,
    diesel::dsl::Eq<changes::kind, &'static str>,
    diesel::dsl::Eq<changes::collection_id, i32>,
    diesel::dsl::Eq<changes::document_id, i32>,
    diesel::dsl::Eq<changes::version_id, lectern_persistence::types::UuidValue>,
    diesel::dsl::Eq<changes::chunking, &'static str>,
    diesel::dsl::Eq<changes::chunk_count, i32>,
    diesel::dsl::Eq<changes::at, lectern_persistence::types::Timestamp>,
);

fn entry(document: i32) -> Values {
    use lectern_persistence::types::{Timestamp, UuidValue};
    (
        changes::entry_id.eq(UuidValue(Uuid::new_v4())),
        changes::kind.eq("put"),
        changes::collection_id.eq(1),
        changes::document_id.eq(document),
        changes::version_id.eq(UuidValue(Uuid::nil())),
        changes::chunking.eq("c800-100"),
        changes::chunk_count.eq(0),
        changes::at.eq(Timestamp::now()),
    )
}

#[test]
fn a_follower_of_eight_writers_misses_nothing() {
    const WRITERS: i32 = 8;
    const EACH: i32 = 60;
    on_every_database(|test| {
        let database = test.database();
        let writing = AtomicUsize::new(WRITERS as usize);
        let mut seen = BTreeSet::new();
        std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                let writing = &writing;
                scope.spawn(move || {
                    for number in 0..EACH {
                        let outcome = database.write::<_, DbError>(move |tx| {
                            tx.log(change(writer * EACH + number));
                            Ok(())
                        });
                        outcome.expect("written");
                    }
                    writing.fetch_sub(1, Ordering::SeqCst);
                });
            }
            let mut cursor = 0;
            loop {
                // Asked first: what is read after the last writer ended is everything.
                let last = writing.load(Ordering::SeqCst) == 0;
                for (seq, document) in follow(database, cursor) {
                    assert!(seq > cursor && seen.insert(document), "{}: {document} came twice", test.name());
                    cursor = seq;
                }
                if last {
                    break;
                }
            }
        });
        assert_eq!(seen.len(), usize::try_from(WRITERS * EACH).expect("small"), "{}: a follower missed entries", test.name());
    });
}
