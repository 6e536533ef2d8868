//! Texts in, vectors out, and the reasons why there are none.

use crate::ServiceError;
use lectern_domain::{digest::Digest, model::EmbeddingModelSpec};
use lectern_llm::{Embedder, EmbeddingKind, LlmError};
use std::{collections::BTreeMap, sync::Arc};

/// The vectors of the texts that have one, and the reasons of those that don't.
type Embedded = (Vec<(Digest, Vec<f32>)>, BTreeMap<Digest, String>);

/// Embeds texts, in one call. Where the model refuses that, each text goes alone, so that one bad text costs no other its vector.
///
/// # Errors
/// Failures that may pass: a model that can't be reached, or answers with another number of vectors.
pub(super) async fn embed_texts(embedder: &Arc<dyn Embedder>, texts: BTreeMap<Digest, String>) -> Result<Embedded, ServiceError> {
    let mut embedded = Embedded::default();
    match embed(embedder, texts.values().cloned().collect()).await {
        Ok(vectors) => {
            for (hash, vector) in texts.into_keys().zip(vectors) {
                keep(embedder.spec(), &mut embedded, hash, vector);
            }
        }
        Err(error) if is_refusal(&error) => {
            for (hash, text) in texts {
                match embed(embedder, vec![text]).await {
                    Ok(vectors) => vectors.into_iter().for_each(|vector| keep(embedder.spec(), &mut embedded, hash, vector)),
                    Err(error) if is_refusal(&error) => drop(embedded.1.insert(hash, error.to_string())),
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Err(error) => return Err(error.into()),
    }
    Ok(embedded)
}

async fn embed(embedder: &Arc<dyn Embedder>, texts: Vec<String>) -> Result<Vec<Vec<f32>>, LlmError> {
    let asked = texts.len();
    let vectors = embedder.embed(texts, EmbeddingKind::Passage).await?;
    match vectors.len() == asked {
        true => Ok(vectors),
        false => Err(LlmError::Protocol(format!("{} vectors for {asked} texts", vectors.len()))),
    }
}

/// A vector that no index would take is as good as a refusal: kept, it would stop the vector index for ever.
fn keep(spec: &EmbeddingModelSpec, embedded: &mut Embedded, hash: Digest, vector: Vec<f32>) {
    let reason = if vector.len() != spec.dimensions as usize {
        format!("the model's vector has {} components instead of {}", vector.len(), spec.dimensions)
    } else if !vector.iter().all(|component| component.is_finite()) {
        "the model's vector has components that are not finite numbers".to_owned()
    } else {
        return embedded.0.push((hash, vector));
    };
    embedded.1.insert(hash, reason);
}

/// Whether the model was reached and said no to what it was given: asking again changes nothing.
fn is_refusal(error: &LlmError) -> bool {
    matches!(error, LlmError::Status { status: 400 | 413 | 422, .. })
}
