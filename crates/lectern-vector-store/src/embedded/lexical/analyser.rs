//! From a text to its terms, for documents and questions alike.

use crate::words;
use lectern_domain::language::Language;
use rust_stemmers::{Algorithm, Stemmer};
use std::{borrow::Cow, collections::HashSet, sync::Arc};
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Raised whenever the same text gives other terms than before: indexes that were built otherwise are built anew.
const VERSION: u32 = 1;

/// A longer run of letters is no word; it is left out, so that no term comes near the engine's bound.
const LONGEST_TERM: usize = 200;

/// Splits at whatever is not a letter or a digit, lower-cases, drops elided articles and stop words, stems, and removes accents.
///
/// Accents go after stemming, because the stemmers' rules need them; a word typed without its accents mostly meets the other all the same.
#[derive(Clone)]
pub(crate) struct Analyser {
    language: Language,
    stops: Arc<HashSet<&'static str>>,
    elisions: &'static [&'static str],
}

impl Analyser {
    pub(crate) fn new(language: Language) -> Self {
        let stops = words::stop_words(language).split_whitespace().collect();
        Self { language, stops: Arc::new(stops), elisions: words::elisions(language) }
    }

    /// What an index carries, so that one made by another analyser is recognised.
    pub(crate) fn name(language: Language) -> String {
        format!("{}-{VERSION}", language.code())
    }

    fn algorithm(&self) -> Algorithm {
        match self.language {
            Language::Fr => Algorithm::French,
            Language::En => Algorithm::English,
            Language::De => Algorithm::German,
            Language::Es => Algorithm::Spanish,
            Language::It => Algorithm::Italian,
            Language::Pt => Algorithm::Portuguese,
        }
    }

    /// The terms of a text, in their order.
    pub(crate) fn terms(&self, text: &str) -> Vec<String> {
        let mut analyser = self.clone();
        let mut stream = analyser.token_stream(text);
        let mut terms = Vec::new();
        while stream.advance() {
            terms.push(stream.token().text.clone());
        }
        terms
    }
}

impl Tokenizer for Analyser {
    type TokenStream<'a> = Terms<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Terms<'a> {
        let text = if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) };
        let stemmer = Stemmer::create(self.algorithm());
        Terms { analyser: self, stemmer, text, at: 0, word: String::new(), token: Token::default() }
    }
}

/// The terms of one text.
pub(crate) struct Terms<'a> {
    analyser: &'a Analyser,
    stemmer: Stemmer,
    text: Cow<'a, str>,
    at: usize,
    word: String,
    token: Token,
}

impl Terms<'_> {
    /// Puts the next word, lower-cased, into `self.word`; false at the end of the text.
    fn next_word(&mut self) -> bool {
        self.word.clear();
        let mut chars = self.text[self.at..].char_indices().peekable();
        while chars.next_if(|&(_, c)| !c.is_alphanumeric()).is_some() {}
        let Some(&(start, _)) = chars.peek() else {
            self.at = self.text.len();
            return false;
        };
        self.token.offset_from = self.at + start;
        let mut end = self.text.len() - self.at;
        while let Some((index, c)) = chars.next() {
            let joins = |next: Option<&(usize, char)>| {
                matches!(c, '.' | ',') && self.word.ends_with(|c: char| c.is_ascii_digit()) && next.is_some_and(|(_, n)| n.is_ascii_digit())
            };
            if c.is_alphanumeric() {
                self.word.extend(c.to_lowercase());
            } else if joins(chars.peek()) {
                self.word.push('.');
            } else if !is_combining_mark(c) && c != '\u{ad}' {
                end = index;
                break;
            }
        }
        self.token.offset_to = self.at + end;
        self.at += end;
        true
    }

    /// Whether the word stands before an apostrophe and is an article or the like that lost its vowel.
    fn is_elided(&self) -> bool {
        self.text[self.at..].starts_with(['\'', '\u{2019}']) && self.analyser.elisions.contains(&self.word.as_str())
    }

    /// Whether the word is what follows the apostrophe of an English possessive or contraction.
    fn is_clitic(&self) -> bool {
        self.analyser.language == Language::En
            && matches!(self.word.as_str(), "s" | "t" | "d" | "m" | "ll" | "re" | "ve")
            && self.text[..self.token.offset_from].ends_with(['\'', '\u{2019}'])
    }
}

impl TokenStream for Terms<'_> {
    fn advance(&mut self) -> bool {
        while self.next_word() {
            self.token.position = self.token.position.wrapping_add(1);
            if self.word.len() > LONGEST_TERM || self.is_elided() || self.is_clitic() || self.analyser.stops.contains(self.word.as_str()) {
                continue;
            }
            let stem = self.stemmer.stem(&self.word);
            self.token.text.clear();
            fold_into(&stem, &mut self.token.text);
            return true;
        }
        false
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// Appends a word without accents, with ligatures spelt out.
fn fold_into(word: &str, folded: &mut String) {
    if word.is_ascii() {
        folded.push_str(word);
        return;
    }
    for c in word.nfkd().filter(|&c| !is_combining_mark(c)) {
        match c {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'ı' => folded.push('i'),
            c => folded.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(language: Language, text: &str, expect: &[&str]) {
        assert_eq!(Analyser::new(language).terms(text), expect, "{text}");
    }

    #[test]
    fn elided_articles_and_stop_words_go() {
        check(Language::Fr, "L'avion qu\u{2019}il a vu aujourd'hui", &["avion", "vu"]);
        check(Language::Fr, "La vitamine C, c'est quoi ?", &["vitamin", "c"]);
        check(Language::It, "Dell'acqua e l\u{2019}olio", &["acqua", "oli"]);
        check(Language::En, "The wing's flow isn't steady", &["wing", "flow", "steadi"]);
    }

    #[test]
    fn accents_do_not_matter() {
        check(Language::Fr, "préfecture prefecture PRE\u{301}FECTURE", &["prefectur"; 3]);
        check(Language::Fr, "cœur coeur", &["coeur"; 2]);
        check(Language::De, "Straße Strasse", &["strass"; 2]);
    }

    #[test]
    fn numbers_keep_their_decimals() {
        check(Language::Fr, "14,2 milliards, 3.5 et 7.", &["14.2", "milliard", "3.5", "7"]);
    }

    #[test]
    fn every_language_joins_singular_and_plural() {
        for (language, words) in [
            (Language::Fr, "maison maisons"),
            (Language::En, "house houses"),
            (Language::De, "Haus Hauses"),
            (Language::Es, "casa casas"),
            (Language::It, "casa case"),
            (Language::Pt, "casa casas"),
        ] {
            let terms = Analyser::new(language).terms(words);
            assert!(terms.len() == 2 && terms[0] == terms[1], "{language}: {terms:?}");
        }
    }

    #[test]
    fn other_scripts_and_nothing_at_all_pass() {
        check(Language::Fr, "Ελλάδα 日本 !!!", &["ελλαδα", "日本"]);
        check(Language::Fr, "", &[]);
        check(Language::Fr, &"x".repeat(70_000), &[]);
    }
}
