//! Real corpora, where they are present.

use lectern_corpus::{JsonLines, detect, passages};
use lectern_domain::{collection::Chunking, document::NewDocument, language::Language};
use std::{fs::File, io::BufReader, path::PathBuf};

fn corpus(name: &str) -> Option<Vec<NewDocument>> {
    #[expect(clippy::disallowed_methods, reason = "where test data lies is no setting of the program")]
    let shared = std::env::var_os("LECTERN_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let path = shared.join("data").join(name).join("corpus.jsonl");
    match File::open(&path) {
        Ok(file) => Some(JsonLines::new(BufReader::new(file), 64 << 20).collect::<Result<_, _>>().unwrap()),
        Err(_) => {
            println!("skipped: {} is not there", path.display());
            None
        }
    }
}

#[test]
fn real_corpora_are_read_cut_and_recognised() {
    for (name, count, empty, language) in
        [("service-public", 94, 0, Language::Fr), ("cranfield", 1400, 2, Language::En), ("piaf", 761, 0, Language::Fr)]
    {
        let Some(documents) = corpus(name) else { continue };
        assert_eq!(documents.len(), count, "{name}");
        assert_eq!(detect(documents.iter().map(|document| document.text.as_str())), Some(language), "{name}");
        let mut without = 0;
        for document in &documents {
            let cut: Vec<_> = passages(&document.text, document.format, Chunking::new(1200, 0).unwrap()).collect();
            without += usize::from(cut.is_empty());
            let words = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(
                cut.iter().map(|passage| words(&passage.text)).collect::<String>(),
                words(&document.text),
                "{name} {}",
                document.external_id
            );
        }
        assert_eq!(without, empty, "{name}");
    }
}
