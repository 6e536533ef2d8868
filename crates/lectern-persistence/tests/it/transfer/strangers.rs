//! Restoring into a database that has other things under the archive's keys, or the same things, changed.

use super::{another, archive, assert_same, restore, restore_with, rows};
use lectern_persistence::{
    Database,
    transfer::{OnConflict, RestoreOptions, Restored, TransferError},
    types::Timestamp,
};
use lectern_testkit::{
    TestDatabase,
    database::{
        execute,
        full::{self, Pool},
    },
};

const POLICIES: [OnConflict; 4] = [OnConflict::Error, OnConflict::SkipIdentical, OnConflict::Skip, OnConflict::Replace];

fn restored(target: &Database, bytes: &[u8], on_conflict: OnConflict) -> Result<Restored, TransferError> {
    restore_with(target, bytes, RestoreOptions { on_conflict, without_checkpoints: true })
}

/// Whatever the policy, the archive is refused since the target has other things under keys of the table, and nothing changes. What was said.
#[track_caller]
fn assert_strangers(target: &Database, bytes: &[u8], expect: &str) -> String {
    let before = full::rows(target);
    let mut said = String::new();
    for policy in POLICIES {
        let refused = restored(target, bytes, policy).expect_err("other things");
        match &refused {
            TransferError::OtherThings { table, .. } => assert_eq!(table, expect, "{policy:?}: {refused}"),
            // Any row that is there is one, also of tables that come first.
            TransferError::Conflict { .. } => assert_eq!(policy, OnConflict::Error, "{refused}"),
            other => panic!("{policy:?}: {other}"),
        }
        said = refused.to_string();
        assert!(full::rows(target) == before, "{policy:?}");
    }
    assert!(said.contains("restore into an empty database"), "{said}");
    said
}

/// A database of each backend with another of each.
fn pairs(test: impl Fn(&TestDatabase, &TestDatabase)) {
    for source in TestDatabase::all() {
        for target in TestDatabase::all() {
            test(&another(source.name(), false), &target);
        }
    }
}

fn user(name: &str, since: &str) -> String {
    format!(
        "INSERT INTO users (username, email, email_key, hashed_password, created_at) VALUES ('{name}', '{name}', '{name}', 'x', {since})"
    )
}

#[test]
fn databases_that_were_numbered_independently_are_not_mixed() {
    for source in TestDatabase::all() {
        full::fill(&source, &Pool::default());
        let (bytes, _) = archive(source.database());
        for target in TestDatabase::all() {
            let time = |text: &str| Timestamp(text.parse().expect("a time"));
            let texts = ["of the other".to_owned()].to_vec();
            full::fill(&target, &Pool { rows: 5, texts, times: vec![time("2026-01-02T03:04:05.000006Z")], ..Pool::default() });
            let before = full::rows(target.database());
            for policy in POLICIES {
                let refused = restored(target.database(), &bytes, policy).expect_err("other things");
                assert!(matches!(refused, TransferError::OtherThings { .. }), "{policy:?}: {refused}");
                assert!(full::rows(target.database()) == before, "{policy:?}");
            }
        }
    }
}

#[test]
fn nobody_gets_what_belongs_to_somebody_else_of_the_same_number() {
    // Whether it is known since when there are they, or not.
    for (one, other) in [("'2026-01-01T00:00:00.000000Z'", "'2026-01-02T00:00:00.000000Z'"), ("NULL", "NULL")] {
        pairs(|source, target| {
            execute(source.database(), &user("alice", one));
            execute(source.database(), "INSERT INTO chats (chat_name, chat_type, user_id) VALUES ('of alice', 'meeting', 1)");
            execute(source.database(), "INSERT INTO api_tokens (hash, name, user_id) VALUES ('secret', 'of alice', 1)");
            execute(target.database(), &user("bob", other));
            let said = assert_strangers(target.database(), &archive(source.database()).0, "users");
            assert!(said.contains("id 1 is ") && said.contains("username bob") && said.contains("username alice"), "{said}");
        });
    }
}

#[test]
fn what_proves_who_somebody_is_is_not_told() {
    pairs(|source, target| {
        let token = |hash: &str| format!("INSERT INTO api_tokens (hash, name, user_id) VALUES ('{hash}', 'n', 1)");
        for (database, hash) in [(source, "one-secret"), (target, "another-secret")] {
            execute(database.database(), &user("alice", "'2026-01-01T00:00:00.000000Z'"));
            execute(database.database(), &token(hash));
        }
        let bytes = archive(source.database()).0;
        let before = rows(target.database());
        for policy in [OnConflict::Skip, OnConflict::Replace] {
            let said = restored(target.database(), &bytes, policy).expect_err("another token").to_string();
            assert!(said.starts_with("api_tokens: ") && !said.contains("secret"), "{said}");
            assert_same(&rows(target.database()), &before);
        }
    });
}

