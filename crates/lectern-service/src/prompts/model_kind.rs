//! Which models a rule is for.

use super::Sampling;

/// What holds for a kind of models.
#[derive(Debug, Clone)]
pub(super) struct ModelRule {
    /// The kind: a name, or with a star at its end the beginning of names.
    pub(super) kind: String,
    /// The form of prompts that it was trained on; told to clients, without effect here.
    pub(super) prompt_format: Option<String>,
    pub(super) sampling: Sampling,
}

impl ModelRule {
    /// Whether it is for the model of that name. What is before the last slash, its owner, does not count.
    pub(super) fn matches(&self, model: &str) -> bool {
        let name = model.rsplit('/').next().unwrap_or(model);
        match self.kind.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => name == self.kind,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: &str, model: &str, expect: bool) {
        let rule = ModelRule { kind: kind.to_owned(), prompt_format: None, sampling: Sampling::default() };
        assert_eq!(rule.matches(model), expect, "{kind} {model}");
    }

    #[test]
    fn a_star_stands_for_any_ending() {
        check("gemma*", "google/gemma-2-9b-it", true);
        check("gemma*", "gemma", true);
        check("gemma*", "gemma-team/llama", false);
        check("gemma*", "codegemma", false);
        check("albert", "AgentPublic/albert", true);
        check("albert", "albert-light", false);
    }
}
