//! The list of model endpoints.

use crate::{
    check::{api_path, expected, table, url},
    keys::Kind,
    text,
};
use config::{Value, ValueKind};

/// What the list looks like, for error messages.
pub(crate) const EXPECTED: &str = "a list of endpoints {url, key or key_file, api_path, models}, of which url is needed";

/// Checks a list of tables. An address alone stands for an endpoint of which nothing else is said.
///
/// # Errors
/// What is expected, with the endpoint's number (from 1); never a value, since it may be a key.
pub(crate) fn check(items: Vec<toml::Value>) -> Result<ValueKind, String> {
    let endpoints =
        items.into_iter().enumerate().map(|(at, item)| endpoint(item).map_err(|why| format!("{EXPECTED}; endpoint {}: {why}", at + 1)));
    endpoints.collect::<Result<Vec<_>, _>>().map(ValueKind::Array)
}

fn endpoint(item: toml::Value) -> Result<Value, String> {
    let fields = match item {
        toml::Value::String(address) => toml::Table::from_iter([("url".to_owned(), toml::Value::String(address))]),
        toml::Value::Table(fields) => fields,
        _ => return Err("neither a table nor an address".to_owned()),
    };
    let mut entries: Vec<(&'static str, Value)> = Vec::new();
    for (name, value) in fields {
        let (field, value) = match (name.as_str(), value) {
            ("url", toml::Value::String(text)) => {
                ("url", Value::new(None, url(&text).ok_or_else(|| format!("url is {}", expected(Kind::Url)))?))
            }
            ("key", toml::Value::String(text)) if !text.is_empty() => ("key", Value::new(None, text)),
            ("key_file", toml::Value::String(path)) => {
                ("key", Value::new(None, text::secret_file("llm.endpoints.key", &path).map_err(|why| why.to_string())?))
            }
            ("api_path", toml::Value::String(text)) => ("api_path", Value::new(None, api_path(&text))),
            ("models", toml::Value::Array(names)) => ("models", models(names)?),
            ("url" | "key" | "key_file" | "api_path", _) => return Err(format!("{name} is a text that is not empty")),
            ("models", _) => return Err("models is a list of texts".to_owned()),
            _ => return Err(format!("{name} is not one of them")),
        };
        if entries.iter().any(|(earlier, _)| *earlier == field) {
            return Err("key and key_file are both set".to_owned());
        }
        entries.push((field, value));
    }
    if !entries.iter().any(|(field, _)| *field == "url") {
        return Err("url is missing".to_owned());
    }
    Ok(table(entries))
}

fn models(names: Vec<toml::Value>) -> Result<Value, String> {
    let names =
        names.into_iter().map(|name| name.as_str().filter(|name| !name.trim().is_empty()).map(|name| Value::new(None, name.trim())));
    let names = names.collect::<Option<Vec<_>>>().ok_or_else(|| "models is a list of texts".to_owned())?;
    Ok(Value::new(None, ValueKind::Array(names)))
}