#[test]
fn every_table_tells_its_things_apart() {
    for source in TestDatabase::all() {
        full::fill(&source, &Pool::default());
        let (bytes, _) = archive(source.database());
        let target = another(source.name(), true);
        restore(target.database(), &bytes).expect("a restore");
        let check = |table: &str, column: &str, value: &str| {
            execute(target.database(), &format!("CREATE TABLE kept AS SELECT * FROM {table}"));
            execute(target.database(), &format!("UPDATE {table} SET {column} = {value}"));
            for policy in [OnConflict::SkipIdentical, OnConflict::Skip, OnConflict::Replace] {
                let refused = restored(target.database(), &bytes, policy).expect_err("other things");
                assert!(matches!(&refused, TransferError::OtherThings { table: of, .. } if of == table), "{table}, {policy:?}: {refused}");
            }
            execute(target.database(), &format!("UPDATE {table} SET {column} = (SELECT k.{column} FROM kept k WHERE k.id = {table}.id)"));
            execute(target.database(), "DROP TABLE kept");
        };
        let mut checked = Vec::new();
        for (table, lines) in rows(target.database()) {
            let since = ["created_at", "at"].into_iter().find(|column| format!(" {}", lines[0]).contains(&format!(" {column}=")));
            if let Some(column) = since {
                check(&table, column, "'2001-02-03T04:05:06.000007Z'");
                checked.push(table);
            }
        }
        assert!(checked.len() >= 15, "{checked:?}");
        // Without a time, by what nobody else has and what it belongs to.
        check("sources", "source_name", "'another ' || id");
        check("chunks", "ordinal", "ordinal + 7");
        check("chunks", "document_id", "4 - document_id");
        let same = restored(target.database(), &bytes, OnConflict::SkipIdentical).expect("it is as it was");
        assert!(same.tables.iter().all(|(_, merged)| merged.inserted + merged.skipped == 0), "{same:?}");
    }
}

/// What may change of a thing, which stays what it is.
const CHANGES: &[(&str, &str)] = &[
    ("users", "username = 'renamed', email = 'new', email_key = 'new', hashed_password = 'other', is_admin = NOT is_admin WHERE id = 2"),
    ("api_tokens", "name = 'renamed' WHERE id = 2"),
    ("chats", "chat_name = 'renamed', themes = NULL WHERE id = 2"),
    ("streams", "response = 'more', is_streaming = NOT is_streaming WHERE id = 2"),
    ("stream_runs", "run = runner, stopped = NOT stopped WHERE stream_id = 2"),
    ("feedbacks", "message = 'changed' WHERE id = 2"),
    ("embedding_models", "revision = 'renamed' WHERE id = 2"),
    ("collections", "name = 'renamed', owner_id = NULL WHERE id = 2"),
    ("generations", "model_id = 3 WHERE id = 2"),
    ("current_generations", "generation_id = 3 WHERE collection_id = 2"),
    (
        "documents",
        "version = 7, version_id = (SELECT id FROM document_versions WHERE number = 3), text = 'new', external_id = 'new' WHERE id = 2",
    ),
    ("document_events", "detail = 'changed' WHERE id = 2"),
    ("chunks", "heading = 'changed' WHERE ordinal = 2"),
    ("chunk_embeddings", "vector = text_hash WHERE model_id = 2"),
    ("jobs", "attempts = 9, error = 'changed' WHERE id = 2"),
    ("upload_parts", "bytes = (SELECT text_hash FROM chunk_embeddings WHERE model_id = 3) WHERE number = 2"),
    ("rate_limits", "full_at_ms = 77"),
];

