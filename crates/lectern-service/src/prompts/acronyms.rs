//! Acronyms that are explained where a question uses them.

use crate::{ServiceError, data_file};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{collections::HashMap, ops::Range, path::Path};

/// The longest file of acronyms, in bytes.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// With more candidates than this, a text is left as it is: it is written in capitals.
const MAX_CANDIDATES: usize = 10;

/// How far around an acronym its text is looked for, in characters: one that is there is not added again.
const AROUND: usize = 100;

/// The fewest letters of an acronym.
const MIN_LENGTH: usize = 3;

/// What acronyms stand for.
#[derive(Debug, Clone, Default)]
pub struct Acronyms {
    /// By the acronym in lower case.
    texts: HashMap<String, String>,
}

/// An entry of the file, where it is a list.
#[derive(Deserialize)]
struct Entry {
    symbol: String,
    text: String,
}

impl FromIterator<(String, String)> for Acronyms {
    /// Of several entries of an acronym, the first counts.
    fn from_iter<I: IntoIterator<Item = (String, String)>>(entries: I) -> Self {
        let mut texts = HashMap::new();
        for (symbol, text) in entries {
            texts.entry(symbol.to_lowercase()).or_insert(text);
        }
        Self { texts }
    }
}

impl Acronyms {
    /// Reads a JSON file: `[{"symbol": "CAF", "text": "Caisse d'allocations familiales"}, …]`, further fields ignored, or
    /// `{"CAF": "Caisse d'allocations familiales", …}`. Blocks.
    ///
    /// # Errors
    /// [`ServiceError::DataFile`] where it cannot be read or is something else.
    pub fn open(path: &Path) -> Result<Self, ServiceError> {
        let text = data_file::read(path, MAX_BYTES)?;
        // Not as one of several forms: what is wrong is told with its line.
        if text.trim_start().starts_with('{') {
            let members: Map<String, Value> = serde_json::from_str(&text).map_err(|error| data_file::wrong(path, error))?;
            let pair = |(symbol, text): (String, Value)| match text {
                Value::String(text) => Ok((symbol, text)),
                other => Err(data_file::wrong(path, format!("'{symbol}' stands for {other}, which is no text"))),
            };
            return members.into_iter().map(pair).collect();
        }
        let entries: Vec<Entry> = serde_json::from_str(&text).map_err(|error| data_file::wrong(path, error))?;
        Ok(entries.into_iter().map(|entry| (entry.symbol, entry.text)).collect())
    }

    /// The text with what its acronyms stand for after them: `la CAF` becomes `la CAF (Caisse d'allocations familiales)`.
    pub fn expand(&self, text: &str) -> String {
        let found = candidates(text);
        if self.texts.is_empty() || found.len() > MAX_CANDIDATES {
            return text.to_owned();
        }
        let mut expanded = String::with_capacity(text.len());
        let mut done = 0;
        for candidate in found {
            expanded.push_str(&text[done..candidate.end]);
            done = candidate.end;
            let symbol = &text[candidate];
            let Some(meaning) = self.texts.get(&symbol.to_lowercase()) else { continue };
            let before = expanded.char_indices().rev().nth(AROUND + symbol.len() - 1).map_or(0, |(at, _)| at);
            let after = text[done..].char_indices().nth(AROUND).map_or(text.len(), |(at, _)| done + at);
            let around = format!("{}{}", &expanded[before..], &text[done..after]);
            if !around.to_lowercase().contains(&meaning.to_lowercase()) {
                expanded.push_str(&format!(" ({meaning})"));
            }
        }
        expanded.push_str(&text[done..]);
        expanded
    }
}

/// What could be acronyms: `[A-Z0-9][A-Za-z0-9]{2,}` up to the end of a word, unless a sentence has just ended before it; one more than
/// the most at the most.
fn candidates(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() && found.len() <= MAX_CANDIDATES {
        let length = bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let end = at + length;
        let goes_on = text[end..].chars().next().is_some_and(|next| next.is_alphanumeric() || next == '_');
        if !goes_on && length >= MIN_LENGTH {
            let starts = |start: &usize| {
                (bytes[*start].is_ascii_uppercase() || bytes[*start].is_ascii_digit()) && !begins_a_sentence(&text[..*start])
            };
            found.extend((at..=end - MIN_LENGTH).find(starts).map(|start| start..end));
        }
        at = end + text[end..].chars().next().map_or(0, char::len_utf8);
    }
    found
}

/// Whether what comes before ends with something that is not blank, a period and a blank.
fn begins_a_sentence(before: &str) -> bool {
    let mut back = before.chars().rev();
    back.next().is_some_and(char::is_whitespace) && back.next() == Some('.') && back.next().is_some_and(|last| !last.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acronyms() -> Acronyms {
        let list = [
            ("CAF", "Caisse d'allocations familiales"),
            ("caf", "never"),
            ("ANTS", "Agence nationale des titres sécurisés"),
            ("1J1S", "Un jeune, une solution"),
        ];
        list.into_iter().map(|(symbol, text)| (symbol.to_owned(), text.to_owned())).collect()
    }

    #[track_caller]
    fn check(text: &str, expect: &str) {
        assert_eq!(acronyms().expand(text), expect);
    }

    #[test]
    fn what_acronyms_stand_for_comes_after_them() {
        check("la CAF", "la CAF (Caisse d'allocations familiales)");
        check("l'ANTS ?", "l'ANTS (Agence nationale des titres sécurisés) ?");
        check("Caf et 1j1s", "Caf (Caisse d'allocations familiales) et 1j1s (Un jeune, une solution)");
        check("é CAF é", "é CAF (Caisse d'allocations familiales) é");
    }

    #[test]
    fn what_is_no_acronym_stays() {
        check("", "");
        check("la caf", "la caf");
        check("CAFÉ CAF_ CAFx", "CAFÉ CAF_ CAFx");
        check("Bonjour. CAF ?", "Bonjour. CAF ?");
        check("… . CAF", "… . CAF (Caisse d'allocations familiales)");
        check("le SIP", "le SIP");
    }

    #[test]
    fn a_text_that_is_near_is_not_added_again() {
        check("la CAF (caisse d'allocations familiales)", "la CAF (caisse d'allocations familiales)");
        check("la CAF ou la CAF", "la CAF (Caisse d'allocations familiales) ou la CAF");
        let far = "x ".repeat(60);
        check(
            &format!("la CAF {far}la CAF"),
            &format!("la CAF (Caisse d'allocations familiales) {far}la CAF (Caisse d'allocations familiales)"),
        );
    }

    #[test]
    fn a_text_in_capitals_stays() {
        let ten = "CAF ".repeat(10);
        assert!(acronyms().expand(&ten).contains('('));
        check(&"CAF ".repeat(11), &"CAF ".repeat(11));
    }
}
