//! Whether a value is what its key takes.

use crate::{DatabaseUrl, database_url, endpoints, keys::Kind};
use config::{Map, Value, ValueKind};
use std::net::{IpAddr, SocketAddr};

/// What stands for no address at all; in a file, an empty text does too.
pub(crate) const OFF: &str = "off";

/// Checks a value as a TOML file gives it and turns it into `config`'s form.
///
/// # Errors
/// What the kind expects.
pub(crate) fn check(kind: Kind, value: toml::Value) -> Result<ValueKind, String> {
    let expected = || expected(kind);
    match (kind, value) {
        (Kind::Integer { min, max }, toml::Value::Integer(number)) if (min..=max).contains(&number) => Ok(ValueKind::I64(number)),
        (Kind::Boolean, toml::Value::Boolean(yes)) => Ok(ValueKind::Boolean(yes)),
        (Kind::Networks, toml::Value::Array(items)) => texts(items, is_network).ok_or_else(expected),
        (Kind::Origins, toml::Value::Array(items)) => texts(items, is_origin).ok_or_else(expected),
        (Kind::ApiPaths, toml::Value::Array(items)) => texts(items, is_passed_path).ok_or_else(expected),
        (Kind::Names, toml::Value::Array(items)) => texts(items, |text| !text.is_empty()).ok_or_else(expected),
        (Kind::Endpoints, toml::Value::Array(items)) => endpoints::check(items),
        // Blanks may be part of a secret.
        (Kind::Secret, toml::Value::String(text)) if !text.is_empty() => Ok(ValueKind::String(text)),
        (kind, toml::Value::String(text)) => checked_text(kind, text.trim()).map(ValueKind::String).ok_or_else(expected),
        _ => Err(expected()),
    }
}

fn checked_text(kind: Kind, text: &str) -> Option<String> {
    let kept = match kind {
        Kind::Text | Kind::Path => !text.is_empty(),
        Kind::OneOf(words) => words.contains(&text),
        Kind::Address => text.parse::<SocketAddr>().is_ok(),
        Kind::AddressOrOff => text.parse::<SocketAddr>().is_ok() || text == OFF || text.is_empty(),
        Kind::Url => return url(text),
        Kind::ApiPath => return Some(api_path(text)),
        Kind::DatabaseUrl => return DatabaseUrl::parse(text).map(|url| url.expose().to_owned()),
        _ => false,
    };
    kept.then(|| text.to_owned())
}

/// What a kind expects, in words.
pub(crate) fn expected(kind: Kind) -> String {
    match kind {
        Kind::Text | Kind::Secret => "a text that is not empty".to_owned(),
        Kind::Path => "a path".to_owned(),
        Kind::Integer { min, max } => format!("a whole number from {min} to {max}"),
        Kind::Boolean => "true or false".to_owned(),
        Kind::OneOf(words) => match words {
            [one] => format!("\"{one}\""),
            _ => format!("one of {}", words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")),
        },
        Kind::Address => "an IP address and a port such as 127.0.0.1:8080".to_owned(),
        Kind::AddressOrOff => "an IP address and a port such as 127.0.0.1:9464, or off".to_owned(),
        Kind::Url => "an address such as http://127.0.0.1:8000, without credentials".to_owned(),
        Kind::ApiPath => "a path such as /v1".to_owned(),
        Kind::DatabaseUrl => database_url::EXPECTED.to_owned(),
        Kind::Networks => "a list of IP addresses and networks such as 10.0.0.0/8".to_owned(),
        Kind::Origins => "a list of origins such as https://app.example.org".to_owned(),
        Kind::ApiPaths => "a list of paths such as rerank or audio/speech; models and chat/completions have routes of their own".to_owned(),
        Kind::Names => "a list of names".to_owned(),
        Kind::Endpoints => endpoints::EXPECTED.to_owned(),
    }
}

fn texts(items: Vec<toml::Value>, valid: impl Fn(&str) -> bool) -> Option<ValueKind> {
    let items = items.into_iter().map(|item| match item {
        toml::Value::String(text) if valid(text.trim()) => Some(Value::new(None, text.trim())),
        _ => None,
    });
    items.collect::<Option<Vec<_>>>().map(ValueKind::Array)
}

fn is_network(text: &str) -> bool {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let most = if address.is_ipv4() { 32 } else { 128 };
    bits.is_none_or(|bits| bits.parse::<u8>().is_ok_and(|bits| bits <= most))
}

fn is_origin(text: &str) -> bool {
    url(text).is_some_and(|url| url == text && url.matches('/').count() == 2)
}

/// A path below an API's address: words of letters, digits and `-_.` between slashes, none of which leads up or stays. The paths that
/// have routes of their own are none.
fn is_passed_path(text: &str) -> bool {
    let plain = |word: &str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    let word = |word: &str| !word.is_empty() && word.bytes().any(|byte| byte != b'.') && plain(word);
    let own = text == "chat/completions" || text.split('/').next() == Some("models");
    text.split('/').all(word) && !own
}

/// An `http` or `https` address without credentials, query and fragment; a slash at its end is dropped.
pub(crate) fn url(text: &str) -> Option<String> {
    let text = text.trim();
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"))?;
    let host = rest.split('/').next().filter(|host| !host.is_empty())?;
    let clean = !host.contains('@') && !rest.contains(['?', '#']) && !rest.contains(char::is_whitespace);
    clean.then(|| text.trim_end_matches('/').to_owned())
}

/// The path of an API: empty, or with a slash at the start and none at the end.
pub(crate) fn api_path(text: &str) -> String {
    let inner = text.trim().trim_matches('/');
    if inner.is_empty() { String::new() } else { format!("/{inner}") }
}

/// A table for `config`.
pub(crate) fn table(entries: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::new(None, ValueKind::Table(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Map<_, _>>()))
}
