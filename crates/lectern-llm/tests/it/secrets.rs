//! The key shows in no error, however it is printed, even when the endpoint repeats it.

use crate::support::{KEY, client, endpoint, options, request};
use lectern_llm::{
    ApiKey, ChatModel as _, Endpoint, HttpClient, LlmError,
    openai::{OpenAiChat, OpenAiClient},
};
use lectern_testkit::upstream::{End, Scripted, Upstream};
use std::error::Error;

/// Everything that an error says: itself, its sources, its body, `Debug`.
fn everything(error: &LlmError) -> String {
    let mut said = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(cause) = source {
        said += &format!(" {cause} {cause:?}");
        source = cause.source();
    }
    if let LlmError::Status { body, .. } = error {
        said += &String::from_utf8_lossy(body);
    }
    said
}

#[tokio::test]
async fn the_key_shows_nowhere() {
    let upstream = Upstream::start().await;
    let client = client(&upstream, options());
    let chat = OpenAiChat::new(client.clone());
    let mut errors = Vec::new();
    upstream.script([
        Scripted::Status(401, format!(r#"{{"error":"the key {KEY} is unknown"}}"#)),
        Scripted::Status(200, format!("not a completion: {KEY}")),
        Scripted::HangUp,
        Scripted::HangUp,
        Scripted::HangUp,
    ]);
    errors.extend(chat.stream(request()).await.err());
    errors.extend(chat.complete(request()).await.err());
    errors.extend(chat.stream(request()).await.err());
    upstream.script([Scripted::events("data: a\n\n", End::Cut)]);
    errors.extend(lectern_llm::collect_text(chat.stream(request()).await.unwrap()).await.err());
    drop(upstream);
    errors.extend(chat.stream(request()).await.err());
    assert_eq!(errors.len(), 5);
    for error in &errors {
        assert!(!everything(error).contains("hunter2"), "{error:?}");
    }
    for shown in [format!("{client:?}"), format!("{chat:?}"), format!("{:?}", endpoint("http://h"))] {
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn a_key_that_is_no_header_is_refused_without_showing_it() {
    let http = HttpClient::new(options()).unwrap();
    let endpoint = Endpoint { api_key: ApiKey::new("hunter2\n"), ..Endpoint::new("http://h") };
    let error = OpenAiClient::new(http, &endpoint).unwrap_err();
    assert_eq!(error.field, "api_key");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}
