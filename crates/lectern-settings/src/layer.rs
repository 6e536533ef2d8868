//! One place that settings come from.

use crate::{
    Origin, SettingsError,
    check::check,
    keys::{Key, Kind, Named},
    text,
};
use config::{Map, Source, Value};
use std::{collections::BTreeMap, fmt};

/// The values of one place, checked.
#[derive(Clone, Default)]
pub(crate) struct Layer {
    values: BTreeMap<&'static str, Value>,
    pub(crate) origins: BTreeMap<&'static str, Origin>,
    /// The keys that came from a file of their own.
    from_file: BTreeMap<&'static str, bool>,
}

impl Layer {
    /// Sets a key that has no value in this layer yet from what a file or the environment says.
    ///
    /// # Errors
    /// Where the value is not what the key takes, the secret's file cannot be read, or a secret is given twice.
    pub(crate) fn set(&mut self, named: Named, value: toml::Value, origin: Origin) -> Result<(), SettingsError> {
        let Named { key, from_file, .. } = named;
        if let Some(earlier) = self.from_file.get(key.name) {
            // Two names of one variable: the earlier one wins. A secret and its file: nobody knows.
            return if *earlier == from_file { Ok(()) } else { Err(SettingsError::Twice { key: key.name.to_owned(), origin }) };
        }
        let value = if from_file { toml::Value::String(file_of(key, &value, &origin)?) } else { value };
        let found = shown(key.kind, &value);
        let checked = check(key.kind, value);
        let kind =
            checked.map_err(|expected| SettingsError::Value { key: key.name.to_owned(), origin: origin.clone(), expected, found })?;
        self.from_file.insert(key.name, from_file);
        self.put(key.name, Value::new(Some(&origin.to_string()), kind), origin);
        Ok(())
    }

    /// Sets a key from a text.
    ///
    /// # Errors
    /// As [`Layer::set`].
    pub(crate) fn set_text(&mut self, named: Named, value: &str, origin: Origin) -> Result<(), SettingsError> {
        let kind = if named.from_file { Kind::Path } else { named.key.kind };
        self.set(named, text::parse(kind, value), origin)
    }

    /// Sets a key to a value that needs no check.
    pub(crate) fn put(&mut self, key: &'static str, value: impl Into<Value>, origin: Origin) {
        self.values.insert(key, value.into());
        self.origins.insert(key, origin);
    }

    /// Whether it has a value for a key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// The text of a key.
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        self.values.get(key).and_then(|value| value.clone().into_string().ok())
    }
}

fn file_of(key: &Key, value: &toml::Value, origin: &Origin) -> Result<String, SettingsError> {
    let path = value.as_str().ok_or_else(|| SettingsError::Value {
        key: format!("{}_file", key.name),
        origin: origin.clone(),
        expected: "a path".to_owned(),
        found: None,
    })?;
    text::secret_file(key.name, path)
}

/// A value for an error message, where it cannot be a secret.
fn shown(kind: Kind, value: &toml::Value) -> Option<String> {
    let open = !kind.is_secret() && !matches!(kind, Kind::Endpoints | Kind::Url);
    open.then(|| value.to_string())
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, config::ConfigError> {
        Ok(self.values.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
    }
}

/// Keys only: values may be secrets.
impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}
