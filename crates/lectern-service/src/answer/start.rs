//! Start the answer to a question that was asked before.

use super::{
    history::{history, search_text},
    length::{MAX_TOKENS, fits},
    prompt::conversation,
    relay::relay,
    retrieve::{Query, Retrieved, retrieve},
};
use crate::{ServiceError, accounts::Caller, app::App};
use bytes::Bytes;
use lectern_domain::{
    access::may_run_stream,
    filter::{Field, Filter},
    ids::StreamId,
    stream::{NewStream, Stream},
};
use lectern_llm::{ChatRequest, LlmError};
use lectern_persistence::{DbError, repo::streams};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Starts the answer and returns it as server-sent events, in parts of any size. Everything that can be refused is refused before the
/// first part; a model that fails later ends the parts with its error. Starting again writes the answer anew.
///
/// # Errors
/// [`ServiceError::StreamNotFound`], [`ServiceError::Forbidden`], [`ServiceError::HistoryWithoutChat`], [`ServiceError::UnknownModel`],
/// [`ServiceError::UnknownMode`], [`ServiceError::EmptyQuery`], [`ServiceError::PromptTooLarge`], and failures of the search.
pub async fn start(app: &Arc<App>, caller: &Caller, id: StreamId) -> Result<mpsc::Receiver<Result<Bytes, LlmError>>, ServiceError> {
    let found = app.bridge.read::<_, DbError>(move |conn| streams::find(conn, id)).await?;
    let (stream, chat_owner) = found.ok_or(ServiceError::StreamNotFound)?;
    if !may_run_stream(caller.principal(), &stream, chat_owner) {
        return Err(ServiceError::Forbidden);
    }
    let with_history = stream.question.with_history.unwrap_or(false);
    let earlier = match (with_history, stream.chat) {
        (true, None) => return Err(ServiceError::HistoryWithoutChat),
        (true, Some(chat)) => history(app, chat, id).await?,
        (false, _) => Vec::new(),
    };
    let question = &stream.question;
    let model = app.models.resolve(&question.model_name).await;
    let model = model.ok_or_else(|| ServiceError::UnknownModel(question.model_name.clone()))?;
    if let Some(mode) = question.mode.as_deref().filter(|mode| !app.prompts.has(mode)) {
        return Err(ServiceError::UnknownMode(mode.to_owned()));
    }
    if question.query.trim().is_empty() {
        return Err(ServiceError::EmptyQuery);
    }
    let found = match question.mode {
        Some(_) => Some(retrieve(app, caller.principal(), query(app, question, search_text(&earlier, &question.query))).await?),
        None => None,
    };
    let request = request(app, &stream, earlier, found)?;
    app.bridge.write::<_, DbError>(move |tx| streams::begin(tx.conn(), id)).await?;
    Ok(relay(app.clone(), id, model, request))
}

/// What to search for on behalf of a question.
fn query(app: &App, question: &NewStream, text: String) -> Query {
    let texts = |values: &[String]| values.iter().cloned().map(Value::String).collect::<Vec<_>>();
    let mut conditions = Vec::new();
    if !question.sources.is_empty() {
        conditions.push(Filter::In(Field::Source, texts(&question.sources)));
    }
    if let Some(sids) = question.must_not_sids.as_deref().filter(|sids| !sids.is_empty()) {
        conditions.push(Filter::Not(Box::new(Filter::In(Field::ExternalId, texts(sids)))));
    }
    Query {
        text,
        collections: vec![app.default_collection.clone()],
        limit: app.prompts.limit(question.limit).min(app.search_limit),
        filter: (!conditions.is_empty()).then_some(Filter::All(conditions)),
        prefer: question.should_sids.clone().unwrap_or_default(),
    }
}

/// The prompt. One that is too long goes without its oldest turns, then with fewer passages.
fn request(
    app: &App,
    stream: &Stream,
    mut earlier: Vec<lectern_llm::Message>,
    found: Option<Retrieved>,
) -> Result<ChatRequest, ServiceError> {
    let question = &stream.question;
    let (mut passages, mut sources, language) = match found {
        Some(found) => (found.passages, found.sources, Some(found.language)),
        None => (Vec::new(), Vec::new(), None),
    };
    loop {
        let prompt = match language {
            Some(language) => app.prompts.render(&question.query, &passages, language)?,
            None => question.query.clone(),
        };
        let messages = conversation(earlier.clone(), prompt);
        if fits(&messages, MAX_TOKENS) {
            return Ok(ChatRequest {
                model: question.model_name.clone(),
                messages,
                temperature: question.temperature.value(),
                question: question.query.clone(),
                passages: sources,
            });
        }
        if earlier.len() >= 2 {
            earlier.drain(..2);
        } else if passages.len() > 1 {
            passages.pop();
            sources.pop();
        } else {
            return Err(ServiceError::PromptTooLarge);
        }
    }
}
