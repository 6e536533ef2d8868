//! From questions and filters to the store's queries.

use lectern_domain::{facts::Condition, filter::Filter};
use serde_json::{Value, json};
use std::{collections::HashSet, ops::Range};
use unicode_normalization::UnicodeNormalization;

/// The most words of a question that are looked up: the store takes 1,024 clauses, one for each.
const MOST_WORDS: usize = 512;

/// The most words of a question whose near words are looked up too; each brings in as many as [`EXPANSIONS`].
const MOST_FUZZY: usize = 24;

/// The most words that one word of the question brings in.
const EXPANSIONS: usize = 30;

/// What near words count beside the question's own, as in the embedded engine.
const NEAR: f32 = 0.3;

/// The longest word that the store's tokenizer leaves whole.
const LONGEST_WORD: usize = 255;

/// What holds the question's words, weighed by BM25.
pub(super) fn words(text: &str, fuzzy: bool) -> Value {
    let (text, count) = bounded(text);
    let exact = json!({ "match": { "body": { "query": text } } });
    if !fuzzy || count > MOST_FUZZY {
        return exact;
    }
    let near = json!({ "query": text, "fuzziness": "AUTO", "max_expansions": EXPANSIONS, "boost": NEAR });
    json!({ "bool": { "should": [exact, { "match": { "body": near } }] } })
}

/// The question's different words in their order, as far as they may be looked up, and how many the store will make of them at most.
fn bounded(text: &str) -> (String, usize) {
    let text: String = text.nfc().collect();
    let (mut seen, mut kept, mut count) = (HashSet::new(), Vec::new(), 0);
    for word in text.split_whitespace() {
        if !seen.insert(word) {
            continue;
        }
        let more = tokens(word);
        if count + more > MOST_WORDS {
            break;
        }
        count += more;
        kept.push(word);
    }
    (kept.join(" "), count)
}

/// How many words the store's tokenizer makes of one between blanks, at most: it splits at signs, after 255 characters, and around every
/// character of scripts that are written without blanks, all of which stand behind the alphabets.
fn tokens(word: &str) -> usize {
    let runs = word.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty());
    let of = |run: &str| run.chars().count() / LONGEST_WORD + run.chars().filter(|c| *c >= '\u{2e80}').count() + 1;
    let signs = word.chars().filter(|c| !c.is_alphanumeric() && *c >= '\u{2000}').count();
    runs.map(of).sum::<usize>() + signs
}

/// A text as it is indexed: letters with their accents in one piece.
pub(super) fn composed(text: &str) -> String {
    text.nfc().collect()
}

/// A filter, with the meaning that [`Filter::matches`] gives it.
pub(super) fn condition(filter: &Filter) -> Value {
    over_words(&Condition::of(filter))
}

fn over_words(condition: &Condition) -> Value {
    let all = |parts: &[Condition]| parts.iter().map(over_words).collect::<Vec<_>>();
    match condition {
        Condition::All(parts) if parts.is_empty() => json!({ "match_all": {} }),
        Condition::All(parts) => json!({ "bool": { "filter": all(parts) } }),
        Condition::Any(parts) if parts.is_empty() => json!({ "match_none": {} }),
        Condition::Any(parts) => json!({ "bool": { "should": all(parts), "minimum_should_match": 1 } }),
        Condition::Not(part) => json!({ "bool": { "must_not": [over_words(part)] } }),
        Condition::Has(words) => json!({ "terms": { "facts": words } }),
        Condition::Within(ranges) if ranges.is_empty() => json!({ "match_none": {} }),
        Condition::Within(ranges) => {
            let range = |range: &Range<String>| json!({ "range": { "facts": { "gte": range.start, "lt": range.end } } });
            json!({ "bool": { "should": ranges.iter().map(range).collect::<Vec<_>>(), "minimum_should_match": 1 } })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_bounded_in_what_the_store_makes_of_them() {
        assert_eq!(bounded("le chat  le chien"), ("le chat chien".to_owned(), 3));
        assert_eq!(bounded("l'été 14,2"), ("l'été 14,2".to_owned(), 4));
        assert_eq!(bounded("日本 東京").1, 6);
        assert_eq!(bounded("pre\u{301}fecture").0, "préfecture");
        let long: String = (0..3_000).map(|n| format!("mot{n} ")).collect();
        assert_eq!(bounded(&long).1, MOST_WORDS);
        assert_eq!(bounded(&"日".repeat(5_000)), (String::new(), 0));
        assert!(bounded(&"x".repeat(70_000)).1 <= MOST_WORDS);
    }
}
