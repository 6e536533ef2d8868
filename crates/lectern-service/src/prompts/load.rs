//! Reading the configuration and its templates: Lectern's own, or a folder's.

use super::{
    Mode, Prompts, Sampling,
    config::{ConfigFile, Localized},
    mode::Texts,
    model_kind::ModelRule,
};
use crate::{ServiceError, data_file, error::with_causes};
use minijinja::Environment;
use std::{
    collections::BTreeSet,
    path::{Component, Path, PathBuf},
};

/// The name of the configuration file.
const CONFIG: &str = "prompt_config.yml";

/// The longest configuration or template, in bytes.
const MAX_BYTES: u64 = 1024 * 1024;

/// The most passages that a template is tried out with.
const TRIED_PASSAGES: usize = 20;

/// A file of Lectern's own.
macro_rules! built_in {
    ($name:literal) => {
        ($name, include_str!(concat!("../../prompts/", $name)))
    };
}

const BUILT_IN: [(&str, &str); 9] = [
    built_in!("prompt_config.yml"),
    built_in!("rag.fr.jinja"),
    built_in!("rag.en.jinja"),
    built_in!("meeting.fr.jinja"),
    built_in!("meeting.en.jinja"),
    built_in!("operators.fr.jinja"),
    built_in!("operators.en.jinja"),
    built_in!("analysis.fr.jinja"),
    built_in!("analysis.en.jinja"),
];

/// Where files come from: the folder, or Lectern's own.
struct Files<'a>(Option<&'a Path>);

impl Files<'_> {
    fn path(&self, name: &str) -> PathBuf {
        self.0.map_or_else(|| name.into(), |folder| folder.join(name))
    }

    fn read(&self, name: &str) -> Result<String, ServiceError> {
        match self.0 {
            Some(_) => data_file::read(&self.path(name), MAX_BYTES),
            None => {
                let found = BUILT_IN.iter().find(|(known, _)| *known == name);
                found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| self.wrong(name, "there is no such file"))
            }
        }
    }

    /// The template of that name, which stands below the folder.
    fn template(&self, name: &str) -> Result<String, ServiceError> {
        if Path::new(name).components().all(|part| matches!(part, Component::Normal(_))) {
            return self.read(name);
        }
        Err(self.wrong(CONFIG, format!("the template '{name}' is not named by a path below the folder")))
    }

    fn wrong(&self, name: &str, why: impl ToString) -> ServiceError {
        data_file::wrong(&self.path(name), why)
    }
}

impl Prompts {
    /// The prompts that Lectern comes with, in French and English.
    ///
    /// # Errors
    /// None in practice: a test reads them.
    pub fn built_in() -> Result<Self, ServiceError> {
        Self::read(&Files(None))
    }

    /// The prompts of a folder: `prompt_config.yml`, and the templates that it names, each of which is tried out. Blocks.
    ///
    /// # Errors
    /// [`ServiceError::DataFile`] where a file cannot be read, is not well formed, or fails: with the file, and the line or the key.
    pub fn open(folder: &Path) -> Result<Self, ServiceError> {
        Self::read(&Files(Some(folder)))
    }

    fn read(files: &Files<'_>) -> Result<Self, ServiceError> {
        // The line and the column do; a drawing of the place has no room in a message of one line.
        let options = serde_saphyr::options! { with_snippet: false };
        let config: ConfigFile =
            serde_saphyr::from_str_with_options(&files.read(CONFIG)?, options).map_err(|error| files.wrong(CONFIG, error))?;
        for key in config.unknown_keys() {
            tracing::warn!(key, "an unknown key in {CONFIG} is ignored");
        }
        let sampling = |at: &str, temperature, max_tokens| {
            let sampling = Sampling { temperature, max_tokens };
            sampling.check().map_err(|(key, why)| files.wrong(CONFIG, format!("{at}{key}: {why}")))?;
            Ok::<_, ServiceError>(sampling)
        };
        let kinds = config.models.into_iter().enumerate().map(|(index, entry)| {
            let sampling = sampling(&format!("models[{index}]."), entry.temperature, entry.max_tokens)?;
            Ok::<_, ServiceError>(ModelRule { kind: entry.model_kind, prompt_format: entry.prompt_format, sampling })
        });
        let mut prompts = Self {
            kinds: kinds.collect::<Result<_, _>>()?,
            templates: Environment::new(),
            sampling: sampling("", config.temperature, config.max_tokens)?,
            modes: Vec::with_capacity(config.prompts.len()),
        };
        for (index, entry) in config.prompts.into_iter().enumerate() {
            let at = format!("prompts[{index}].");
            if prompts.modes.iter().any(|mode| mode.name == entry.mode) {
                return Err(files.wrong(CONFIG, format!("{at}mode: '{}' is there twice", entry.mode)));
            }
            let texts = |key: &str, texts| texts_of(texts).ok_or_else(|| files.wrong(CONFIG, format!("{at}{key}: there is no text in it")));
            let mut mode = Mode {
                templates: texts("template", entry.template)?,
                system_prompts: entry.system_prompt.map(|prompt| texts("system_prompt", prompt)).transpose()?,
                name: entry.mode,
                limit: entry.default.and_then(|default| default.limit).filter(|&limit| limit > 0),
                sampling: sampling(&at, entry.temperature, entry.max_tokens)?,
                variables: BTreeSet::new(),
            };
            mode.variables = prompts.add_templates(files, &mode)?;
            prompts.modes.push(mode);
        }
        Ok(prompts)
    }

    /// Reads a mode's templates as far as they are not there yet, and tries them out; what they mention.
    fn add_templates(&mut self, files: &Files<'_>, mode: &Mode) -> Result<BTreeSet<String>, ServiceError> {
        let mut variables = BTreeSet::new();
        for name in mode.templates.all() {
            let wrong = |error: minijinja::Error| files.wrong(name, with_causes(&error));
            if self.templates.get_template(name).is_err() {
                self.templates.add_template_owned(name.to_owned(), files.template(name)?).map_err(wrong)?;
            }
            self.try_out(name, mode.limit(None).min(TRIED_PASSAGES)).map_err(wrong)?;
            variables.extend(self.templates.get_template(name).map_err(wrong)?.undeclared_variables(false));
        }
        Ok(variables)
    }
}

/// The texts, where there is at least one.
fn texts_of(localized: Localized) -> Option<Texts> {
    match localized {
        Localized::One(text) => Some(Texts::one(text)),
        Localized::Each(texts) => Texts::each(texts),
    }
}
