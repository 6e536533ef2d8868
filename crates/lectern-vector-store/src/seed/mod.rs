//! Texts with their vectors in the stores of other programs, read page by page. Nothing is written.

mod elasticsearch;
mod place;
mod qdrant;

pub use elasticsearch::ElasticsearchSeed;
pub use place::SeedPlace;
pub use qdrant::QdrantSeed;

use serde_json::{Map, Value};

/// The most rows of a page.
const PAGE: usize = 200;

/// A row as the store has it.
#[derive(Debug, Clone, PartialEq)]
pub struct SeedRow {
    /// Its id.
    pub id: String,
    /// What is kept of it, without the vector.
    pub fields: Map<String, Value>,
    /// Its vector; none where it has none that is a list of numbers.
    pub vector: Option<Vec<f32>>,
}

/// A list of numbers.
fn vector(value: Option<Value>) -> Option<Vec<f32>> {
    let Some(Value::Array(components)) = value else { return None };
    components.iter().map(|component| component.as_f64().map(|component| component as f32)).collect()
}

/// Whether a name can be part of a path, and names one thing.
fn is_plain(name: &str) -> bool {
    let apart = |c: char| c.is_whitespace() || c.is_control() || "/\\?#%*,\"<>|".contains(c);
    !name.is_empty() && name.len() <= 255 && !name.contains(apart) && !name.starts_with(['_', '-', '+', '.'])
}
