//! Rows that were loaded with their ids, and the counters afterwards.

use crate::support::lines;
use diesel::connection::SimpleConnection;
use lectern_persistence::{
    Backend, DbError,
    repo::{installation, sequences},
};
use lectern_testkit::{TestDatabase, on_every_database};
use std::collections::BTreeSet;

/// A table, the column that it numbers, the other columns that must have a value, and values for row `#`.
type Table = (&'static str, &'static str, &'static str, &'static str);

/// How many rows are loaded into each table.
const LOADED: i64 = 3;

/// Every table that numbers its rows, after those that it refers to. One that is not here fails a test.
const TABLES: &[Table] = &[
    ("users", "id", "username, email, email_key, hashed_password", "'u#', 'u#@example.org', 'u#@example.org', 'x'"),
    ("api_tokens", "id", "hash, name, user_id", "'h#', 'n', 1"),
    ("blacklist_tokens", "id", "token", "'t#'"),
    ("password_reset_tokens", "id", "token, user_id", "'t#', 1"),
    ("chats", "id", "chat_type, user_id", "'meeting', 1"),
    ("streams", "id", "temperature, user_id", "20, 1"),
    ("sources", "id", "source_name", "'s#'"),
    ("feedbacks", "id", "type, user_id, stream_id", "'chat', 1, #"),
    ("embedding_models", "id", "name, revision, dimensions, created_at", "'m#', 'r', 3, '2026-01-01T00:00:00.000000Z'"),
    (
        "collections",
        "id",
        "uid, name, visibility, language, fields, created_at, updated_at",
        "'00000000-0000-4000-8000-00000000000#', 'c#', 'public', 'fr', '[]', '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z'",
    ),
    (
        "generations",
        "id",
        "collection_id, language, chunk_chars, chunk_overlap, created_at",
        "1, 'fr', 100, 10, '2026-01-01T00:00:00.000000Z'",
    ),
    (
        "documents",
        "id",
        "collection_id, external_id, version, version_id, status, title, format, metadata, text, content_hash, created_at, updated_at",
        "1, 'd#', 1, '00000000-0000-4000-8000-00000000000#', 'ready', 't', 'text', '{}', 'x', 'x', '2026-01-01T00:00:00.000000Z', \
         '2026-01-01T00:00:00.000000Z'",
    ),
    ("document_events", "id", "document_id, version, status, at", "1, 1, 'ready', '2026-01-01T00:00:00.000000Z'"),
    (
        "changes",
        "seq",
        "entry_id, kind, collection_id, document_id, version_id, chunking, chunk_count, at",
        "'00000000-0000-4000-8000-00000000000#', 'put', 1, 1, '00000000-0000-4000-8000-000000000001', 'x', 1, '2026-01-01T00:00:00.000000Z'",
    ),
    (
        "dead_letters",
        "id",
        "engine, generation_id, chunk_id, reason, at",
        "'embedder', 1, '00000000-0000-4000-8000-00000000000#', 'x', '2026-01-01T00:00:00.000000Z'",
    ),
    (
        "jobs",
        "id",
        "kind, payload, state, run_at, created_at, updated_at",
        "'k', '{}', 'queued', '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z'",
    ),
];

/// Writes rows as a dump does, each with its id.
fn load(test: &TestDatabase) {
    for (table, key, columns, values) in TABLES {
        for id in 1..=LOADED {
            let values = values.replace('#', &id.to_string());
            lectern_testkit::database::execute(test.database(), &format!("INSERT INTO {table} ({key}, {columns}) VALUES ({id}, {values})"));
        }
    }
}

/// Adds a row to a table that numbers it, and tells its number.
fn add(test: &TestDatabase, (table, key, columns, values): &Table, row: i64) -> Result<String, DbError> {
    let insert = format!("INSERT INTO {table} ({columns}) VALUES ({})", values.replace('#', &row.to_string()));
    let number = format!("SELECT CAST(max({key}) AS TEXT) AS line FROM {table}");
    test.database().write(move |tx| {
        tx.conn().batch_execute(&insert)?;
        Ok(lines(tx.conn(), &number).remove(0))
    })
}

fn reset(test: &TestDatabase) -> Vec<sequences::Counter> {
    test.database().write::<_, DbError>(|tx| sequences::reset(tx.conn())).unwrap_or_else(|error| panic!("{}: {error}", test.name()))
}

