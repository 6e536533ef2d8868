//! Settings in variables: the process environment's or the `.env` file's.

use crate::{
    Origin, SettingsError,
    keys::{self, KEYS, Named, PREFIX},
    layer::Layer,
};
use std::collections::BTreeMap;

/// Variables by name.
pub(crate) type Variables = BTreeMap<String, String>;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The environment of the process.
    Process,
    /// The `.env` file.
    File,
}

/// Reads the settings among variables. One that is empty counts as not set.
///
/// # Errors
/// Where a variable that starts with `LECTERN__` is not a setting, or has a value that its key does not take.
pub(crate) fn layer(variables: &Variables, place: Place) -> Result<Layer, SettingsError> {
    let mut layer = Layer::default();
    let mut given = Vec::new();
    let own = |name: &str| if place == Place::Process { Origin::Env(name.to_owned()) } else { Origin::DotEnv(name.to_owned()) };
    for (name, value) in variables.iter().filter(|(name, _)| name.starts_with(PREFIX)) {
        let dotted = name[PREFIX.len()..].to_lowercase().replace("__", ".");
        let origin = own(name);
        let Some(named) = keys::find(&dotted) else {
            let nearest = keys::nearest(&dotted).map(|nearest| keys::variable(&nearest));
            return Err(SettingsError::UnknownKey { name: name.clone(), origin, nearest });
        };
        if !value.trim().is_empty() {
            given.push((named, value, origin));
        }
    }
    // The first of two names of one key wins: names of earlier versions come last.
    given.sort_by_key(|(named, ..)| named.former);
    for (named, value, origin) in given {
        layer.set_text(named, value, origin)?;
    }
    for key in KEYS {
        // Lectern's own name was read above, and wins.
        if layer.has(key.name) {
            continue;
        }
        for alias in key.aliases {
            let file = key.kind.is_secret().then(|| format!("{alias}_FILE"));
            for (name, from_file) in [Some((*alias).to_owned()), file].into_iter().flatten().zip([false, true]) {
                if let Some(value) = variables.get(&name).filter(|value| !value.trim().is_empty()) {
                    let origin = if place == Place::Process { Origin::Alias(name) } else { Origin::DotEnv(name) };
                    layer.set_text(Named { key, from_file, former: false }, value, origin)?;
                }
            }
            if layer.has(key.name) {
                break;
            }
        }
    }
    Ok(layer)
}

/// The names among the variables that the reference API reads and no setting takes.
pub(crate) fn not_used(variables: &Variables) -> impl Iterator<Item = &String> {
    variables.keys().filter(|name| {
        let matches = |pattern: &&str| pattern.strip_suffix('*').map_or(name == pattern, |start| name.starts_with(start));
        keys::NOT_USED.iter().any(matches)
    })
}
