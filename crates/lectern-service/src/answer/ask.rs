//! Ask one question and wait for the whole answer: what the command line does.

use super::{
    citations::cited,
    prepare::{Asked, Prepared, prepare},
};
use crate::{ServiceError, app::App};
use lectern_domain::{
    access::Principal,
    collection::{CollectionName, CollectionRef},
    search::Side,
};
use lectern_llm::{Message, Role, collect_text, extractive::EXTRACTIVE_MODEL};

/// The temperature of answers where nobody chose one.
const TEMPERATURE: f64 = 0.2;

/// The mode of questions on the command line.
const MODE: &str = "rag";

/// A question.
#[derive(Debug, Clone)]
pub struct AskRequest {
    /// The question.
    pub question: String,
    /// The collections that may answer it, by the names under which they are shared.
    pub collections: Vec<CollectionName>,
    /// The model; none takes the default one.
    pub model: Option<String>,
    /// How many passages the model is given; none takes the mode's number.
    pub limit: Option<i32>,
}

/// A passage that an answer rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The number by which the answer cites it.
    pub number: usize,
    /// The external id of its document.
    pub document: String,
    /// The id of the chunk.
    pub chunk: String,
    /// The document's title.
    pub title: String,
    /// Where a person can read it.
    pub url: Option<String>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What the model says.
    pub text: String,
    /// The model that said it.
    pub model: String,
    /// The passages that it cites; where a generative model cites none, those that it was given.
    pub sources: Vec<Source>,
    /// The index that could not be asked for them.
    pub degraded: Option<Side>,
}

/// Answers a question from collections that `who` may read.
///
/// # Errors
/// [`ServiceError`] where the question is empty, a collection is not there, the model is unknown or fails.
pub async fn ask(app: &App, who: Principal, request: AskRequest) -> Result<Answer, ServiceError> {
    if request.question.trim().is_empty() {
        return Err(ServiceError::EmptyQuery);
    }
    let name = match request.model {
        Some(name) => name,
        None => default_model(app).await,
    };
    let model = app.models.resolve(&name).await.ok_or_else(|| ServiceError::UnknownModel(name.clone()))?;
    let asked = Asked {
        model: name.clone(),
        conversation: vec![Message { role: Role::User, content: request.question }],
        mode: Some(MODE.to_owned()),
        limit: request.limit,
        collections: Some(request.collections.into_iter().map(CollectionRef::Shared).collect()),
        temperature: TEMPERATURE,
        ..Asked::default()
    };
    let Prepared { request, passages, degraded } = prepare(app, who, asked).await?;
    let text = collect_text(model.stream(request).await?).await?.trim().to_owned();
    let mut numbers = cited(&text, passages.len());
    if numbers.is_empty() && name != EXTRACTIVE_MODEL {
        numbers = (1..=passages.len()).collect();
    }
    let sources = numbers
        .into_iter()
        .map(|number| {
            let chunk = &passages[number - 1].chunk;
            Source {
                number,
                document: chunk.external_id.clone(),
                chunk: chunk.id.to_string(),
                title: chunk.title.clone(),
                url: chunk.url.clone(),
            }
        })
        .collect();
    Ok(Answer { text, model: name, sources, degraded })
}

/// The model that answers where none is asked for.
async fn default_model(app: &App) -> String {
    match &app.default_model {
        Some(name) => name.clone(),
        None => app.models.default_model().await.unwrap_or_else(|| EXTRACTIVE_MODEL.to_owned()),
    }
}
