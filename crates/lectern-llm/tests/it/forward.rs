//! Requests that are passed on: what is sent, what comes back, what does not.

use crate::support::{KEY, client, drain, options};
use bytes::Bytes;
use lectern_llm::{
    HttpOptions, LlmError,
    openai::{Endpoints, Forward},
};
use lectern_testkit::upstream::{End, Scripted, Upstream, chat_events};

fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn forward<'a>(headers: &'a [(String, String)], body: &'static str) -> Forward<'a> {
    Forward { path: "rerank", query: Some("a=b%20c"), headers, body: Bytes::from_static(body.as_bytes()) }
}

#[tokio::test]
async fn the_body_goes_as_it_is_and_headers_by_list() {
    let upstream = Upstream::start().await;
    let own = [("x-request-id", "theirs".to_owned()), ("openai-processing-ms", "7".to_owned()), ("set-cookie", "a=b".to_owned())];
    upstream.script([Scripted::StatusWith(200, own.to_vec(), "{\"a\" : 1}".into())]);
    let given = headers(&[
        ("Authorization", "Bearer mine"),
        ("cookie", "c=d"),
        ("traceparent", "00-1-2-3"),
        ("X-Request-Id", "r1"),
        ("accept", "*/*"),
    ]);
    let endpoints = Endpoints::from(client(&upstream, options()));
    let answer = endpoints.forward(forward(&given, "{\"model\" : \"m\"}")).await.unwrap();
    assert_eq!((answer.status, answer.is_event_stream()), (200, false));
    assert_eq!(answer.headers, [("content-type", "application/json".to_owned()), ("openai-processing-ms", "7".to_owned())]);
    assert_eq!(drain(answer.body).await.0, b"{\"a\" : 1}");
    let sent = &upstream.requests()[0];
    assert_eq!((sent.path.as_str(), sent.body.as_slice()), ("/v1/rerank?a=b%20c", b"{\"model\" : \"m\"}".as_slice()));
    assert_eq!(sent.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    assert_eq!((sent.header("traceparent"), sent.header("x-request-id"), sent.header("cookie")), (Some("00-1-2-3"), Some("r1"), None));
    assert_eq!(sent.headers.iter().filter(|(name, _)| name == "authorization").count(), 1);
}

#[tokio::test]
async fn a_stream_comes_through_byte_for_byte() {
    let upstream = Upstream::start().await;
    let events = chat_events("m", "Ça va ✓");
    upstream.script([Scripted::byte_by_byte(&events)]);
    let answer = Endpoints::from(client(&upstream, options())).forward(forward(&[], "{}")).await.unwrap();
    assert!(answer.is_event_stream());
    assert_eq!(drain(answer.body).await.0, events.as_bytes());
}

#[tokio::test]
async fn an_error_is_an_error_with_its_body_and_without_the_key() {
    let upstream = Upstream::start().await;
    let body = format!(r#"{{"error":{{"message":"the key {KEY} may not do this"}}}}"#);
    upstream.script([Scripted::StatusWith(429, vec![("retry-after", "3".into())], body)]);
    let endpoints = Endpoints::from(client(&upstream, HttpOptions { retries: 0, ..options() }));
    let Some(LlmError::Status { status: 429, retry_after: Some(3), body }) = endpoints.forward(forward(&[], "{}")).await.err() else {
        panic!("a refusal");
    };
    assert_eq!(body, r#"{"error":{"message":"the key [redacted] may not do this"}}"#);
}

#[tokio::test]
async fn dropping_the_body_cancels_the_request() {
    let upstream = Upstream::start().await;
    upstream.script([Scripted::events("data: a\n\n", End::Silence)]);
    drop(Endpoints::from(client(&upstream, options())).forward(forward(&[], "{}")).await.unwrap());
    upstream.clients_left(1).await;
}
