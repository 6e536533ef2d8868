//! Where a value came from.

use serde::{Serialize, Serializer};
use std::fmt;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// Nobody set it, and `ENV=unittest` has a default of its own.
    UnittestDefault,
    /// The settings file, by its path.
    File(String),
    /// A variable of the `.env` file, by its name.
    DotEnv(String),
    /// `LECTERN__SECTION__KEY` in the environment.
    Env(String),
    /// Another name in the environment.
    Alias(String),
    /// A flag of the command line.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::UnittestDefault => f.write_str("default of ENV=unittest"),
            Self::File(path) => write!(f, "file {path}"),
            Self::DotEnv(name) => write!(f, ".env {name}"),
            Self::Env(name) => write!(f, "env {name}"),
            Self::Alias(name) => write!(f, "alias {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
