//! `lectern search --queries --run`.

use crate::support::{Place, jsonl};
use serde_json::json;
use std::fs;

#[test]
fn a_run_has_the_best_passage_of_each_document_in_falling_scores() {
    let place = Place::sqlite();
    let long = "The miller grinds the corn. ".repeat(200);
    let documents = (0..9).map(|number| json!({ "_id": format!("d{number}"), "text": "The miller grinds the corn." }));
    place.write("a.jsonl", jsonl(documents.chain([json!({ "_id": "long", "text": long })])));
    place.write("q.jsonl", "{\"_id\": \"q1\", \"text\": \"miller\"}\n\n{\"_id\": 2, \"text\": \"nothing like it: zebra\"}\n");
    place.ok(&["corpus", "add", "a.jsonl", "--collection", "mill", "--language", "en"]);
    let told = place.json(&["search", "--queries", "q.jsonl", "--run", "out.trec", "--collection", "mill", "--limit", "20"]);
    assert_eq!((&told["questions"], &told["lines"]), (&json!(2), &json!(10)));
    let run = fs::read_to_string(place.path("out.trec")).unwrap();
    let (mut seen, mut last) = (Vec::new(), f32::INFINITY);
    for (line, rank) in run.lines().zip(1..) {
        let fields: Vec<&str> = line.split(' ').collect();
        let [question, "Q0", document, at, score, "lectern"] = fields[..] else { panic!("{line}") };
        let score: f32 = score.parse().unwrap();
        assert!(question == "q1" && at == rank.to_string() && score < last, "{line}");
        last = score;
        seen.push(document);
    }
    seen.sort_unstable();
    assert_eq!(seen, ["d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "long"]);
}

#[test]
fn a_bad_question_leaves_no_run_behind() {
    let place = Place::sqlite();
    place.write("a.jsonl", jsonl([json!({ "_id": "a", "text": "The miller." })]));
    place.write("q.jsonl", "{\"_id\": \"q1\", \"text\": \"miller\"}\nnonsense\n");
    place.ok(&["corpus", "add", "a.jsonl", "--collection", "mill", "--language", "en"]);
    let said = place.error(1, &["search", "--queries", "q.jsonl", "--run", "out.trec", "--collection", "mill"]);
    assert!(said.starts_with("q.jsonl, line 2: not a question"), "{said}");
    assert!(!place.path("out.trec").exists() && !place.path("out.trec.unfinished").exists());
}
