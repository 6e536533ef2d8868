//! One way to turn a question into a prompt.

use super::{Prompts, Sampling};
use crate::{ServiceError, search::Found};
use lectern_domain::language::Language;
use minijinja::{Value, context};
use std::collections::{BTreeMap, BTreeSet};

/// The variable that asks for passages.
const PASSAGES: &str = "chunks_collection";

/// How many passages there are where neither the question nor the mode says.
const LIMIT: usize = 4;

/// A text for each of some languages, at least one.
#[derive(Debug, Clone)]
pub(super) struct Texts(BTreeMap<Language, String>);

impl Texts {
    /// The same text for all languages.
    pub(super) fn one(text: String) -> Self {
        Self(BTreeMap::from([(Language::Fr, text)]))
    }

    /// None without any text.
    pub(super) fn each(texts: BTreeMap<Language, String>) -> Option<Self> {
        (!texts.is_empty()).then_some(Self(texts))
    }

    /// The text of a language, else the English one, else the first there is.
    pub(super) fn of(&self, language: Language) -> &str {
        let found = self.0.get(&language).or_else(|| self.0.get(&Language::En)).or_else(|| self.0.values().next());
        found.map_or("", String::as_str)
    }

    /// The first text.
    pub(super) fn first(&self) -> &str {
        self.0.values().next().map_or("", String::as_str)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.0.values().map(String::as_str)
    }
}

/// A mode.
#[derive(Debug, Clone)]
pub struct Mode {
    pub(super) name: String,
    /// The names of the templates' files.
    pub(super) templates: Texts,
    pub(super) system_prompts: Option<Texts>,
    pub(super) limit: Option<u32>,
    pub(super) sampling: Sampling,
    /// What the templates mention, in the order of the alphabet.
    pub(super) variables: BTreeSet<String>,
}

/// What a template is filled with, besides passages.
#[derive(Debug, Clone, Default)]
pub struct Values {
    /// The question, its acronyms expanded.
    pub query: String,
    /// The chat's labels.
    pub operators: Vec<String>,
    /// The chat's labels.
    pub themes: Vec<String>,
    /// The stream's free text.
    pub context: String,
    /// The stream's free text.
    pub institution: String,
    /// The stream's free text.
    pub links: String,
}

impl Mode {
    /// Whether its templates mention passages: only then are any searched for.
    pub fn wants_passages(&self) -> bool {
        self.variables.contains(PASSAGES)
    }

    /// How many passages a question of this mode is given. Zero and less count as not said.
    pub fn limit(&self, asked: Option<i32>) -> usize {
        let asked = asked.and_then(|asked| usize::try_from(asked).ok()).filter(|&asked| asked > 0);
        asked.or(self.limit.map(|limit| limit as usize)).unwrap_or(LIMIT)
    }

    /// What the model is told first, in that language.
    pub fn system_prompt(&self, language: Language) -> Option<&str> {
        self.system_prompts.as_ref().map(|texts| texts.of(language))
    }
}

impl Prompts {
    /// The prompt of a question with its passages, in that language where the mode has it.
    ///
    /// # Errors
    /// [`ServiceError::Prompt`] where the template fails.
    pub fn render(
        &self,
        mode: &Mode,
        values: &Values,
        limit: usize,
        passages: &[Found],
        language: Language,
    ) -> Result<String, ServiceError> {
        let chunks: Vec<Value> = passages
            .iter()
            .map(|found| {
                let chunk = &found.chunk;
                context! { url => chunk.url.as_deref().unwrap_or_default(), title => chunk.title.as_str(), context => chunk.heading.as_str(), text => chunk.text.as_str() }
            })
            .collect();
        Ok(self.fill(mode.templates.of(language), values, limit, chunks)?)
    }

    /// Tries a template out, with words for everything that it may mention, so that one that fails is found now.
    pub(super) fn try_out(&self, template: &str, limit: usize) -> Result<(), minijinja::Error> {
        let word = || "word".to_owned();
        let values =
            Values { query: word(), operators: vec![word()], themes: vec![word()], context: word(), institution: word(), links: word() };
        let chunk = || context! { url => word(), title => word(), context => word(), text => word() };
        self.fill(template, &values, limit, (0..limit).map(|_| chunk()).collect()).map(drop)
    }

    fn fill(&self, template: &str, values: &Values, limit: usize, chunks: Vec<Value>) -> Result<String, minijinja::Error> {
        let Values { query, operators, themes, context, institution, links } = values;
        let filled = context! { query, limit, chunks_collection => chunks, operators, themes, context, institution, links };
        self.templates.get_template(template)?.render(filled)
    }
}
