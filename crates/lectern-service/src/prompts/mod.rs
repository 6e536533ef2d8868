//! What models are told: modes with their templates and system prompts, the limits of kinds of models, and acronyms.
//!
//! All of it comes from a configuration file with templates beside it (`docs/prompts.md`): Lectern's own, in French and English, or those
//! of the folder that the settings name, in the reference's format.

mod acronyms;
mod config;
mod describe;
mod load;
mod mode;
mod model_kind;

pub use acronyms::Acronyms;
pub use describe::{ModeDescription, ModelKindDescription, PromptsDescription};
pub use mode::{Mode, Values};

use self::model_kind::ModelRule;
use minijinja::Environment;

/// Sampling parameters, where they are given.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sampling {
    /// How random an answer is.
    pub temperature: Option<f64>,
    /// The tokens that prompt and answer may have together.
    pub max_tokens: Option<u32>,
}

impl Sampling {
    /// The key that is out of bounds, and why.
    fn check(&self) -> Result<(), (&'static str, String)> {
        if let Some(temperature) = self.temperature.filter(|temperature| !(0.0..=2.0).contains(temperature)) {
            return Err(("temperature", format!("{temperature} is not between 0 and 2")));
        }
        match self.max_tokens {
            Some(0) => Err(("max_tokens", "0 leaves no room for a prompt".to_owned())),
            _ => Ok(()),
        }
    }
}

/// The temperature where the configuration has none.
const TEMPERATURE: f64 = 0.3;

/// The tokens that a model takes where the configuration does not say.
const MAX_TOKENS: u32 = 8192;

/// The prompts' configuration, made once at start.
#[derive(Debug)]
pub struct Prompts {
    templates: Environment<'static>,
    sampling: Sampling,
    kinds: Vec<ModelRule>,
    modes: Vec<Mode>,
}

impl Prompts {
    /// The mode of a name.
    pub fn mode(&self, name: &str) -> Option<&Mode> {
        self.modes.iter().find(|mode| mode.name == name)
    }

    /// The temperature of answers where nobody chose one.
    pub fn temperature(&self) -> f64 {
        self.sampling.temperature.unwrap_or(TEMPERATURE)
    }

    /// The tokens that prompt and answer may have together: those of the mode, else those of the kind of model (which count with a mode
    /// alone, as in the reference), else those of all.
    pub fn max_tokens(&self, model: &str, mode: Option<&Mode>) -> u32 {
        let of_kind = || self.kinds.iter().find(|rule| rule.matches(model)).and_then(|rule| rule.sampling.max_tokens);
        let special = mode.and_then(|mode| mode.sampling.max_tokens.or_else(of_kind));
        special.or(self.sampling.max_tokens).unwrap_or(MAX_TOKENS)
    }
}
