//! What every index of vectors does, whatever it is made of.

use super::{
    batch, held, late,
    lexical::{filter_cases, filtered_documents},
    world::{Random, chunk, cursor, document, generation, scope, vector, wait},
};
use lectern_domain::{collection::Generation, filter::Filter, ids::ChunkId, language::Language, search::Hit};
use lectern_vector_store::{Held, Position, StoreError, VectorEntry, VectorIndex, VectorQuery, brute_force};
use std::{sync::Arc, thread};

/// Gives the index, and again after a restart.
pub type Restart<'a> = &'a mut dyn FnMut() -> Arc<dyn VectorIndex>;

fn of(id: i32, dimensions: u32) -> Generation {
    generation(id, Language::Fr, Some(dimensions))
}

/// The whole contract.
pub fn keeps(restart: Restart<'_>) {
    keeps_in_small(restart);
    let index = restart();
    ten_thousand(&*index, &of(208, 16));
    writers_and_searchers(&index, &of(209, 16));
}

/// The part of it that asks for the same at every run, and for little: what can be recorded and replayed.
pub fn keeps_in_small(restart: Restart<'_>) {
    let index = restart();
    puts_replaces_and_removes(&*index, &of(201, 4));
    refuses_other_dimensions(&*index, &of(202, 4));
    scores_are_cosines(&*index, &of(203, 8));
    filters(&*index, &of(204, 4));
    scopes(&*index, [of(205, 4), of(206, 4), generation(207, Language::Fr, None)]);
    held::of_vectors(&*index, &of(211, 4));
    drop(index);
    restarts(restart, &of(210, 4));
}

/// What an index adds to it that several processes may write to at the same time.
pub fn keeps_late_batches_out(index: &dyn VectorIndex) {
    let generation = generation(220, Language::Fr, Some(4));
    late::of_vectors(index, &generation, &scope(&[&generation]));
}

fn search(index: &dyn VectorIndex, generations: &[&Generation], vector: &[f32], limit: usize, filter: Option<Filter>) -> Vec<Hit> {
    let hits = wait(index.search(&scope(generations), &VectorQuery { vector: vector.to_vec(), limit, filter })).unwrap();
    assert!(hits.is_sorted_by(|a, b| a.score >= b.score), "nearest first: {hits:?}");
    hits
}

fn ids(hits: &[Hit]) -> Vec<ChunkId> {
    hits.iter().map(|hit| hit.chunk).collect()
}

fn put(index: &dyn VectorIndex, generation: &Generation, seq: i64, removes: Vec<ChunkId>, puts: Vec<VectorEntry>) {
    wait(index.apply(generation, batch(seq, removes, puts))).unwrap();
    wait(index.commit(generation, cursor(seq))).unwrap();
    assert_eq!(wait(index.position(generation)).unwrap(), Position::At(cursor(seq)));
}

/// The unit vector along an axis.
fn axis(dimensions: usize, at: usize) -> Vec<f32> {
    (0..dimensions).map(|n| if n == at { 1.0 } else { 0.0 }).collect()
}

fn puts_replaces_and_removes(index: &dyn VectorIndex, generation: &Generation) {
    let document = document(1, None, &[]);
    let nearest = |at: usize| search(index, &[generation], &axis(4, at), 1, None).first().map(|hit| (hit.chunk, hit.score.round() as i32));
    assert_eq!((wait(index.position(generation)).unwrap(), nearest(0)), (Position::Empty, None));
    put(index, generation, 1, vec![], (0..3).map(|n| vector(n, &document, axis(4, n))).collect());
    assert_eq!((nearest(0), nearest(2)), (Some((chunk(0), 1)), Some((chunk(2), 1))));
    put(index, generation, 2, vec![], vec![vector(0, &document, axis(4, 3))]);
    assert_eq!(nearest(3), Some((chunk(0), 1)));
    for seq in 3..5 {
        put(index, generation, seq, vec![chunk(1), chunk(99)], vec![vector(5, &document, axis(4, 0)), vector(5, &document, axis(4, 1))]);
        assert_eq!((nearest(1), search(index, &[generation], &axis(4, 1), 10, None).len()), (Some((chunk(5), 1)), 3));
    }
    put(index, generation, 5, vec![chunk(5)], vec![vector(6, &document, axis(4, 1))]);
    assert_eq!(nearest(1), Some((chunk(6), 1)));

    wait(index.clear(generation)).unwrap();
    assert_eq!((wait(index.position(generation)).unwrap(), nearest(0)), (Position::Empty, None));
    put(index, generation, 6, vec![], vec![vector(7, &document, axis(4, 0))]);
    assert_eq!(nearest(0), Some((chunk(7), 1)));
    wait(index.drop_generation(generation.id)).unwrap();
    assert_eq!((wait(index.position(generation)).unwrap(), nearest(0)), (Position::Empty, None));
}

