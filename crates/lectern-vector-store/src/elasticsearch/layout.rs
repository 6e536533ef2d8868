//! What the indexes look like.

use super::analysis::{ANALYSER, analysis};
use lectern_domain::{collection::Generation, model::EmbeddingModelSpec};
use serde_json::{Value, json};

/// Raised whenever an index that was made before could not be used any more; part of the name, so that both exist for a while.
pub(super) const LAYOUT: u32 = 1;

/// How long the store remembers the version of what was removed: a write that comes later than this could win.
const TOMBSTONES: &str = "1h";

/// What an index is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Words,
    Vectors,
}

impl Kind {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Vectors => "vectors",
        }
    }

    /// Settings and mappings for a generation; none where it has no such index.
    pub(super) fn layout(self, generation: &Generation) -> Option<Value> {
        match self {
            Self::Words => Some(words(generation)),
            Self::Vectors => generation.model.as_ref().map(|model| vectors(&model.spec)),
        }
    }
}

/// Chunks by their words, with the names of the reference's fields. Searches look at `body`, which is title, headings and text in one: so
/// measured best. The others are analysed too, for whoever looks into the index.
fn words(generation: &Generation) -> Value {
    let text = json!({ "type": "text", "analyzer": ANALYSER, "copy_to": ["body"] });
    let mut properties = common();
    for field in ["title", "context", "text"] {
        properties[field] = text.clone();
    }
    properties["body"] = json!({ "type": "text", "analyzer": ANALYSER, "index_options": "freqs" });
    let mut settings = settings();
    settings["analysis"] = analysis(generation.language);
    json!({
        "settings": { "index": settings },
        "mappings": {
            "dynamic": "strict",
            "_meta": { "lectern": { "layout": LAYOUT, "language": generation.language.code() } },
            "properties": properties,
        },
    })
}

/// Chunks by their vectors. The vectors are not kept a second time in `_source`: SQL has them.
fn vectors(spec: &EmbeddingModelSpec) -> Value {
    let mut properties = common();
    properties["embedding"] = json!({
        "type": "dense_vector",
        "dims": spec.dimensions,
        "index": true,
        "similarity": "cosine",
        "index_options": { "type": "hnsw", "m": 16, "ef_construction": 100 },
    });
    json!({
        "settings": { "index": settings() },
        "mappings": {
            "dynamic": "strict",
            "_source": { "excludes": ["embedding"] },
            "_meta": {
                "lectern": { "layout": LAYOUT, "model": spec.name, "revision": spec.revision, "dimensions": spec.dimensions }
            },
            "properties": properties,
        },
    })
}

/// The fields of both: `hash` is the chunk's id, as the reference calls it, and `sid` the document's.
fn common() -> Value {
    json!({
        "hash": { "type": "keyword" },
        "sid": { "type": "keyword" },
        "source": { "type": "keyword", "ignore_above": 8_000 },
        "document": { "type": "integer" },
        "facts": { "type": "keyword" },
        "digest": { "type": "keyword", "index": false },
        "cursor": { "type": "object", "enabled": false },
    })
}

/// One shard, copied where there is a second node. Only a commit makes changes visible.
fn settings() -> Value {
    json!({ "number_of_shards": 1, "auto_expand_replicas": "0-1", "refresh_interval": "-1", "gc_deletes": TOMBSTONES })
}
