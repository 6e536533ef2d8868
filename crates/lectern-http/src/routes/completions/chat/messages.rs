//! The messages of a chat completion.

use super::schema::{Kind, check, value};
use crate::{
    openai::{OpenAiError, Wrong},
    validate::json::{Json, Object},
};
use lectern_service::completions::Turn;
use serde_json::{Map, Value};

/// The fields of a message that are passed on besides `role` and `content`.
pub(super) const FIELDS: [(&str, Kind); 7] = [
    ("name", Kind::Text),
    ("tool_calls", Kind::List),
    ("tool_call_id", Kind::Text),
    ("function_call", Kind::Object),
    ("refusal", Kind::Text),
    ("reasoning_content", Kind::Text),
    ("audio", Kind::Object),
];

/// The messages as they are passed on, and as far as this server understands them.
pub(super) fn read(messages: Option<&Json>) -> Result<(Value, Vec<Turn>), OpenAiError> {
    let items = match messages {
        None => return Err(OpenAiError::new(Wrong::Missing, "messages", "")),
        Some(Json::List(items)) if items.is_empty() => return Err(OpenAiError::new(Wrong::Value, "messages", "there is none")),
        Some(Json::List(items)) => items,
        Some(_) => return Err(OpenAiError::new(Wrong::Type, "messages", "a list of messages")),
    };
    let (mut passed, mut turns) = (Vec::with_capacity(items.len()), Vec::with_capacity(items.len()));
    for (place, item) in items.iter().enumerate() {
        let at = format!("messages[{place}]");
        let Json::Object(item) = item else { return Err(OpenAiError::new(Wrong::Type, at, "an object")) };
        let (message, turn) = message(item, &at)?;
        passed.push(Value::Object(message));
        turns.push(turn);
    }
    Ok((Value::Array(passed), turns))
}

fn message(item: &Object, at: &str) -> Result<(Map<String, Value>, Turn), OpenAiError> {
    let role = match item.get("role") {
        None => return Err(OpenAiError::new(Wrong::Missing, format!("{at}.role"), "")),
        Some(Json::Text(role)) if !role.is_empty() => role.clone(),
        Some(_) => return Err(OpenAiError::new(Wrong::Type, format!("{at}.role"), "a string")),
    };
    let mut passed = Map::new();
    passed.insert("role".to_owned(), Value::String(role.clone()));
    let mut text = None;
    match item.get("content") {
        // An assistant that calls tools says nothing.
        None | Some(Json::Null) if role == "assistant" => {}
        None => return Err(OpenAiError::new(Wrong::Missing, format!("{at}.content"), "")),
        Some(Json::Text(content)) => text = Some(content.clone()),
        Some(Json::List(parts)) => {
            parts.iter().enumerate().try_for_each(|(place, part)| check_part(part, &format!("{at}.content[{place}]")))?
        }
        Some(_) => return Err(OpenAiError::new(Wrong::Type, format!("{at}.content"), "a string or a list of parts")),
    }
    if let Some(content) = item.get("content") {
        passed.insert("content".to_owned(), value(content)?);
    }
    for (name, kind) in FIELDS {
        if let Some(given) = item.get(name) {
            check(kind, given, &format!("{at}.{name}"))?;
            passed.insert(name.to_owned(), value(given)?);
        }
    }
    Ok((passed, Turn { role, text }))
}

/// A part of a message that is more than text: an image, a sound. Only the endpoint knows which it takes.
fn check_part(part: &Json, at: &str) -> Result<(), OpenAiError> {
    let Json::Object(part) = part else { return Err(OpenAiError::new(Wrong::Type, at, "an object")) };
    let is_text = match part.get("type") {
        None => return Err(OpenAiError::new(Wrong::Missing, format!("{at}.type"), "")),
        Some(Json::Text(kind)) => kind == "text",
        Some(_) => return Err(OpenAiError::new(Wrong::Type, format!("{at}.type"), "a string")),
    };
    match part.get("text") {
        None if is_text => Err(OpenAiError::new(Wrong::Missing, format!("{at}.text"), "")),
        Some(Json::Text(_)) => Ok(()),
        Some(_) if is_text => Err(OpenAiError::new(Wrong::Type, format!("{at}.text"), "a string")),
        _ => Ok(()),
    }
}
