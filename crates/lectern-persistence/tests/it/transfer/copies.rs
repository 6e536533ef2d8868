//! One database into another, while the first one is in use.

use super::{LEFT, archive, assert_same, restore, rows};
use lectern_persistence::{
    Database,
    migrate::Migrator,
    repo::installation,
    transfer::{self, Changed, Copied, CopyOptions, TransferError},
};
use lectern_testkit::{
    TestDatabase, comes,
    database::{
        execute,
        full::{self, Pool},
        lines, statement,
    },
};

/// More rows than those after which progress is told.
const MANY: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
    INSERT INTO sources (source_name) SELECT 'source ' || i FROM n";

fn copy(from: &Database, to: &Database, resume: bool) -> Result<Copied, TransferError> {
    copy_while(from, to, resume, &mut || {})
}

/// Copies, and does something each time when progress is told.
fn copy_while(from: &Database, to: &Database, resume: bool, then: &mut (dyn FnMut() + Send)) -> Result<Copied, TransferError> {
    let options = CopyOptions { resume, without_checkpoints: true, ..CopyOptions::default() };
    transfer::copy(from, &Migrator::new(to), options, &mut |_| then())
}

/// A full database of each backend, with an empty one of each.
fn pairs(test: impl Fn(&Database, &Database)) {
    for at in 0..TestDatabase::all().len() {
        for target in TestDatabase::all_empty() {
            let source = TestDatabase::all().remove(at);
            full::fill(&source, &Pool::default());
            test(source.database(), target.database());
        }
    }
}

/// The tables whose rows were brought.
fn brought(copied: &Copied) -> Vec<&str> {
    copied.tables.iter().filter(|table| !table.was_there).map(|table| table.name.as_str()).collect()
}

#[test]
fn a_copy_is_one_look_at_a_source_in_use_and_counts_what_changed_since() {
    pairs(|source, target| {
        execute(source, MANY);
        let before = rows(source);
        let mut told = 0;
        let copied = copy_while(source, target, false, &mut || {
            if told == 0 {
                execute(source, "UPDATE users SET organization_name = 'later' WHERE id = 1");
                execute(source, "DELETE FROM feedbacks WHERE id = 2");
            }
            told += 1;
            execute(source, &format!("INSERT INTO sources (source_name) VALUES ('while it was copied {told}')"));
        });
        let copied = copied.expect("a copy");
        assert!(told > 1, "the source was written to while its rows were read");
        assert_same(&rows(target), &before);
        let changed = copied.changed.expect("the source is there");
        let changed: Vec<(&str, Changed)> = changed.iter().map(|(table, changed)| (table.as_str(), *changed)).collect();
        let expected = [
            ("feedbacks", Changed { removed: 1, ..Changed::default() }),
            ("sources", Changed { added: told, ..Changed::default() }),
            ("users", Changed { altered: 1, ..Changed::default() }),
        ];
        let mut sorted = changed.clone();
        sorted.sort_by_key(|(table, _)| *table);
        assert_eq!(sorted, expected);

        let resumed = copy(source, target, true).expect("a copy");
        assert_eq!(resumed.changed.as_deref().expect("the source is there"), []);
        let mut tables = brought(&resumed);
        tables.sort_unstable();
        assert_eq!(tables, ["feedbacks", "sources", "users"]);
        assert_same(&rows(target), &rows(source));
    });
}

#[test]
fn a_backup_is_one_look_at_a_database_in_use() {
    for source in TestDatabase::all() {
        full::fill(&source, &Pool::default());
        execute(source.database(), MANY);
        let before = rows(source.database());
        let mut told = 0;
        let written = transfer::backup(source.database(), Vec::new(), transfer::BackupOptions::default(), &mut |_| {
            told += 1;
            execute(source.database(), &format!("INSERT INTO sources (source_name) VALUES ('meanwhile {told}')"));
            execute(source.database(), "UPDATE users SET organization_name = 'later' WHERE id = 1");
        });
        let (bytes, _) = written.expect("a backup");
        assert!(told > 1);
        let target = super::another("sqlite", true);
        restore(target.database(), &bytes).expect("a restore");
        assert_same(&rows(target.database()), &before);
    }
}

#[test]
fn a_copy_is_another_database_and_leaves_the_source_as_it_is() {
    pairs(|source, target| {
        let (before, id) = (full::rows(source), source.read(installation::id).expect("an id"));
        copy(source, target, false).expect("a copy");
        assert_same(&full::rows(source), &before);
        assert_eq!(source.read(installation::id).expect("an id"), id);
        let first = target.read(installation::id).expect("an id");
        assert_ne!(first, id);
        // Whoever follows the log begins anew: nobody has a place in it, and each collection's entry asks for that.
        let copied = full::rows(target);
        for table in LEFT.into_iter().filter(|table| *table != "changes") {
            assert!(copied[table].is_empty(), "{table}");
        }
        assert_eq!(copied["changes"].len(), copied["collections"].len());
        copy(source, target, true).expect("a copy");
        assert_ne!(target.read(installation::id).expect("an id"), first, "who followed the copy so far begins anew too");
    });
}

