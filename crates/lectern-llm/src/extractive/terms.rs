//! Words as the extractive model compares them: small letters, stemmed, accents folded, stop words left out.

use super::stop_words::is_stop_word;
use lectern_domain::language::Language;
use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A word that bears meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    /// What is compared: the stem without accents.
    pub(super) stem: String,
    /// Whether it starts with a capital or a digit: a name, a year, a quantity.
    pub(super) marked: bool,
}

/// Cuts texts of one language into terms.
pub(super) struct Analyser {
    language: Language,
    stemmer: Stemmer,
}

impl Analyser {
    pub(super) fn new(language: Language) -> Self {
        let algorithm = match language {
            Language::Fr => Algorithm::French,
            Language::En => Algorithm::English,
            Language::De => Algorithm::German,
            Language::Es => Algorithm::Spanish,
            Language::It => Algorithm::Italian,
            Language::Pt => Algorithm::Portuguese,
        };
        Self { language, stemmer: Stemmer::create(algorithm) }
    }

    /// The terms of a text, in their order.
    pub(super) fn terms(&self, text: &str) -> Vec<Term> {
        words(text).filter_map(|word| self.term(word)).collect()
    }

    fn term(&self, word: &str) -> Option<Term> {
        let marked = word.starts_with(|c: char| c.is_uppercase() || c.is_numeric());
        let small = word.to_lowercase();
        let folded = fold(&small);
        let letter = folded.chars().nth(1).is_none() && !folded.starts_with(|c: char| c.is_numeric());
        if letter || is_stop_word(&folded, self.language) {
            return None;
        }
        Some(Term { stem: fold(&self.stemmer.stem(&small)), marked })
    }
}

/// The words of a text: runs of letters and digits. An apostrophe ends a word, which sets elided articles apart.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c)).filter(|word| !word.is_empty())
}

/// A word without accents; ligatures are taken apart.
pub(super) fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for c in word.nfd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            c => folded.push(c),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(language: Language, text: &str, expected: &[(&str, bool)]) {
        let found = Analyser::new(language).terms(text);
        let found: Vec<_> = found.iter().map(|term| (term.stem.as_str(), term.marked)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn terms_are_what_a_text_is_about() {
        check(Language::Fr, "Quelle est la durée de l’épreuve d'Œnologie ?", &[("dur", false), ("epreuv", false), ("oenolog", true)]);
        check(Language::En, "How many bridges were built in 1902?", &[("bridg", false), ("built", false), ("1902", true)]);
        check(Language::De, "Wo steht die große Brücke?", &[("steht", false), ("gross", false), ("bruck", true)]);
        check(Language::Es, "¿Dónde está el puente?", &[("puent", false)]);
        check(Language::It, "Dov'è l'università?", &[("dov", true), ("univers", false)]);
        check(Language::Pt, "Onde fica a estação?", &[("fic", false), ("estaca", false)]);
    }
}