fn refuses_other_dimensions(index: &dyn VectorIndex, generation: &Generation) {
    let document = document(1, None, &[]);
    put(index, generation, 1, vec![], vec![vector(1, &document, axis(4, 0))]);
    let puts = vec![vector(2, &document, axis(4, 1)), vector(3, &document, axis(3, 1))];
    let refused = wait(index.apply(generation, batch(2, vec![chunk(1)], puts)));
    assert!(matches!(refused, Err(StoreError::Dimensions { expected: 4, found: 3 })), "{refused:?}");
    // All of the batch was refused.
    assert_eq!(ids(&search(index, &[generation], &axis(4, 0), 10, None)), [chunk(1)]);
    let query = VectorQuery { vector: axis(5, 0), limit: 1, filter: None };
    let refused = wait(index.search(&scope(&[generation]), &query));
    assert!(matches!(refused, Err(StoreError::Dimensions { expected: 4, found: 5 })), "{refused:?}");
    let bad = wait(index.apply(generation, batch(2, vec![], vec![vector(4, &document, vec![f32::NAN; 4])])));
    assert!(bad.is_err());
}

fn scores_are_cosines(index: &dyn VectorIndex, generation: &Generation) {
    let document = document(1, None, &[]);
    let mut random = Random::new(3);
    let vectors: Vec<Vec<f32>> = (0..50).map(|n| random.vector(8).into_iter().map(|x| x * (n + 1) as f32).collect()).collect();
    put(index, generation, 1, vec![], vectors.iter().enumerate().map(|(n, v)| vector(n, &document, v.clone())).collect());
    let query = random.vector(8);
    let exact = brute_force(&query, vectors.iter().enumerate().map(|(n, v)| (chunk(n), v)), 50).unwrap();
    let found = search(index, &[generation], &query, 50, None);
    assert_eq!(found.len(), 50);
    for (found, exact) in found.iter().zip(&exact) {
        assert!((found.score - exact.score).abs() < 2e-3, "{found:?} {exact:?}");
    }
    for limit in [0, 1, 7] {
        assert_eq!(search(index, &[generation], &query, limit, None), found[..limit]);
    }
    // A vector of length zero is near nothing, and harms nothing.
    put(index, generation, 2, vec![], vec![vector(99, &document, vec![0.0; 8])]);
    assert_eq!(search(index, &[generation], &query, 1, None), found[..1]);
}

fn filters(index: &dyn VectorIndex, generation: &Generation) {
    let puts = filtered_documents().iter().enumerate().map(|(n, document)| vector(n, document, axis(4, n))).collect();
    put(index, generation, 1, vec![], puts);
    for (filter, expect) in filter_cases() {
        let mut found = ids(&search(index, &[generation], &[0.5; 4], 10, Some(filter.clone())));
        found.sort();
        let mut expect: Vec<ChunkId> = expect.iter().map(|&n| chunk(n)).collect();
        expect.sort();
        assert_eq!(found, expect, "{filter:?}");
    }
}

fn scopes(index: &dyn VectorIndex, [one, two, none]: [Generation; 3]) {
    let document = document(1, None, &[]);
    put(index, &one, 1, vec![], vec![vector(1, &document, vec![1.0, 0.1, 0.0, 0.0])]);
    put(index, &two, 1, vec![], vec![vector(2, &document, axis(4, 0))]);
    assert_eq!(ids(&search(index, &[&one, &two, &none], &axis(4, 0), 10, None)), [chunk(2), chunk(1)]);
    assert_eq!(ids(&search(index, &[&one], &axis(4, 0), 10, None)), [chunk(1)]);
    assert!(search(index, &[&none], &axis(4, 0), 10, None).is_empty());
    assert_eq!(wait(index.position(&none)).unwrap(), Position::Empty);
    assert!(wait(index.apply(&none, batch(2, vec![], vec![vector(1, &document, axis(4, 0))]))).is_err());
}

