//! Paging through what an index holds.

use super::{
    batch,
    world::{chunk, cursor, document, vector, wait, words},
};
use lectern_domain::{collection::Generation, ids::ChunkId};
use lectern_vector_store::{Held, LexicalIndex, VectorIndex};
use serde_json::json;

/// Reads all pages of one size.
fn pages(limit: usize, page: &dyn Fn(Option<ChunkId>, usize) -> Vec<Held>) -> Vec<Held> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let held = page(after, limit);
        assert!(held.len() <= limit, "{} instead of {limit}", held.len());
        let Some(last) = held.last() else { return all };
        after = Some(last.chunk);
        all.extend(held);
    }
}

/// Expects exactly these, whatever the size of the pages.
fn check(mut expect: Vec<Held>, page: &dyn Fn(Option<ChunkId>, usize) -> Vec<Held>) {
    expect.sort_unstable_by_key(|held| held.chunk);
    for limit in [1, 3, 7, 10_000] {
        assert_eq!(pages(limit, page), expect, "pages of {limit}");
    }
    assert_eq!(page(None, 0), expect[..expect.len().min(1)]);
    assert_eq!(page(None, usize::MAX), expect);
    let Some(middle) = expect.get(expect.len() / 2) else { return };
    // From between two chunks too: the one that a page begins after need not be there.
    let before = ChunkId(uuid::Uuid::from_u128(middle.chunk.0.as_u128() - 1));
    assert_eq!((page(Some(middle.chunk), 1), page(Some(before), 1)), (expect[expect.len() / 2 + 1..][..1].to_vec(), vec![*middle]));
}

/// For words.
pub(super) fn of_words(index: &dyn LexicalIndex, generation: &Generation) {
    let page = |after, limit| wait(index.held(generation, after, limit)).expect("a page");
    check(Vec::new(), &page);
    let document = document(1, Some("web"), &[("year", json!(2024))]);
    let entry = |n: usize, text: &str| words(n, &document, text);
    let held = |n: usize, text: &str| Held { chunk: chunk(n), digest: Some(entry(n, text).digest()) };
    let change = |seq, removes, puts| {
        wait(index.apply(generation, batch(seq, removes, puts))).expect("a batch is applied");
        wait(index.commit(generation, cursor(seq))).expect("a commit");
    };
    change(1, vec![], (0..20).map(|n| entry(n, "ancien")).collect());
    check((0..20).map(|n| held(n, "ancien")).collect(), &page);
    change(2, (0..5).map(chunk).collect(), (5..10).map(|n| entry(n, "nouveau")).collect());
    let there = (5..10).map(|n| held(n, "nouveau")).chain((10..20).map(|n| held(n, "ancien"))).collect();
    check(there, &page);
    wait(index.clear(generation)).expect("it is emptied");
    check(Vec::new(), &page);
    wait(index.drop_generation(generation.id)).expect("it is dropped");
    check(Vec::new(), &page);
}

/// For vectors.
pub(super) fn of_vectors(index: &dyn VectorIndex, generation: &Generation) {
    let page = |after, limit| wait(index.held(generation, after, limit)).expect("a page");
    check(Vec::new(), &page);
    let document = document(1, Some("web"), &[("year", json!(2024))]);
    let entry = |n: usize, at: f32| vector(n, &document, vec![at, n as f32, 1.0, -1.0]);
    let held = |n: usize, at: f32| Held { chunk: chunk(n), digest: Some(entry(n, at).digest()) };
    let change = |seq, removes, puts| {
        wait(index.apply(generation, batch(seq, removes, puts))).expect("a batch is applied");
        wait(index.commit(generation, cursor(seq))).expect("a commit");
    };
    change(1, vec![], (0..20).map(|n| entry(n, 0.5)).collect());
    check((0..20).map(|n| held(n, 0.5)).collect(), &page);
    change(2, (0..5).map(chunk).collect(), (5..10).map(|n| entry(n, 0.25)).collect());
    let there = (5..10).map(|n| held(n, 0.25)).chain((10..20).map(|n| held(n, 0.5))).collect();
    check(there, &page);
    wait(index.clear(generation)).expect("it is emptied");
    check(Vec::new(), &page);
    wait(index.drop_generation(generation.id)).expect("it is dropped");
    check(Vec::new(), &page);
}
