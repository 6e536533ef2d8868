//! From a conversation to what a model is asked: acronyms, passages, the prompt, and all of it short enough.

use super::{
    history::search_text,
    length::shortened,
    messages::conversation,
    retrieve::{Query, Retrieved, retrieve},
};
use crate::{
    ServiceError,
    app::App,
    prompts::{Mode, Values},
};
use lectern_corpus::detect;
use lectern_domain::{
    access::Principal,
    collection::CollectionRef,
    filter::{Field, Filter},
    language::Language,
    search::Side,
};
use lectern_llm::{ChatRequest, Message, Role};
use serde_json::Value;

/// What is asked, and how.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The model.
    pub model: String,
    /// What was said, in order; its last message of the user's is the question.
    pub conversation: Vec<Message>,
    /// Whether the questions before the last one are searched for too.
    pub with_history: bool,
    /// The prompt's mode; none hands the question to the model as it is.
    pub mode: Option<String>,
    /// How many passages to retrieve; none takes the mode's number.
    pub limit: Option<i32>,
    /// The collections to search; none takes the default one, which need not exist yet.
    pub collections: Option<Vec<CollectionRef>>,
    /// Search only these sources; all where empty.
    pub sources: Vec<String>,
    /// Documents to prefer.
    pub should_sids: Vec<String>,
    /// Documents to leave out.
    pub must_not_sids: Vec<String>,
    /// How random the answer may be.
    pub temperature: f64,
    /// What templates are filled with besides; its `query` is set here.
    pub values: Values,
}

/// What a model is asked, with the passages that it is given.
pub struct Prepared {
    /// The request.
    pub request: ChatRequest,
    /// The passages, as they are in SQL now; their numbers are their places, from 1.
    pub passages: Vec<crate::search::Found>,
    /// The index that could not be asked for them.
    pub degraded: Option<Side>,
}

/// Builds the prompt on behalf of `who`. Searches once where the mode wants passages.
///
/// # Errors
/// [`ServiceError::UnknownMode`], [`ServiceError::EmptyQuery`], [`ServiceError::PromptTooLarge`], and failures of the search.
pub async fn prepare(app: &App, who: Principal, asked: Asked) -> Result<Prepared, ServiceError> {
    let mode = match &asked.mode {
        Some(name) => Some(app.prompts.mode(name).ok_or_else(|| ServiceError::UnknownMode(name.clone()))?),
        None => None,
    };
    let question = asked.conversation.iter().rfind(|message| message.role == Role::User).map(|message| message.content.clone());
    let question = question.filter(|question| !question.trim().is_empty()).ok_or(ServiceError::EmptyQuery)?;
    let expanded = app.acronyms.expand(&question);
    let found = match mode.filter(|mode| mode.wants_passages()) {
        Some(mode) => {
            let text = if asked.with_history { search_text(&asked.conversation) } else { expanded.clone() };
            Some(retrieve(app, who, query(app, mode, &asked, text)).await?)
        }
        None => None,
    };
    let language = match &found {
        Some(found) => found.language,
        None => detect([expanded.as_str()].into_iter()).unwrap_or(Language::Fr),
    };
    let fitting = fit(app, mode, &asked, &expanded, found.as_ref(), language)?;
    let degraded = found.as_ref().and_then(|found| found.degraded);
    let (mut passages, mut sources) = found.map_or_else(Default::default, |found| (found.passages, found.sources));
    passages.truncate(fitting.passages);
    sources.truncate(fitting.passages);
    let request =
        ChatRequest { model: asked.model, messages: fitting.messages, temperature: asked.temperature, question, passages: sources };
    Ok(Prepared { request, passages, degraded })
}

/// What to search for on behalf of a question.
fn query(app: &App, mode: &Mode, asked: &Asked, text: String) -> Query {
    let texts = |values: &[String]| values.iter().cloned().map(Value::String).collect::<Vec<_>>();
    let mut conditions = Vec::new();
    if !asked.sources.is_empty() {
        conditions.push(Filter::In(Field::Source, texts(&asked.sources)));
    }
    if !asked.must_not_sids.is_empty() {
        conditions.push(Filter::Not(Box::new(Filter::In(Field::ExternalId, texts(&asked.must_not_sids)))));
    }
    Query {
        text,
        collections: asked.collections.clone(),
        limit: mode.limit(asked.limit).min(app.search_limit),
        filter: (!conditions.is_empty()).then_some(Filter::All(conditions)),
        prefer: asked.should_sids.clone(),
    }
}

/// Messages that are short enough, and how many passages they hold.
struct Fitting {
    messages: Vec<Message>,
    passages: usize,
}

/// The messages with all passages, without the oldest turns where they are too long; else with as many passages as they have room for,
/// one at least.
fn fit(
    app: &App,
    mode: Option<&Mode>,
    asked: &Asked,
    question: &str,
    found: Option<&Retrieved>,
    language: Language,
) -> Result<Fitting, ServiceError> {
    let max_tokens = app.prompts.max_tokens(&asked.model, mode);
    let values = Values { query: question.to_owned(), ..asked.values.clone() };
    let passages = found.map_or(&[][..], |found| &found.passages);
    let with = |count: usize, limit: usize| -> Result<Option<Fitting>, ServiceError> {
        let prompt = match mode {
            Some(mode) => app.prompts.render(mode, &values, limit, &passages[..count], language)?,
            None => values.query.clone(),
        };
        let system = mode.and_then(|mode| mode.system_prompt(language));
        let messages = shortened(conversation(asked.conversation.clone(), prompt, system, &asked.model), max_tokens);
        Ok(messages.map(|messages| Fitting { messages, passages: count }))
    };
    let limit = mode.map_or(0, |mode| mode.limit(asked.limit).min(app.search_limit));
    if let Some(all) = with(passages.len(), limit)? {
        return Ok(all);
    }
    // The reference tries one passage less each time; fewer are never longer, so halving comes to the same.
    let (mut best, mut low, mut high) = (None, 1, passages.len().saturating_sub(1));
    while low <= high {
        let middle = low.midpoint(high);
        match with(middle, middle)? {
            Some(fitting) => {
                best = Some(fitting);
                low = middle + 1;
            }
            None => high = middle - 1,
        }
    }
    best.ok_or(ServiceError::PromptTooLarge)
}
