//! The models that there are, as OpenAI lists them.

use crate::app::App;
use lectern_llm::openai::ModelKind;

/// A model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedModel {
    /// Its name.
    pub id: String,
    /// What it is for, in the words of the reference.
    pub kind: String,
    /// When it was made, in seconds since 1970; 0 where nobody says.
    pub created: u64,
    /// Who owns it.
    pub owned_by: String,
}

/// The owner of what nobody claims.
const NOBODY: &str = "lectern";

/// All models: the endpoints' in the order of the settings, the built-in ones, and the one that makes vectors for searches.
pub async fn models(app: &App) -> Vec<ListedModel> {
    app.models.refresh().await;
    let owner = |owner: String| if owner.is_empty() { NOBODY.to_owned() } else { owner };
    let listed = app.models.models().into_iter().map(|model| ListedModel {
        id: model.name,
        kind: model.kind.as_str().to_owned(),
        created: model.created,
        owned_by: owner(model.owned_by),
    });
    let mut models: Vec<ListedModel> = listed.collect();
    if let Some(embedder) = &app.followers.embedder {
        let name = &embedder.spec().name;
        if models.iter().all(|model| model.id != *name) {
            let kind = ModelKind::Embedding.as_str().to_owned();
            models.push(ListedModel { id: name.clone(), kind, created: 0, owned_by: NOBODY.to_owned() });
        }
    }
    models
}

/// One of them.
pub async fn model(app: &App, id: &str) -> Option<ListedModel> {
    models(app).await.into_iter().find(|model| model.id == id)
}
