//! What several tests set up.

use futures_util::StreamExt as _;
use lectern_domain::executor::{Executor, Job, Overloaded};
use lectern_llm::{
    ApiKey, ByteStream, ChatRequest, Endpoint, HttpClient, HttpOptions, LlmError, Message, Role,
    openai::{OpenAiChat, OpenAiClient},
};
use lectern_testkit::upstream::Upstream;

/// The key of every endpoint in these tests; it must never show.
pub(crate) const KEY: &str = "sk-hunter2-hunter2";

/// Time limits that a test never reaches unless it is about them, and retries without pauses.
pub(crate) fn options() -> HttpOptions {
    HttpOptions { retry_delay_ms: 0, ..HttpOptions::default() }
}

pub(crate) fn endpoint(url: &str) -> Endpoint {
    Endpoint { api_key: ApiKey::new(KEY), ..Endpoint::new(url) }
}

pub(crate) fn client(upstream: &Upstream, options: HttpOptions) -> OpenAiClient {
    OpenAiClient::new(HttpClient::new(options).unwrap(), &endpoint(&upstream.url())).unwrap()
}

pub(crate) fn chat(upstream: &Upstream, options: HttpOptions) -> OpenAiChat {
    OpenAiChat::new(client(upstream, options))
}

pub(crate) fn request() -> ChatRequest {
    ChatRequest {
        model: "scripted-chat".into(),
        messages: vec![Message { role: Role::User, content: "Où ?".into() }],
        temperature: 0.3,
        question: "Où ?".into(),
        passages: Vec::new(),
    }
}

/// All bytes of a stream, and the error that it ended with.
pub(crate) async fn drain(mut stream: ByteStream) -> (Vec<u8>, Option<LlmError>) {
    let mut bytes = Vec::new();
    while let Some(part) = stream.next().await {
        match part {
            Ok(part) => bytes.extend_from_slice(&part),
            Err(error) => return (bytes, Some(error)),
        }
    }
    (bytes, None)
}

/// What came of a request and its stream, wherever it failed.
pub(crate) async fn outcome(started: Result<ByteStream, LlmError>) -> (Vec<u8>, Option<LlmError>) {
    match started {
        Ok(stream) => drain(stream).await,
        Err(error) => (Vec::new(), Some(error)),
    }
}

/// An executor with a thread for each job.
pub(crate) struct Threads;

impl Executor for Threads {
    fn submit(&self, job: Job) -> Result<(), Overloaded> {
        std::thread::spawn(job);
        Ok(())
    }
}
