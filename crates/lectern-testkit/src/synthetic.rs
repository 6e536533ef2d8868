//! Synthetic texts in which words are as unevenly frequent as in real ones, with a vector for each.

use lectern_domain::{
    document::{ExternalId, Format, NewDocument},
    model::EmbeddingModelSpec,
};
use lectern_llm::{Embedder, EmbeddingKind, ModelFuture};
use serde_json::Map;
use std::{env, sync::Arc};

/// As many as a common small model has.
pub const DIMENSIONS: usize = 384;
const WORDS_PER_CHUNK: usize = 150;
const WORDS_PER_QUESTION: usize = 8;
const VOCABULARY: usize = 20_000;
const QUESTIONS: usize = 550;

/// Numbers that are the same at every run (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 up to but without 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Words, of which the n-th is about 1/n as frequent as the first.
    fn text(&mut self, words: usize) -> String {
        let word = |_| format!("mot{}x", (VOCABULARY as f64).powf(self.unit()) as usize);
        (0..words).map(word).collect::<Vec<_>>().join(" ")
    }
}

/// The vector of a text: of length 1, always the same for one text, and otherwise as good as random.
pub fn vector(text: &str) -> Vec<f32> {
    let seed = text.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let mut random = Random(seed);
    let raw: Vec<f32> = (0..DIMENSIONS).map(|_| random.unit() as f32 - 0.5).collect();
    let length = raw.iter().map(|component| component * component).sum::<f32>().sqrt();
    raw.into_iter().map(|component| component / length).collect()
}

/// A stand-in for a model, which makes of a text what [`vector`] says.
struct Quick(EmbeddingModelSpec);

impl Embedder for Quick {
    fn spec(&self) -> &EmbeddingModelSpec {
        &self.0
    }

    fn embed(&self, texts: Vec<String>, _: EmbeddingKind) -> ModelFuture<'_, Vec<Vec<f32>>> {
        Box::pin(async move { Ok(texts.iter().map(|text| vector(text)).collect()) })
    }
}

/// A model that takes next to no time.
pub fn model() -> Arc<dyn Embedder> {
    Arc::new(Quick(EmbeddingModelSpec { name: "quick".to_owned(), revision: String::new(), dimensions: DIMENSIONS as u32 }))
}

/// A question with its vector.
pub struct Question {
    /// Eight words.
    pub text: String,
    /// The vector of the text.
    pub vector: Vec<f32>,
}

impl Question {
    fn new(text: String) -> Self {
        Self { vector: vector(&text), text }
    }
}

/// The texts, each a document of one chunk, and the questions.
pub struct World {
    /// The text of each chunk.
    pub chunks: Vec<String>,
    /// What is asked.
    pub questions: Vec<Question>,
}

impl World {
    /// A world of this many chunks, the same at every run.
    pub fn new(chunks: usize) -> Self {
        let mut random = Random(5);
        let chunks = (0..chunks).map(|_| random.text(WORDS_PER_CHUNK)).collect();
        let questions = (0..QUESTIONS).map(|_| Question::new(random.text(WORDS_PER_QUESTION))).collect();
        Self { chunks, questions }
    }

    /// The chunks as documents.
    pub fn documents(&self) -> impl Iterator<Item = NewDocument> {
        self.chunks.iter().enumerate().map(|(number, text)| NewDocument {
            external_id: ExternalId::try_from(format!("d{number}")).expect("an id"),
            title: String::new(),
            url: None,
            source: None,
            metadata: Map::new(),
            format: Format::Text,
            text: text.clone(),
        })
    }
}

/// How many chunks a bench is asked for: `LECTERN_BENCH_CHUNKS`, else `usual`, or 2,000 where benches are only tried (`--test`).
pub fn chunks_of_a_bench(usual: usize) -> usize {
    // As criterion decides it: `cargo bench` gives one flag, `--test` takes its effect away.
    let (bench, test) = env::args().fold((false, false), |(bench, test), flag| (bench | (flag == "--bench"), test | (flag == "--test")));
    #[expect(clippy::disallowed_methods, reason = "the size of a bench is no setting of the product")]
    let given = env::var("LECTERN_BENCH_CHUNKS").ok().and_then(|number| number.parse().ok());
    given.unwrap_or(if bench && !test { usual } else { 2_000 })
}
