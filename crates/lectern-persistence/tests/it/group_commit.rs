//! Writes: together in a transaction, each for itself, answered when it is committed.

use crate::support::{add_source, lines, sources};
use diesel::Connection;
use lectern_persistence::{Backend, DatabaseOptions, DbError, WriteKind};
use lectern_testkit::{TestDatabase, on_every_database};
use std::sync::mpsc::{channel, sync_channel};

#[test]
fn a_failure_and_a_panic_roll_back_alone() {
    on_every_database(|test| {
        let database = test.database();
        // Holds the writer until everything is queued, so that all of it is one group.
        let (hold, held) = sync_channel::<()>(0);
        let (answers, answered) = channel();
        let submit = |name: String, held: Option<std::sync::mpsc::Receiver<()>>| {
            let (answers, number) = (answers.clone(), name.clone());
            let work = move |tx: &mut lectern_persistence::Tx<'_>| {
                if let Some(held) = held {
                    held.recv().expect("released");
                }
                add_source(tx, &name)?;
                // A savepoint inside, left open by the panic.
                tx.conn().transaction(|_| match name.as_str() {
                    "panics" => panic!("on purpose"),
                    "fails" => Err(DbError::Data("on purpose".to_owned())),
                    _ => Ok(()),
                })
            };
            database
                .submit_write(WriteKind::Change, work, move |outcome| answers.send((number, outcome)).expect("somebody listens"))
                .expect("room in the queue");
        };
        match database.backend() {
            Backend::Sqlite => {
                submit("first".to_owned(), Some(held));
                ["fails", "second", "panics", "third"].iter().for_each(|name| submit((*name).to_owned(), None));
                hold.send(()).expect("the writer waits");
            }
            Backend::Postgres => ["first", "fails", "second", "panics", "third"].iter().for_each(|name| submit((*name).to_owned(), None)),
        }
        let mut outcomes: Vec<String> = answered
            .iter()
            .take(5)
            .map(|(name, outcome)| match outcome {
                Ok(()) => format!("{name}: ok"),
                Err(error) => format!("{name}: {error}"),
            })
            .collect();
        outcomes.sort();
        let expected = [
            "fails: the database holds an invalid value: on purpose",
            "first: ok",
            "panics: a write panicked and was rolled back: on purpose",
            "second: ok",
            "third: ok",
        ];
        assert_eq!(outcomes, expected, "{}", test.name());
        assert_eq!(sources(database), ["first", "second", "third"], "{}", test.name());
    });
}

#[test]
fn many_writers_are_answered_after_the_commit() {
    on_every_database(|test| {
        let other = test.open(&DatabaseOptions { connections: 4, ..DatabaseOptions::default() });
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let (database, other) = (test.database(), &other);
                scope.spawn(move || {
                    for number in 0..20 {
                        let name = format!("{writer}-{number}");
                        let written = name.clone();
                        database.write::<_, DbError>(move |tx| add_source(tx, &written)).expect("written");
                        assert!(sources(other).contains(&name), "{name} was answered before it was committed");
                    }
                });
            }
        });
        assert_eq!(sources(&other).len(), 160, "{}", test.name());
    });
}

#[test]
fn two_handles_write_to_one_file() {
    let test = TestDatabase::sqlite();
    let handles = [test.open(&DatabaseOptions::default()), test.open(&DatabaseOptions::default())];
    std::thread::scope(|scope| {
        for (place, handle) in handles.iter().enumerate() {
            for thread in 0..4 {
                scope.spawn(move || {
                    for number in 0..25 {
                        let name = format!("{place}-{thread}-{number}");
                        handle.write::<_, DbError>(move |tx| add_source(tx, &name)).expect("the other one is waited for");
                    }
                });
            }
        }
    });
    assert_eq!(sources(test.database()).len(), 200);
}

#[test]
fn a_full_queue_refuses_at_once() {
    let test = TestDatabase::sqlite();
    let small = test.open(&DatabaseOptions { write_queue: 1, group: 1, ..DatabaseOptions::default() });
    let (hold, held) = sync_channel::<()>(0);
    let (started, start) = channel();
    let (answers, answered) = channel();
    let waiting = move |tx: &mut lectern_persistence::Tx<'_>| {
        started.send(()).expect("the test listens");
        held.recv().expect("released");
        add_source(tx, "taken")
    };
    let told = answers.clone();
    small.submit_write(WriteKind::Change, waiting, move |outcome| told.send(outcome).expect("heard")).expect("taken");
    start.recv().expect("the writer runs the first");
    small
        .submit_write(WriteKind::Change, |tx| add_source(tx, "queued"), move |outcome| answers.send(outcome).expect("heard"))
        .expect("queued");
    let refused = small.submit_write(WriteKind::Change, |tx| add_source(tx, "refused"), |_: Result<(), DbError>| panic!("not run"));
    assert!(matches!(refused, Err(DbError::Overloaded)), "{refused:?}");
    hold.send(()).expect("the writer waits");
    assert!(answered.iter().all(|outcome| outcome.is_ok()));
    assert_eq!(sources(&small), ["taken", "queued"]);
}

#[test]
fn pragmas_are_in_force() {
    let test = TestDatabase::sqlite();
    let pragmas = "SELECT concat_ws(' ', (SELECT journal_mode FROM pragma_journal_mode), (SELECT foreign_keys FROM pragma_foreign_keys),
        (SELECT synchronous FROM pragma_synchronous), (SELECT timeout FROM pragma_busy_timeout),
        (SELECT journal_size_limit FROM pragma_journal_size_limit), (SELECT query_only FROM pragma_query_only)) AS line";
    let reader = test.database().read::<_, DbError>(|conn| Ok(lines(conn, pragmas))).expect("read");
    assert_eq!(reader, ["wal 1 2 5000 67108864 1"]);
    let writer = test.database().write::<_, DbError>(move |tx| Ok(lines(tx.conn(), pragmas))).expect("written");
    assert_eq!(writer, ["wal 1 2 5000 67108864 0"]);
}

#[test]
fn readers_of_sqlite_cannot_write() {
    use diesel::connection::SimpleConnection;
    let test = TestDatabase::sqlite();
    let refused = test.database().read::<(), DbError>(|conn| Ok(conn.batch_execute("DELETE FROM sources")?)).expect_err("refused");
    assert!(refused.to_string().contains("readonly"), "{refused}");
}
