//! What was said before in a chat.

use crate::{ServiceError, app::App};
use lectern_domain::ids::{ChatId, StreamId};
use lectern_llm::{Message, Role};
use lectern_persistence::{DbError, repo::streams};

/// The earlier, answered questions of the chat with their answers, in order.
pub(super) async fn history(app: &App, chat: ChatId, before: StreamId) -> Result<Vec<Message>, ServiceError> {
    let turns = app.bridge.read::<_, DbError>(move |conn| streams::answered_before(conn, chat, before)).await?;
    Ok(turns
        .into_iter()
        .flat_map(|(query, response)| [Message { role: Role::User, content: query }, Message { role: Role::Assistant, content: response }])
        .collect())
}

/// What to search for in a conversation: its last three questions.
pub(super) fn search_text(history: &[Message], query: &str) -> String {
    let earlier: Vec<&str> = history.iter().filter(|message| message.role == Role::User).map(|message| message.content.as_str()).collect();
    let mut last: Vec<&str> = earlier.into_iter().rev().take(2).collect();
    last.reverse();
    last.push(query);
    last.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_three_questions_are_searched_for() {
        let turn = |role, content: &str| Message { role, content: content.to_owned() };
        let history = [turn(Role::User, "a"), turn(Role::Assistant, "x"), turn(Role::User, "b"), turn(Role::User, "c")];
        assert_eq!(search_text(&history, "d"), "b; c; d");
        assert_eq!(search_text(&[], "d"), "d");
    }
}
