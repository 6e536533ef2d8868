//! Everything that settings come from, as a snapshot.

use crate::{
    SettingsError,
    environment::Variables,
    keys::{KEYS, PREFIX},
};
use std::{fmt, io::ErrorKind, path::Path};

/// The settings file where no other is named.
const FILE: &str = "lectern.toml";

/// A flag of the command line that sets a key.
#[derive(Clone)]
pub struct Flag {
    name: String,
    key: &'static str,
    value: String,
}

impl Flag {
    /// `Flag::new("--listen", "http.listen", "127.0.0.1:0")`. The name is for people; the key is dotted.
    pub fn new(name: impl Into<String>, key: &'static str, value: impl Into<String>) -> Self {
        Self { name: name.into(), key, value: value.into() }
    }

    pub(crate) fn parts(&self) -> (&str, &'static str, &str) {
        (&self.name, self.key, &self.value)
    }
}

/// Everything that settings come from. [`Sources::of_process`] is what a program wants; tests fill one in.
#[derive(Clone)]
pub struct Sources {
    /// The settings file's path, for messages, and its text; none where there is none.
    pub file: Option<(String, String)>,
    /// The variables of the `.env` file.
    pub dot_env: Variables,
    /// The variables of the process.
    pub environment: Variables,
    /// Flags of the command line.
    pub flags: Vec<Flag>,
    /// The number of cores that this process may use.
    pub cores: u16,
}

impl Sources {
    /// Takes the snapshot: `config`, or else `lectern.toml` in the working directory where there is one; `.env` in the working directory
    /// where there is one; the environment; and the flags.
    ///
    /// # Errors
    /// Where a file cannot be read or `.env` is not in its format, or one of Lectern's variables is not valid Unicode.
    pub fn of_process(config: Option<&Path>, flags: Vec<Flag>) -> Result<Self, SettingsError> {
        let file = match config {
            Some(path) => Some(read(path)?.ok_or_else(|| unreadable(path, ErrorKind::NotFound.into()))?),
            None => read(Path::new(FILE))?,
        };
        Ok(Self {
            file,
            dot_env: dot_env(Path::new(".env"))?,
            environment: snapshot()?,
            flags,
            cores: std::thread::available_parallelism().map_or(1, |cores| u16::try_from(cores.get()).unwrap_or(u16::MAX)),
        })
    }

    /// No file, no variables, no flags, one core: defaults alone.
    pub fn empty() -> Self {
        Self { file: None, dot_env: Variables::new(), environment: Variables::new(), flags: Vec::new(), cores: 1 }
    }
}

/// What there is, without values: they may be secrets.
impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources")
            .field("file", &self.file.as_ref().map(|(path, _)| path))
            .field("dot_env", &self.dot_env.keys())
            .field("environment", &self.environment.keys())
            .field("flags", &self.flags.iter().map(|flag| flag.key).collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

fn read(path: &Path) -> Result<Option<(String, String)>, SettingsError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some((path.display().to_string(), text))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(path, error)),
    }
}

fn unreadable(path: &Path, source: std::io::Error) -> SettingsError {
    SettingsError::Read { what: "the settings file".to_owned(), path: path.display().to_string(), source }
}

/// Reads a `.env` file; none where there is none. The last of two lines for one name counts.
pub(crate) fn dot_env(path: &Path) -> Result<Variables, SettingsError> {
    let shown = path.display().to_string();
    let refused = |error: dotenvy::Error| match error {
        dotenvy::Error::Io(source) => SettingsError::Read { what: "the file".to_owned(), path: shown.clone(), source },
        // The error quotes the line, so only its place is told.
        dotenvy::Error::LineParse(line, _) => {
            SettingsError::Syntax { path: shown.clone(), line: line_of(path, &line), message: "expected NAME=value".to_owned() }
        }
        _ => SettingsError::Syntax { path: shown.clone(), line: 1, message: "expected lines of NAME=value".to_owned() },
    };
    match dotenvy::from_path_iter(path) {
        Ok(lines) => lines.collect::<Result<Variables, _>>().map_err(refused),
        Err(error) if error.not_found() => Ok(Variables::new()),
        Err(error) => Err(refused(error)),
    }
}

/// The number of a line that the parser gave back, from 1.
fn line_of(path: &Path, line: &str) -> usize {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let first = line.lines().next().unwrap_or_default().trim();
    text.lines().position(|candidate| candidate.trim() == first).map_or(1, |at| at + 1)
}

/// The environment, read once. Variables of others that are not valid Unicode are passed by.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn snapshot() -> Result<Variables, SettingsError> {
    let mut variables = Variables::new();
    for (name, value) in std::env::vars_os() {
        let Ok(name) = name.into_string() else { continue };
        match value.into_string() {
            Ok(value) => {
                variables.insert(name, value);
            }
            Err(_) if name.starts_with(PREFIX) || KEYS.iter().any(|key| key.aliases.contains(&name.as_str())) => {
                return Err(SettingsError::NotUnicode { name });
            }
            Err(_) => {}
        }
    }
    Ok(variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot_env_of(text: &str) -> Result<Variables, SettingsError> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(".env");
        std::fs::write(&path, text).expect("a file");
        dot_env(&path)
    }

    #[test]
    fn a_dot_env_file_has_comments_quotes_and_exports() {
        let read =
            dot_env_of("# a comment\nENV=prod\nexport SECRET_KEY='a b'\nLECTERN__LOG__LEVEL=\"debug\"\nENV=dev\n").expect("variables");
        let expect = [("ENV", "dev"), ("LECTERN__LOG__LEVEL", "debug"), ("SECRET_KEY", "a b")];
        assert_eq!(read, expect.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    }

    #[test]
    fn a_missing_dot_env_file_sets_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(dot_env(&folder.path().join(".env")).expect("variables"), Variables::new());
    }

    #[test]
    fn a_bad_line_is_told_by_its_number_alone() {
        let error = dot_env_of("ENV=dev\n\nSECRET_KEY='hunter2\n").expect_err("an error");
        assert!(format!("{error}").ends_with(".env, line 3: expected NAME=value"), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn a_settings_file_that_is_named_must_be_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("none.toml");
        let error = Sources::of_process(Some(&path), Vec::new()).expect_err("an error").to_string();
        assert!(error.starts_with(&format!("the settings file {} cannot be read: ", path.display())), "{error}");
        std::fs::write(&path, "env = \"prod\"").expect("a file");
        let sources = Sources::of_process(Some(&path), Vec::new()).expect("sources");
        assert_eq!(sources.file.map(|(_, text)| text).as_deref(), Some("env = \"prod\""));
        assert!(sources.cores >= 1 && !sources.environment.is_empty());
    }
}
