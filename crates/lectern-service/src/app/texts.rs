//! The files of an operator's own that say what models are told.

use crate::{
    ServiceError,
    answer::Postprocessing,
    prompts::{Acronyms, Prompts},
};
use std::path::PathBuf;

/// Where they are; each may be left out.
#[derive(Debug, Clone, Default)]
pub struct TextFiles {
    /// A folder with `prompt_config.yml` and templates, instead of Lectern's own.
    pub prompts: Option<PathBuf>,
    /// A JSON file of acronyms.
    pub acronyms: Option<PathBuf>,
    /// A JSON file of what is not masked in answers.
    pub whitelist: Option<PathBuf>,
}

/// What they hold.
pub(super) struct Texts {
    pub(super) prompts: Prompts,
    pub(super) acronyms: Acronyms,
    pub(super) postprocessing: Postprocessing,
}

impl TextFiles {
    /// Reads them. Blocks.
    pub(super) fn read(&self) -> Result<Texts, ServiceError> {
        Ok(Texts {
            prompts: self.prompts.as_deref().map_or_else(Prompts::built_in, Prompts::open)?,
            acronyms: self.acronyms.as_deref().map(Acronyms::open).transpose()?.unwrap_or_default(),
            postprocessing: self.whitelist.as_deref().map_or_else(Postprocessing::without_list, Postprocessing::open)?,
        })
    }
}
