//! Vectors from the model that searches use, for callers that want them too.

use crate::{ServiceError, app::App};
use lectern_domain::Invalid;

use lectern_llm::{Embedded, EmbeddingKind};

/// What is to be embedded.
#[derive(Debug, Clone)]
pub struct EmbeddingCall {
    /// The texts.
    pub texts: Vec<String>,
    /// The number of components that the caller wants; none takes the model's.
    pub dimensions: Option<u32>,
}

/// Whether this process embeds for a model's name: the model that searches use, unless an endpoint in the catalog serves that name.
pub fn embeds_here(app: &App, model: &str) -> bool {
    let is_ours = app.followers.embedder.as_ref().is_some_and(|embedder| embedder.spec().name == model);
    is_ours && app.models.locate_known(model).is_none()
}

/// One vector of length 1 for each text, in their order, and the tokens that they took. Texts are embedded as passages: whoever asks a question puts the model's prefix
/// before it.
///
/// # Errors
/// [`ServiceError::Invalid`] where the model has another number of components, [`ServiceError::NoEmbeddings`] where there is no model, and
/// failures of the model.
pub async fn embed(app: &App, call: EmbeddingCall) -> Result<Embedded, ServiceError> {
    let embedder = app.followers.embedder.as_ref().ok_or(ServiceError::NoEmbeddings)?;
    let has = embedder.spec().dimensions;
    if call.dimensions.is_some_and(|wanted| wanted != has) {
        return Err(Invalid::new("dimensions", format!("this model makes vectors of {has} components")).into());
    }
    Ok(embedder.embed_counted(call.texts, EmbeddingKind::Passage).await?)
}
