//! Values that are written as text: in variables, in flags, and in files of their own.

use crate::{SettingsError, keys::Kind, literal};
use std::{fs::File, io::Read as _};

/// The largest file that holds a secret, in bytes.
const SECRET_FILE_BYTES: u64 = 64 * 1024;

/// Reads a text in the form that a TOML file would have it in; what it cannot read stays a text, for the check to refuse.
pub(crate) fn parse(kind: Kind, text: &str) -> toml::Value {
    if kind == Kind::Secret {
        // Blanks may be part of it.
        return toml::Value::String(text.to_owned());
    }
    let text = text.trim();
    let list = |texts: Vec<String>| toml::Value::Array(texts.into_iter().map(toml::Value::String).collect());
    let read = match kind {
        Kind::Integer { .. } => text.parse().ok().map(toml::Value::Integer),
        Kind::Boolean => match text.to_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(toml::Value::Boolean(true)),
            "false" | "0" | "no" | "off" => Some(toml::Value::Boolean(false)),
            _ => None,
        },
        Kind::Networks | Kind::Origins | Kind::ApiPaths | Kind::Names => literal::list(text).map(list),
        Kind::Endpoints => literal::list(text).map(list).filter(|_| !text.contains('{')).or_else(|| serde_json::from_str(text).ok()),
        _ => None,
    };
    read.unwrap_or_else(|| toml::Value::String(text.to_owned()))
}

/// Reads the secret that a file holds; line ends at its end are no part of it.
///
/// # Errors
/// [`SettingsError::Read`] where the file cannot be read, is empty, is larger than 64 KiB or is not UTF-8.
pub(crate) fn secret_file(key: &str, path: &str) -> Result<String, SettingsError> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(SECRET_FILE_BYTES + 1).read_to_string(&mut text));
    let secret = text.trim_end_matches(['\r', '\n']);
    let read = read.and_then(|_| match secret {
        "" => Err(std::io::Error::other("it is empty")),
        _ if text.len() as u64 > SECRET_FILE_BYTES => Err(std::io::Error::other("it is larger than 64 KiB")),
        _ => Ok(secret.to_owned()),
    });
    read.map_err(|source| SettingsError::Read { what: format!("the file of {key}"), path: path.to_owned(), source })
}