#[test]
fn a_copy_is_brought_up_to_date_whatever_moved() {
    pairs(|source, target| {
        // The copy has no rows of some tables, whose parents change too.
        for table in ["users", "chats", "streams"] {
            execute(source, &format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"));
        }
        for gone in ["streams", "chats", "users WHERE id = 3"] {
            execute(source, &format!("DELETE FROM {gone}"));
        }
        copy(source, target, false).expect("a copy");
        execute(source, "INSERT INTO users SELECT * FROM kept_users WHERE id = 3");
        for table in ["chats", "streams"] {
            execute(source, &format!("INSERT INTO {table} SELECT * FROM kept_{table}"));
        }
        for table in ["users", "chats", "streams"] {
            execute(source, &format!("DROP TABLE kept_{table}"));
        }
        // Values that must be unique change hands, also those of a row that others refer to and that cannot go while they do.
        for (table, column) in [("users", "username"), ("sources", "source_name"), ("embedding_models", "name")] {
            execute(source, &format!("CREATE TABLE before AS SELECT id, {column} AS value FROM {table}"));
            execute(source, &format!("UPDATE {table} SET {column} = 'free' WHERE id = 2"));
            for (id, other) in [(1, 2), (2, 1)] {
                execute(source, &format!("UPDATE {table} SET {column} = (SELECT value FROM before WHERE id = {other}) WHERE id = {id}"));
            }
            execute(source, "DROP TABLE before");
        }
        copy(source, target, true).expect("a copy");
        assert_same(&rows(target), &rows(source));
        assert_eq!(brought(&copy(source, target, true).expect("a copy")), Vec::<&str>::new());
    });
}

#[test]
fn a_target_with_rows_is_refused_and_stays_as_it_is() {
    pairs(|source, target| {
        restore(target, &archive(source).0).expect("a restore");
        execute(target, "UPDATE users SET organization_name = 'of the target' WHERE id = 1");
        let before = rows(target);
        assert!(matches!(copy(source, target, false), Err(TransferError::NotEmpty)));
        assert_same(&rows(target), &before);
    });
}

#[test]
fn a_copy_that_is_committed_is_one_though_the_source_is_lost_or_changed_then() {
    // What happens to the source while the target is compared, which is the last thing before the commit.
    type Blow<'a> = &'a (dyn Fn(&TestDatabase) + Sync);
    let altered = |source: &TestDatabase| execute(source.database(), "ALTER TABLE sources ADD COLUMN later TEXT");
    let lost = |source: &TestDatabase| match source.url().path() {
        Some(file) => std::fs::rename(file, file.with_extension("away")).expect("renamed"),
        None => {
            let name = source.url().database_name().expect("a name");
            let other = TestDatabase::postgres().expect("there is one");
            statement(other.database(), &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
        }
    };
    // On PostgreSQL nobody changes a table that is being read.
    let blows: [(&str, Blow<'_>, &str); 2] =
        [("sqlite", &altered, "the table sources was changed while it was copied"), ("", &lost, "cannot connect")];
    for (name, blow, expect) in blows {
        for source in TestDatabase::all().into_iter().filter(|source| name.is_empty() || source.name() == name) {
            full::fill(&source, &Pool::default());
            execute(source.database(), MANY);
            let before = rows(source.database());
            for target in TestDatabase::all_empty().into_iter().take(1) {
                let mut pending = Some(());
                let options = CopyOptions { without_checkpoints: true, ..CopyOptions::default() };
                let (source, target) = (&source, target.database());
                let copied = transfer::copy(source.database(), &Migrator::new(target), options, &mut |told| {
                    if told.rows * 3 > told.of * 2 && pending.take().is_some() {
                        blow(source);
                    }
                });
                let copied = copied.expect("it is copied");
                assert!(pending.is_none());
                let said = copied.changed.expect_err("nobody knows").to_string();
                assert!(said.contains(expect), "{said}");
                assert_same(&rows(target), &before);
            }
        }
    }
}

#[test]
fn a_copy_does_not_wait_for_who_waits_for_its_end() {
    let Some(source) = TestDatabase::postgres() else { return println!("skipped: there is no PostgreSQL") };
    full::fill(&source, &Pool::default());
    execute(source.database(), MANY);
    let before = rows(source.database());
    let target = TestDatabase::all_empty().remove(0);
    let options = CopyOptions { without_checkpoints: true, ..CopyOptions::default() };
    let (told, alter) = std::sync::mpsc::sync_channel(1);
    std::thread::scope(|scope| {
        // Somebody upgrades the source: that waits until nobody reads it, and whoever comes later waits behind it.
        let database = source.database();
        let altering = scope.spawn(move || alter.recv().map(|()| execute(database, "ALTER TABLE sources ADD COLUMN later TEXT")));
        let waiting = "SELECT 'x' AS line FROM pg_locks WHERE NOT granted AND relation = 'sources'::regclass
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        let mut is_waiting = false;
        let copied = transfer::copy(source.database(), &Migrator::new(target.database()), options, &mut |_| {
            if !is_waiting {
                told.send(()).expect("somebody listens");
                assert!(comes(|| !lines(database, waiting).is_empty()), "it does not wait");
                is_waiting = true;
            }
        });
        let said = copied.expect("it is copied").changed.expect_err("nobody knows").to_string();
        assert!(said.contains("could not obtain lock on relation"), "{said}");
        drop(told);
        altering.join().expect("no panic").expect("it was told");
    });
    assert_same(&rows(target.database()), &before);
}
