//! Start the answer to a question that was asked before.

use super::{
    history::history,
    output::Output,
    prepare::{Asked, Prepared, prepare},
    relay::relay,
};
use crate::{ServiceError, accounts::Caller, app::App, conversations::permitted, prompts::Values};
use bytes::Bytes;
use lectern_domain::{access::may_run_stream, chat::Chat, collection::CollectionRef, ids::StreamId, search::Side, stream::Stream};
use lectern_llm::{LlmError, Message, Role};
use lectern_persistence::repo::chats;
use std::sync::Arc;
use tokio::sync::mpsc;

/// An answer under way.
pub struct Started {
    /// Server-sent events, in parts of any size.
    pub parts: mpsc::Receiver<Result<Bytes, LlmError>>,
    /// The index that could not be asked for its passages.
    pub degraded: Option<Side>,
}

/// Starts the answer and returns it as server-sent events, in parts of any size. Everything that can be refused is refused before the
/// first part; a model that fails later ends the parts with its error. Starting again writes the answer anew; where it is being written,
/// in whatever process, that ends as if it had been stopped, and keeps nothing.
///
/// # Errors
/// [`ServiceError::StreamNotFound`], [`ServiceError::Forbidden`], [`ServiceError::HistoryWithoutChat`], [`ServiceError::UnknownModel`],
/// [`ServiceError::UnknownMode`], [`ServiceError::UnknownPostprocessing`], [`ServiceError::UnknownCollection`], [`ServiceError::EmptyQuery`],
/// [`ServiceError::PromptTooLarge`], and failures of the search.
pub async fn start(app: &Arc<App>, caller: &Caller, id: StreamId) -> Result<Started, ServiceError> {
    let who = caller.principal();
    let (stream, chat) = app
        .bridge
        .read(move |conn| {
            let stream = permitted::stream(conn, who, id, may_run_stream)?;
            let chat = stream.chat.map(|chat| chats::find(conn, chat)).transpose()?.flatten();
            Ok::<_, ServiceError>((stream, chat))
        })
        .await?;
    let asked = asked(app, &stream, chat).await?;
    let model = app.models.resolve(&asked.model).await.ok_or_else(|| ServiceError::UnknownModel(asked.model.clone()))?;
    let masks = app.postprocessing.masks(stream.question.postprocessing.as_deref().unwrap_or_default())?;
    let Prepared { request, degraded, .. } = prepare(app, who, asked).await?;
    let run = app.runs.begin(id).await?;
    Ok(Started { parts: relay(app.clone(), run, model, request, Output::new(masks)), degraded })
}

/// What a stream of a chat asks, or one on its own. With history, an empty question stands for the last one that was answered.
async fn asked(app: &App, stream: &Stream, chat: Option<Chat>) -> Result<Asked, ServiceError> {
    let question = &stream.question;
    let with_history = question.with_history.unwrap_or(false);
    let mode = question.mode.as_deref().and_then(|mode| app.prompts.mode(mode));
    let mut conversation = match (with_history, stream.chat) {
        (true, None) => return Err(ServiceError::HistoryWithoutChat),
        (true, Some(chat)) => history(app, chat, stream.id, app.prompts.max_tokens(&question.model_name, mode)).await?,
        (false, _) => Vec::new(),
    };
    if !question.query.trim().is_empty() {
        conversation.push(Message { role: Role::User, content: question.query.clone() });
    } else if conversation.last().is_some_and(|last| last.role == Role::Assistant) {
        conversation.pop();
    }
    let (operators, themes) = chat.map_or_else(Default::default, |chat| (chat.operators, chat.themes));
    Ok(Asked {
        model: question.model_name.clone(),
        conversation,
        with_history,
        mode: question.mode.clone(),
        limit: question.limit,
        collections: question.collections.as_ref().map(|ids| ids.iter().copied().map(CollectionRef::Id).collect()),
        sources: question.sources.clone(),
        should_sids: question.should_sids.clone().unwrap_or_default(),
        must_not_sids: question.must_not_sids.clone().unwrap_or_default(),
        temperature: question.temperature.value(),
        values: Values {
            query: String::new(),
            operators: operators.unwrap_or_default(),
            themes: themes.unwrap_or_default(),
            context: question.context.clone(),
            institution: question.institution.clone(),
            links: question.links.clone(),
        },
    })
}
