//! What a freeze refuses, and that no write outlasts its beginning.

use crate::support::{add_source, lines, sources};
use lectern_persistence::{
    Database, DatabaseOptions, DbError, WriteKind,
    migrate::{Migrator, Revision, UpgradeOptions},
    repo::freezes::{self, FreezeState},
};
use lectern_testkit::{TestDatabase, comes, database::execute, on_every_database};
use std::{sync::mpsc::channel, thread, time::Duration};

const KINDS: [WriteKind; 3] = [WriteKind::Change, WriteKind::Ending, WriteKind::Upkeep];

/// Long enough for any write here.
const PATIENCE: Duration = Duration::from_secs(600);

fn small() -> DatabaseOptions {
    DatabaseOptions { connections: 2, ..DatabaseOptions::default() }
}

fn freeze(database: &Database, state: FreezeState) -> Result<(), DbError> {
    database.write_as(WriteKind::Upkeep, move |tx| freezes::set(tx.conn(), state))?;
    database.wait_for_writers(PATIENCE)
}

/// Freezes beside others that write; not where SQLite's lock was never free when this asked.
fn frozen(database: &Database) -> bool {
    match freeze(database, FreezeState::Frozen) {
        Ok(()) => true,
        Err(DbError::Busy) => false,
        Err(error) => panic!("{error}"),
    }
}

fn thaw(database: &Database) -> bool {
    database.write_as::<_, DbError>(WriteKind::Upkeep, |tx| freezes::clear(tx.conn())).expect("thawed")
}

/// Which kinds of writes are done, on this handle.
fn done(database: &Database, name: &str) -> Vec<WriteKind> {
    let add = |kind: WriteKind| {
        let name = format!("{name} {kind:?}");
        match database.write_as(kind, move |tx| add_source(tx, &name)) {
            Ok(()) => true,
            Err(DbError::Frozen) => false,
            Err(error) => panic!("{kind:?}: {error}"),
        }
    };
    KINDS.into_iter().filter(|kind| add(*kind)).collect()
}

#[test]
fn a_freeze_refuses_by_what_a_write_is_for_on_every_handle() {
    on_every_database(|test| {
        let other = test.open(&small());
        let both = |name: &str| [done(test.database(), name), done(&other, &format!("other {name}"))];
        assert_eq!(both("open"), [KINDS.to_vec(), KINDS.to_vec()]);
        freeze(test.database(), FreezeState::Draining).expect("draining");
        assert_eq!(both("draining"), [KINDS[1..].to_vec(), KINDS[1..].to_vec()], "{}", test.name());
        freeze(&other, FreezeState::Frozen).expect("frozen");
        assert_eq!(both("frozen"), [KINDS[2..].to_vec(), KINDS[2..].to_vec()], "{}", test.name());
        assert_eq!(sources(&other).len(), 6 + 4 + 2, "what is refused is not written");
        assert!(thaw(test.database()) && !thaw(&other));
        assert_eq!(both("thawed"), [KINDS.to_vec(), KINDS.to_vec()]);
    });
}

#[test]
fn a_database_that_knows_no_freeze_is_written() {
    for test in TestDatabase::all_empty() {
        execute(test.database(), "CREATE TABLE notes (id INTEGER PRIMARY KEY)");
        execute(test.database(), "INSERT INTO notes VALUES (1)");
    }
}

#[test]
fn a_frozen_schema_is_not_changed() {
    on_every_database(|test| {
        freeze(test.database(), FreezeState::Draining).expect("draining");
        let migrator = Migrator::new(test.database());
        let refused = [
            migrator.upgrade(&Revision::Head, UpgradeOptions::default()).map(drop),
            migrator.downgrade(&Revision::Base).map(drop),
            migrator.stamp(&Revision::Base, true).map(drop),
            migrator.repair().map(drop),
        ];
        assert!(refused.iter().all(|outcome| matches!(outcome, Err(DbError::Frozen))), "{}: {refused:?}", test.name());
    });
}

#[test]
fn no_write_is_under_way_when_a_freeze_is_there() {
    const ROUNDS: usize = 8;
    const WRITERS: usize = 4;
    const MOST: usize = 100_000;
    on_every_database(|test| {
        let handles = [test.open(&small()), test.open(&small())];
        for round in 0..ROUNDS {
            let before = sources(test.database()).len();
            let (begun, first) = channel();
            let (found, written): (usize, usize) = thread::scope(|scope| {
                let write = |writer: usize, begun: std::sync::mpsc::Sender<()>| {
                    let mut number = 0;
                    for _ in 0..MOST {
                        let name = format!("{round} {writer} {number}");
                        match handles[writer % 2].write(move |tx| add_source(tx, &name)) {
                            Ok(()) => {
                                number += 1;
                                let _ = begun.send(());
                            }
                            // SQLite's lock is given to whoever asks at the right moment, so that somebody may go without for long.
                            Err(DbError::Busy) => {}
                            Err(DbError::Frozen) => return number,
                            Err(error) => panic!("{error}"),
                        }
                    }
                    panic!("no freeze came")
                };
                let writers: Vec<_> = (0..WRITERS)
                    .map(|writer| {
                        let begun = begun.clone();
                        scope.spawn(move || write(writer, begun))
                    })
                    .collect();
                first.recv().expect("somebody writes");
                assert!(comes(|| frozen(test.database())), "it is never frozen");
                let found = sources(test.database()).len() - before;
                (found, writers.into_iter().map(|writer| writer.join().expect("no panic")).sum())
            });
            assert_eq!(found, written, "round {round} on {}: a write outlasted the beginning of the freeze", test.name());
            thaw(test.database());
        }
    });
}

/// Whether somebody waits for the lock that writes share.
fn is_waiting(database: &Database) -> bool {
    let sql = "SELECT pid::text AS line FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND mode = 'ExclusiveLock'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    !database.read::<_, DbError>(|conn| Ok(lines(conn, sql))).expect("readable").is_empty()
}

#[test]
fn a_freeze_waits_for_a_long_write_and_gives_up_in_time() {
    let Some(test) = TestDatabase::postgres() else {
        println!("skipped: LECTERN_TEST_POSTGRES_URL names no server");
        return;
    };
    let writer = test.open(&small());
    thread::scope(|scope| {
        let (begin, begun) = channel();
        let (release, released) = channel::<()>();
        let long = scope.spawn(move || {
            writer.write(move |tx| {
                begin.send(()).expect("heard");
                released.recv().expect("released");
                add_source(tx, "long")
            })
        });
        begun.recv().expect("it is written");
        let impatient = test.database().wait_for_writers(Duration::from_millis(50));
        assert!(matches!(impatient, Err(DbError::StillWriting { .. })), "{impatient:?}");
        let freezing = scope.spawn(|| freeze(test.database(), FreezeState::Frozen).map(|()| sources(test.database())));
        assert!(comes(|| is_waiting(test.database())), "nobody waits for the write");
        release.send(()).expect("it waits");
        assert_eq!(freezing.join().expect("no panic").expect("frozen"), ["long"]);
        long.join().expect("no panic").expect("it began before");
    });
}
