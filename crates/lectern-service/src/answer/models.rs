//! The models that there are.

use crate::app::App;
use lectern_llm::openai::ModelKind;

/// A model as clients are told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerModel {
    /// Its name.
    pub name: String,
    /// What it is for, in the word of its endpoint's list: `text-generation`, `text-embeddings-inference` or another.
    pub kind: String,
    /// Whether it writes answers.
    pub answers: bool,
}

/// The models that are known now, the built-in ones last. No endpoint is asked.
pub fn models(app: &App) -> Vec<AnswerModel> {
    let known = app.models.models().into_iter();
    known
        .map(|model| AnswerModel { answers: model.kind == ModelKind::Text, kind: model.kind.as_str().to_owned(), name: model.name })
        .collect()
}
