//! `rag`: how a question is to be augmented.

use super::schema::{Kind, check};
use crate::{
    openai::{OpenAiError, Wrong},
    routes::{collections::COLLECTIONS_MAX, stream::SOURCES},
    validate::json::Json,
};
use lectern_domain::collection::CollectionRef;
use lectern_service::completions::Rag;

/// The only strategy.
pub(super) const LAST: &str = "last";

/// Reads it; unknown members are ignored.
pub(super) fn read(rag: Option<&Json>) -> Result<Option<Rag>, OpenAiError> {
    let members = match rag {
        None | Some(Json::Null) => return Ok(None),
        Some(Json::Object(members)) => members,
        Some(_) => return Err(OpenAiError::new(Wrong::Type, "rag", "an object")),
    };
    match members.get("strategy") {
        None => {}
        Some(Json::Text(strategy)) if strategy == LAST => {}
        Some(Json::Text(_)) => return Err(OpenAiError::new(Wrong::Value, "rag.strategy", "the only strategy is 'last'")),
        Some(_) => return Err(OpenAiError::new(Wrong::Type, "rag.strategy", "a string")),
    }
    let field = |name: &str, kind| match members.get(name) {
        Some(value) => check(kind, value, &format!("rag.{name}")).map(|()| Some(value)),
        None => Ok(None),
    };
    let mode = match field("mode", Kind::Text)? {
        Some(Json::Text(mode)) => Some(mode.clone()),
        _ => None,
    };
    let limit = match field("limit", Kind::Whole(0, i32::MAX.into()))? {
        Some(Json::Int(limit)) => i32::try_from(*limit).ok(),
        Some(Json::Float(limit)) => Some(*limit as i32),
        _ => None,
    };
    let sources = match field("sources", Kind::Texts)? {
        Some(Json::List(sources)) => sources.iter().enumerate().map(source).collect::<Result<_, _>>()?,
        _ => Vec::new(),
    };
    let collections = match field("collections", Kind::Texts)? {
        Some(Json::List(named)) => Some(collections(named)?),
        _ => None,
    };
    Ok(Some(Rag { mode, limit, sources, collections }))
}

/// The collections that may answer, by their ids or names.
fn collections(named: &[Json]) -> Result<Vec<CollectionRef>, OpenAiError> {
    if !(1..=COLLECTIONS_MAX).contains(&named.len()) {
        return Err(OpenAiError::new(Wrong::Value, "rag.collections", format!("one to {COLLECTIONS_MAX} collections are named")));
    }
    let one = |(place, named): (usize, &Json)| {
        let text = if let Json::Text(text) = named { text.clone() } else { String::new() };
        CollectionRef::parse(text).map_err(|wrong| OpenAiError::new(Wrong::Value, format!("rag.collections[{place}]"), wrong.message))
    };
    named.iter().enumerate().map(one).collect()
}

fn source((place, source): (usize, &Json)) -> Result<String, OpenAiError> {
    match source {
        Json::Text(name) if SOURCES.contains(&name.as_str()) => Ok(name.clone()),
        _ => Err(OpenAiError::new(Wrong::Value, format!("rag.sources[{place}]"), format!("it is one of {}", SOURCES.join(", ")))),
    }
}
