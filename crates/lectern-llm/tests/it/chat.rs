//! Chat completions: the request, the bytes, the errors, the retries, the time limits, cancellation.

use crate::support::{KEY, chat, drain, options, outcome, request};
use futures_util::StreamExt as _;
use lectern_llm::{ChatModel as _, HttpOptions, LlmError, collect_text};
use lectern_testkit::upstream::{End, Scripted, Upstream, chat_events};

const ANSWER: &str = "Ça dépend 🚀 du guichet.";

#[tokio::test]
async fn the_request_is_what_the_contract_says_and_the_bytes_come_through_untouched() {
    let upstream = Upstream::start().await;
    upstream.set_answer(ANSWER);
    let chat = chat(&upstream, options());
    let (bytes, error) = drain(chat.stream(request()).await.unwrap()).await;
    assert!(error.is_none());
    assert_eq!(String::from_utf8(bytes).unwrap(), chat_events("scripted-chat", ANSWER));
    let received = &upstream.requests()[0];
    assert_eq!((received.method.as_str(), received.path.as_str()), ("POST", "/v1/chat/completions"));
    assert_eq!(received.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    assert_eq!(
        String::from_utf8(received.body.clone()).unwrap(),
        r#"{"temperature":0.3,"messages":[{"role":"user","content":"Où ?"}],"model":"scripted-chat","stream":true}"#
    );
}

#[tokio::test]
async fn an_answer_is_whole_though_its_events_are_split_at_every_byte() {
    let upstream = Upstream::start().await;
    let events = chat_events("m", ANSWER);
    upstream.script([Scripted::byte_by_byte(&events), Scripted::byte_by_byte(&events)]);
    let chat = chat(&upstream, options());
    let (bytes, error) = drain(chat.stream(request()).await.unwrap()).await;
    assert!(error.is_none());
    assert_eq!(bytes, events.as_bytes());
    assert_eq!(collect_text(chat.stream(request()).await.unwrap()).await.unwrap(), ANSWER);
}

#[tokio::test]
async fn complete_asks_without_streaming() {
    let upstream = Upstream::start().await;
    upstream.set_answer(ANSWER);
    assert_eq!(chat(&upstream, options()).complete(request()).await.unwrap(), ANSWER);
    assert_eq!(upstream.requests()[0].json()["stream"], false);
    upstream.script([Scripted::Status(200, r#"{"choices":[]}"#.into()), Scripted::Status(200, "<html>".into())]);
    for _ in 0..2 {
        assert!(matches!(chat(&upstream, options()).complete(request()).await, Err(LlmError::Protocol(_))));
    }
}

#[tokio::test]
async fn what_may_pass_is_tried_again_twice_and_nothing_else_is() {
    let refused = |status| Scripted::Status(status, r#"{"error":"no"}"#.into());
    for (script, expect, requests) in [
        (vec![refused(429), refused(500)], None, 3),
        (vec![refused(503), refused(503), refused(503)], Some(503), 3),
        (vec![Scripted::HangUp, refused(502)], None, 3),
        (vec![refused(400)], Some(400), 1),
        (vec![refused(401)], Some(401), 1),
        (vec![refused(307)], Some(307), 1),
    ] {
        let upstream = Upstream::start().await;
        upstream.script(script.clone());
        let outcome = chat(&upstream, options()).stream(request()).await;
        let status = match outcome {
            Ok(stream) => {
                assert!(drain(stream).await.1.is_none());
                None
            }
            Err(LlmError::Status { status, body, .. }) => {
                assert_eq!(&body[..], br#"{"error":"no"}"#);
                Some(status)
            }
            Err(other) => panic!("{script:?}: {other:?}"),
        };
        assert_eq!((status, upstream.requests().len()), (expect, requests), "{script:?}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_is_an_error_and_is_not_asked_for_again() {
    let upstream = Upstream::start().await;
    upstream.script([Scripted::events("data: a\n\ndata: b\n\n", End::Cut)]);
    let (bytes, error) = drain(chat(&upstream, options()).stream(request()).await.unwrap()).await;
    assert_eq!(bytes, b"data: a\n\ndata: b\n\n");
    assert!(matches!(error, Some(LlmError::Unreachable(_))), "{error:?}");
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn nobody_listening_is_unreachable() {
    let upstream = Upstream::start().await;
    let chat = chat(&upstream, options());
    drop(upstream);
    assert!(matches!(chat.stream(request()).await.err(), Some(LlmError::Unreachable(_))));
}

#[tokio::test]
async fn silence_runs_into_the_time_limits() {
    let upstream = Upstream::start().await;
    upstream.script([Scripted::Silence, Scripted::Stream(Vec::new(), End::Silence), Scripted::events("data: a\n\n", End::Silence)]);
    let patient = HttpOptions { first_byte_timeout_ms: 60_000, idle_timeout_ms: 60_000, ..options() };
    // Long enough for the request to have come.
    let first = HttpOptions { first_byte_timeout_ms: 2_000, ..patient.clone() };
    // No head of an answer at all.
    let error = chat(&upstream, first.clone()).stream(request()).await.err();
    assert!(matches!(error, Some(LlmError::TimedOut("waiting for its answer"))), "{error:?}");
    // A head, but no body; on a machine that is busy the head, too, may come too late.
    let (bytes, error) = outcome(chat(&upstream, first).stream(request()).await).await;
    assert!(bytes.is_empty() && matches!(error, Some(LlmError::TimedOut("waiting for its answer"))), "{error:?}");
    // A body that stops.
    let idle = HttpOptions { idle_timeout_ms: 50, ..patient };
    let (bytes, error) = drain(chat(&upstream, idle).stream(request()).await.unwrap()).await;
    assert_eq!(bytes, b"data: a\n\n");
    assert!(matches!(error, Some(LlmError::TimedOut("between two parts of its answer"))), "{error:?}");
    assert_eq!(upstream.requests().len(), 3, "time that ran out is not tried again");
    upstream.clients_left(3).await;
}

#[tokio::test]
async fn dropping_a_stream_cancels_the_request() {
    let upstream = Upstream::start().await;
    let events = chat_events("m", ANSWER);
    upstream.script([Scripted::Gated(events.split_inclusive("\n\n").map(|event| event.into()).collect(), End::Whole)]);
    // Before the stream is there: it begins with the first part.
    upstream.release(1);
    let mut stream = chat(&upstream, options()).stream(request()).await.unwrap();
    assert!(stream.next().await.unwrap().unwrap().starts_with(b"data: "));
    drop(stream);
    upstream.clients_left(1).await;
}

#[tokio::test]
async fn dropping_the_future_cancels_a_request_without_an_answer() {
    let upstream = Upstream::start().await;
    upstream.script([Scripted::Silence]);
    let chat = chat(&upstream, options());
    tokio::select! {
        _ = chat.stream(request()) => panic!("it never answers"),
        _ = upstream.received(1) => {}
    }
    upstream.clients_left(1).await;
}

#[tokio::test]
async fn answers_are_bounded() {
    let upstream = Upstream::start().await;
    let long = "x".repeat(200 * 1024);
    upstream.script([Scripted::Status(400, long.clone()), Scripted::Stream(vec![long.into_bytes()], End::Whole)]);
    let chat = chat(&upstream, HttpOptions { max_answer_bytes: 100 * 1024, ..options() });
    let Some(LlmError::Status { body, .. }) = chat.stream(request()).await.err() else { panic!("400 is an error") };
    assert_eq!(body.len(), 64 * 1024);
    let (bytes, error) = drain(chat.stream(request()).await.unwrap()).await;
    assert!(bytes.len() <= 100 * 1024 && matches!(error, Some(LlmError::Protocol(_))), "{error:?}");
}

#[tokio::test]
async fn an_error_report_in_the_middle_of_an_answer_is_no_text() {
    let upstream = Upstream::start().await;
    upstream.script([Scripted::events("data: {\"error\":{\"message\":\"full\"}}\n\ndata: [DONE]\n\n", End::Whole)]);
    let stream = chat(&upstream, options()).stream(request()).await.unwrap();
    assert!(matches!(collect_text(stream).await, Err(LlmError::Protocol(_))));
}
