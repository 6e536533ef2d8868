//! One generation's vectors: what is open of them, and who writes.

use super::{
    gate::Gate,
    graph::Graph,
    snapshot::{self, Mode, Unusable},
};
use crate::embedded::{EmbeddedOptions, Role, files::Stamp, shared::lock};
use lectern_domain::{collection::Generation, model::EmbeddingModelSpec};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

/// How often a snapshot is read again that was replaced while it was read.
const MOST_READS: usize = 5;

/// The place of one generation.
pub(crate) struct Place {
    /// The snapshot.
    pub(crate) path: PathBuf,
    view: Mutex<View>,
    /// Held by the one who changes the graph.
    pub(crate) writing: Mutex<()>,
    pub(crate) gate: Gate,
}

#[derive(Default)]
struct View {
    graph: Option<Arc<Graph>>,
    /// The snapshot that was last looked at.
    seen: Option<Stamp>,
}

impl Place {
    pub(crate) fn new(path: PathBuf, options: &EmbeddedOptions) -> Self {
        Self { path, view: Mutex::default(), writing: Mutex::default(), gate: Gate::new(options.search_threads) }
    }

    /// The graph: the holder's own, or what the holder last wrote to the disk. None where there is none that can be used.
    pub(crate) fn current(
        &self,
        generation: &Generation,
        spec: &EmbeddingModelSpec,
        role: Role,
        options: &EmbeddedOptions,
    ) -> Option<Arc<Graph>> {
        let mut view = lock(&self.view);
        let fits = |graph: &Arc<Graph>| graph.spec == *spec;
        if role == Role::Holder && view.graph.is_some() {
            return view.graph.clone().filter(fits);
        }
        let now = Stamp::of(&self.path);
        if now != view.seen || !view.graph.as_ref().is_none_or(fits) {
            let mode = if role == Role::Holder { Mode::Load } else { Mode::View };
            *view = self.read(generation, spec, mode, options);
        }
        view.graph.clone()
    }

    fn read(&self, generation: &Generation, spec: &EmbeddingModelSpec, mode: Mode, options: &EmbeddedOptions) -> View {
        for _ in 0..MOST_READS {
            let seen = Stamp::of(&self.path);
            if seen.is_none() {
                return View::default();
            }
            let graph = snapshot::read(&self.path, generation, spec, mode, options);
            // Another file may have been put into its place between two looks.
            if Stamp::of(&self.path) != seen {
                continue;
            }
            let graph = graph.inspect_err(|error| self.warn(error)).ok().map(Arc::new);
            return View { graph, seen };
        }
        View::default()
    }

    fn warn(&self, error: &Unusable) {
        tracing::warn!(path = %self.path.display(), %error, "a snapshot of vectors can't be used and will be built anew");
    }

    /// Makes `graph` what searches see.
    pub(crate) fn show(&self, graph: Arc<Graph>) {
        *lock(&self.view) = View { graph: Some(graph), seen: None };
    }

    /// Forgets what is open.
    pub(crate) fn hide(&self) {
        *lock(&self.view) = View::default();
    }
}
