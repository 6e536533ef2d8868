//! Embeddings from an endpoint.

use super::{Endpoints, OpenAiClient, body, send::Call};
use crate::{Embedded, Embedder, EmbeddingKind, LlmError, ModelFuture, RemoteEmbedding, vector};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use lectern_domain::{digest::Digest, model::EmbeddingModelSpec};
use serde::Deserialize;
use serde_json::json;

/// The most components that a vector may have.
const MAX_DIMENSIONS: usize = 16_384;

/// An embedding model behind an endpoint.
#[derive(Debug, Clone)]
pub struct OpenAiEmbedder {
    endpoints: Endpoints,
    settings: RemoteEmbedding,
    spec: EmbeddingModelSpec,
}

impl OpenAiEmbedder {
    /// A model whose number of components the settings name, or which is asked for them now, by embedding one word.
    ///
    /// # Errors
    /// [`LlmError`] as for any request, where the model is asked.
    pub async fn connect(client: OpenAiClient, settings: RemoteEmbedding) -> Result<Self, LlmError> {
        let mut embedder = Self {
            spec: EmbeddingModelSpec { name: settings.model.clone(), revision: revision(&settings), dimensions: 0 },
            endpoints: client.into(),
            settings,
        };
        embedder.spec.dimensions = match embedder.settings.dimensions {
            Some(dimensions) => dimensions,
            None => {
                let embedded = embedder.request(vec!["dimensions".to_owned()]).await?;
                u32::try_from(embedded.vectors[0].len()).map_err(|error| LlmError::Protocol(error.to_string()))?
            }
        };
        Ok(embedder)
    }

    /// One request. The vectors come back in the order of the texts, of equal length, normalised.
    async fn request(&self, texts: Vec<String>) -> Result<Embedded, LlmError> {
        let asked = texts.len();
        let json = json!({ "model": self.settings.model, "input": texts, "encoding_format": "float" });
        let accepted = self.endpoints.send(Call::post("embeddings", &json)?).await?;
        let body = body::read(accepted, self.endpoints.options()).await?;
        parse(&body, asked, self.spec.dimensions as usize)
    }
}

impl Embedder for OpenAiEmbedder {
    fn spec(&self) -> &EmbeddingModelSpec {
        &self.spec
    }

    fn embed(&self, texts: Vec<String>, kind: EmbeddingKind) -> ModelFuture<'_, Vec<Vec<f32>>> {
        Box::pin(async move { Ok(self.embed_counted(texts, kind).await?.vectors) })
    }

    fn embed_counted(&self, texts: Vec<String>, kind: EmbeddingKind) -> ModelFuture<'_, Embedded> {
        Box::pin(async move {
            let prefix = match kind {
                EmbeddingKind::Query => &self.settings.query_prefix,
                EmbeddingKind::Passage => &self.settings.passage_prefix,
            };
            let texts = texts.into_iter().map(|text| if prefix.is_empty() { text } else { format!("{prefix}{text}") });
            let batches = batches(texts, self.settings.batch_texts, self.settings.batch_chars);
            let answers: Vec<Embedded> =
                stream::iter(batches).map(|batch| self.request(batch)).buffered(self.settings.parallel.max(1)).try_collect().await?;
            let tokens = answers.iter().map(|answer| answer.tokens).sum();
            Ok(Embedded { vectors: answers.into_iter().flat_map(|answer| answer.vectors).collect(), tokens })
        })
    }
}

/// The revision under which vectors are kept: another prefix makes other vectors of the same text.
fn revision(settings: &RemoteEmbedding) -> String {
    if settings.query_prefix.is_empty() && settings.passage_prefix.is_empty() {
        return settings.revision.clone();
    }
    let prefixes = Digest::of_parts([settings.query_prefix.as_bytes(), settings.passage_prefix.as_bytes()]).to_hex();
    format!("{}+prefixes-{}", settings.revision, &prefixes[..12])
}

/// Consecutive texts together, as many as fit into both bounds; at least one each.
fn batches(texts: impl Iterator<Item = String>, most_texts: usize, most_chars: usize) -> Vec<Vec<String>> {
    let mut batches: Vec<Vec<String>> = Vec::new();
    let mut chars = 0;
    for text in texts {
        let length = text.chars().count();
        match batches.last_mut() {
            Some(batch) if batch.len() < most_texts && chars + length <= most_chars => {
                chars += length;
                batch.push(text);
            }
            _ => {
                chars = length;
                batches.push(vec![text]);
            }
        }
    }
    batches
}

