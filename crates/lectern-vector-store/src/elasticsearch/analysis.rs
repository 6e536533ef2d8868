//! How texts are analysed in each language: the standard tokenizer, elided articles and stop words off, a light stemmer, accents off.
//!
//! It is the reference's chain (standard tokenizer, lower case, stop words, the language's light stemmer) with the stop words of the
//! embedded engine, which know questions, and without accents, so that a word typed without them is found. Measured on Elasticsearch 9.5.3,
//! nDCG@10 of whole documents: PIAF 0.809 (0.805 with the analyser `french`), Cranfield 0.528 (0.519 with `english`).

use crate::words::{elisions, stop_words};
use lectern_domain::language::Language;
use serde_json::{Value, json};

/// The analyser's name in an index.
pub(super) const ANALYSER: &str = "lectern";

/// The stemmer of a language, as the store calls it.
const fn stemmer(language: Language) -> &'static str {
    match language {
        Language::Fr => "light_french",
        Language::En => "english",
        Language::De => "light_german",
        Language::Es => "light_spanish",
        Language::It => "light_italian",
        Language::Pt => "light_portuguese",
    }
}

/// The settings `analysis` of an index in this language.
pub(super) fn analysis(language: Language) -> Value {
    let stops: Vec<&str> = stop_words(language).split_whitespace().collect();
    let elisions = elisions(language);
    let mut filters = json!({
        "lectern_stop": { "type": "stop", "stopwords": stops },
        "lectern_stem": { "type": "stemmer", "language": stemmer(language) },
    });
    // French words have their accents off before they are stemmed: `cœur` and `coeurs` meet only then. Other stemmers need them.
    let mut chain = match language {
        Language::Fr => vec!["lowercase", "lectern_stop", "asciifolding", "lectern_stem"],
        _ => vec!["lowercase", "lectern_stop", "lectern_stem", "asciifolding"],
    };
    if !elisions.is_empty() {
        filters["lectern_elision"] = json!({ "type": "elision", "articles": elisions, "articles_case": true });
        chain.insert(0, "lectern_elision");
    }
    if language == Language::En {
        filters["lectern_possessive"] = json!({ "type": "stemmer", "language": "possessive_english" });
        chain.insert(0, "lectern_possessive");
    }
    json!({ "filter": filters, "analyzer": { ANALYSER: { "type": "custom", "tokenizer": "standard", "filter": chain } } })
}
