//! How a load is told: a bar on a terminal, lines elsewhere, failures in any case; all of it on standard error.

use crate::output::note;
use indicatif::{ProgressBar, ProgressStyle};
use lectern_service::corpora::{Failure, LanguageFrom, Loaded, Progress};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The most failures that the JSON lists; all are counted.
const LISTED: usize = 1_000;

/// The least time between two lines about what is stored.
const PAUSE: Duration = Duration::from_secs(1);

/// What was told so far.
pub(super) struct Report {
    bar: ProgressBar,
    collection: Option<Target>,
    failures: Vec<Failure>,
    told: Option<Instant>,
}

struct Target {
    name: String,
    language: String,
    from: LanguageFrom,
}

impl Report {
    pub(super) fn new() -> Self {
        // Hidden where standard error is not a terminal.
        Self { bar: ProgressBar::no_length(), collection: None, failures: Vec::new(), told: None }
    }

    pub(super) fn take(&mut self, event: Progress<'_>) {
        match event {
            Progress::Bytes(bytes) => {
                self.bar.set_length(bytes);
                // A template that does not parse would leave the plain bar.
                if let Ok(style) = ProgressStyle::with_template("{bar:30} {binary_bytes}/{binary_total_bytes} {msg}") {
                    self.bar.set_style(style);
                }
            }
            Progress::Collection(collection, from) => {
                let (name, language) = (collection.name.to_string(), collection.language.to_string());
                let why = match from {
                    LanguageFrom::Pinned => "",
                    LanguageFrom::Given => ", new",
                    LanguageFrom::Detected => ", new, as its first documents tell",
                    LanguageFrom::Fallback => ", new; its first documents do not tell, --language chooses another",
                };
                self.say(format!("collection {name}: language {language}{why}"));
                self.collection = Some(Target { name, language, from });
            }
            Progress::Failed(failure) => {
                self.say(format!("lectern: {failure}"));
                if self.failures.len() < LISTED {
                    self.failures.push(failure.clone());
                }
            }
            Progress::Stored(loaded) => self.stored(loaded),
            Progress::Indexing => {
                self.bar.set_message("indexing");
                self.bar.enable_steady_tick(Duration::from_millis(200));
            }
        }
    }

    fn stored(&mut self, loaded: &Loaded) {
        self.bar.set_position(loaded.bytes);
        self.bar.set_message(format!("{} documents", loaded.documents()));
        if self.bar.is_hidden() && loaded.documents() > 0 && self.told.is_none_or(|told| told.elapsed() >= PAUSE) {
            note(format_args!("{} documents, {} chunks stored", loaded.documents(), loaded.chunks));
            self.told = Some(Instant::now());
        }
    }

    fn say(&self, line: String) {
        self.bar.suspend(|| note(line));
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }

    pub(super) fn view(&self, loaded: &Loaded) -> Value {
        let failures: Vec<Value> = self
            .failures
            .iter()
            .map(|failure| json!({ "path": failure.path.to_string_lossy(), "line": failure.line, "message": failure.message }))
            .collect();
        json!({
            "collection": self.collection.as_ref().map(|target| &target.name),
            "language": self.collection.as_ref().map(|target| &target.language),
            "language_from": self.collection.as_ref().map(|target| target.from),
            "added": loaded.added,
            "replaced": loaded.replaced,
            "unchanged": loaded.unchanged,
            "failed": loaded.failed,
            "chunks": loaded.chunks,
            "failures": failures,
        })
    }

    /// The counts; `empty` says why there are none.
    pub(super) fn summary(&self, loaded: &Loaded, empty: &str) -> String {
        let Loaded { added, replaced, unchanged, failed, chunks, .. } = loaded;
        match &self.collection {
            Some(target) if loaded.documents() + failed > 0 => format!(
                "{} ({}): {added} added, {replaced} replaced, {unchanged} unchanged, {failed} failed; {chunks} chunks\n",
                target.name, target.language
            ),
            _ if *failed > 0 => format!("nothing was added: {failed} failed\n"),
            _ => format!("nothing was added: {empty}\n"),
        }
    }
}
