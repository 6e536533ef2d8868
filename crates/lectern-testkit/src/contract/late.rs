//! What a store does that several processes write to: a batch that comes late changes nothing.

use super::{
    batch,
    world::{chunk, cursor, document, vector, wait, words},
};
use lectern_domain::{access::Scope, collection::Generation, ids::ChunkId};
use lectern_vector_store::{LexicalIndex, LexicalQuery, VectorIndex, VectorQuery};

/// For words.
pub(super) fn of_words(index: &dyn LexicalIndex, generation: &Generation, scope: &Scope) {
    let document = document(1, None, &[]);
    let apply = |seq, removes: Vec<ChunkId>, puts| {
        wait(index.apply(generation, batch(seq, removes, puts))).expect("a batch is applied");
        wait(index.commit(generation, cursor(9))).expect("a commit");
    };
    let found = |text: &str| {
        let query = LexicalQuery { text: text.to_owned(), limit: 10, filter: None, prefer: vec![], fuzzy: false };
        let hits = wait(index.search(scope, &query)).expect("a search");
        hits.into_iter().map(|hit| hit.chunk).collect::<Vec<_>>()
    };
    apply(5, vec![], vec![words(1, &document, "nouveau"), words(2, &document, "permanent")]);
    apply(4, vec![chunk(2)], vec![words(1, &document, "ancien")]);
    assert_eq!((found("nouveau"), found("ancien"), found("permanent")), (vec![chunk(1)], vec![], vec![chunk(2)]));
    // At the same place, what is there counts more than what was removed.
    apply(5, vec![chunk(2)], vec![]);
    assert_eq!(found("permanent"), [chunk(2)]);
    apply(6, vec![chunk(2)], vec![]);
    assert_eq!(found("permanent"), []);
}

/// For vectors.
pub(super) fn of_vectors(index: &dyn VectorIndex, generation: &Generation, scope: &Scope) {
    let document = document(1, None, &[]);
    let apply = |seq, removes: Vec<ChunkId>, puts| {
        wait(index.apply(generation, batch(seq, removes, puts))).expect("a batch is applied");
        wait(index.commit(generation, cursor(9))).expect("a commit");
    };
    let nearest = |at: [f32; 4]| {
        let query = VectorQuery { vector: at.to_vec(), limit: 1, filter: None };
        wait(index.search(scope, &query)).expect("a search").first().map(|hit| (hit.chunk, hit.score.round() as i32))
    };
    apply(5, vec![], vec![vector(1, &document, vec![1.0, 0.0, 0.0, 0.0]), vector(2, &document, vec![0.0, 1.0, 0.0, 0.0])]);
    apply(4, vec![chunk(2)], vec![vector(1, &document, vec![0.0, 0.0, 1.0, 0.0])]);
    assert_eq!(nearest([1.0, 0.0, 0.0, 0.0]), Some((chunk(1), 1)));
    assert_eq!(nearest([0.0, 1.0, 0.0, 0.0]), Some((chunk(2), 1)));
    // At the same place, what is there counts more than what was removed.
    apply(5, vec![chunk(2)], vec![]);
    assert_eq!(nearest([0.0, 1.0, 0.0, 0.0]), Some((chunk(2), 1)));
    apply(6, vec![chunk(2)], vec![]);
    assert_ne!(nearest([0.0, 1.0, 0.0, 0.0]), Some((chunk(2), 1)));
}
