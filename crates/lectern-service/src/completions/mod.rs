//! OpenAI's API on behalf of callers: the models that there are, chat completions with or without retrieval, embeddings, and requests
//! that are passed on as they are. What is sent to an endpoint is sent with the server's own key.

mod augment;
mod built_in;
mod chat;
mod context;
mod embed;
mod models;
mod pass_on;
mod target;
mod upstream;

pub use augment::Rag;
pub use chat::{ChatCall, Turn, chat};
pub use embed::{EmbeddingCall, embed, embeds_here};
pub use lectern_llm::openai::{PASSED_ON, RELAYED};
pub use models::{ListedModel, model, models};
pub use pass_on::pass_on;
pub use target::{Target, target};

use lectern_domain::search::Side;
use lectern_llm::ByteStream;

/// What came with a request besides its body.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// The query, as it came.
    pub query: Option<String>,
    /// Headers, of which those in [`PASSED_ON`] are passed on.
    pub headers: Vec<(String, String)>,
}

/// An answer that is relayed.
pub struct Reply {
    /// The HTTP status, a success.
    pub status: u16,
    /// Headers, all of them in [`RELAYED`].
    pub headers: Vec<(&'static str, String)>,
    /// Whether the body is a stream of server-sent events.
    pub is_event_stream: bool,
    /// The index that could not be asked for the passages that the model was given.
    pub degraded: Option<Side>,
    /// The body. Dropping it cancels the request to the endpoint.
    pub body: ByteStream,
}
