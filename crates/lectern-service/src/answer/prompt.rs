//! From a question and its passages to the messages that a model is given.

use crate::{ServiceError, search::Found};
use lectern_domain::language::Language;
use lectern_llm::{Message, Role};
use minijinja::{Environment, Value, context};

/// The mode that answers from documents.
pub(super) const RAG: &str = "rag";

/// How many passages a mode takes unless the question says otherwise.
const LIMIT: i32 = 7;

/// The prompts' templates, by mode.
pub struct Prompts {
    templates: Environment<'static>,
}

impl Prompts {
    /// The prompts that Lectern comes with, in French and English.
    ///
    /// # Errors
    /// [`ServiceError::Prompt`] where a template is not well formed.
    pub fn built_in() -> Result<Self, ServiceError> {
        let mut templates = Environment::new();
        templates.add_template("rag.fr", include_str!("../../prompts/rag.fr.jinja"))?;
        templates.add_template("rag.en", include_str!("../../prompts/rag.en.jinja"))?;
        Ok(Self { templates })
    }

    /// Whether there is such a mode.
    pub fn has(&self, mode: &str) -> bool {
        mode == RAG
    }

    /// How many passages a question of this mode is given.
    pub fn limit(&self, asked: Option<i32>) -> usize {
        usize::try_from(asked.unwrap_or(LIMIT)).unwrap_or(0)
    }

    /// The prompt of a question with its passages: in French for French documents, else in English.
    ///
    /// # Errors
    /// [`ServiceError::Prompt`] where the template fails.
    pub fn render(&self, query: &str, passages: &[Found], language: Language) -> Result<String, ServiceError> {
        let template = if language == Language::Fr { "rag.fr" } else { "rag.en" };
        let chunks: Vec<Value> = passages
            .iter()
            .map(|found| {
                let chunk = &found.chunk;
                context! { url => chunk.url.as_deref().unwrap_or_default(), title => chunk.title.as_str(), context => chunk.heading.as_str(), text => chunk.text.as_str() }
            })
            .collect();
        Ok(self.templates.get_template(template)?.render(context! { query, limit => chunks.len(), chunks_collection => chunks })?)
    }
}

/// The conversation with its last question replaced by the prompt; neighbours of the same role become one message.
pub(super) fn conversation(mut history: Vec<Message>, prompt: String) -> Vec<Message> {
    history.push(Message { role: Role::User, content: prompt });
    let mut messages: Vec<Message> = Vec::with_capacity(history.len());
    for message in history {
        match messages.last_mut() {
            Some(last) if last.role == message.role => {
                last.content.push_str("\n\n---\n\n");
                last.content.push_str(&message.content);
            }
            _ => messages.push(message),
        }
    }
    if messages.first().is_some_and(|first| first.role == Role::Assistant) {
        messages.insert(0, Message { role: Role::User, content: String::new() });
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(role: Role, content: &str) -> Message {
        Message { role, content: content.to_owned() }
    }

    #[test]
    fn neighbours_of_one_role_become_one_message() {
        let history = vec![message(Role::User, "a"), message(Role::User, "b"), message(Role::Assistant, "c")];
        let expect = vec![message(Role::User, "a\n\n---\n\nb"), message(Role::Assistant, "c"), message(Role::User, "d")];
        assert_eq!(conversation(history, "d".to_owned()), expect);
    }

    #[test]
    fn a_conversation_starts_with_its_user() {
        let messages = conversation(vec![message(Role::Assistant, "a")], "b".to_owned());
        assert_eq!(messages[0], message(Role::User, ""));
    }

    #[test]
    fn both_templates_render_without_passages() {
        let prompts = Prompts::built_in().expect("the templates are well formed");
        for language in [Language::Fr, Language::De] {
            let prompt = prompts.render("Pourquoi ?", &[], language).expect("it renders");
            assert!(prompt.ends_with("Pourquoi ?"), "{prompt}");
        }
    }
}
