//! Archives that are not what was written: nothing is restored, and the message says what is wrong.

use super::{another, archive, assert_same, restore, rows};
use lectern_persistence::transfer;
use lectern_testkit::{
    TestDatabase,
    database::full::{self, Pool},
};
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::Value;
use std::io::{Cursor, Read as _};

fn source() -> TestDatabase {
    let source = TestDatabase::sqlite();
    full::fill(&source, &Pool::default());
    source
}

/// The archive's files.
fn unpacked(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut tar = tar::Archive::new(zstd::Decoder::new(archive).expect("zstd"));
    let mut files = Vec::new();
    for entry in tar.entries().expect("tar") {
        let mut entry = entry.expect("an entry");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("its bytes");
        files.push((entry.path().expect("a name").display().to_string(), bytes));
    }
    files
}

fn packed(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(zstd::Encoder::new(Vec::new(), 1).expect("zstd"));
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, name, &bytes[..]).expect("written");
    }
    tar.into_inner().expect("written").finish().expect("written")
}

/// Both ways of reading refuse, and an empty and a full target stay as they are.
#[track_caller]
fn refused(archive: &[u8], expect: &[&str]) {
    let verified = transfer::verify(Cursor::new(archive), &mut |_| {}).expect_err("a refusal").to_string();
    for target in TestDatabase::all_empty() {
        let said = restore(target.database(), archive).expect_err("a refusal").to_string();
        for text in [&verified, &said] {
            assert!(expect.iter().any(|expect| text.contains(expect)), "on {}: {text}", target.name());
        }
        assert!(full::rows(target.database()).values().all(Vec::is_empty), "on {}", target.name());
    }
}

#[test]
fn an_archive_that_is_cut_off_is_refused() {
    let (bytes, _) = archive(source().database());
    for end in [0, 3, 4, 100, bytes.len() / 2, bytes.len() - 100, bytes.len() - 1] {
        refused(&bytes[..end], &["cut off", "no archive"]);
    }
}

