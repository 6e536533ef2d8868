//! How long a prompt may be, in the reference's measure: words.

use lectern_llm::Message;

/// The tokens that a model takes unless it is known to take fewer.
pub(super) const MAX_TOKENS: usize = 8192;

/// Whether the messages leave a fifth of the model's tokens for the answer, at 1.25 tokens a word.
pub(super) fn fits(messages: &[Message], max_tokens: usize) -> bool {
    let words: usize = messages.iter().map(|message| message.content.split_whitespace().count()).sum();
    // words × 1.25 ≤ max_tokens × 0.8, in whole numbers
    words * 125 <= max_tokens * 80
}

#[cfg(test)]
mod tests {
    use super::*;
    use lectern_llm::Role;

    #[test]
    fn the_border_is_where_the_reference_has_it() {
        let of = |words: usize| vec![Message { role: Role::User, content: "mot ".repeat(words) }];
        assert!(fits(&of(5242), MAX_TOKENS));
        assert!(!fits(&of(5243), MAX_TOKENS));
    }
}
