//! What a collection looks like.

use super::options::{QdrantOptions, Quantization};
use lectern_domain::model::EmbeddingModelSpec;
use serde_json::{Value, json};

/// Raised whenever a collection that was made before could not be used any more; part of the name, so that both exist for a while.
pub(super) const LAYOUT: u32 = 1;

/// The name of a point's vector.
pub(super) const VECTOR: &str = "embedding";

/// The point that holds the follower's place.
pub(super) const PLACE: u64 = 0;

/// The store's longest vectors.
pub(super) const MOST_DIMENSIONS: u32 = 65_536;

/// How a new collection is made.
#[derive(Debug, Clone)]
pub(super) struct Making {
    pub(super) quantization: Quantization,
    vectors_on_disk: bool,
    graph_on_disk: bool,
    payload_on_disk: bool,
}

impl Making {
    pub(super) fn new(options: &QdrantOptions) -> Self {
        Self {
            quantization: options.quantization,
            vectors_on_disk: options.vectors_on_disk,
            graph_on_disk: options.graph_on_disk,
            payload_on_disk: options.payload_on_disk,
        }
    }

    /// A new collection for a model's vectors.
    pub(super) fn collection(&self, spec: &EmbeddingModelSpec) -> Value {
        let mut collection = json!({
            "vectors": { VECTOR: { "size": spec.dimensions, "distance": "Cosine", "on_disk": self.vectors_on_disk } },
            "hnsw_config": { "on_disk": self.graph_on_disk },
            "on_disk_payload": self.payload_on_disk,
        });
        let quantization = match self.quantization {
            Quantization::None => return collection,
            Quantization::Scalar => json!({ "scalar": { "type": "int8", "quantile": 0.99, "always_ram": true } }),
            Quantization::Binary => json!({ "binary": { "always_ram": true } }),
            Quantization::Product => json!({ "product": { "compression": "x16", "always_ram": true } }),
        };
        collection["quantization_config"] = quantization;
        collection
    }
}

/// The payload's fields that conditions name, with their types.
pub(super) const INDEXED: [(&str, &str); 3] = [("facts", "keyword"), ("order", "integer"), ("seq", "integer")];

/// What a collection must be from its first moment on, as the store tells of it. How it is kept (quantized, on the disk) may differ: settings are
/// for new collections.
pub(super) fn begun(spec: &EmbeddingModelSpec) -> Value {
    json!({ "config": { "params": { "vectors": { VECTOR: { "size": spec.dimensions, "distance": "Cosine" } } } } })
}

/// What one that is finished must have besides.
pub(super) fn finished() -> Value {
    let mut fields = json!({});
    for (field, kind) in INDEXED {
        fields[field] = json!({ "data_type": kind });
    }
    json!({ "payload_schema": fields })
}

/// What a collection was made for, as its first point tells.
pub(super) fn made_for(spec: &EmbeddingModelSpec) -> Value {
    json!({ "layout": LAYOUT, "model": spec.name, "revision": spec.revision, "dimensions": spec.dimensions })
}
