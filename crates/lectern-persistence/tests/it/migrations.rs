//! Up, down, up; many processes at once; a database that is ahead.

use crate::rows;
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use lectern_persistence::migrate::{self, Migrator, Revision, Status, UpgradeOptions};
use lectern_persistence::{DatabaseOptions, DbError};
use lectern_testkit::{TestDatabase, on_every_database};

#[test]
fn every_migration_goes_up_down_and_up_with_rows_in_every_table() {
    for test in TestDatabase::all_empty() {
        let database = test.database();
        let scripts = migrate::embedded(database.backend());
        let migrator = Migrator::new(database);
        let at = |count: usize| migrate::catalogue_of(&scripts[..count]).expect("it adds up");
        // Tables of others are passed by: some migrations share theirs with others, and leave them where they were.
        let same = |count: usize, when: &str| assert_eq!(migrator.drift().expect("comparable"), [], "{}: {when} {count}", test.name());
        let up = || migrator.upgrade(&Revision::Relative(1), UpgradeOptions::default()).expect("up");
        for (before, script) in scripts.iter().enumerate() {
            let after = before + 1;
            let kept = rows::common(&at(before), &at(after));
            let rows = rows::contents(database, &kept);
            assert_eq!(rows.is_empty(), before == 0, "{}: nothing is in the tables before {}", test.name(), script.name);
            up();
            same(after, "up");
            assert_eq!(rows::contents(database, &kept), rows, "{}: {} changed rows", test.name(), script.name);
            rows::fill(database);
            let rows = rows::contents(database, &kept);
            migrator.downgrade(&Revision::Relative(-1)).expect("down");
            same(before, "down to");
            assert_eq!(rows::contents(database, &kept), rows, "{}: reverting {} changed rows", test.name(), script.name);
            up();
            same(after, "up again");
            assert_eq!(rows::contents(database, &kept), rows, "{}: {} changed rows the second time", test.name(), script.name);
            rows::fill(database);
        }
        let down = migrator.downgrade(&Revision::Base).expect("down");
        assert_eq!(down.len(), scripts.len());
        same(0, "down to");
        migrate::upgrade(database).expect("up from the start");
        same(scripts.len(), "up from the start");
    }
}

#[test]
fn status_leaves_no_trace() {
    for test in TestDatabase::all_empty() {
        let database = test.database();
        assert!(matches!(migrate::status(database), Ok(Status::Behind(5..))), "{}", test.name());
        let ledger = "SELECT count(*) AS n FROM __diesel_schema_migrations";
        database.read::<_, DbError>(|conn| Ok(conn.batch_execute(ledger)?)).expect_err("no ledger was made");
        let applied = migrate::upgrade(database).expect("upgraded");
        assert!(applied.iter().all(|one| one.name.starts_with("2026-")), "{applied:?}");
        assert_eq!(migrate::status(database).expect("status"), Status::UpToDate);
        assert_eq!(migrate::upgrade(database).expect("again"), []);
    }
}

#[test]
fn one_of_eight_migrates() {
    for test in TestDatabase::all_empty() {
        let small = DatabaseOptions { connections: 1, ..DatabaseOptions::default() };
        let counts: Vec<usize> = std::thread::scope(|scope| {
            let start = || migrate::upgrade(&test.open(&small)).map(|applied| applied.len());
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic").expect("upgraded")).collect()
        });
        assert_eq!(counts.iter().filter(|count| **count > 0).count(), 1, "{}: {counts:?}", test.name());
        assert_eq!(migrate::status(test.database()).expect("status"), Status::UpToDate);
    }
}

#[test]
fn a_newer_database_is_refused() {
    on_every_database(|test| {
        let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')";
        test.database().write::<_, DbError>(move |tx| Ok(diesel::sql_query(newer).execute(tx.conn())?)).expect("a version from the future");
        let ahead = vec!["99990101000000".to_owned()];
        assert_eq!(migrate::status(test.database()).expect("status"), Status::Ahead(ahead.clone()));
        for outcome in
            [migrate::upgrade(test.database()), Migrator::new(test.database()).upgrade(&Revision::Head, UpgradeOptions::default())]
        {
            assert!(matches!(&outcome, Err(DbError::Ahead { versions }) if *versions == ahead), "{outcome:?}");
        }
    });
}

#[test]
fn the_first_upgrade_mints_an_installation_id() {
    let uids: Vec<String> = TestDatabase::all_empty()
        .iter()
        .map(|test| {
            migrate::upgrade(test.database()).expect("upgraded");
            let uid = || test.database().read::<_, DbError>(uid).expect("there is one");
            let first = uid();
            migrate::upgrade(test.database()).expect("again");
            assert_eq!(first, uid(), "{}", test.name());
            first
        })
        .collect();
    assert!(uids.iter().all(|uid| uid.len() == 36));
}

fn uid(conn: &mut lectern_persistence::Conn) -> Result<String, DbError> {
    use diesel::QueryDsl;
    use lectern_persistence::schema::installation;
    use lectern_persistence::types::UuidValue;
    let UuidValue(uid) = installation::table.find(1).select(installation::uid).get_result(conn)?;
    Ok(uid.to_string())
}