#[test]
fn things_that_changed_since_the_backup_are_the_same_things() {
    pairs(|source, target| {
        full::fill(source, &Pool::default());
        let numbered = "UPDATE upload_parts SET number = 2 WHERE upload_id = (SELECT id FROM uploads WHERE owner_id = 2)";
        execute(source.database(), numbered);
        for table in ["users", "api_tokens", "chats", "streams", "feedbacks"] {
            execute(source.database(), &format!("UPDATE {table} SET created_at = '2026-01-02T03:04:05.000006Z'"));
        }
        let (bytes, _) = archive(source.database());
        restore(target.database(), &bytes).expect("a restore");
        for (table, change) in CHANGES {
            execute(target.database(), &format!("UPDATE {table} SET {change}"));
        }
        // And there is a thing that came later.
        execute(target.database(), &user("late", "NULL"));
        let before = rows(target.database());
        let (mut changed, of_source) = (Vec::new(), rows(source.database()));
        for (table, rows) in &before {
            let others = of_source[table].iter().filter(|row| !rows.contains(row)).count() as u64;
            if others > 0 {
                changed.push((table.clone(), others));
            }
        }
        let names: Vec<&str> = changed.iter().map(|(table, _)| table.as_str()).collect();
        assert!(CHANGES.iter().all(|(table, _)| names.contains(table)), "{names:?}");
        let count = |restored: &Restored, number: fn(&lectern_persistence::transfer::Merged) -> u64| {
            let mut all: Vec<(String, u64)> = restored.tables.iter().map(|(table, merged)| (table.clone(), number(merged))).collect();
            all.retain(|(_, number)| *number > 0);
            all.sort();
            all
        };
        let skipped = restored(target.database(), &bytes, OnConflict::Skip).expect("the same things");
        assert_eq!(count(&skipped, |merged| merged.skipped), changed);
        assert_same(&rows(target.database()), &before);

        let replaced = restored(target.database(), &bytes, OnConflict::Replace).expect("the same things");
        assert_eq!(count(&replaced, |merged| merged.replaced), changed);
        execute(target.database(), "DELETE FROM users WHERE username = 'late'");
        assert_same(&rows(target.database()), &of_source);
    });
}

#[test]
fn what_belongs_to_nobody_in_the_archive_is_not_given_to_somebody_of_the_target() {
    use diesel::{Connection as _, connection::SimpleConnection as _, sqlite::SqliteConnection};
    let source = TestDatabase::sqlite();
    full::fill(&source, &Pool::default());
    let whole = archive(source.database()).0;
    // As programs leave them that do not ask SQLite to look after references.
    let path = source.url().path().expect("a file").display().to_string();
    let mut careless = SqliteConnection::establish(&path).expect("a connection");
    careless.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = OFF; DELETE FROM users WHERE id = 3").expect("deleted");
    drop(careless);
    let bytes = archive(source.database()).0;
    for target in TestDatabase::all_empty() {
        restore(target.database(), &whole).expect("a restore");
        // Into a table with rows, and into one without.
        for children in ["WHERE id = 3", ""] {
            execute(target.database(), &format!("DELETE FROM api_tokens {children}"));
            let before = rows(target.database());
            for policy in [OnConflict::SkipIdentical, OnConflict::Skip, OnConflict::Replace] {
                let said = restored(target.database(), &bytes, policy).expect_err("no such user").to_string();
                assert_eq!(said, "api_tokens, row id 3: it refers to a row of users that the archive does not have");
                assert_same(&rows(target.database()), &before);
            }
        }
    }
}

#[test]
fn rows_that_do_not_stand_there_as_they_were_written_are_taken_back() {
    for source in TestDatabase::all() {
        full::fill(&source, &Pool::default());
        let bytes = archive(source.database()).0;
        let target = another(source.name(), true);
        restore(target.database(), &bytes).expect("a restore");
        execute(
            target.database(),
            if source.name() == "postgres" {
                "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.token := 'spoiled ' || NEW.id; RETURN NEW; END$$;
                 CREATE TRIGGER spoil BEFORE INSERT ON blacklist_tokens FOR EACH ROW EXECUTE FUNCTION spoil()"
            } else {
                "CREATE TRIGGER spoil AFTER INSERT ON blacklist_tokens BEGIN
                    UPDATE blacklist_tokens SET token = 'spoiled ' || id WHERE id = NEW.id;
                 END"
            },
        );
        // In a table that has other rows, and in one that has none.
        for gone in ["WHERE id = 3", ""] {
            execute(target.database(), &format!("DELETE FROM blacklist_tokens {gone}"));
            let before = rows(target.database());
            let refused = restored(target.database(), &bytes, OnConflict::SkipIdentical).expect_err("it was spoiled");
            assert!(matches!(&refused, TransferError::Differs { table, .. } if table == "blacklist_tokens"), "{refused}");
            assert_same(&rows(target.database()), &before);
        }
    }
}
