//! What a crash, a full disk or a stranger may leave behind.

use crate::support::{INSTALLATION, Random, cursor, document, generation, open, open_with, scope, vector, wait, words};
use lectern_domain::{collection::Generation, ids::ChunkId, language::Language};
use lectern_vector_store::{Batch, LexicalQuery, Position, VectorQuery, embedded::EmbeddedFolder};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

fn home(folder: &Path) -> PathBuf {
    folder.join(INSTALLATION.to_string())
}

fn subject() -> Generation {
    generation(1, Language::Fr, Some(8))
}

/// A folder with 30 chunks in both engines, durable at cursor 1.
fn filled() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fill(&open(folder.path()));
    folder
}

fn fill(open: &EmbeddedFolder) {
    let (generation, document) = (subject(), document(1, Some("web"), &[]));
    let mut random = Random::new(1);
    let vectors: Vec<_> = (0..30).map(|n| vector(n, &document, random.vector(8))).collect();
    let texts: Vec<_> = (0..30).map(|n| words(n, &document, "mot commun")).collect();
    wait(open.lexical().apply(&generation, Batch { seq: 1, removes: vec![], puts: texts })).unwrap();
    wait(open.lexical().commit(&generation, cursor(1))).unwrap();
    wait(open.vectors().apply(&generation, Batch { seq: 1, removes: vec![], puts: vectors })).unwrap();
    wait(open.vectors().commit(&generation, cursor(1))).unwrap();
    assert_eq!(wait(open.vectors().flush(&generation)).unwrap(), Some(cursor(1)));
}

fn found_words(open: &EmbeddedFolder) -> Vec<ChunkId> {
    let query = LexicalQuery { text: "commun".to_owned(), limit: 100, filter: None, prefer: vec![], fuzzy: false };
    wait(open.lexical().search(&scope(&[&subject()]), &query)).unwrap().into_iter().map(|hit| hit.chunk).collect()
}

fn found_vectors(open: &EmbeddedFolder) -> usize {
    let query = VectorQuery { vector: vec![1.0; 8], limit: 100, filter: None };
    wait(open.vectors().search(&scope(&[&subject()]), &query)).unwrap().len()
}

/// Spoils a filled folder, and expects the engines to be empty or as they were; then that both can be filled anew.
#[track_caller]
fn check(what: &str, spoil: impl FnOnce(&Path), words_stay: bool, vectors_stay: bool) {
    let folder = filled();
    spoil(&home(folder.path()));
    let at = |stays: bool| if stays { Position::At(cursor(1)) } else { Position::Empty };
    // First as a reader, which repairs nothing, then as the holder.
    let lock = File::open(home(folder.path()).join("lock")).unwrap();
    lock.lock().unwrap();
    let reader = open(folder.path());
    assert_eq!(
        (found_words(&reader).len(), found_vectors(&reader)),
        (if words_stay { 30 } else { 0 }, if vectors_stay { 30 } else { 0 }),
        "{what}"
    );
    drop((reader, lock));
    let open = open(folder.path());
    assert_eq!(wait(open.lexical().position(&subject())).unwrap(), at(words_stay), "{what}");
    assert_eq!(wait(open.vectors().position(&subject())).unwrap(), at(vectors_stay), "{what}");
    wait(open.lexical().clear(&subject())).unwrap();
    wait(open.vectors().clear(&subject())).unwrap();
    fill(&open);
    assert_eq!((found_words(&open).len(), found_vectors(&open)), (30, 30), "{what}");
    let trash =
        |folder: &Path| fs::read_dir(folder).unwrap().any(|entry| entry.unwrap().file_name().to_string_lossy().starts_with("trash-"));
    assert!(!trash(&home(folder.path())) && !trash(&home(folder.path()).join("g1")), "{what}");
}

fn truncate(path: &Path, by: u64) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_len(file.metadata().unwrap().len().saturating_sub(by)).unwrap();
}

fn flip(path: &Path, at: impl Fn(usize) -> usize) {
    let mut bytes = fs::read(path).unwrap();
    let at = at(bytes.len());
    bytes[at] ^= 0x40;
    fs::write(path, bytes).unwrap();
}