/// Reads an answer: `data[]` of `index` and `embedding`, in any order, and `usage` where it is there. `dimensions` 0 accepts any.
fn parse(body: &[u8], asked: usize, dimensions: usize) -> Result<Embedded, LlmError> {
    #[derive(Deserialize)]
    struct Answer {
        data: Vec<Entry>,
        // Not every endpoint counts, and how one does not is no reason to refuse its vectors.
        #[serde(default)]
        usage: serde_json::Value,
    }
    #[derive(Deserialize)]
    struct Entry {
        index: usize,
        embedding: Vec<f32>,
    }
    let refuse = |what: String| Err(LlmError::Protocol(what));
    let answer: Answer = serde_json::from_slice(body).map_err(|error| LlmError::Protocol(format!("not embeddings ({error})")))?;
    if answer.data.len() != asked {
        return refuse(format!("{} embeddings for {asked} texts", answer.data.len()));
    }
    let dimensions = if dimensions == 0 { answer.data[0].embedding.len() } else { dimensions };
    if dimensions == 0 || dimensions > MAX_DIMENSIONS {
        return refuse(format!("an embedding of {dimensions} components"));
    }
    let mut vectors = vec![Vec::new(); asked];
    for Entry { index, mut embedding } in answer.data {
        if embedding.len() != dimensions {
            return refuse(format!("an embedding of {} components where the model has {dimensions}", embedding.len()));
        }
        if !vector::normalise(&mut embedding) {
            return refuse("an embedding that is zero or not finite".to_owned());
        }
        match vectors.get_mut(index) {
            Some(place) if place.is_empty() => *place = embedding,
            _ => return refuse(format!("the index {index} twice or out of range")),
        }
    }
    Ok(Embedded { vectors, tokens: answer.usage["prompt_tokens"].as_u64() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_keep_to_both_bounds_and_the_order() {
        let texts = ["aa", "bb", "c", "dddddddddd", "é", "ff"].map(str::to_owned);
        for (most_texts, most_chars, expect) in [
            (10, 100, vec![6]),
            (2, 100, vec![2, 2, 2]),
            (10, 4, vec![2, 1, 1, 2]),
            (10, 0, vec![1, 1, 1, 1, 1, 1]),
            (0, 100, vec![1, 1, 1, 1, 1, 1]),
        ] {
            let batches = batches(texts.iter().cloned(), most_texts, most_chars);
            assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), expect, "{most_texts} texts, {most_chars} characters");
            assert_eq!(batches.concat(), texts);
        }
    }

    #[test]
    fn answers_are_checked() {
        let ok = parse(br#"{"data":[{"index":1,"embedding":[0,2]},{"index":0,"embedding":[3,4]}]}"#, 2, 2).unwrap();
        assert_eq!((ok.vectors, ok.tokens), (vec![vec![0.6, 0.8], vec![0.0, 1.0]], None));
        let counted = parse(br#"{"data":[{"index":0,"embedding":[1]}],"usage":{"prompt_tokens":7,"total_tokens":7}}"#, 1, 1).unwrap();
        assert_eq!(counted.tokens, Some(7));
        let odd = parse(br#"{"data":[{"index":0,"embedding":[1]}],"usage":"none"}"#, 1, 1).unwrap();
        assert_eq!(odd.tokens, None);
        for (body, asked, dimensions) in [
            (r#"{"data":[]}"#, 1, 2),
            (r#"{"data":[{"index":0,"embedding":[1]}]}"#, 1, 2),
            (r#"{"data":[{"index":0,"embedding":[]}]}"#, 1, 0),
            (r#"{"data":[{"index":0,"embedding":[0,0]}]}"#, 1, 2),
            (r#"{"data":[{"index":0,"embedding":[1,1e39]}]}"#, 1, 2),
            (r#"{"data":[{"index":0,"embedding":[1,0]},{"index":0,"embedding":[1,0]}]}"#, 2, 2),
            (r#"{"data":[{"index":7,"embedding":[1,0]}]}"#, 1, 2),
            (r#"{"data":[{"index":0,"embedding":"AACAPw=="}]}"#, 1, 1),
            ("<html>", 1, 2),
        ] {
            assert!(matches!(parse(body.as_bytes(), asked, dimensions), Err(LlmError::Protocol(_))), "{body}");
        }
    }

    #[test]
    fn another_prefix_is_another_revision() {
        let plain = RemoteEmbedding { revision: "r1".into(), ..RemoteEmbedding::new("m") };
        let prefixed = RemoteEmbedding { query_prefix: "query: ".into(), ..plain.clone() };
        let moved = RemoteEmbedding { passage_prefix: "query: ".into(), ..plain.clone() };
        assert_eq!(revision(&plain), "r1");
        assert_ne!(revision(&prefixed), revision(&moved));
    }
}
