//! An embedder without a model: a text's vector counts its words, so that texts that share words are near.

use lectern_domain::model::EmbeddingModelSpec;
use lectern_llm::{Embedder, EmbeddingKind, LlmError, ModelFuture};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::Semaphore;

const DIMENSIONS: usize = 64;

/// Refuses texts that hold `REFUSED`, answers `NAN` with what is no number and `ZERO` with a vector of length zero, fails while it is told to, and remembers what it embedded.
pub(crate) struct Fake {
    spec: EmbeddingModelSpec,
    pub(crate) failing: AtomicBool,
    /// Passages wait here; open from the start.
    pub(crate) gate: Semaphore,
    embedded: Mutex<Vec<String>>,
}

impl Fake {
    pub(crate) fn new() -> Arc<Self> {
        Self::gated(1_000_000)
    }

    /// One that embeds as many batches of passages as it has permits.
    pub(crate) fn gated(permits: usize) -> Arc<Self> {
        Self::of_model("fake", permits)
    }

    /// The same, under another model's name.
    pub(crate) fn of_model(name: &str, permits: usize) -> Arc<Self> {
        let spec = EmbeddingModelSpec { name: name.into(), revision: "1".into(), dimensions: DIMENSIONS as u32 };
        Arc::new(Self { spec, failing: AtomicBool::new(false), gate: Semaphore::new(permits), embedded: Mutex::default() })
    }

    /// The passages that were embedded, in order.
    pub(crate) fn embedded(&self) -> Vec<String> {
        let mut embedded = self.embedded.lock().unwrap().clone();
        embedded.sort();
        embedded
    }
}

/// A text's vector.
pub(crate) fn vector(text: &str) -> Vec<f32> {
    let mut vector = vec![0.0; DIMENSIONS];
    for word in text.split_whitespace() {
        let mut hasher = DefaultHasher::new();
        word.hash(&mut hasher);
        vector[hasher.finish() as usize % DIMENSIONS] += 1.0;
        if word == "NAN" {
            vector[0] = f32::NAN;
        }
    }
    if text.contains("ZERO") {
        return vec![0.0; DIMENSIONS];
    }
    let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    vector.iter().map(|x| x / norm).collect()
}

impl Embedder for Fake {
    fn spec(&self) -> &EmbeddingModelSpec {
        &self.spec
    }

    fn embed(&self, texts: Vec<String>, kind: EmbeddingKind) -> ModelFuture<'_, Vec<Vec<f32>>> {
        Box::pin(async move {
            if self.failing.load(Ordering::SeqCst) {
                return Err(LlmError::TimedOut("on purpose"));
            }
            if texts.iter().any(|text| text.contains("REFUSED")) {
                return Err(LlmError::Status { status: 422, body: bytes::Bytes::from_static(b"no"), retry_after: None });
            }
            let vectors = texts.iter().map(|text| vector(text)).collect();
            if kind == EmbeddingKind::Passage {
                self.gate.acquire().await.expect("the gate is never closed").forget();
                self.embedded.lock().unwrap().extend(texts);
            }
            Ok(vectors)
        })
    }
}
