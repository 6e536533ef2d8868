//! What can be wrong with settings. No message carries a secret.

use crate::Origin;

/// What is wrong with the settings. Every message names the key or the file, and what would be right.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A key that is not a setting.
    #[error("{name} ({origin}) is not a setting{}; docs/configuration.md lists them all", hint(.nearest))]
    UnknownKey {
        /// The key as it was written: dotted, or the name of the variable.
        name: String,
        /// Where it was written.
        origin: Origin,
        /// The known key that looks most like it, in the same spelling.
        nearest: Option<String>,
    },
    /// A value that its key does not take.
    #[error("{key} ({origin}): expected {expected}{}", but(.found))]
    Value {
        /// The dotted key.
        key: String,
        /// Where the value was written.
        origin: Origin,
        /// What the key takes.
        expected: String,
        /// What was found; nothing where it could be a secret.
        found: Option<String>,
    },
    /// A secret is given twice in one place: itself and as a file.
    #[error("{key} and {key}_file are both set ({origin}): keep one of them")]
    Twice {
        /// The dotted key.
        key: String,
        /// Where both were written.
        origin: Origin,
    },
    /// Two settings contradict each other.
    #[error("{0}")]
    Contradiction(String),
    /// A file could not be read.
    #[error("{what} {path} cannot be read: {source}")]
    Read {
        /// Which file: "the settings file", "the file of auth.secret_key".
        what: String,
        /// Its path.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is not in its format. The parser's own error is left out, since it quotes the line, which may hold a secret.
    #[error("{path}, line {line}: {message}")]
    Syntax {
        /// The file.
        path: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
    /// An environment variable is not text.
    #[error("the environment variable {name} is not valid Unicode")]
    NotUnicode {
        /// The variable.
        name: String,
    },
    /// A value passed its check and still does not fit its field. The cause is left out, since it quotes the value.
    #[error("{key}: the value does not fit its setting")]
    Unfit {
        /// The dotted key, as far as it is known.
        key: String,
    },
}

fn hint(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|nearest| format!("; did you mean {nearest}?")).unwrap_or_default()
}

fn but(found: &Option<String>) -> String {
    found.as_ref().map(|found| format!(", found {found}")).unwrap_or_default()
}
