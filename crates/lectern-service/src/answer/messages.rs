//! From a conversation and a prompt to the messages that a model is given.

use lectern_llm::{Message, Role};

/// What stands between the contents of messages that become one.
const RULE: &str = "\n\n---\n\n";

/// The models, by the beginning of their name without its owner, that refuse system messages.
const WITHOUT_SYSTEM: &str = "gemma";

/// The conversation with its last question replaced by the prompt, and the system prompt first, unless the conversation begins with one.
/// Neighbours of the same role become one message, and the first after the system's is the user's.
pub(super) fn conversation(mut messages: Vec<Message>, prompt: String, system: Option<&str>, model: &str) -> Vec<Message> {
    match messages.iter_mut().rfind(|message| message.role == Role::User) {
        Some(last) => last.content = prompt,
        None => messages.push(Message { role: Role::User, content: prompt }),
    }
    if let Some(system) = system
        && messages.first().is_none_or(|first| first.role != Role::System)
    {
        messages.insert(0, Message { role: Role::System, content: system.to_owned() });
    }
    let mut messages = merged(messages);
    let first = messages.iter().take_while(|message| message.role == Role::System).count();
    if messages.get(first).is_some_and(|message| message.role == Role::Assistant) {
        messages.insert(first, Message { role: Role::User, content: String::new() });
    }
    let refuses_system = model.rsplit('/').next().is_some_and(|name| name.starts_with(WITHOUT_SYSTEM));
    if refuses_system && first > 0 {
        let system = messages.remove(0);
        match messages.first_mut() {
            Some(user) if user.content.is_empty() => user.content = system.content,
            Some(user) => user.content = format!("{}{RULE}{}", system.content, user.content),
            None => messages.push(Message { role: Role::User, content: system.content }),
        }
    }
    messages
}

fn merged(messages: Vec<Message>) -> Vec<Message> {
    let mut merged: Vec<Message> = Vec::with_capacity(messages.len() + 2);
    for message in messages {
        match merged.last_mut() {
            Some(last) if last.role == message.role => {
                last.content.push_str(RULE);
                last.content.push_str(&message.content);
            }
            _ => merged.push(message),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Vec<Message> {
        let role = |word: &str| match word {
            "s" => Role::System,
            "u" => Role::User,
            _ => Role::Assistant,
        };
        let pairs = text.split('|').filter(|part| !part.is_empty()).map(|part| part.split_once(':').expect("a role"));
        pairs.map(|(word, content)| Message { role: role(word), content: content.to_owned() }).collect()
    }

    #[track_caller]
    fn check(said: &str, system: Option<&str>, model: &str, expect: &str) {
        let expect: Vec<Message> = parse(expect).into_iter().map(|m| Message { content: m.content.replace('+', RULE), ..m }).collect();
        assert_eq!(conversation(parse(said), "P".to_owned(), system, model), expect, "{said}");
    }

    #[test]
    fn the_prompt_takes_the_place_of_the_last_question() {
        check("", None, "m", "u:P");
        check("u:a|a:b|u:c", None, "m", "u:a|a:b|u:P");
        check("u:a|a:b", None, "m", "u:P|a:b");
    }

    #[test]
    fn a_system_prompt_comes_first_unless_there_is_one() {
        check("u:a", Some("S"), "m", "s:S|u:P");
        check("s:own|u:a", Some("S"), "m", "s:own|u:P");
    }

    #[test]
    fn neighbours_of_one_role_become_one_message() {
        check("u:a|u:b|a:c|u:d", None, "m", "u:a+b|a:c|u:P");
        check("u:a|u:b", None, "m", "u:a+P");
    }

    #[test]
    fn a_conversation_starts_with_its_user() {
        check("a:b|u:c", None, "m", "u:|a:b|u:P");
        check("a:b|u:c", Some("S"), "m", "s:S|u:|a:b|u:P");
    }

    #[test]
    fn a_model_that_refuses_system_messages_gets_them_from_the_user() {
        check("u:a", Some("S"), "google/gemma-2", "u:S+P");
        check("a:b|u:c", Some("S"), "gemma", "u:S|a:b|u:P");
        check("u:a", Some("S"), "gemmas/llama", "s:S|u:P");
        check("u:a", None, "gemma", "u:P");
    }
}