#[test]
fn what_was_not_finished_is_swept_and_what_is_damaged_is_empty() {
    let vectors = |home: &Path| home.join("g1/vectors");
    let meta = |home: &Path| home.join("g1/lexical/meta.json");
    check("nothing", |_| {}, true, true);
    check("an unfinished snapshot", |home| fs::write(home.join("g1/trash-1"), "half").unwrap(), true, true);
    check(
        "a folder half gone",
        |home| {
            fs::create_dir_all(home.join("trash-2/lexical")).unwrap();
            fs::write(home.join("trash-2/lexical/x.idx"), "").unwrap();
        },
        true,
        true,
    );
    for by in [1, 48, 49, 1_000, u64::MAX] {
        check("a truncated snapshot", |home| truncate(&vectors(home), by), true, false);
    }
    check("a flipped bit in the graph", |home| flip(&vectors(home), |_| 100), true, false);
    check("a flipped bit in the documents", |home| flip(&vectors(home), |length| length - 300), true, false);
    check("a flipped bit in the footer", |home| flip(&vectors(home), |length| length - 20), true, false);
    check("no snapshot", |home| fs::remove_file(vectors(home)).unwrap(), true, false);
    check(
        "a folder for a snapshot",
        |home| {
            fs::remove_file(vectors(home)).unwrap();
            fs::create_dir(vectors(home)).unwrap();
        },
        true,
        false,
    );
    check("no contents", |home| fs::remove_file(meta(home)).unwrap(), false, true);
    check("half of the contents", |home| truncate(&meta(home), 100), false, true);
    check(
        "no segments",
        |home| {
            for entry in fs::read_dir(home.join("g1/lexical")).unwrap().map(Result::unwrap) {
                if entry.path().extension().is_some_and(|end| end != "json" && end != "lock") {
                    fs::remove_file(entry.path()).unwrap();
                }
            }
        },
        false,
        true,
    );
    check(
        "another format",
        |home| {
            let text = fs::read_to_string(meta(home)).unwrap();
            fs::write(meta(home), text.replace("\\\"format\\\":", "\\\"format\\\":9")).unwrap();
        },
        false,
        true,
    );
    check("no generation", |home| fs::remove_dir_all(home.join("g1")).unwrap(), false, false);
    check("no follower", |home| fs::write(home.join("follower"), "").unwrap(), true, true);
}

#[test]
fn what_was_made_otherwise_is_empty() {
    let folder = filled();
    let mut other_model = subject();
    other_model.model.as_mut().unwrap().spec.revision = "2".to_owned();
    let other_length = generation(1, Language::Fr, Some(4));
    let other_language = generation(1, Language::En, Some(8));
    let open = open(folder.path());
    for generation in [&other_model, &other_length] {
        assert_eq!(wait(open.vectors().position(generation)).unwrap(), Position::Empty);
    }
    assert_eq!(wait(open.lexical().position(&other_language)).unwrap(), Position::Empty);
    // A folder that another generation's was copied over.
    drop(open);
    let home = home(folder.path());
    fs::rename(home.join("g1"), home.join("g2")).unwrap();
    let open = crate::support::open(folder.path());
    let stranger = generation(2, Language::Fr, Some(8));
    assert_eq!(wait(open.vectors().position(&stranger)).unwrap(), Position::Empty);
    assert_eq!(wait(open.lexical().position(&stranger)).unwrap(), Position::Empty);
}

#[test]
fn snapshots_are_written_once_enough_changed() {
    let folder = tempfile::tempdir().unwrap();
    let options = lectern_vector_store::embedded::EmbeddedOptions { snapshot_after: 100, ..Default::default() };
    let open = open_with(folder.path(), options);
    let (generation, document, index) = (subject(), document(1, None, &[]), open.vectors());
    let mut random = Random::new(2);
    let mut durable = Vec::new();
    for seq in 0..60 {
        let puts = (0..50).map(|n| vector(seq * 50 + n, &document, random.vector(8))).collect();
        wait(index.apply(&generation, Batch { seq: 1, removes: vec![], puts })).unwrap();
        durable.extend(wait(index.commit(&generation, cursor(seq as i64))).unwrap().map(|cursor| cursor.seq));
    }
    durable.dedup();
    // Every second commit at first; past 1,000 vectors, when a tenth has changed.
    assert_eq!(durable[..10], [1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    assert!(durable.len() < 25 && durable.last().is_some_and(|&last| last >= 54), "{durable:?}");
    let restored = {
        drop((index, open));
        crate::support::open(folder.path())
    };
    assert_eq!(wait(restored.vectors().position(&generation)).unwrap(), Position::At(cursor(*durable.last().unwrap())));
    assert!(
        wait(restored.vectors().search(&scope(&[&generation]), &VectorQuery { vector: vec![1.0; 8], limit: 1, filter: None }))
            .unwrap()
            .len()
            == 1
    );
}
