//! Embeddings from an endpoint.

use crate::support::{client, options};
use lectern_llm::{Embedder as _, EmbeddingKind, LlmError, RemoteEmbedding, openai::OpenAiEmbedder};
use lectern_testkit::upstream::{Scripted, Upstream, embed};

#[tokio::test]
async fn vectors_come_in_the_order_of_the_texts_with_length_one() {
    let upstream = Upstream::start().await;
    let settings = RemoteEmbedding { batch_texts: 3, parallel: 2, ..RemoteEmbedding::new("scripted-embeddings") };
    let embedder = OpenAiEmbedder::connect(client(&upstream, options()), settings).await.unwrap();
    assert_eq!(embedder.spec().dimensions, 8, "the model was asked");
    upstream.script([Scripted::Status(429, "{}".into())]);
    let texts: Vec<String> = (0..8).map(|i| format!("text number {i}")).collect();
    let vectors = embedder.embed(texts.clone(), EmbeddingKind::Passage).await.unwrap();
    assert_eq!(vectors.len(), 8);
    for (text, vector) in texts.iter().zip(&vectors) {
        let expect = embed(text, 8);
        let norm = expect.iter().map(|x| x * x).sum::<f32>().sqrt();
        assert!(vector.iter().zip(&expect).all(|(x, e)| (x - e / norm).abs() < 1e-6), "{text}");
    }
    let requests = upstream.requests();
    assert_eq!(requests.len(), 1 + 3 + 1, "one question, three batches, one retry");
    assert_eq!(requests[0].path, "/v1/embeddings");
    assert_eq!(requests[1].json()["encoding_format"], "float");
    assert!(embedder.embed(Vec::new(), EmbeddingKind::Query).await.unwrap().is_empty());
}

#[tokio::test]
async fn prefixes_say_what_a_text_is_for() {
    let upstream = Upstream::start().await;
    let settings = RemoteEmbedding {
        dimensions: Some(8),
        query_prefix: "query: ".into(),
        passage_prefix: "passage: ".into(),
        ..RemoteEmbedding::new("scripted-embeddings")
    };
    let embedder = OpenAiEmbedder::connect(client(&upstream, options()), settings).await.unwrap();
    assert!(upstream.requests().is_empty(), "the number of components is known");
    for (kind, expect) in [(EmbeddingKind::Query, "query: a"), (EmbeddingKind::Passage, "passage: a")] {
        embedder.embed(vec!["a".into()], kind).await.unwrap();
        assert_eq!(upstream.requests().last().unwrap().json()["input"][0], expect);
    }
}

#[tokio::test]
async fn another_number_of_components_is_refused() {
    let upstream = Upstream::start().await;
    let settings = RemoteEmbedding { dimensions: Some(4), ..RemoteEmbedding::new("scripted-embeddings") };
    let embedder = OpenAiEmbedder::connect(client(&upstream, options()), settings).await.unwrap();
    let error = embedder.embed(vec!["a".into()], EmbeddingKind::Query).await.unwrap_err();
    assert!(matches!(error, LlmError::Protocol(_)), "{error:?}");
}
