//! Searching: both engines at once, merged by rank, and every row read from SQL before it is shown.

mod ask;
mod breaker;
mod chunks;
mod find;
mod guard;
mod hydrate;
mod index;
mod page;
mod semantic;
mod sheets;
mod tail;

pub use chunks::chunks;
pub use find::{SearchRequest, search};
pub(crate) use find::{scope, search_within};
pub use guard::{Guard, Guards};
pub use index::{Index, IndexHit, IndexQuery, Indexed, index};
pub use page::{DEEPEST, PageRequest, ResultsPage, page};
pub use sheets::sheets;

use crate::ServiceError;
use lectern_domain::search::{Method, Side};
pub use lectern_persistence::repo::chunks::VisibleChunk;
use lectern_vector_store::StoreError;

/// A passage that a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The passage, as it is in SQL now.
    pub chunk: VisibleChunk,
    /// Its score; comparable within one answer only.
    pub score: f32,
}

/// To whoever searches, rows of passages that cannot be read are an engine that fails.
fn unavailable(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Db(source) => {
            StoreError::Engine { what: "the rows of passages cannot be read".to_owned(), source: Box::new(source) }.into()
        }
        other => other,
    }
}

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Results {
    /// How it searched: a hybrid search without a model is a lexical one.
    pub method: Method,
    /// The index that could not be asked, so that what only it would have found is missing.
    pub degraded: Option<Side>,
    /// The passages, best first.
    pub passages: Vec<Found>,
}
