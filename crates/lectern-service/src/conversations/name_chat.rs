//! Naming a chat after its first question, in the background.

use crate::{
    ServiceError,
    app::App,
    jobs::{JobError, Policy},
};
use lectern_corpus::detect;
use lectern_domain::{
    ids::{ChatId, StreamId},
    language::Language,
};
use lectern_llm::{ChatRequest, Message, Role, extractive::EXTRACTIVE_MODEL};
use lectern_persistence::{
    DbError, WriteKind,
    repo::{chats, streams},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How many words of a question a model is given.
const WORDS: usize = 512;

/// How many words a name has.
const NAME_WORDS: usize = 8;

/// The longest name, in characters; a model that does not do as it is told says more.
const NAME_CHARS: usize = 120;

/// How random a name may be.
const TEMPERATURE: f64 = 0.2;

/// A chat that has no name, and its first question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameChat {
    /// The chat.
    pub chat: ChatId,
    /// The stream whose question it is named after.
    pub stream: StreamId,
}

impl NameChat {
    /// Three attempts, two seconds apart, as the reference makes them.
    pub(crate) const POLICY: Policy =
        Policy { attempts: 3, first_wait: Duration::from_secs(2), longest_wait: Duration::from_secs(2), timeout: Duration::from_secs(120) };

    /// Asks the stream's model for a name, and gives it to the chat unless that has one by now.
    pub(crate) async fn run(self, app: &App) -> Result<(), JobError> {
        let Self { chat, stream } = self;
        let found = app.bridge.read::<_, DbError>(move |conn| Ok((chats::find(conn, chat)?, streams::find(conn, stream)?))).await;
        let (Some(named), Some((asked, _))) = found.map_err(ServiceError::from)? else { return Ok(()) };
        if named.name.is_some_and(|name| !name.is_empty()) {
            return Ok(());
        }
        let question = app.acronyms.expand(&asked.question.query);
        let name = propose(app, &asked.question.model_name, &question).await?;
        if name.is_empty() {
            return Err(JobError::GiveUp("the model proposes no name".to_owned()));
        }
        app.bridge
            .write_as::<_, DbError>(WriteKind::Ending, move |tx| chats::name(tx.conn(), chat, &name))
            .await
            .map_err(ServiceError::from)?;
        Ok(())
    }
}

/// A name for a question; the built-in model, which writes nothing of its own, takes its first words.
async fn propose(app: &App, model_name: &str, question: &str) -> Result<String, JobError> {
    if model_name == EXTRACTIVE_MODEL {
        return Ok(name_of(&question.split_whitespace().take(NAME_WORDS).collect::<Vec<_>>().join(" ")));
    }
    let model = app.models.resolve(model_name).await;
    let model = model.ok_or_else(|| JobError::GiveUp(format!("there is no model '{model_name}'")))?;
    let request = ChatRequest {
        model: model_name.to_owned(),
        messages: vec![Message { role: Role::User, content: instruction(question) }],
        temperature: TEMPERATURE,
        question: question.to_owned(),
        passages: Vec::new(),
    };
    let answer = model.complete(request).await.map_err(ServiceError::from)?;
    Ok(name_of(&answer))
}

/// What a model is told: in French, unless the question is clearly in another language.
fn instruction(question: &str) -> String {
    let told = match detect([question].into_iter()) {
        None | Some(Language::Fr) => {
            "Résume la demande ci-dessous en un titre court et accrocheur de huit mots au plus, dans la langue de la demande. Réponds par le titre seul, sans guillemets."
        }
        Some(_) => {
            "Sum up the request below as a short, catchy title of at most eight words, in the language of the request. Answer with the title alone, without quotation marks."
        }
    };
    let words: Vec<&str> = question.split(' ').take(WORDS).collect();
    format!("{told}\n\n{}", words.join(" "))
}

/// The first line of an answer, without quotation marks and blanks around, and not too long.
fn name_of(answer: &str) -> String {
    let bare = |text: &str| text.trim_matches(|c: char| matches!(c, '"' | '\'') || c.is_whitespace()).to_owned();
    let line = bare(bare(answer).lines().next().unwrap_or_default());
    bare(&line.chars().take(NAME_CHARS).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_bare_line() {
        for (answer, expect) in [
            (" \"Louer un vélo\" \n", "Louer un vélo"),
            ("'Louer'\nVoici pourquoi…", "Louer"),
            ("L'été à vélo", "L'été à vélo"),
            ("\" '", ""),
            ("", ""),
        ] {
            assert_eq!(name_of(answer), expect, "{answer:?}");
        }
        assert_eq!(name_of(&"é".repeat(500)).chars().count(), NAME_CHARS);
    }

    #[test]
    fn a_model_is_given_the_first_words() {
        let told = instruction(&"mot ".repeat(600));
        assert_eq!(told.split("\n\n").nth(1).map(|words| words.split(' ').count()), Some(WORDS));
        assert!(told.starts_with("Résume"));
        assert!(instruction("How much does it cost to rent the bicycle of the town for a whole month?").starts_with("Sum up"));
    }
}
