//! Several endpoints for one model: turns, failures, rests.

use crate::support::{drain, endpoint, options, outcome, request};
use lectern_llm::{
    Endpoint, HttpClient, HttpOptions, LlmError,
    catalog::{Discovery, ModelCatalog},
};
use lectern_testkit::upstream::{End, Scripted, Upstream};

const HOUR_MS: u64 = 3_600_000;

/// Two upstreams that serve the same model, the first of which is asked first.
struct Two {
    first: Upstream,
    second: Upstream,
    catalog: ModelCatalog,
}

impl Two {
    async fn start(options: HttpOptions) -> Self {
        let (first, second) = (Upstream::start().await, Upstream::start().await);
        let listed = |upstream: &Upstream| Endpoint { models: Some(vec!["m".into()]), ..endpoint(&upstream.url()) };
        let http = HttpClient::new(options).unwrap();
        let catalog = ModelCatalog::new(&http, &[listed(&first), listed(&second)], Discovery::default()).unwrap();
        Self { first, second, catalog }
    }

    /// One streamed answer: its bytes, and the error that it ended with.
    async fn ask(&self) -> (Vec<u8>, Option<LlmError>) {
        let model = self.catalog.resolve("m").await.unwrap();
        outcome(model.stream(request()).await).await
    }

    /// How many requests each of them has seen.
    fn seen(&self) -> (usize, usize) {
        (self.first.requests().len(), self.second.requests().len())
    }
}

#[tokio::test]
async fn a_request_without_output_goes_on_elsewhere_and_who_failed_is_left_alone() {
    let status = |status| Scripted::Status(status, "{}".into());
    for failure in [status(429), status(500), status(503), Scripted::HangUp, Scripted::Stream(Vec::new(), End::Cut)] {
        let two = Two::start(HttpOptions { rest_ms: HOUR_MS, ..options() }).await;
        two.first.script([failure.clone()]);
        for _ in 0..4 {
            let (bytes, error) = two.ask().await;
            assert!(bytes.ends_with(b"data: [DONE]\n\n") && error.is_none(), "{failure:?}: {error:?}");
        }
        assert_eq!(two.seen(), (1, 4), "{failure:?}");
    }
}

#[tokio::test]
async fn an_endpoint_that_stays_silent_is_left_for_another() {
    for silence in [Scripted::Silence, Scripted::Stream(Vec::new(), End::Silence)] {
        let two = Two::start(HttpOptions { first_byte_timeout_ms: 2_000, rest_ms: HOUR_MS, ..options() }).await;
        two.first.script([silence]);
        let (bytes, error) = two.ask().await;
        assert!(bytes.ends_with(b"data: [DONE]\n\n") && error.is_none(), "{error:?}");
        two.first.clients_left(1).await;
        assert_eq!(two.seen(), (1, 1));
    }
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_left_for_another() {
    let Two { first, second, catalog } = Two::start(HttpOptions { rest_ms: HOUR_MS, ..options() }).await;
    drop(first);
    for _ in 0..3 {
        let model = catalog.resolve("m").await.unwrap();
        assert!(drain(model.stream(request()).await.unwrap()).await.1.is_none());
        assert_eq!(model.complete(request()).await.unwrap(), "The scripted answer [1].");
    }
    assert_eq!(second.requests().len(), 6);
}

#[tokio::test]
async fn a_rest_ends() {
    let two = Two::start(HttpOptions { rest_ms: 0, ..options() }).await;
    two.first.script([Scripted::Status(500, "{}".into())]);
    for _ in 0..3 {
        assert!(two.ask().await.1.is_none());
    }
    assert_eq!(two.seen(), (2, 2), "first and second, second, first");
}

#[tokio::test]
async fn an_endpoint_may_ask_for_a_longer_rest() {
    let two = Two::start(HttpOptions { rest_ms: 0, ..options() }).await;
    two.first.script([Scripted::StatusWith(429, vec![("retry-after", "200".into())], "{}".into())]);
    for _ in 0..3 {
        assert!(two.ask().await.1.is_none());
    }
    assert_eq!(two.seen(), (1, 3));
}

#[tokio::test]
async fn nothing_is_asked_for_twice_once_there_is_output() {
    let two = Two::start(HttpOptions { rest_ms: HOUR_MS, ..options() }).await;
    two.first.script([Scripted::events("data: a\n\n", End::Cut)]);
    let (bytes, error) = two.ask().await;
    assert_eq!(bytes, b"data: a\n\n");
    assert!(matches!(error, Some(LlmError::Unreachable(_))), "{error:?}");
    assert_eq!(two.seen(), (1, 0));
    for _ in 0..2 {
        assert!(two.ask().await.1.is_none());
    }
    assert_eq!(two.seen(), (1, 2), "who broke off is left alone");
}

#[tokio::test]
async fn a_request_that_is_refused_is_the_caller_s_affair() {
    let two = Two::start(HttpOptions { rest_ms: HOUR_MS, ..options() }).await;
    two.first.script([Scripted::Status(400, "{}".into())]);
    assert!(matches!(two.ask().await.1, Some(LlmError::Status { status: 400, .. })));
    for _ in 0..2 {
        assert!(two.ask().await.1.is_none());
    }
    assert_eq!(two.seen(), (2, 1), "it is not left alone");
}

#[tokio::test]
async fn where_all_fail_the_attempts_are_counted() {
    let two = Two::start(HttpOptions { rest_ms: HOUR_MS, retries: 2, ..options() }).await;
    let full = || Scripted::Status(503, "{}".into());
    two.first.script([full(), full()]);
    two.second.script([full()]);
    assert!(matches!(two.ask().await.1, Some(LlmError::Status { status: 503, .. })));
    assert_eq!(two.seen(), (2, 1));
    // Better one that is being left alone than nobody.
    assert!(two.ask().await.1.is_none());
}
