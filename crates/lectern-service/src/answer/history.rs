//! What was said before in a chat.

use super::length::{fits, words};
use crate::{ServiceError, app::App};
use lectern_domain::ids::{ChatId, StreamId};
use lectern_llm::{Message, Role};
use lectern_persistence::{
    DbError,
    repo::streams::{self, AnsweredTurn},
};

/// How many turns are read at once.
const TURNS: u32 = 50;

/// How many questions of a conversation a search looks for.
const SEARCHED: usize = 3;

/// The earlier, answered questions of the chat with their answers, in order. No older ones are read than a prompt of `max_tokens` has
/// room for.
pub(super) async fn history(app: &App, chat: ChatId, before: StreamId, max_tokens: u32) -> Result<Vec<Message>, ServiceError> {
    let mut turns: Vec<AnsweredTurn> = Vec::new();
    let (mut oldest, mut total) = (before, 0);
    loop {
        let page = app.bridge.read::<_, DbError>(move |conn| streams::answered_before(conn, chat, oldest, TURNS)).await?;
        let complete = page.len() < TURNS as usize;
        for turn in page {
            total += words(&turn.query) + words(&turn.response);
            oldest = turn.stream;
            turns.push(turn);
        }
        if complete || !fits(total, max_tokens) {
            break;
        }
    }
    let messages = turns
        .into_iter()
        .rev()
        .flat_map(|turn| [Message { role: Role::User, content: turn.query }, Message { role: Role::Assistant, content: turn.response }]);
    Ok(messages.collect())
}

/// What to search for in a conversation: its last three questions.
pub(super) fn search_text(conversation: &[Message]) -> String {
    let questions: Vec<&str> =
        conversation.iter().filter(|message| message.role == Role::User).map(|message| message.content.as_str()).collect();
    questions[questions.len().saturating_sub(SEARCHED)..].join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_three_questions_are_searched_for() {
        let turn = |role, content: &str| Message { role, content: content.to_owned() };
        let said = [turn(Role::User, "a"), turn(Role::Assistant, "x"), turn(Role::User, "b"), turn(Role::User, "c"), turn(Role::User, "d")];
        assert_eq!(search_text(&said), "b; c; d");
        assert_eq!(search_text(&said[..1]), "a");
        assert_eq!(search_text(&[]), "");
    }
}
