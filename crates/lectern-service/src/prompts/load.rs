//! Reading the configuration and its templates: Lectern's own, or a folder's.

use super::{
    Mode, Prompts, Sampling,
    config::{ConfigFile, Localized},
    mode::Texts,
    model_kind::ModelRule,
};
use crate::{ServiceError, data_file};
use minijinja::Environment;
use std::{
    collections::BTreeSet,
    path::{Component, Path},
};

/// The name of the configuration file.
const CONFIG: &str = "prompt_config.yml";

/// The longest configuration or template, in bytes.
const MAX_BYTES: u64 = 1024 * 1024;

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

impl Prompts {
    /// The prompts that Lectern comes with, in French and English.
    ///
    /// # Errors
    /// None in practice: a test reads them.
    pub fn built_in() -> Result<Self, ServiceError> {
        Self::read(&|name| {
            let found = BUILT_IN.iter().find(|(known, _)| *known == name);
            found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| invalid(name, "there is no such file"))
        })
    }

    /// The prompts of a folder: `prompt_config.yml`, and the templates that it names. Blocks.
    ///
    /// # Errors
    /// [`ServiceError::DataFile`] where a file cannot be read or is not well formed.
    pub fn open(folder: &Path) -> Result<Self, ServiceError> {
        Self::read(&|name| {
            let plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
            if !plain {
                return Err(invalid(name, "a template is named by its path below the folder"));
            }
            data_file::read(&folder.join(name), MAX_BYTES)
        })
    }

    fn read(file: &dyn Fn(&str) -> Result<String, ServiceError>) -> Result<Self, ServiceError> {
        let text = file(CONFIG)?;
        let config: ConfigFile = serde_saphyr::from_str(&text).map_err(|error| invalid(CONFIG, error))?;
        for key in config.unknown_keys() {
            tracing::warn!(key, "an unknown key in {CONFIG} is ignored");
        }
        let kinds = config.models.into_iter().map(|entry| ModelRule {
            kind: entry.model_kind,
            prompt_format: entry.prompt_format,
            sampling: Sampling { temperature: entry.temperature, max_tokens: entry.max_tokens },
        });
        let kinds = kinds.collect();
        let mut templates = Environment::new();
        let mut modes: Vec<Mode> = Vec::with_capacity(config.prompts.len());
        for entry in config.prompts {
            if modes.iter().any(|mode| mode.name == entry.mode) {
                return Err(invalid(CONFIG, format!("the mode '{}' is there twice", entry.mode)));
            }
            let names = texts(entry.template, &entry.mode)?;
            let mut variables = BTreeSet::new();
            for name in names.all() {
                if templates.get_template(name).is_err() {
                    templates.add_template_owned(name.to_owned(), file(name)?).map_err(|error| invalid(name, error))?;
                }
                variables.extend(templates.get_template(name)?.undeclared_variables(false));
            }
            modes.push(Mode {
                templates: names,
                system_prompts: entry.system_prompt.map(|prompt| texts(prompt, &entry.mode)).transpose()?,
                name: entry.mode,
                limit: entry.default.and_then(|default| default.limit).filter(|&limit| limit > 0),
                sampling: Sampling { temperature: entry.temperature, max_tokens: entry.max_tokens },
                variables,
            });
        }
        Ok(Self { templates, sampling: Sampling { temperature: config.temperature, max_tokens: config.max_tokens }, kinds, modes })
    }
}

fn texts(localized: Localized, mode: &str) -> Result<Texts, ServiceError> {
    match localized {
        Localized::One(text) => Ok(Texts::one(text)),
        Localized::Each(texts) => Texts::each(texts).ok_or_else(|| invalid(CONFIG, format!("the mode '{mode}' lacks a text"))),
    }
}

fn invalid(name: &str, why: impl ToString) -> ServiceError {
    ServiceError::DataFile { path: name.into(), why: why.to_string() }
}