fn ten_thousand(index: &dyn VectorIndex, generation: &Generation) {
    let documents: Vec<_> = (0..100).map(|n| document(n, Some(if n % 50 == 0 { "rare" } else { "common" }), &[])).collect();
    let mut random = Random::new(1);
    let vectors: Vec<Vec<f32>> = (0..10_000).map(|_| random.vector(16)).collect();
    for (number, part) in vectors.chunks(1_000).enumerate() {
        let puts = part.iter().enumerate().map(|(n, v)| vector(number * 1_000 + n, &documents[n % 100], v.clone())).collect();
        wait(index.apply(generation, batch(1, vec![], puts))).unwrap();
    }
    wait(index.commit(generation, cursor(1))).unwrap();
    let source = |name: &str| Some(Filter::In(lectern_domain::filter::Field::Source, vec![name.into()]));
    let check = |from: usize, filter: Option<Filter>, keep: &dyn Fn(usize) -> bool, random: &mut Random| {
        let (mut common, mut wanted) = (0, 0);
        for _ in 0..20 {
            let query = random.vector(16);
            let candidates = vectors.iter().enumerate().skip(from).filter(|(n, _)| keep(*n)).map(|(n, v)| (chunk(n), v));
            let exact = ids(&brute_force(&query, candidates, 10).unwrap());
            let found = ids(&search(index, &[generation], &query, 10, filter.clone()));
            assert_eq!(found.len(), 10);
            common += found.iter().filter(|id| exact.contains(id)).count();
            wanted += exact.len();
        }
        assert!(common * 100 >= wanted * 95, "recall {common} of {wanted}");
    };
    check(0, None, &|_| true, &mut random);
    check(0, source("common"), &|n| n % 50 != 0, &mut random);
    check(0, source("rare"), &|n| n % 50 == 0, &mut random);
    put(index, generation, 2, (0..5_000).map(chunk).collect(), vec![]);
    check(5_000, None, &|_| true, &mut random);
    assert_eq!(search(index, &[generation], &random.vector(16), 20_000, None).len(), 5_000);
}

fn writers_and_searchers(index: &Arc<dyn VectorIndex>, generation: &Generation) {
    let document = document(1, None, &[]);
    put(&**index, generation, 1, vec![], vec![vector(0, &document, axis(16, 0))]);
    thread::scope(|threads| {
        for writer in 1..4 {
            let (index, document) = (Arc::clone(index), Arc::clone(&document));
            threads.spawn(move || {
                let mut random = Random::new(writer as u64);
                for n in 0..200 {
                    let id = writer * 1_000 + n % 100;
                    let removes = if n % 3 == 0 { vec![chunk(id)] } else { vec![] };
                    let puts = vec![vector(id, &document, random.vector(16).into_iter().map(|x| x * 0.1).collect())];
                    let seq = (writer * 1_000 + n) as i64;
                    wait(index.apply(generation, batch(seq, removes, puts))).unwrap();
                    wait(index.commit(generation, cursor(seq))).unwrap();
                }
            });
        }
        for _ in 0..3 {
            let index = Arc::clone(index);
            threads.spawn(move || {
                for _ in 0..100 {
                    assert_eq!(search(&*index, &[generation], &axis(16, 0), 5, None)[0].chunk, chunk(0));
                }
            });
        }
    });
    assert_eq!(search(&**index, &[generation], &axis(16, 0), 1_000, None).len(), 301);
}

fn restarts(restart: Restart<'_>, generation: &Generation) {
    let document = document(1, None, &[]);
    let index = restart();
    put(&*index, generation, 41, vec![], vec![vector(1, &document, axis(4, 0)), vector(2, &document, axis(4, 1))]);
    assert_eq!(wait(index.flush(generation)).unwrap(), Some(cursor(41)));
    put(&*index, generation, 42, vec![chunk(2)], vec![]);
    let durable = wait(index.flush(generation)).unwrap();
    assert_eq!(durable, Some(cursor(42)));
    assert_eq!(wait(index.flush(generation)).unwrap(), durable);
    drop(index);
    let index = restart();
    assert_eq!(wait(index.position(generation)).unwrap(), Position::At(cursor(42)));
    assert_eq!(ids(&search(&*index, &[generation], &axis(4, 0), 10, None)), [chunk(1)]);
    put(&*index, generation, 43, vec![chunk(1)], vec![vector(3, &document, axis(4, 2)), vector(4, &document, axis(4, 3))]);
    assert_eq!(search(&*index, &[generation], &axis(4, 2), 10, None).len(), 2);
    assert_eq!(wait(index.flush(generation)).unwrap(), Some(cursor(43)));
    drop(index);
    let index = restart();
    assert_eq!(search(&*index, &[generation], &axis(4, 2), 10, None).len(), 2);
    let entries = [vector(3, &document, axis(4, 2)), vector(4, &document, axis(4, 3))];
    let mut held = entries.map(|entry| Held { chunk: entry.chunk, digest: Some(entry.digest()) });
    held.sort_unstable_by_key(|held| held.chunk);
    assert_eq!(wait(index.held(generation, None, 10)).unwrap(), held);
}
