//! How good the lexical ranking is, beside Elasticsearch's on the same questions.

use crate::support::{chunk, cursor, generation, open, scope, wait};
use lectern_domain::{ids::DocumentId, language::Language};
use lectern_vector_store::{Batch, IndexedDocument, LexicalEntry, LexicalQuery};
use serde_json::{Map, Value};
use std::{
    collections::{HashMap, HashSet},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The most characters of a chunk.
const CHUNK: usize = 1_200;

fn shared() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "where the test data is, is no setting")]
    let named = std::env::var_os("LECTERN_SHARED").map(PathBuf::from);
    let path = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    path.join("data").is_dir().then(|| path.join("data"))
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("a readable file");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn text<'a>(line: &'a Value, field: &str) -> &'a str {
    line[field].as_str().unwrap_or_default()
}

/// A text in pieces of at most [`CHUNK`] characters that end where a word ends.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for word in text.split_inclusive(char::is_whitespace) {
        if pieces.last().is_some_and(|piece| piece.chars().count() + word.chars().count() > CHUNK) {
            pieces.push(String::new());
        }
        pieces.last_mut().expect("one piece at least").push_str(word);
    }
    pieces.retain(|piece| !piece.trim().is_empty());
    pieces
}

/// nDCG at 10 as trec_eval computes it (`ndcg_cut_10`): the gain is the judgement itself, the discount log2(rank + 1).
fn ndcg(ranked: &[&str], judged: &HashMap<String, i64>) -> f64 {
    let discounted = |gains: &mut dyn Iterator<Item = i64>| {
        gains.take(10).enumerate().map(|(at, gain)| gain as f64 / (at as f64 + 2.0).log2()).sum::<f64>()
    };
    let mut ideal: Vec<i64> = judged.values().copied().filter(|&gain| gain > 0).collect();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    let best = discounted(&mut ideal.into_iter());
    if best == 0.0 { 0.0 } else { discounted(&mut ranked.iter().map(|id| judged.get(*id).copied().unwrap_or(0).max(0))) / best }
}

#[track_caller]
fn check(set: &str, language: Language, at_least: f64) {
    let Some(data) = shared().map(|data| data.join(set)).filter(|data| data.is_dir()) else {
        println!("skipped: no shared data for {set}");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let open = open(folder.path());
    let index = open.lexical();
    let generation = generation(1, language, None);
    let mut entries = Vec::new();
    let mut owners = HashMap::new();
    for (number, line) in lines(&data.join("corpus.jsonl")).iter().enumerate() {
        let document = Arc::new(IndexedDocument {
            id: DocumentId(number as i32),
            external_id: text(line, "_id").to_owned(),
            title: text(line, "title").to_owned(),
            source: None,
            metadata: Map::new(),
        });
        for piece in pieces(text(line, "text")) {
            let id = chunk(entries.len());
            owners.insert(id, text(line, "_id").to_owned());
            entries.push(LexicalEntry { chunk: id, document: Arc::clone(&document), heading: String::new(), text: piece });
        }
    }
    wait(index.apply(&generation, Batch { seq: 1, removes: Vec::new(), puts: entries })).unwrap();
    wait(index.commit(&generation, cursor(1))).unwrap();

    let mut judged: HashMap<String, HashMap<String, i64>> = HashMap::new();
    for line in fs::read_to_string(data.join("qrels.tsv")).unwrap().lines().skip(1) {
        let mut columns = line.split('\t');
        let mut next = || columns.next().expect("three columns").to_owned();
        let (question, document, gain) = (next(), next(), next());
        judged.entry(question).or_default().insert(document, gain.parse().expect("a number"));
    }
    let scope = scope(&[&generation]);
    let questions = lines(&data.join("queries.jsonl"));
    let mut sum = 0.0;
    let mut asked = 0;
    for question in &questions {
        let Some(judged) = judged.get(text(question, "_id")) else { continue };
        let query = LexicalQuery { text: text(question, "text").to_owned(), limit: 40, filter: None, prefer: Vec::new(), fuzzy: false };
        let hits = wait(index.search(&scope, &query)).unwrap();
        let mut seen = HashSet::new();
        let ranked: Vec<&str> = hits.iter().map(|hit| owners[&hit.chunk].as_str()).filter(|id| seen.insert(*id)).collect();
        sum += ndcg(&ranked, judged);
        asked += 1;
    }
    let mean = sum / f64::from(asked);
    println!("{set}: nDCG@10 {mean:.4} over {asked} questions");
    assert!(mean >= at_least, "{set}: nDCG@10 is {mean:.4}, and Elasticsearch's {at_least}");
}

#[test]
fn cranfield_ranks_at_least_as_well_as_in_elasticsearch() {
    check("cranfield", Language::En, 0.519);
}

#[test]
fn piaf_ranks_at_least_as_well_as_in_elasticsearch() {
    check("piaf", Language::Fr, 0.805);
}
