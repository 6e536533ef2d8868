//! What went wrong in a store.

use lectern_domain::executor::NotRun;

/// What went wrong in a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// This build has no embedded engines.
    #[error("this build has no search engine: build it with the feature embedded-search")]
    NotBuilt,
    /// Another process holds the folder's lock and follows the log; this one may only read.
    #[error("another process holds the lock of the index folder")]
    NotHolder,
    /// A vector's length is not the one that the generation pins.
    #[error("a vector of {found} components was given to an index of {expected}")]
    Dimensions {
        /// What the generation pins.
        expected: u32,
        /// What came.
        found: u32,
    },
    /// A vector can't be compared with anything.
    #[error("the vector of chunk {0} holds a component that is not a finite number")]
    NotFinite(lectern_domain::ids::ChunkId),
    /// A store outside this process can't be reached, does not answer in time or has no time: it may be well later.
    #[error("{store} is unavailable: {why}")]
    Unavailable {
        /// Which kind of store.
        store: &'static str,
        /// What happened, without secrets.
        why: String,
    },
    /// A store outside this process is not what it should be: another product or version, another mapping. Somebody has to act.
    #[error("{0}")]
    Mismatch(String),
    /// A store outside this process understood a request and refused it: wrong credentials, or a defect.
    #[error("{store} refused: {why}")]
    Refused {
        /// Which kind of store.
        store: &'static str,
        /// What it said, without secrets.
        why: String,
    },
    /// A store outside this process can't do with this one request, too many words for instance: the next may be another matter.
    #[error("{store} takes no such request: {why}")]
    BadRequest {
        /// Which kind of store.
        store: &'static str,
        /// What it said, without secrets.
        why: String,
    },
    /// Too much is waiting, or a job of an engine panicked.
    #[error(transparent)]
    NotRun(#[from] NotRun),
    /// Files could not be read or written.
    #[error("{what}")]
    Io {
        /// What was being done, with the file's path.
        what: String,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// The engine failed.
    #[error("{what}")]
    Engine {
        /// What was being done.
        what: String,
        /// Why it failed.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    /// Whether the store may answer later, without anybody doing anything here.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// Whether the index gives no answer: a search may go on with what is left. Too much waiting work is
    /// not among it, because it says nothing about the index, and neither is a wrong question.
    pub fn leaves_out(&self) -> bool {
        match self {
            Self::Unavailable { .. }
            | Self::Mismatch(_)
            | Self::Refused { .. }
            | Self::BadRequest { .. }
            | Self::Io { .. }
            | Self::Engine { .. } => true,
            Self::NotBuilt | Self::NotHolder | Self::Dimensions { .. } | Self::NotFinite(_) | Self::NotRun(_) => false,
        }
    }
}
