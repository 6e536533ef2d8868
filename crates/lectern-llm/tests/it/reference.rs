//! The in-process embedder against the reference implementation, sentence-transformers, on a real model.
//!
//! `LECTERN_TEST_MODEL` names a folder or wheel of all-MiniLM-L6-v2; without it there is nothing to compare with.

use crate::support::Threads;
use lectern_llm::{
    Embedder as _, EmbeddingKind,
    local::{LocalEmbedder, install_as},
};
use serde::Deserialize;
use std::{path::PathBuf, sync::Arc, time::Instant};
use tempfile::TempDir;

/// The model's path, or a line that says why there is no test.
#[expect(clippy::disallowed_methods, reason = "where a test's data is comes from the environment")]
fn model() -> Option<PathBuf> {
    let path = std::env::var_os("LECTERN_TEST_MODEL").map(PathBuf::from);
    if path.is_none() {
        println!("skipped: LECTERN_TEST_MODEL names no model");
    }
    path
}

#[derive(Deserialize)]
struct Reference {
    made_with: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    text: String,
    vector: Vec<f32>,
}

#[tokio::test]
async fn embeddings_agree_with_the_reference_implementation() {
    let Some(path) = model() else { return };
    let reference: Reference = serde_json::from_str(include_str!("../data/minilm-reference.json")).unwrap();
    let folder = TempDir::new().unwrap();
    let model = install_as(&path, folder.path(), "all-MiniLM-L6-v2").unwrap();
    assert_eq!((model.spec().dimensions, model.layout().max_tokens), (384, 256));
    let embedder = LocalEmbedder::load(&model, Arc::new(Threads)).unwrap();
    let texts: Vec<String> = reference.cases.iter().map(|case| case.text.clone()).collect();
    let together = embedder.embed(texts.clone(), EmbeddingKind::Passage).await.unwrap();
    let mut worst: f32 = 0.0;
    for (case, together) in reference.cases.iter().zip(&together) {
        let alone = embedder.embed(vec![case.text.clone()], EmbeddingKind::Query).await.unwrap().remove(0);
        for vector in [together, &alone] {
            assert_eq!(vector.len(), case.vector.len());
            let off = vector.iter().zip(&case.vector).map(|(x, e)| (x - e).abs()).fold(0.0, f32::max);
            assert!(off <= 1e-4, "{:?} is off by {off}", case.text);
            worst = worst.max(off);
        }
    }
    println!("{} texts, off by at most {worst:e} from {}", texts.len(), reference.made_with);
}

/// Prints how fast the model runs; `LECTERN_TEST_SPEED` asks for it and lists sizes of groups, in tokens: `1024,2048`.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "whether a measurement is wanted comes from the environment")]
async fn speed_is_printed_when_asked_for() {
    let (Some(path), Ok(sizes)) = (model(), std::env::var("LECTERN_TEST_SPEED")) else { return };
    let folder = TempDir::new().unwrap();
    let model = install_as(&path, folder.path(), "all-MiniLM-L6-v2").unwrap();
    println!("memory with the model installed, not loaded: {}", resident());
    // About 200 tokens each, no two alike.
    let passage = |i: usize| {
        let sentence =
            |j: usize| format!("In test {i} part {j} the pressure along the wing was measured at nine points and compared with theory. ");
        (0..10).map(sentence).collect::<String>()
    };
    for batch_tokens in sizes.split(',').map(|size| size.parse().unwrap()) {
        let options = lectern_llm::local::LocalOptions { batch_tokens, ..Default::default() };
        let embedder = LocalEmbedder::load_with(&model, options, Arc::new(Threads)).unwrap();
        embedder.embed(vec!["warm up".into()], EmbeddingKind::Query).await.unwrap();
        let loaded = resident();
        let start = Instant::now();
        embedder.embed((0..100).map(passage).collect(), EmbeddingKind::Passage).await.unwrap();
        let rate = 100.0 / start.elapsed().as_secs_f64();
        println!("groups of {batch_tokens} tokens: {rate:.1} passages/s; memory {loaded}, after {}", resident());
        let mut times: Vec<_> = Vec::new();
        for i in 0..50 {
            let start = Instant::now();
            embedder.embed(vec![format!("what lowers the lift of wing {i} near the speed of sound")], EmbeddingKind::Query).await.unwrap();
            times.push(start.elapsed());
        }
        times.sort();
        println!("  one question: {:?} median, {:?} at the 95th percentile", times[25], times[47]);
    }
}

/// The resident memory of this process, where the system says.
fn resident() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    line.map_or_else(|| "unknown".to_owned(), |line| line.split_whitespace().skip(1).collect::<Vec<_>>().join(" "))
}
