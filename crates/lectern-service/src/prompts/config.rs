//! The configuration file `prompt_config.yml`, as it is written.

use lectern_domain::language::Language;
use serde::{Deserialize, de::IgnoredAny};
use std::collections::BTreeMap;

/// Keys that nothing here knows.
pub(super) type Unknown = BTreeMap<String, IgnoredAny>;

/// The file.
#[derive(Debug, Deserialize)]
pub(super) struct ConfigFile {
    pub(super) temperature: Option<f64>,
    pub(super) max_tokens: Option<u32>,
    #[serde(default)]
    pub(super) models: Vec<ModelEntry>,
    #[serde(default)]
    pub(super) prompts: Vec<PromptEntry>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

/// An entry of `models`.
#[derive(Debug, Deserialize)]
pub(super) struct ModelEntry {
    pub(super) model_kind: String,
    pub(super) prompt_format: Option<String>,
    pub(super) temperature: Option<f64>,
    pub(super) max_tokens: Option<u32>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

/// An entry of `prompts`.
#[derive(Debug, Deserialize)]
pub(super) struct PromptEntry {
    pub(super) mode: String,
    pub(super) template: Localized,
    pub(super) system_prompt: Option<Localized>,
    pub(super) default: Option<Defaults>,
    pub(super) temperature: Option<f64>,
    pub(super) max_tokens: Option<u32>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

/// What a mode takes where the question does not say.
#[derive(Debug, Deserialize)]
pub(super) struct Defaults {
    pub(super) limit: Option<u32>,
    #[serde(flatten)]
    pub(super) unknown: Unknown,
}

/// A text for every language, or one for each.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "it takes a text, or texts by their languages: fr, en, de, es, it, pt")]
pub(super) enum Localized {
    One(String),
    Each(BTreeMap<Language, String>),
}

impl ConfigFile {
    /// The unknown keys, each with its way.
    pub(super) fn unknown_keys(&self) -> Vec<String> {
        fn named(unknown: &Unknown, at: &str) -> Vec<String> {
            unknown.keys().map(|key| format!("{at}{key}")).collect()
        }
        let mut keys = named(&self.unknown, "");
        for (index, model) in self.models.iter().enumerate() {
            keys.extend(named(&model.unknown, &format!("models[{index}].")));
        }
        for (index, prompt) in self.prompts.iter().enumerate() {
            keys.extend(named(&prompt.unknown, &format!("prompts[{index}].")));
            if let Some(default) = &prompt.default {
                keys.extend(named(&default.unknown, &format!("prompts[{index}].default.")));
            }
        }
        keys
    }
}