#[test]
fn a_byte_that_is_not_what_was_written_is_noticed_wherever_it_is() {
    let (bytes, manifest) = archive(source().database());
    let mut runner = TestRunner::new(ProptestConfig { cases: 64, ..ProptestConfig::default() });
    runner
        .run(&(0..bytes.len(), 0..8_u32), |(at, bit)| {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            let verified = transfer::verify(Cursor::new(flipped), &mut |_| {});
            // Compressed streams have bits that mean nothing: with one of them changed, everything in the archive is still what was written.
            prop_assert!(verified.is_err() || verified.is_ok_and(|read| read == manifest), "byte {at}, bit {bit}");
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 1;
    refused(&flipped, &["damaged", "cut off"]);
}

#[test]
fn what_was_changed_inside_is_noticed() {
    let (bytes, _) = archive(source().database());
    let files = unpacked(&bytes);
    let edited = |name: &str, from: &str, to: &str| {
        let mut files = files.clone();
        let (_, bytes) = files.iter_mut().find(|(file, _)| file == name).expect("the file is there");
        let text = String::from_utf8(bytes.clone()).expect("UTF-8");
        assert!(text.contains(from), "{name} has no {from}");
        *bytes = text.replacen(from, to, 1).into_bytes();
        packed(&files)
    };
    // PostgreSQL notices before the end that other rows refer to it.
    let gone = ["tables/sources/000001.ndjson is not what was written", "stream_source_source_id_fkey"];
    refused(&edited("tables/sources/000001.ndjson", "\"id\":1", "\"id\":9"), &gone);
    refused(&edited("tables/sources/000001.ndjson", "\"id\":1", "\"it\":1"), &["the column 'it' is unknown"]);
    refused(&edited("tables/sources/000001.ndjson", "{\"id\":1", "{\"id\":one"), &["a row of sources cannot be read"]);
    refused(&edited("manifest.json", "\"rows\": 3", "\"rows\": 2"), &["do not say the same"]);
    refused(
        &edited("header.json", "\"version\": 1", "\"version\": 2"),
        &["has version 2 of the format, this program reads up to 1: use Lectern"],
    );
    refused(
        &edited("header.json", "20261121000100", "20991121000100"),
        &["do not say the same", "migrations that this program does not know"],
    );
    refused(&edited("header.json", "lectern-backup", "something"), &["its format is 'something'"]);

    let without = |name: &str| packed(&files.iter().filter(|(file, _)| file != name).cloned().collect::<Vec<_>>());
    refused(&without("manifest.json"), &["cut off: its manifest is missing"]);
    refused(&without("header.json"), &["no archive"]);
    refused(&without("tables/sources/000001.ndjson"), &["sources has 0 parts, 1 were written", "foreign key", "does not exist"]);
    refused(b"PK\x03\x04 something else entirely", &["not compressed by zstd"]);
    assert!(transfer::verify(Cursor::new(packed(&files)), &mut |_| {}).is_ok(), "packed again it is the same");
}

#[test]
fn a_part_of_several_rows_has_a_bound_and_one_row_has_none_of_it() {
    const MOST: usize = 64 * 1024 * 1024;
    let (bytes, _) = archive(source().database());
    let part = "tables/sources/000001.ndjson";
    let with = |content: Vec<u8>| {
        let mut files = unpacked(&bytes);
        files.iter_mut().find(|(file, _)| file == part).expect("the part").1 = content;
        packed(&files)
    };
    let row = "{\"id\":1,\"source_name\":\"x\"}\n";
    refused(&with(row.repeat(MOST / row.len() + 1).into_bytes()), &["bytes and several rows, which 67108864 bytes hold at most"]);
    // One row alone may be larger, and is in a part of its own.
    let large = TestDatabase::sqlite();
    let all = format!("INSERT INTO sources (source_name) VALUES ('a'), (printf('%.*c', {MOST}, 'x')), ('b')");
    lectern_testkit::database::execute(large.database(), &all);
    let (bytes, manifest) = archive(large.database());
    let sources = manifest.tables.iter().find(|table| table.head.table.name == "sources").expect("sources");
    assert_eq!(sources.parts.iter().map(|part| part.rows).collect::<Vec<_>>(), [1, 1, 1]);
    assert!(sources.parts[1].bytes > MOST as u64);
    assert_eq!(transfer::verify(Cursor::new(&bytes), &mut |_| {}).expect("it is whole"), manifest);
}

#[test]
fn a_refusal_leaves_a_full_target_as_it_is() {
    for target in TestDatabase::all() {
        full::fill(&target, &Pool::default());
        let (bytes, _) = archive(target.database());
        let before = full::rows(target.database());
        let mut flipped = bytes.clone();
        let at = flipped.len() - 40;
        flipped[at] ^= 16;
        for wrong in [&bytes[..bytes.len() - 10], &flipped[..]] {
            let options = transfer::RestoreOptions { on_conflict: transfer::OnConflict::Replace, ..transfer::RestoreOptions::default() };
            super::restore_with(target.database(), wrong, options).expect_err("a refusal");
            assert_same(&full::rows(target.database()), &before);
        }
    }
}

#[test]
fn the_manifest_says_what_is_in_it() {
    let source = source();
    let (bytes, manifest) = archive(source.database());
    let files = unpacked(&bytes);
    assert_eq!(files.first().map(|(name, _)| name.as_str()), Some("header.json"));
    assert_eq!(files.last().map(|(name, _)| name.as_str()), Some("manifest.json"));
    let written: Value = serde_json::from_slice(&files.last().expect("a manifest").1).expect("JSON");
    assert_eq!(written["tables"].as_array().map(Vec::len), Some(manifest.tables.len()));
    let users = manifest.tables.iter().find(|table| table.head.table.name == "users").expect("users");
    assert_eq!((users.head.rows, users.head.next, users.parts.len()), (3, Some(4), 1));
    let text = files.iter().find(|(name, _)| name == &users.parts[0].file).map(|(_, bytes)| String::from_utf8_lossy(bytes)).expect("rows");
    let first: Value = serde_json::from_str(text.lines().next().expect("a row")).expect("JSON");
    assert_eq!(first["id"], 1);
    // Another database of the same rows has the same archive but for the time and the versions.
    let twin = another("sqlite", true);
    restore(twin.database(), &bytes).expect("a restore");
    let (again, _) = archive(twin.database());
    let tables = |files: Vec<(String, Vec<u8>)>| files.into_iter().filter(|(name, _)| name.starts_with("tables/")).collect::<Vec<_>>();
    let common = |files| {
        tables(files)
            .into_iter()
            .filter(|(name, _)| !super::OF_BACKEND.contains(&name.split('/').nth(1).unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    assert_eq!(common(unpacked(&again)), common(files));
    assert_same(&rows(twin.database()), &rows(source.database()));
}
