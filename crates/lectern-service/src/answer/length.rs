//! How long a prompt may be, in the reference's measure: words.

use lectern_llm::{Message, Role};

/// How many messages besides the system's stay when old ones are dropped.
const KEPT: usize = 3;

/// The number of words of a text.
pub(super) fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Whether that many words leave a fifth of the model's tokens for the answer, at 1.25 tokens a word.
pub(super) fn fits(words: usize, max_tokens: u32) -> bool {
    // words × 1.25 ≤ max_tokens × 0.8, in whole numbers
    words.saturating_mul(125) <= (max_tokens as usize).saturating_mul(80)
}

/// Drops the two oldest messages besides the system's, again and again, while there are more than three and they are too long. `None`
/// where what is left is too long all the same.
pub(super) fn shortened(mut messages: Vec<Message>, max_tokens: u32) -> Option<Vec<Message>> {
    let counts: Vec<usize> = messages.iter().map(|message| words(&message.content)).collect();
    let system = messages.iter().take_while(|message| message.role == Role::System).count();
    let mut total: usize = counts.iter().sum();
    let mut dropped = 0;
    while !fits(total, max_tokens) && messages.len() - system - dropped > KEPT {
        total -= counts[system + dropped..system + dropped + 2].iter().sum::<usize>();
        dropped += 2;
    }
    messages.drain(system..system + dropped);
    fits(total, max_tokens).then_some(messages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_border_is_where_the_reference_has_it() {
        assert!(fits(5242, 8192));
        assert!(!fits(5243, 8192));
    }

    /// Messages of these lengths in words, at most 640 of which fit; those that are left.
    #[track_caller]
    fn check(system: bool, lengths: &[usize], expect: Option<&[usize]>) {
        let role = |index: usize| match index {
            0 if system => Role::System,
            index if (index % 2 == 0) != system => Role::User,
            _ => Role::Assistant,
        };
        let messages = lengths.iter().enumerate().map(|(index, &words)| Message { role: role(index), content: "mot ".repeat(words) });
        let left = shortened(messages.collect(), 1_000);
        let left = left.map(|messages| messages.iter().map(|message| words(&message.content)).collect::<Vec<_>>());
        assert_eq!(left.as_deref(), expect);
    }

    #[test]
    fn the_oldest_two_go_until_the_rest_fits_or_three_are_left() {
        check(false, &[100, 100, 100], Some(&[100, 100, 100]));
        check(false, &[600, 100, 100, 100, 100], Some(&[100, 100, 100]));
        check(true, &[200, 300, 100, 100, 100, 100], Some(&[200, 100, 100, 100]));
        check(false, &[500, 500, 500, 500], None);
        check(false, &[1, 1, 1, 1, 700], None);
        check(false, &[1, 600, 1, 600, 1], Some(&[1, 600, 1]));
    }

    #[test]
    fn one_question_that_is_too_long_does_not_fit() {
        check(false, &[640], Some(&[640]));
        check(false, &[641], None);
    }
}
