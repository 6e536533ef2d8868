//! `lectern ask` and the shape of what it prints.

use crate::support::{jsonl, on_every_database};
use serde_json::{Value, json};

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn an_answer_comes_with_its_sources() {
    on_every_database(|place| {
        place.write(
            "a.jsonl",
            jsonl([
                json!({ "_id": "B-1", "title": "Library", "url": "https://example.org/library",
                        "text": "The library lends every reader ten books at a time. Members may keep a book for three weeks." }),
                json!({ "_id": "B-2", "title": "Swimming pool", "text": "The swimming pool opens at seven in summer and closes at nine." }),
            ]),
        );
        place.ok(&["corpus", "add", "a.jsonl", "--collection", "town", "--language", "en"]);
        let question = "How many books does the library lend at a time?";
        let answer = place.json(&["ask", question, "--collection", "town"]);
        assert_eq!(keys(&answer), ["answer", "model", "sources"]);
        assert_eq!(answer["model"], "lectern-extractive");
        assert!(answer["answer"].as_str().unwrap().contains("ten books"), "{answer}");
        let source = &answer["sources"][0];
        assert_eq!(keys(source), ["number", "document", "chunk", "title", "url"]);
        assert_eq!((&source["number"], &source["document"]), (&json!(1), &json!("B-1")));
        assert_eq!((&source["title"], &source["url"]), (&json!("Library"), &json!("https://example.org/library")));

        let shown = place.ok(&["ask", question, "--collection", "town"]);
        assert!(shown.contains("ten books") && shown.contains("\n\n[1] Library <https://example.org/library>\n"), "{shown}");

        let declined = place.json(&["ask", "Who invented the telescope?", "--collection", "town"]);
        assert_eq!(declined["sources"], json!([]));
    });
}
