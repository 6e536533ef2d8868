//! One database into another.

use super::pairs;
use crate::support::{Done, Place, documents, done, jsonl};
use lectern_testkit::{
    TestDatabase,
    database::{execute, full},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

impl Place {
    fn copy(&self, from: &Self, more: &[&str]) -> Done {
        let url = from.database.url().expose();
        done(self.command(&[&["db", "copy", "--from", &url, "--without-checkpoints", "--json"], more].concat()))
    }

    #[track_caller]
    pub(super) fn copied(&self, from: &Self, more: &[&str]) -> Value {
        let done = self.copy(from, more);
        assert_eq!(done.code, Some(0), "{} to {}: {done:?}", from.database.name(), self.database.name());
        serde_json::from_str(&done.out).unwrap()
    }

    #[track_caller]
    fn not_copied(&self, from: &Self, more: &[&str]) -> String {
        let done = self.copy(from, more);
        assert_eq!((done.code, done.out.as_str()), (Some(4), ""), "{done:?}");
        assert!(done.err.contains("nothing was copied, the target is as it was"), "{done:?}");
        done.err
    }
}

#[test]
fn a_database_is_copied_into_any_other_and_brought_up_to_date() {
    pairs(|source, target| {
        execute(source.database.database(), "INSERT INTO sources (source_name) VALUES ('of the copy')");
        let copied = target.copied(source, &[]);
        assert_eq!(copied["changed_since"], json!([]));
        assert_eq!(target.archived(), source.archived());
        assert!(target.not_copied(source, &[]).contains("--resume"));
        let tables = |copied: &Value, was_there: bool| {
            let all = copied["tables"].as_array().unwrap().iter().filter(|table| table["was_there"] == was_there);
            all.map(|table| table["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(tables(&target.copied(source, &["--resume"]), false), Vec::<String>::new());

        // A user goes and one of the same name comes, rows change and move, and one that the copy has goes.
        let database = source.database.database();
        execute(database, "UPDATE streams SET user_id = 2, chat_id = 2 WHERE user_id = 3 OR chat_id = 3");
        execute(database, "UPDATE chats SET user_id = 2, chat_name = 'moved' WHERE user_id = 3");
        execute(database, "CREATE TABLE kept AS SELECT * FROM users WHERE id = 3");
        execute(database, "DELETE FROM users WHERE id = 3");
        execute(database, "UPDATE kept SET id = 30");
        execute(database, "INSERT INTO users SELECT * FROM kept");
        execute(database, "DROP TABLE kept");
        execute(database, "DELETE FROM sources WHERE source_name = 'of the copy'");
        // The cut-over: nobody writes into the source any more, and everybody may write into the copy.
        source.ok(&["db", "freeze"]);
        let resumed = target.copied(source, &["--resume"]);
        assert_eq!(target.archived(), source.archived());
        let changed = tables(&resumed, false);
        for table in ["users", "chats", "sources"] {
            assert!(changed.iter().any(|name| name == table), "{changed:?}");
        }
        assert!(!changed.iter().any(|name| name == "documents"), "{changed:?}");
        let late = ["user", "add", "late", "late@example.org"];
        assert!(source.error(4, &late).contains("frozen"));
        target.ok(&late);

        // Said once more, by mistake, it takes nothing away from those who work on the copy.
        let before = target.archived();
        let said = target.not_copied(source, &["--resume"]);
        assert!(said.contains("the database was written to since it was copied into, 2") && said.contains("users"), "{said}");
        assert!(said.contains("copy into an empty database"), "{said}");
        assert_eq!(target.archived(), before);
    });
}

#[test]
fn what_is_no_copy_of_the_source_is_not_brought_up_to_date() {
    pairs(|source, target| {
        for more in [&[][..], &["--resume"]] {
            assert!(source.not_copied(source, more).contains("the source and the target are the same database"));
        }
        target.copied(source, &[]);
        for other in TestDatabase::all().into_iter().map(|other| Place::on(other).full()) {
            assert!(target.not_copied(&other, &["--resume"]).contains("from another database, "));
            assert!(other.not_copied(source, &["--resume"]).contains("there is no record of a copy into it"));
        }
        assert_eq!(target.archived(), source.archived());
    });
}

#[test]
fn a_frozen_target_takes_no_rows_until_it_is_thawed() {
    pairs(|source, _| {
        source.ok(&["db", "backup", "a.tar.zst"]);
        for target in TestDatabase::all() {
            let target = Place::on(target);
            target.write("a.tar.zst", fs::read(source.path("a.tar.zst")).unwrap());
            target.ok(&["db", "freeze"]);
            let before = target.archived();
            let restore = ["db", "restore", "a.tar.zst", "--without-checkpoints"];
            for said in [target.error(4, &restore), target.not_copied(source, &[])] {
                assert!(said.contains("it is frozen, which `lectern db thaw` ends"), "{said}");
            }
            assert_eq!(target.archived(), before);
            target.ok(&["db", "thaw"]);
            target.ok(&restore);
        }
    });
}

#[test]
fn a_copy_of_an_older_schema_stays_at_it() {
    for source in TestDatabase::all() {
        let source = Place::on(source).full();
        source.ok(&["db", "downgrade", "-1", "--yes"]);
        for target in TestDatabase::all_empty() {
            let target = Place::on(target);
            target.copied(&source, &[]);
            assert_eq!(target.ok(&["db", "current"]), source.ok(&["db", "current"]));
            assert_eq!(target.archived(), source.archived());
            target.ok(&["db", "upgrade"]);
        }
    }
}

#[test]
fn what_would_not_arrive_is_told_before_anything_is_written() {
    use diesel::{Connection as _, connection::SimpleConnection as _, sqlite::SqliteConnection};
    let source = Place::sqlite().full();
    let path = source.database.url().path().unwrap().display().to_string();
    let mut careless = SqliteConnection::establish(&path).unwrap();
    careless
        .batch_execute(
            "PRAGMA busy_timeout = 5000;
             PRAGMA foreign_keys = OFF;
             UPDATE users SET organization_name = 'a' || char(0), token_version = 3000000000 WHERE id = 1;
             UPDATE chats SET user_id = 99 WHERE id = 2;
             DROP INDEX ix_users_username;
             UPDATE users SET username = 'twice' WHERE id > 1;",
        )
        .unwrap();
    drop(careless);
    for target in TestDatabase::all_empty() {
        let target = Place::on(target);
        let said = target.not_copied(&source, &[]);
        assert!(said.contains("chats, row id 2: 1 rows refer to rows of users that do not exist"), "{said}");
        assert!(said.contains("users, row id 2: 2 rows have the same username"), "{said}");
        if target.database.name() == "postgres" {
            assert!(said.contains("users, row id 1: organization_name: the text has a NUL character"), "{said}");
            assert!(said.contains("users, row id 1: token_version: 3000000000 is outside the 32 bits"), "{said}");
        }
        assert!(full::rows(target.database.database()).is_empty(), "not even tables are made");
    }
}

/// The files below a folder, with what is in them.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.clone(), fs::read(path).unwrap());
        }
    }
    all
}

#[test]
fn a_copy_in_the_same_data_folder_makes_indexes_of_its_own() {
    for database in TestDatabase::all() {
        let source = Place::on(database);
        let texts = ["The ferry crosses.", "The ferry is late.", "A bridge."].iter().enumerate();
        source.write("a.jsonl", jsonl(texts.map(|(number, text)| json!({ "_id": format!("d{number}"), "text": text }))));
        source.ok(&["corpus", "add", "a.jsonl", "--collection", "boats", "--language", "en"]);
        let search = ["search", "ferry", "--collection", "boats"];
        let found = source.json(&search);
        assert_eq!(documents(&found).len(), 2, "{found}");
        let before = files(&source.path("data/index"));
        for target in TestDatabase::all_empty() {
            // The target's database with the source's data folder.
            let mut target = Place::on(target);
            target.copied(&source, &[]);
            target.variables.push(("LECTERN__DATA_DIR", source.path("data").display().to_string()));
            let of_target = target.json(&search);
            assert_eq!(documents(&of_target), documents(&found), "{} to {}", source.database.name(), target.database.name());
            let after = files(&source.path("data/index"));
            assert!(before.iter().all(|(path, bytes)| after.get(path) == Some(bytes)), "the source's indexes are as they were");
            assert!(after.len() > before.len(), "the copy has its own");
        }
    }
}

#[test]
fn urls_that_are_none_are_told_without_their_passwords() {
    let place = Place::sqlite();
    let said = place.error(2, &["db", "copy", "--from", "mysql://user:hunter2@host/db"]);
    assert!(said.contains("--from and --to take database URLs") && !said.contains("hunter2"), "{said}");
    assert!(place.error(2, &["db", "copy"]).contains("which databases?"));
}
