//! The prompts' configuration as clients are told of it.

use super::{MAX_TOKENS, Prompts, Sampling, TEMPERATURE};

/// What holds for a kind of models.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelKindDescription {
    /// The kind: a name, or with a star at its end the beginning of names.
    pub model_kind: String,
    /// The form of prompts that it was trained on.
    pub prompt_format: Option<String>,
    /// Its own sampling parameters.
    pub sampling: Sampling,
}

/// A mode.
#[derive(Debug, Clone, PartialEq)]
pub struct ModeDescription {
    /// Its name.
    pub mode: String,
    /// The file of its template, of the first language where there are several.
    pub template: String,
    /// How many passages it takes unless the question says.
    pub limit: Option<u32>,
    /// What the model is told first, in the first language.
    pub system_prompt: Option<String>,
    /// Its own sampling parameters.
    pub sampling: Sampling,
    /// What its templates mention, in the order of the alphabet.
    pub variables: Vec<String>,
}

/// All of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptsDescription {
    /// The sampling parameters of all models and modes that have none of their own.
    pub sampling: Sampling,
    /// The kinds of models.
    pub kinds: Vec<ModelKindDescription>,
    /// The modes, in the order of the file.
    pub modes: Vec<ModeDescription>,
}

impl Prompts {
    /// The configuration in force.
    pub fn describe(&self) -> PromptsDescription {
        let kinds = self.kinds.iter().map(|rule| ModelKindDescription {
            model_kind: rule.kind.clone(),
            prompt_format: rule.prompt_format.clone(),
            sampling: rule.sampling,
        });
        let modes = self.modes.iter().map(|mode| ModeDescription {
            mode: mode.name.clone(),
            template: mode.templates.first().to_owned(),
            limit: mode.limit,
            system_prompt: mode.system_prompts.as_ref().map(|texts| texts.first().to_owned()),
            sampling: mode.sampling,
            variables: mode.variables.iter().cloned().collect(),
        });
        let sampling = Sampling {
            temperature: Some(self.sampling.temperature.unwrap_or(TEMPERATURE)),
            max_tokens: Some(self.sampling.max_tokens.unwrap_or(MAX_TOKENS)),
        };
        PromptsDescription { sampling, kinds: kinds.collect(), modes: modes.collect() }
    }
}
