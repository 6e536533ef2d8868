//! How much of a question each sentence of the passages bears on.

use super::{
    expected::Expected,
    sentences::sentences,
    terms::{Analyser, Term, words},
};
use crate::SourcePassage;
use std::collections::{BTreeMap, HashSet};

/// The most sentences of a passage that are looked at.
const SENTENCES: usize = 400;
/// What a word of the question counts where it stands in the title or a heading above a sentence, which say what all of it is about.
const ABOVE: f64 = 0.6;
/// What it counts where it stands in another sentence of the passage.
const AROUND: f64 = 0.4;
/// How much more a name, a year or a quantity of the question says than another word.
const MARKED: f64 = 2.5;
/// What a place in the ranking costs.
const RANK: f64 = 0.12;

/// The question's words and what each is worth.
pub(super) struct Question {
    weights: BTreeMap<String, f64>,
    total: f64,
}

/// A sentence and how it bears on the question.
pub(super) struct Candidate {
    /// The place of its passage in the list, from 0.
    pub(super) passage: usize,
    pub(super) text: String,
    /// What sentences are ordered by.
    pub(super) score: f64,
    /// The part of the question's weight that the sentence, its neighbours and its headings cover, 0 to 1.
    pub(super) covered: f64,
    /// The part that its whole passage covers, title and headings included, 0 to 1.
    pub(super) passage_covered: f64,
}

/// A passage, cut.
struct Cut {
    above: HashSet<String>,
    sentences: Vec<(String, HashSet<String>)>,
}

/// Every sentence of the passages that has a word of the question in it or beside it, in the order of the passages.
pub(super) fn weigh(question: &str, passages: &[SourcePassage], analyser: &Analyser) -> Vec<Candidate> {
    let stems = |text: &str| analyser.terms(text).into_iter().map(|term| term.stem).collect::<HashSet<_>>();
    let cuts: Vec<_> = passages
        .iter()
        .map(|passage| Cut {
            above: stems(&format!("{}\n{}", passage.title, passage.heading)),
            sentences: sentences(&passage.text)
                .into_iter()
                .take(SENTENCES)
                .map(|text| (stems(&text), text))
                .map(|(stems, text)| (text, stems))
                .collect(),
        })
        .collect();
    let Some(asked) = Question::new(analyser.terms(question), question, &cuts) else {
        return Vec::new();
    };
    let expected = Expected::of(question);
    let mut out = Vec::new();
    for (rank, cut) in cuts.iter().enumerate() {
        let mut whole = cut.above.clone();
        whole.extend(cut.sentences.iter().flat_map(|(_, stems)| stems.iter().cloned()));
        let passage_covered = asked.covered(&whole);
        for (place, (text, own)) in cut.sentences.iter().enumerate() {
            let beside: HashSet<_> = [place.checked_sub(1), Some(place + 1)]
                .into_iter()
                .flatten()
                .filter_map(|place| cut.sentences.get(place))
                .flat_map(|(_, stems)| stems.iter().cloned())
                .collect();
            let (mut score, mut covered) = (0.0, 0.0);
            for (stem, weight) in &asked.weights {
                let (near, above) = (beside.contains(stem), cut.above.contains(stem));
                let share = if own.contains(stem) {
                    1.0
                } else if above {
                    ABOVE
                } else if whole.contains(stem) {
                    AROUND
                } else {
                    0.0
                };
                score += share * weight / asked.total;
                covered += if own.contains(stem) || near || above { weight / asked.total } else { 0.0 };
            }
            let score = (score + expected.bonus(text)) * shape(text) / (1.0 + RANK * rank as f64);
            if covered > 0.0 {
                out.push(Candidate { passage: rank, text: text.clone(), score, covered, passage_covered });
            }
        }
    }
    out
}

impl Question {
    /// The question's terms, each weighted by how rare it is among the sentences; none where it has no terms.
    fn new(terms: Vec<Term>, question: &str, cuts: &[Cut]) -> Option<Self> {
        // The first word has a capital whatever it is.
        let first = words(question).next().is_some_and(|word| word.starts_with(char::is_uppercase)) && !terms.is_empty();
        let count = cuts.iter().map(|cut| cut.sentences.len()).sum::<usize>() as f64;
        let mut weights = BTreeMap::new();
        for (place, term) in terms.into_iter().enumerate() {
            let holds = |(_, stems): &&(String, HashSet<String>)| stems.contains(&term.stem);
            let found = cuts.iter().flat_map(|cut| &cut.sentences).filter(holds).count() as f64;
            let rare = (1.0 + (count + 1.0) / (found + 0.5)).ln();
            let digits = term.stem.starts_with(|c: char| c.is_numeric());
            let marked = term.marked && (digits || place > 0 || !first);
            let weight = rare * if marked { MARKED } else { 1.0 };
            weights.entry(term.stem).or_insert(weight);
        }
        let total = weights.values().sum();
        (total > 0.0).then_some(Self { weights, total })
    }

    /// The part of the question's weight that these words cover.
    fn covered(&self, stems: &HashSet<String>) -> f64 {
        self.weights.iter().filter(|(stem, _)| stems.contains(*stem)).map(|(_, weight)| weight).sum::<f64>() / self.total
    }
}

/// What a sentence is worth as an answer by its form: headings and questions answer nothing.
fn shape(text: &str) -> f64 {
    let count = words(text).count();
    if text.ends_with('?') {
        0.4
    } else if count < 5 && !text.ends_with(['.', '!']) {
        0.5
    } else if count < 5 {
        0.8
    } else {
        1.0
    }
}
