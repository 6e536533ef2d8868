//! Archives that do not go into a database, and what the program ends with.

use super::Place;
use lectern_testkit::TestDatabase;
use serde_json::Value;
use std::fs;

/// The archive with one text for another of the same length, wherever it stands. Neither is in a row.
fn with(archive: &[u8], text: &str, other: &str) -> Vec<u8> {
    assert_eq!(text.len(), other.len());
    let mut tar = zstd::decode_all(archive).unwrap();
    let mut found = 0;
    while let Some(at) = tar.windows(text.len()).position(|bytes| bytes == text.as_bytes()) {
        tar[at..at + text.len()].copy_from_slice(other.as_bytes());
        found += 1;
    }
    assert!(found > 1, "{text} is in the header and in the manifest");
    zstd::encode_all(tar.as_slice(), 1).unwrap()
}

/// The last migration of an archive.
fn last_migration(archive: &[u8]) -> Value {
    let tar = zstd::decode_all(archive).unwrap();
    // The first entry is the header: 512 bytes about it, its size among them in octal digits, then itself.
    let size = usize::from_str_radix(std::str::from_utf8(&tar[124..135]).unwrap(), 8).unwrap();
    let header: Value = serde_json::from_slice(&tar[512..512 + size]).unwrap();
    header["migrations"].as_array().unwrap().last().unwrap().clone()
}

/// For each backend the archive of a full database, and a database with rows and one without for it.
fn targets(test: impl Fn(&[u8], &Place)) {
    for at in 0..TestDatabase::all().len() {
        let source = Place::on(TestDatabase::all().remove(at)).full();
        source.ok(&["db", "backup", "a.tar.zst"]);
        let archive = fs::read(source.path("a.tar.zst")).unwrap();
        test(&archive, &Place::on(TestDatabase::all().remove(at)).full());
        test(&archive, &Place::on(TestDatabase::all_empty().remove(at)));
    }
}

#[track_caller]
fn refused(target: &Place, archive: &[u8], code: i32) -> String {
    let before = target.archived();
    target.write("a.tar.zst", archive);
    let said = target.error(code, &["db", "restore", "a.tar.zst", "--on-conflict", "replace"]);
    assert_eq!(target.archived(), before, "on {}", target.database.name());
    said.strip_prefix("nothing was restored, the database is as it was: ").unwrap_or_else(|| panic!("{said}")).to_owned()
}

#[test]
fn an_archive_with_a_migration_of_a_later_version_is_refused() {
    targets(|archive, target| {
        let version = last_migration(archive)["version"].as_str().unwrap().to_owned();
        let said = refused(target, &with(archive, &version, "29991231235959"), 4);
        assert!(
            said.starts_with("the archive has migrations that this program does not know (") && said.contains("use Lectern "),
            "{said}"
        );
    });
}

#[test]
fn an_archive_of_other_migrations_is_refused() {
    targets(|archive, target| {
        let last = last_migration(archive);
        let said = refused(target, &with(archive, last["sha256"].as_str().unwrap(), &"0".repeat(64)), 5);
        assert_eq!(said, format!("the archive's migrations are others than this program's: {}", last["name"].as_str().unwrap()));
    });
}

#[test]
fn an_archive_of_another_revision_goes_into_an_empty_database_alone() {
    for database in TestDatabase::all() {
        let place = Place::on(database).full();
        place.ok(&["db", "backup", "a.tar.zst"]);
        let newer = fs::read(place.path("a.tar.zst")).unwrap();
        place.ok(&["db", "downgrade", "-1", "--yes"]);
        let said = refused(&place, &newer, 4);
        assert!(said.contains("take the database there with `lectern db upgrade 2026"), "{said}");
        place.ok(&["db", "backup", "b.tar.zst"]);
        let older = fs::read(place.path("b.tar.zst")).unwrap();
        place.ok(&["db", "upgrade"]);
        let said = refused(&place, &older, 4);
        assert!(said.contains("take the database there with `lectern db downgrade 2026"), "{said}");
    }
}

#[test]
fn an_archive_of_a_database_that_was_begun_independently_is_refused() {
    for source in TestDatabase::all() {
        let source = Place::on(source);
        source.ok(&["user", "add", "alice", "alice@example.org"]);
        source.ok(&["db", "backup", "a.tar.zst"]);
        let archive = fs::read(source.path("a.tar.zst")).unwrap();
        for target in TestDatabase::all().into_iter().map(Place::on) {
            target.ok(&["user", "add", "bob", "bob@example.org"]);
            let said = refused(&target, &archive, 4);
            assert!(said.starts_with("users: ") && said.contains("username bob") && said.contains("username alice"), "{said}");
            assert!(said.ends_with("restore into an empty database"), "{said}");
        }
    }
}
