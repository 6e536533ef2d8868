//! The settings file.

use crate::{Origin, SettingsError, keys, layer::Layer};

/// Reads the text of a settings file.
///
/// # Errors
/// Where it is not TOML, has a key that is not a setting, or a value that its key does not take.
pub(crate) fn layer(path: &str, text: &str) -> Result<Layer, SettingsError> {
    let table = text.parse::<toml::Table>().map_err(|error| SettingsError::Syntax {
        path: path.to_owned(),
        line: error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1),
        message: error.message().to_owned(),
    })?;
    let mut given = Vec::new();
    let origin = Origin::File(path.to_owned());
    for (name, value) in table {
        match value {
            toml::Value::Table(section) if keys::find(&name).is_none() => {
                // An empty section sets nothing, and must still be a section.
                let prefix = format!("{name}.");
                if section.is_empty() && !keys::KEYS.iter().any(|key| key.name.starts_with(&prefix)) {
                    return Err(unknown(name, &origin));
                }
                for (key, value) in section {
                    given.push((named(format!("{name}.{key}"), &origin)?, value));
                }
            }
            value => given.push((named(name, &origin)?, value)),
        }
    }
    // The first of two names of one key wins: names of earlier versions come last.
    given.sort_by_key(|(named, _)| named.former);
    let mut layer = Layer::default();
    for (named, value) in given {
        layer.set(named, value, origin.clone())?;
    }
    Ok(layer)
}

fn named(name: String, origin: &Origin) -> Result<keys::Named, SettingsError> {
    keys::find(&name).ok_or_else(|| unknown(name, origin))
}

fn unknown(name: String, origin: &Origin) -> SettingsError {
    SettingsError::UnknownKey { nearest: keys::nearest(&name), name, origin: origin.clone() }
}
