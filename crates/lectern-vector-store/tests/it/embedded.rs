//! The embedded engines keep the contract.

use crate::support::{cursor, document, generation, open, scope, wait, words};
use lectern_domain::{ids::ChunkId, language::Language};
use lectern_testkit::contract;
use lectern_vector_store::{Batch, LexicalQuery, embedded::EmbeddedFolder};
use std::sync::Arc;

/// Opens the folder anew whenever it is called; whoever had it before has let it go.
fn restarting(path: &std::path::Path) -> impl FnMut() -> Arc<EmbeddedFolder> {
    let mut last: Option<Arc<EmbeddedFolder>> = None;
    move || {
        drop(last.take());
        Arc::clone(last.insert(open(path)))
    }
}

#[test]
fn words_keep_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let mut restart = restarting(folder.path());
    contract::lexical::keeps(&mut || restart().lexical());
}

#[test]
fn vectors_keep_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let mut restart = restarting(folder.path());
    contract::vectors::keeps(&mut || restart().vectors());
}

/// A follower that fills an index while somebody writes applies what was written twice.
#[test]
fn what_is_put_again_as_it_is_counts_once_in_scores() {
    let folder = tempfile::tempdir().unwrap();
    let open = open(folder.path());
    let (lexical, subject, document) = (open.lexical(), generation(1, Language::En, None), document(1, None, &[]));
    let entries =
        |range: std::ops::Range<usize>| range.map(|n| words(n, &document, &format!("harbour {}", "lantern ".repeat(n % 7)))).collect();
    let put = |seq, removes: Vec<ChunkId>, puts| {
        wait(lexical.apply(&subject, Batch { seq, removes, puts })).unwrap();
        wait(lexical.commit(&subject, cursor(seq))).unwrap();
    };
    let found = || {
        let query = LexicalQuery { text: "lantern harbour".to_owned(), limit: 100, filter: None, prefer: vec![], fuzzy: false };
        let mut hits = wait(lexical.search(&scope(&[&subject]), &query)).unwrap();
        hits.sort_by_key(|hit| hit.chunk);
        hits
    };
    put(1, vec![], entries(0..40));
    let once = found();
    assert_eq!(once.len(), 40);
    put(2, vec![], entries(30..40));
    assert_eq!(found(), once);
    // What was removed before, in the same commit, is put all the same.
    put(3, once.iter().take(10).map(|hit| hit.chunk).collect(), entries(0..40));
    let chunks = |hits: Vec<lectern_domain::search::Hit>| hits.into_iter().map(|hit| hit.chunk).collect::<Vec<_>>();
    assert_eq!(chunks(found()), chunks(once));
}
