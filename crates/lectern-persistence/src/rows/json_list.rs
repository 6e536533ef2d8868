//! Lists of strings in JSON columns.

use crate::{DbError, types::JsonValue};
use serde_json::Value;

/// A list for a column: JSON's `null` where there is none.
pub(crate) fn to_json(list: Option<&[String]>) -> JsonValue {
    JsonValue(list.map_or(Value::Null, |items| items.iter().map(String::as_str).collect()))
}

/// The list of a column. SQL's NULL and JSON's `null` are none; items that are no strings are shown as JSON.
pub(crate) fn from_json(column: &'static str, value: Option<JsonValue>) -> Result<Option<Vec<String>>, DbError> {
    match value.map(|value| value.0) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(items)) => Ok(Some(items.into_iter().map(text).collect())),
        Some(_) => Err(DbError::Data(format!("{column} holds something else than a list"))),
    }
}

fn text(item: Value) -> String {
    match item {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
