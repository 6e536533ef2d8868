//! Words that are nearly the question's.

use std::collections::HashMap;
use tantivy::{Searcher, Term, query::FuzzyTermQuery, schema::Field};

/// The most words that one word of the question brings in.
const MOST_EXPANSIONS: usize = 30;

/// The most words of a segment's dictionary that are looked at for one word of the question.
const MOST_LOOKED_AT: usize = 2_000;

/// What a near word counts beside the word itself, before what its distance takes off. With 1, nDCG@10 falls from 0.53 to 0.47 on Cranfield
/// and from 0.81 to 0.75 on PIAF; with 0.3 it stays.
const NEAR: f32 = 0.3;

/// How many letters may differ, by the length of a word: none below three, one up to five, then two; a swap of neighbours counts as one.
fn tolerance(term: &str) -> u8 {
    match term.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    }
}

/// Adds the dictionary's words near `term`, the most frequent ones first where there are many, with a weight below that of the word itself.
pub(crate) fn expand(searcher: &Searcher, body: Field, term: &str, weights: &mut HashMap<String, f32>) -> tantivy::Result<()> {
    let tolerance = tolerance(term);
    if tolerance == 0 {
        return Ok(());
    }
    let near = FuzzyTermQuery::new(Term::from_field_text(body, term), tolerance, true);
    let mut found: HashMap<String, u64> = HashMap::new();
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(body)?;
        let mut stream = inverted.terms().search(near.automaton()?).into_stream()?;
        let mut looked_at = 0;
        while looked_at < MOST_LOOKED_AT && stream.advance() {
            looked_at += 1;
            if let Ok(word) = std::str::from_utf8(stream.key()) {
                *found.entry(word.to_owned()).or_default() += u64::from(stream.value().doc_freq);
            }
        }
    }
    let mut found: Vec<(String, u64)> = found.into_iter().filter(|(word, _)| word != term).collect();
    found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let weight = NEAR * (1.0 - f32::from(tolerance) / term.chars().count() as f32);
    for (word, _) in found.into_iter().take(MOST_EXPANSIONS) {
        weights.entry(word).or_insert(weight);
    }
    Ok(())
}
