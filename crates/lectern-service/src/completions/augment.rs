//! Retrieval for a chat completion: the last question becomes a prompt with passages.

use super::Turn;
use crate::{
    ServiceError,
    accounts::Caller,
    answer::{Asked, Prepared, prepare},
    app::App,
};
use lectern_domain::{Invalid, collection::CollectionRef};
use lectern_llm::{Message, Role};

/// How a chat completion is to be augmented. The only strategy is the reference's `last`: the last question is.
#[derive(Debug, Clone, Default)]
pub struct Rag {
    /// The prompt's mode; without one the conversation is put in order and nothing is retrieved.
    pub mode: Option<String>,
    /// How many passages to retrieve; none takes the mode's number.
    pub limit: Option<i32>,
    /// Search only these sources; all where empty.
    pub sources: Vec<String>,
    /// The collections that may answer; none takes the default one.
    pub collections: Option<Vec<CollectionRef>>,
}

/// Builds the messages with what was found for the last three questions.
///
/// # Errors
/// [`ServiceError::Invalid`] for a message that is not plain text of a system, a user or an assistant; [`ServiceError::UnknownMode`],
/// [`ServiceError::EmptyQuery`], [`ServiceError::UnknownCollection`], [`ServiceError::PromptTooLarge`], and failures of the search.
pub(super) async fn augment(
    app: &App,
    caller: &Caller,
    model: &str,
    turns: &[Turn],
    temperature: Option<f64>,
    rag: Rag,
) -> Result<Prepared, ServiceError> {
    let conversation = turns.iter().map(message).collect::<Result<Vec<_>, Invalid>>()?;
    let asked = Asked {
        model: model.to_owned(),
        conversation,
        with_history: true,
        mode: rag.mode,
        limit: rag.limit,
        sources: rag.sources,
        collections: rag.collections,
        temperature: temperature.unwrap_or_else(|| app.prompts.temperature()),
        ..Asked::default()
    };
    prepare(app, caller.principal(), asked).await
}

fn message(turn: &Turn) -> Result<Message, Invalid> {
    let role = match turn.role.as_str() {
        "system" | "developer" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        _ => return Err(Invalid::new("messages", "with rag, only a system, a user and an assistant can speak")),
    };
    let content = turn.text.clone().ok_or_else(|| Invalid::new("messages", "with rag, a message's content must be a string"))?;
    Ok(Message { role, content })
}