#[test]
fn every_counter_in_the_catalogue_is_reset() {
    on_every_database(|test| {
        let sql = match test.database().backend() {
            Backend::Postgres => {
                "SELECT concat(table_name, '.', column_name) AS line FROM information_schema.columns
                  WHERE table_schema = 'public' AND (is_identity = 'YES' OR column_default LIKE 'nextval(%')"
            }
            Backend::Sqlite => {
                "SELECT concat(t.name, '.', c.name) AS line FROM sqlite_schema t, pragma_table_info(t.name) c
                  WHERE t.type = 'table' AND c.pk = 1 AND lower(t.sql) LIKE '%autoincrement%'"
            }
        };
        let found = test.database().read::<_, DbError>(|conn| Ok(lines(conn, sql))).expect("the catalogue can be read");
        let found: BTreeSet<String> = found.into_iter().collect();
        let listed: BTreeSet<String> = TABLES.iter().map(|(table, key, ..)| format!("{table}.{key}")).collect();
        assert_eq!(listed, found, "{}: a table is missing in the list above", test.name());
        let names = |counters: Vec<sequences::Counter>| counters.into_iter().map(|one| format!("{}.{}", one.table, one.column)).collect();
        assert_eq!(listed, names(reset(test)), "{}", test.name());
    });
}

#[test]
fn rows_that_were_loaded_with_their_ids_are_no_obstacle_afterwards() {
    on_every_database(|test| {
        load(test);
        if test.name() == "postgres" {
            let refused = add(test, &TABLES[0], LOADED + 1);
            assert!(matches!(refused, Err(DbError::UniqueViolation { .. })), "a counter knew what was loaded: {refused:?}");
        }
        let counters = reset(test);
        assert!(counters.iter().all(|one| one.next == LOADED + 1), "{}: {counters:?}", test.name());
        for table in TABLES {
            let number = add(test, table, LOADED + 1).unwrap_or_else(|error| panic!("{} on {}: {error}", table.0, test.name()));
            assert_eq!(number, (LOADED + 1).to_string(), "{} on {}", table.0, test.name());
        }
        assert!(reset(test).iter().all(|one| one.next == one.was), "{}: a second time changes nothing", test.name());
    });
}

#[test]
fn no_counter_goes_back() {
    on_every_database(|test| {
        load(test);
        reset(test);
        for (table, ..) in TABLES.iter().rev() {
            lectern_testkit::database::execute(test.database(), &format!("DELETE FROM {table}"));
        }
        assert!(reset(test).iter().all(|one| one.next == LOADED + 1), "{}", test.name());
    });
}

#[test]
fn the_log_goes_on_past_the_places_of_its_followers() {
    on_every_database(|test| {
        load(test);
        let (id, at) = ("00000000-0000-4000-8000-000000000009", "2026-01-01T00:00:00.000000Z");
        lectern_testkit::database::execute(
            test.database(),
            &format!(
                "INSERT INTO followers (id, kind, place, seen_at) VALUES ('{id}', 'embedded', '', '{at}');
                 INSERT INTO follower_cursors VALUES ('{id}', 'lexical', 1, 70, '{id}', 60, '{at}');"
            ),
        );
        let log = reset(test).into_iter().find(|one| one.table == "changes").expect("the log has a counter");
        assert_eq!(log.next, 71, "{}", test.name());
    });
}

#[test]
fn counters_of_every_kind_are_found() {
    let Some(test) = TestDatabase::postgres() else {
        println!("skipped: LECTERN_TEST_POSTGRES_URL names no server");
        return;
    };
    lectern_testkit::database::execute(
        test.database(),
        "CREATE SEQUENCE nobodys;
         CREATE TABLE \"Older \"\"kinds\" (\"The id\" serial PRIMARY KEY, other bigint NOT NULL DEFAULT nextval('nobodys'));
         INSERT INTO \"Older \"\"kinds\" VALUES (5, 6);",
    );
    let next = |column: &str| {
        let one = reset(&test).into_iter().find(|one| one.table == "Older \"kinds" && one.column == column);
        one.map(|one| one.next)
    };
    assert_eq!((next("The id"), next("other")), (Some(6), Some(7)));
}

#[test]
fn a_database_gets_a_new_id() {
    on_every_database(|test| {
        let id = || test.database().read::<_, DbError>(installation::id).expect("an id");
        let renew = || test.database().write::<_, DbError>(|tx| installation::renew(tx.conn())).expect("a new id");
        let first = id();
        let second = renew();
        assert_eq!(id(), second, "{}", test.name());
        assert_ne!(first, second, "{}", test.name());
        // As where only the other tables' rows were loaded.
        lectern_testkit::database::execute(test.database(), "DELETE FROM installation");
        assert_eq!(renew(), id(), "{}", test.name());
    });
}
