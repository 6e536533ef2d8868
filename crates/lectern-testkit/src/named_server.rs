//! A server that the environment names, as tests meet it.

use reqwest::Method;
use serde_json::Value;
use uuid::Uuid;

/// The URL that a variable holds, and what names of one test's own begin with; none, and a line that says so, where it holds none.
pub(crate) fn named(variable: &str) -> Option<(String, String)> {
    #[expect(clippy::disallowed_methods, reason = "tests are told of their servers by the environment")]
    let url = std::env::var(variable).ok().filter(|url| !url.is_empty());
    if url.is_none() {
        println!("skipped: {variable} names no server");
    }
    Some((url?.trim_end_matches('/').to_owned(), format!("test-{}", Uuid::new_v4().simple())))
}

/// Asks a server. An answer without a body is null.
///
/// # Panics
/// Where it does not answer.
pub(crate) async fn ask(url: &str, method: Method, path: &str, body: Option<&Value>) -> Value {
    let mut request = reqwest::Client::new().request(method, format!("{url}{path}"));
    if let Some(body) = body {
        request = request.json(body);
    }
    let answer = request.send().await.unwrap_or_else(|error| panic!("{url} does not answer: {error}"));
    let bytes = answer.bytes().await.unwrap_or_else(|error| panic!("{url} breaks off: {error}"));
    serde_json::from_slice(&bytes).unwrap_or_default()
}
