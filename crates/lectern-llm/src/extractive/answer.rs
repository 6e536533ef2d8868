//! The answer: the sentences of the passages that bear on the question, with their sources.

use super::{
    evidence::{Candidate, weigh},
    messages,
    stop_words::guess,
    terms::{Analyser, fold, words},
};
use crate::SourcePassage;

/// The most sentences of an answer.
const SENTENCES: usize = 3;
/// The part of the question's weight that a sentence, its neighbours and its headings must cover for the sentence to be an answer.
const COVERED: f64 = 0.31;
/// The part that its passage must cover.
const PASSAGE_COVERED: f64 = 0.34;
/// How good a further sentence must be beside the best one where its passage is cited already, and where it is not.
const SAME_PASSAGE: f64 = 0.7;
const OTHER_PASSAGE: f64 = 0.55;

/// What the extractive model says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The text; every sentence that is taken from a passage ends with its number in brackets.
    pub text: String,
    /// The numbers of the passages that are cited, from 1, in the order of their first mention; empty where nothing answers.
    pub cited: Vec<usize>,
}

/// Answers a question with one to three sentences of the passages, the most relevant first, or says that they don't answer it.
///
/// A question is answered where its words, weighted by how rare they are among the sentences, are for the most part in one passage and close together.
/// The words are compared by their stems in the language of the first passage. The passages' order is taken as their rank.
pub fn answer(question: &str, passages: &[SourcePassage]) -> Answer {
    let Some(first) = passages.first() else {
        let folded: Vec<_> = words(question).map(|word| fold(&word.to_lowercase())).collect();
        return Answer { text: messages::no_documents(guess(&folded)).to_owned(), cited: Vec::new() };
    };
    let mut candidates = weigh(question, passages, &Analyser::new(first.language));
    candidates.retain(|candidate| candidate.covered >= COVERED && candidate.passage_covered >= PASSAGE_COVERED);
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    let chosen = choose(candidates);
    if chosen.is_empty() {
        return Answer { text: messages::not_answered(first.language).to_owned(), cited: Vec::new() };
    }
    let mut cited = Vec::new();
    for candidate in &chosen {
        if !cited.contains(&(candidate.passage + 1)) {
            cited.push(candidate.passage + 1);
        }
    }
    Answer { text: chosen.iter().map(quote).collect::<Vec<_>>().join(" "), cited }
}

/// The best sentence, and those that are nearly as good and say something else.
fn choose(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut chosen: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        let again = chosen.iter().filter(|other| other.passage == candidate.passage).count();
        let needed = if again > 0 { SAME_PASSAGE } else { OTHER_PASSAGE };
        let good = chosen.first().is_none_or(|best| candidate.score >= needed * best.score);
        if again < 2 && good && chosen.iter().all(|other| !same(&other.text, &candidate.text)) {
            chosen.push(candidate);
        }
        if chosen.len() == SENTENCES {
            break;
        }
    }
    chosen
}

/// Whether one sentence says what the other says.
fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| words(text).map(str::to_lowercase).collect::<Vec<_>>().join(" ");
    let (one, other) = (plain(one), plain(other));
    one.contains(&other) || other.contains(&one)
}

/// A sentence with the number of its source.
fn quote(candidate: &Candidate) -> String {
    let text = candidate.text.trim_end_matches(['.', ';', ',', ':', ' ', '\u{a0}']);
    format!("{text} [{}].", candidate.passage + 1)
}
