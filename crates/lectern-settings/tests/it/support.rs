//! Sources for tests.

use lectern_settings::{Flag, Settings, SettingsError, Sources};

/// Sources with a settings file of this text, and variables.
pub(crate) fn sources(file: &str, dot_env: &[(&str, &str)], environment: &[(&str, &str)]) -> Sources {
    let owned = |pairs: &[(&str, &str)]| pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Sources {
        file: (!file.is_empty()).then(|| ("lectern.toml".to_owned(), file.to_owned())),
        dot_env: owned(dot_env),
        environment: owned(environment),
        ..Sources::empty()
    }
}

/// Settings from a file alone.
pub(crate) fn from_file(text: &str) -> Result<Settings, SettingsError> {
    Settings::load(&sources(text, &[], &[]))
}

/// Settings from the environment alone.
pub(crate) fn from_env(environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    Settings::load(&sources("", &[], environment))
}

/// Settings from one flag alone.
pub(crate) fn from_flag(key: &'static str, value: &str) -> Result<Settings, SettingsError> {
    Settings::load(&Sources { flags: vec![Flag::new("--it", key, value)], ..Sources::empty() })
}

/// The value of a key as `lectern config show` prints it.
#[track_caller]
pub(crate) fn value(settings: &Settings, key: &str) -> String {
    settings.describe().into_iter().find(|entry| entry.key == key).expect("a key").value_text()
}
