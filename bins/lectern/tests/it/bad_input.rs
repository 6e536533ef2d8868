//! Bad input: one clear line that says what to do, and nothing half-written.

use crate::support::{Done, Place, done, holds_something, jsonl, on_every_database};
use serde_json::json;
use std::fs::File;

/// A bad file beside a good one: the good one is there afterwards, nothing of the bad one is.
#[track_caller]
fn check(place: &Place, file: &str, expect: &str) {
    let collection = format!("beside-{}", file.replace(['/', '.'], "-"));
    let Done { code, out, err } = place.run(&["corpus", "add", file, "good.md", "--collection", &collection, "--language", "en"]);
    assert_eq!(code, Some(1), "{file}: {err}");
    assert!(err.lines().any(|line| line.starts_with("lectern: ") && line.contains(file) && line.contains(expect)), "{file}: {err}");
    assert!(out.ends_with("1 added, 0 replaced, 0 unchanged, 1 failed; 1 chunks\n"), "{file}: {out}");
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_goes_on() {
    on_every_database(|place| {
        place.write("good.md", "A good document.");
        place.write("utf8.md", b"abc\xff\xfe");
        place.write("binary.txt", b"abc\0def");
        place.write("table.pdf", "text");
        File::create(place.path("huge.txt")).unwrap().set_len(200 << 20).unwrap();
        File::create(place.path("huge.jsonl")).unwrap().set_len(65 << 20).unwrap();
        check(place, "absent.md", "No such file");
        check(place, "utf8.md", "invalid UTF-8 at byte 3; convert");
        check(place, "binary.txt", "a NUL at byte 3");
        check(place, "table.pdf", "its extension is none of");
        check(place, "huge.txt", "larger than 67108864 bytes; raise corpus.max_document_bytes");
        check(place, "huge.jsonl", "line 1: longer than 67108864 bytes; raise corpus.max_line_bytes");
        let contents = place.database.contents();
        assert!(contents.documents.iter().all(|(id, version, _)| id == "good.md" && *version == 1), "{contents:?}");
    });
}

#[test]
fn a_bad_line_is_told_by_its_number() {
    let place = Place::sqlite();
    let good = |id: &str| jsonl([json!({ "_id": id, "text": "Good." })]);
    place.write("a.jsonl", format!("{}{{oops\n{}{{\"text\": \"x\"}}\n", good("one"), good("two")));
    let done = place.run(&["corpus", "add", "a.jsonl", "--collection", "x", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!((done.code, &report["added"], &report["failed"]), (Some(1), &json!(2), &json!(2)));
    assert_eq!(report["failures"][0]["line"], 2);
    assert!(report["failures"][0]["message"].as_str().unwrap().contains("not valid JSON"), "{report}");
    assert_eq!(report["failures"][1]["line"], 4);
    assert!(report["failures"][1]["message"].as_str().unwrap().contains("_id"), "{report}");
}

#[test]
fn a_field_that_is_searched_by_takes_a_text() {
    let place = Place::sqlite();
    let line = |id: &str, institution| jsonl([json!({ "_id": id, "text": "Good.", "intitule_typologie_1": institution })]);
    place.write("a.jsonl", [line("one", json!("CAF")), line("two", json!(3)), line("three", json!(null))].concat());
    let done = place.run(&["corpus", "add", "a.jsonl", "--collection", "experiences", "--language", "en"]);
    assert_eq!(done.code, Some(1), "{done:?}");
    let told = "a.jsonl, line 2: the field 'intitule_typologie_1' can be searched by, and takes a text or nothing";
    assert!(done.err.contains(told), "{done:?}");
    assert!(done.out.ends_with("2 added, 0 replaced, 0 unchanged, 1 failed; 2 chunks\n"), "{done:?}");
}

#[test]
fn two_files_that_would_be_one_document_are_not_both_loaded() {
    let place = Place::sqlite();
    place.write("first/notes.md", "What the first folder says.");
    place.write("second/notes.md", "What the second folder says.");
    let done = place.run(&["corpus", "add", "first", "second", "first", "first/notes.md", "--collection", "x", "--language", "en"]);
    assert_eq!(done.code, Some(1), "{done:?}");
    let told = "second/notes.md: has the id 'notes.md', and so has first/notes.md; name the folder above both";
    assert!(done.err.contains(told), "{done:?}");
    assert!(done.out.ends_with("1 added, 0 replaced, 2 unchanged, 1 failed; 1 chunks\n"), "{done:?}");
    assert_eq!(place.json(&["corpus", "add", ".", "--collection", "y"])["added"], 2);
}

#[test]
fn files_without_bytes_are_documents_without_text() {
    let place = Place::sqlite();
    place.write("zero.md", "");
    place.write("zero.jsonl", "");
    let report = place.json(&["corpus", "add", "zero.md", "zero.jsonl", "--collection", "x"]);
    assert_eq!((&report["added"], &report["failed"], &report["chunks"]), (&json!(1), &json!(0), &json!(0)));
}

#[test]
fn nothing_is_made_for_what_cannot_be_read() {
    let place = Place::sqlite();
    let done = place.run(&["corpus", "add", "absent.md", "--collection", "x"]);
    assert_eq!((done.code, done.out.as_str()), (Some(1), "nothing was added: 1 failed\n"));
    assert!(place.error(1, &["search", "text", "--collection", "x"]).contains("there is no collection 'x'"));
}

/// A command in an environment of its own.
#[track_caller]
fn refused(place: &Place, variable: (&str, &str), expect: &[&str]) {
    let mut command = place.command(&["corpus", "add", "good.md"]);
    command.env(variable.0, variable.1);
    let Done { code, out, err } = done(command);
    assert_eq!((code, out.as_str(), err.lines().count()), (Some(1), "", 1), "{variable:?}: {err}");
    assert!(err.starts_with("lectern: ") && expect.iter().all(|part| err.contains(part)), "{variable:?}: {err}");
}

#[test]
fn a_database_that_cannot_be_opened_is_told_without_its_password() {
    let place = Place::sqlite();
    place.write("good.md", "A good document.");
    place.write("file", "not a folder");
    let file = place.path("file");
    let url = "LECTERN__DATABASE__URL";
    refused(&place, (url, "mysql://me:s3cret@localhost/x"), &["database.url", "expected a database URL"]);
    refused(&place, (url, "postgres://me:s3cret@127.0.0.1:1/x"), &["cannot connect", "check the port"]);
    refused(&place, (url, &format!("sqlite://{}/below/x.db", file.display())), &["Not a directory", "can be written"]);
    refused(&place, (url, &format!("sqlite://{}", file.display())), &["not a database", "choose another path"]);
    let done = done({
        let mut command = place.command(&["corpus", "add", "good.md"]);
        command.env(url, "postgres://me:s3cret@127.0.0.1:1/x");
        command
    });
    assert!(!done.err.contains("s3cret"), "{}", done.err);
}

#[test]
fn a_data_folder_that_cannot_be_written_is_told() {
    let place = Place::sqlite();
    place.write("good.md", "A good document.");
    place.write("file", "not a folder");
    refused(&place, ("LECTERN_DATA_DIR", "file/below"), &["file/below", "--data-dir"]);
    refused(&place, ("LECTERN_DATA_DIR", "/proc/self/nothing"), &["/proc/self/nothing", "--data-dir"]);
    assert!(!holds_something(&place.path("data")));
}

#[test]
fn usage_errors_are_2() {
    let place = Place::sqlite();
    for wrong in [
        &["corpus", "add"][..],
        &["search"],
        &["search", "x", "--method", "psychic"],
        &["search", "x", "--collection", "a/b"],
        &["search", "x", "--limit", "0"],
        &["search", "--queries", "q.jsonl"],
        &["corpus", "add", "x.md", "--language", "xx"],
        &["frobnicate"],
    ] {
        assert_eq!(place.run(wrong).code, Some(2), "{wrong:?}");
    }
}
