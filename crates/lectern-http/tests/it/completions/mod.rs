//! `/api/v1`: OpenAI's API in front of scripted endpoints.

mod chat;
mod embeddings;
mod models;
mod passed;
mod rag;

use crate::support::Server;
use actix_web::{
    http::{Method, header::HeaderMap},
    rt::System,
};
use lectern_service::{
    app::{AppOptions, Embeddings},
    llm::{ApiKey, Endpoint, HttpOptions, RemoteEmbedding},
};
use lectern_testkit::{TestDatabase, upstream::Upstream};

/// The key of the server at its endpoints, which no caller sees.
const KEY: &str = "sk-of-the-server";
const CHAT: &str = "/api/v1/chat/completions";

/// Runs a conversation with a server in front of a scripted endpoint that serves `org/m` and `org/embed`, on a database of each backend;
/// what was said must be the same on all of them. `scripted-embeddings` is the model that makes vectors for searches.
fn with_upstream(test: impl AsyncFn(&Server, &Upstream, &str)) -> String {
    let mut transcripts = Vec::new();
    for database in TestDatabase::all() {
        System::new().block_on(async {
            let upstream = Upstream::start().await;
            let at = Endpoint { api_key: ApiKey::new(KEY), ..Endpoint::new(upstream.url()) };
            let endpoint = Endpoint { models: Some(vec!["org/m".to_owned(), "org/embed".to_owned()]), ..at.clone() };
            let model = RemoteEmbedding { dimensions: Some(8), ..RemoteEmbedding::new("scripted-embeddings") };
            let server = Server::start_as(&database, |options| AppOptions {
                endpoints: vec![endpoint],
                http: HttpOptions { retries: 0, ..HttpOptions::default() },
                embeddings: Embeddings::Remote { endpoint: at, model },
                ..options
            })
            .await;
            let jeanne = server.user("jeanne", false).await;
            test(&server, &upstream, &jeanne).await;
            transcripts.push(server.transcript());
        });
    }
    for transcript in &transcripts[1..] {
        assert_eq!(&transcripts[0], transcript);
    }
    transcripts.swap_remove(0)
}

/// A header as text.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().expect("text"))
}

/// Posts a body and notes what was said.
async fn post(server: &Server, token: &str, path: &str, body: &str) -> crate::support::Answer {
    server.say(Method::POST, path, Some(token), body).await
}
