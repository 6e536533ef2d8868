//! How many of the truly nearest vectors the graph finds, when it is new, after half of it was replaced, and after a restart.

use crate::support::{Random, chunk, cursor, document, generation, open_with, scope, vector, wait};
use lectern_domain::{ids::ChunkId, language::Language};
use lectern_vector_store::{Batch, VectorIndex, VectorQuery, brute_force, embedded::EmbeddedOptions};
use std::collections::HashMap;

const DIMENSIONS: usize = 384;
const VECTORS: usize = 4_000;
const QUERIES: usize = 50;

/// Vectors in clusters, as those of texts are.
fn clustered(random: &mut Random, centres: &[Vec<f32>]) -> Vec<f32> {
    let centre = &centres[random.number() as usize % centres.len()];
    centre.iter().zip(random.vector(DIMENSIONS)).map(|(at, off)| at + 0.6 * off).collect()
}

fn recall(index: &dyn VectorIndex, vectors: &HashMap<ChunkId, Vec<f32>>, queries: &[Vec<f32>]) -> f64 {
    let generation = generation(1, Language::Fr, Some(DIMENSIONS as u32));
    let mut common = 0;
    for query in queries {
        let exact = brute_force(query, vectors.iter().map(|(&id, vector)| (id, vector)), 10).unwrap();
        let asked = VectorQuery { vector: query.clone(), limit: 10, filter: None };
        let found = wait(index.search(&scope(&[&generation]), &asked)).unwrap();
        common += found.iter().filter(|hit| exact.iter().any(|other| other.chunk == hit.chunk)).count();
    }
    common as f64 / (queries.len() * 10) as f64
}

#[test]
fn the_graph_finds_nearly_all() {
    let folder = tempfile::tempdir().unwrap();
    let options = || EmbeddedOptions { exact_below: 0, ..EmbeddedOptions::default() };
    let generation = generation(1, Language::Fr, Some(DIMENSIONS as u32));
    let document = document(1, None, &[]);
    let mut random = Random::new(11);
    let centres: Vec<Vec<f32>> = (0..100).map(|_| random.vector(DIMENSIONS)).collect();
    let mut vectors: HashMap<ChunkId, Vec<f32>> = (0..VECTORS).map(|n| (chunk(n), clustered(&mut random, &centres))).collect();
    let queries: Vec<Vec<f32>> = (0..QUERIES).map(|_| clustered(&mut random, &centres)).collect();
    let entries = |vectors: &HashMap<ChunkId, Vec<f32>>, from: usize, to: usize| {
        (from..to).map(|n| vector(n, &document, vectors[&chunk(n)].clone())).collect::<Vec<_>>()
    };

    let open = open_with(folder.path(), options());
    let index = open.vectors();
    wait(index.apply(&generation, Batch { seq: 1, removes: vec![], puts: entries(&vectors, 0, VECTORS) })).unwrap();
    let new = recall(&*index, &vectors, &queries);

    for n in 0..VECTORS / 2 {
        vectors.remove(&chunk(n));
        vectors.insert(chunk(VECTORS + n), clustered(&mut random, &centres));
    }
    let puts = entries(&vectors, VECTORS, VECTORS + VECTORS / 2);
    wait(index.apply(&generation, Batch { seq: 1, removes: (0..VECTORS / 2).map(chunk).collect(), puts })).unwrap();
    let replaced = recall(&*index, &vectors, &queries);

    wait(index.commit(&generation, cursor(1))).unwrap();
    wait(index.flush(&generation)).unwrap();
    drop((index, open));
    let open = open_with(folder.path(), options());
    let restarted = recall(&*open.vectors(), &vectors, &queries);
    println!("recall@10 over {VECTORS} vectors: new {new:.3}, half replaced {replaced:.3}, restarted {restarted:.3}");
    assert!(new >= 0.95 && replaced >= 0.95 && restarted >= 0.95, "{new} {replaced} {restarted}");
}
