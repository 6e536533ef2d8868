//! The catalog: lists from the settings and from endpoints, endpoints that come up late, the default model.

use crate::support::{drain, endpoint, options, request};
use futures_util::StreamExt as _;
use lectern_llm::{
    ByteStream, ChatModel, ChatRequest, Endpoint, HttpClient, ModelFuture,
    catalog::{Discovery, ModelCatalog},
    openai::ModelKind,
};
use lectern_testkit::upstream::{Scripted, Upstream};
use std::sync::Arc;

/// A built-in model without an answer.
struct Mute;

impl ChatModel for Mute {
    fn stream(&self, _: ChatRequest) -> ModelFuture<'_, ByteStream> {
        Box::pin(async { Ok(futures_util::stream::empty().boxed()) })
    }
}

fn catalog(endpoints: &[Endpoint], discovery: Discovery) -> ModelCatalog {
    let http = HttpClient::new(lectern_llm::HttpOptions { retries: 0, ..options() }).unwrap();
    ModelCatalog::new(&http, endpoints, discovery).unwrap().with_built_in("lectern-extractive", Arc::new(Mute))
}

/// Asks again whenever something is missing, never otherwise.
const EAGER: Discovery = Discovery { timeout_ms: 60_000, every_ms: u64::MAX, after_failure_ms: 0 };

fn names(catalog: &ModelCatalog) -> Vec<String> {
    catalog.models().into_iter().map(|model| model.name).collect()
}

#[tokio::test]
async fn endpoints_are_asked_and_names_resolve() {
    let upstream = Upstream::start().await;
    let catalog = catalog(&[endpoint(&upstream.url())], EAGER);
    assert_eq!(names(&catalog), ["lectern-extractive"], "nothing is asked before it is needed");
    let model = catalog.resolve("scripted-chat").await.expect("it is served");
    assert!(drain(model.stream(request()).await.unwrap()).await.1.is_none());
    assert_eq!(upstream.requests()[0].path, "/v1/models");
    assert!(catalog.resolve("scripted-embeddings").await.is_none(), "it does not write");
    assert_eq!(catalog.locate("scripted-embeddings").await.unwrap().1, ModelKind::Embedding);
    assert!(catalog.resolve("lectern-extractive").await.is_some());
    assert!(catalog.resolve("no-such-model").await.is_none());
    assert_eq!(names(&catalog), ["scripted-chat", "scripted-embeddings", "lectern-extractive"]);
    assert_eq!(catalog.default_model().await.unwrap(), "scripted-chat");
}

#[tokio::test]
async fn a_list_in_the_settings_is_not_asked_for() {
    let upstream = Upstream::start().await;
    let listed = Endpoint { models: Some(vec!["mine".into()]), ..endpoint(&upstream.url()) };
    let catalog = catalog(&[listed], EAGER);
    catalog.refresh().await;
    assert!(catalog.resolve("mine").await.is_some());
    assert!(catalog.resolve("scripted-chat").await.is_none());
    assert_eq!(catalog.default_model().await.unwrap(), "mine");
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn an_endpoint_that_is_not_up_yet_is_asked_again() {
    // The first two questions fail as they do before a server is ready.
    let upstream = Upstream::start().await;
    upstream.script([Scripted::Status(503, "{}".into()), Scripted::HangUp]);
    let catalog = catalog(&[endpoint(&upstream.url())], EAGER);
    catalog.refresh().await;
    assert_eq!(catalog.models().len(), 1, "only the built-in model");
    assert_eq!(catalog.default_model().await.unwrap(), "lectern-extractive");
    assert!(catalog.resolve("scripted-chat").await.is_some());
    assert_eq!(catalog.default_model().await.unwrap(), "scripted-chat");
}

#[tokio::test]
async fn an_endpoint_that_is_down_is_not_asked_all_the_time() {
    let upstream = Upstream::start().await;
    upstream.script([Scripted::Status(503, "{}".into())]);
    let catalog = catalog(&[endpoint(&upstream.url())], Discovery { after_failure_ms: 3_600_000, ..EAGER });
    for _ in 0..5 {
        assert!(catalog.resolve("scripted-chat").await.is_none());
    }
    assert_eq!(upstream.requests().len(), 1);
}

#[tokio::test]
async fn a_list_that_cannot_be_renewed_stays() {
    let upstream = Upstream::start().await;
    let catalog = catalog(&[endpoint(&upstream.url())], Discovery { every_ms: 0, ..EAGER });
    catalog.refresh().await;
    upstream.script([Scripted::Status(500, "{}".into())]);
    catalog.refresh().await;
    assert_eq!(upstream.requests().len(), 2);
    assert!(catalog.resolve("scripted-chat").await.is_some());
}

#[tokio::test]
async fn endpoints_that_serve_a_name_take_turns() {
    let (first, second) = (Upstream::start().await, Upstream::start().await);
    second.set_models(&[("scripted-chat", None), ("other", None)]);
    let catalog = catalog(&[endpoint(&first.url()), endpoint(&second.url())], EAGER);
    catalog.refresh().await;
    assert_eq!(names(&catalog), ["scripted-chat", "scripted-embeddings", "other", "lectern-extractive"]);
    assert_eq!(catalog.models()[0].endpoints.len(), 2);
    let mut counts = Vec::new();
    for _ in 0..4 {
        let model = catalog.resolve("scripted-chat").await.unwrap();
        drain(model.stream(request()).await.unwrap()).await;
        // Another model's requests do not move the turn.
        assert!(catalog.resolve("other").await.is_some());
        counts.push((first.requests().len() - 1, second.requests().len() - 1));
    }
    assert_eq!(counts, [(1, 0), (1, 1), (2, 1), (2, 2)]);
}

#[tokio::test]
async fn what_a_name_is_for_is_what_its_first_endpoint_says() {
    let (first, second) = (Upstream::start().await, Upstream::start().await);
    second.set_models(&[("scripted-chat", Some("text-embeddings-inference"))]);
    let catalog = catalog(&[endpoint(&first.url()), endpoint(&second.url())], EAGER);
    catalog.refresh().await;
    assert_eq!(catalog.models()[0].endpoints.len(), 1);
    let (endpoints, kind) = catalog.locate("scripted-chat").await.unwrap();
    assert_eq!((endpoints.urls().count(), kind), (1, ModelKind::Text));
}

#[tokio::test]
async fn a_listed_model_that_says_embed_makes_vectors() {
    let listed = Endpoint { models: Some(vec!["mine".into(), "Embeddings-small".into()]), ..endpoint("http://127.0.0.1:1") };
    let catalog = catalog(&[listed], EAGER);
    assert_eq!(catalog.locate("Embeddings-small").await.unwrap().1, ModelKind::Embedding);
    assert!(catalog.resolve("Embeddings-small").await.is_none());
}

#[tokio::test]
async fn the_background_task_asks_and_ends_with_the_catalog() {
    let upstream = Upstream::start().await;
    let catalog = Arc::new(catalog(&[endpoint(&upstream.url())], Discovery { every_ms: 0, ..EAGER }));
    let task = catalog.keep_fresh();
    upstream.received(2).await;
    drop(catalog);
    task.await.unwrap();
}
