//! The language of a text.

use lectern_domain::language::Language;
use whatlang::{Detector, Lang};

/// How many bytes of one document are looked at.
const PER_DOCUMENT: usize = 2_000;
/// How many bytes are looked at altogether.
const SAMPLE: usize = 20_000;

/// The language of some documents, given their texts; none where it is not clear: too little text, or another language.
/// At most the first 2,000 bytes of a text and 20,000 bytes in all are looked at, and no more texts are asked for than that takes.
pub fn detect<'a>(samples: impl Iterator<Item = &'a str>) -> Option<Language> {
    let mut sample = String::new();
    for text in samples {
        let text = text.trim_start();
        sample.push_str(&text[..text.floor_char_boundary(PER_DOCUMENT.min(SAMPLE - sample.len()))]);
        sample.push('\n');
        if sample.len() >= SAMPLE {
            break;
        }
    }
    let known = Language::ALL.map(whatlang_of);
    let info = Detector::with_allowlist(known.to_vec()).detect(&sample).filter(whatlang::Info::is_reliable)?;
    Language::ALL.into_iter().find(|language| whatlang_of(*language) == info.lang())
}

const fn whatlang_of(language: Language) -> Lang {
    match language {
        Language::Fr => Lang::Fra,
        Language::En => Lang::Eng,
        Language::De => Lang::Deu,
        Language::Es => Lang::Spa,
        Language::It => Lang::Ita,
        Language::Pt => Lang::Por,
    }
}
