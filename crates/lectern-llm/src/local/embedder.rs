//! The embedder: loads its model at the first use, and runs it on the executor.

use super::{
    InstalledModel, ModelError,
    bert::{Bert, Tokens},
    plan::plan,
};
use crate::{Embedded, Embedder, EmbeddingKind, LlmError, ModelFuture};
use lectern_domain::{
    executor::{self, Executor},
    model::EmbeddingModelSpec,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    thread::available_parallelism,
};

/// How a local model is run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LocalOptions {
    /// The threads that compute. Default 0: one for each processor.
    pub threads: usize,
    /// The most tokens, padding included, that are computed together. More of them need more memory. A question waits for at most one
    /// such group. Default 2,048.
    pub batch_tokens: usize,
}

impl Default for LocalOptions {
    fn default() -> Self {
        Self { threads: 0, batch_tokens: 2_048 }
    }
}

/// An embedding model in this process.
pub struct LocalEmbedder {
    spec: EmbeddingModelSpec,
    lazy: Arc<Lazy>,
    executor: Arc<dyn Executor>,
}

/// A model that is read when it is first needed.
struct Lazy {
    installed: InstalledModel,
    options: LocalOptions,
    loaded: Mutex<Option<Arc<Bert>>>,
}

impl Lazy {
    /// The model; the first caller reads it, others wait for that. A failure is tried again by the next caller.
    fn get(&self) -> Result<Arc<Bert>, ModelError> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bert) = &*loaded {
            return Ok(Arc::clone(bert));
        }
        let threads = match self.options.threads {
            0 => available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        let bert = Arc::new(Bert::load(&self.installed, threads)?);
        tracing::info!(model = self.installed.name(), revision = self.installed.revision(), threads, "the embedding model is loaded");
        *loaded = Some(Arc::clone(&bert));
        Ok(bert)
    }
}

/// Work that goes from group to group: the executor is given one group at a time, so that others have their turn in between, and a
/// caller that goes away ends it.
struct Work {
    bert: Arc<Bert>,
    tokens: Vec<Tokens>,
    groups: VecDeque<Vec<usize>>,
    vectors: Vec<Vec<f32>>,
}

impl Work {
    fn start(lazy: &Lazy, texts: &[String], kind: EmbeddingKind) -> Result<Self, ModelError> {
        let bert = lazy.get()?;
        let tokens = bert.tokenize(texts, kind)?;
        let lengths: Vec<usize> = tokens.iter().map(Vec::len).collect();
        let groups = plan(&lengths, lazy.options.batch_tokens).into();
        Ok(Self { bert, vectors: vec![Vec::new(); tokens.len()], tokens, groups })
    }

    fn next_group(mut self) -> Result<Self, ModelError> {
        if let Some(group) = self.groups.pop_front() {
            let tokens: Vec<&Tokens> = group.iter().map(|index| &self.tokens[*index]).collect();
            for (index, vector) in group.iter().zip(self.bert.run(&tokens)?) {
                self.vectors[*index] = vector;
            }
        }
        Ok(self)
    }
}

impl LocalEmbedder {
    /// An installed model with the default options. Nothing is read yet; the model's memory is used from the first text on.
    ///
    /// # Errors
    /// The model's files are gone.
    pub fn load(model: &InstalledModel, executor: Arc<dyn Executor>) -> Result<Self, ModelError> {
        Self::load_with(model, LocalOptions::default(), executor)
    }

    /// An installed model. Nothing is read yet; the model's memory is used from the first text on.
    ///
    /// # Errors
    /// The model's files are gone.
    pub fn load_with(model: &InstalledModel, options: LocalOptions, executor: Arc<dyn Executor>) -> Result<Self, ModelError> {
        let installed = super::installed::read(model.folder.clone())?;
        let lazy = Lazy { installed, options, loaded: Mutex::new(None) };
        Ok(Self { spec: lazy.installed.spec(), lazy: Arc::new(lazy), executor })
    }
}

impl Embedder for LocalEmbedder {
    fn spec(&self) -> &EmbeddingModelSpec {
        &self.spec
    }

    fn embed(&self, texts: Vec<String>, kind: EmbeddingKind) -> ModelFuture<'_, Vec<Vec<f32>>> {
        Box::pin(async move { Ok(self.embed_counted(texts, kind).await?.vectors) })
    }

    fn embed_counted(&self, texts: Vec<String>, kind: EmbeddingKind) -> ModelFuture<'_, Embedded> {
        Box::pin(async move {
            if texts.is_empty() {
                return Ok(Embedded { vectors: Vec::new(), tokens: Some(0) });
            }
            let lazy = Arc::clone(&self.lazy);
            let first = move || Work::start(&lazy, &texts, kind)?.next_group();
            let mut work = executor::run(&*self.executor, first).await?.map_err(failed)?;
            while !work.groups.is_empty() {
                work = executor::run(&*self.executor, move || work.next_group()).await?.map_err(failed)?;
            }
            let tokens = work.tokens.iter().map(|tokens| tokens.len() as u64).sum();
            Ok(Embedded { vectors: work.vectors, tokens: Some(tokens) })
        })
    }
}

fn failed(error: ModelError) -> LlmError {
    LlmError::Local { what: format!("the embedding model failed: {error}"), source: Box::new(error) }
}

impl fmt::Debug for LocalEmbedder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalEmbedder").field("spec", &self.spec).field("options", &self.lazy.options).finish_non_exhaustive()
    }
}
