//! `lectern corpus add`.

use crate::support::{Place, documents, jsonl, on_every_database};
use serde_json::{Value, json};

fn counts(report: &Value) -> [u64; 4] {
    ["added", "replaced", "unchanged", "failed"].map(|name| report[name].as_u64().unwrap())
}

fn bread(text: &str) -> Value {
    json!({ "_id": "bread", "title": "Bread", "text": text, "url": "https://example.org/bread", "source": "bakery", "author": "Ann", "year": 1999 })
}

#[test]
fn what_is_added_is_found_and_adding_it_again_changes_nothing() {
    on_every_database(|place| {
        let empty = json!({ "_id": "empty", "title": "Nothing", "text": "" });
        place.write("a.jsonl", jsonl([bread("The baker kneads the dough before dawn."), empty]));
        place.write("notes/one.md", "# Cheese\n\nThe dairy ripens its cheese in a cold cellar.\n");
        place.write("notes/two.txt", "Carpenters plane the boards of the table.");
        place.write("notes/three.html", "<title>Glass</title><p>The glazier cuts the window.</p>");
        let add = ["corpus", "add", "a.jsonl", "notes", "--collection", "crafts"];
        let first = place.json(&add);
        assert_eq!(counts(&first), [5, 0, 0, 0]);
        assert_eq!(first["chunks"], 4);
        assert_eq!(
            (&first["collection"], &first["language"], &first["language_from"]),
            (&json!("crafts"), &json!("en"), &json!("detected"))
        );

        let contents = place.database.contents();
        assert_eq!(counts(&place.json(&add)), [0, 0, 5, 0]);
        assert_eq!(place.database.contents(), contents);

        let found = place.json(&["search", "kneading dough", "--collection", "crafts", "--method", "lexical"]);
        assert_eq!((documents(&found), &found["method"]), (vec!["bread"], &json!("lexical")));
        let passage = &found["results"][0];
        assert_eq!(passage["title"], "Bread");
        assert_eq!((&passage["url"], &passage["source"]), (&json!("https://example.org/bread"), &json!("bakery")));
        assert_eq!(passage["metadata"], json!({ "author": "Ann", "year": 1999 }));
        for (question, document) in [("cellar", "one.md"), ("boards", "two.txt"), ("glazier", "three.html")] {
            assert_eq!(documents(&place.json(&["search", question, "--collection", "crafts"])), [document]);
        }
    });
}

#[test]
fn another_content_is_a_new_version_and_the_old_one_is_gone() {
    on_every_database(|place| {
        let add = ["corpus", "add", "a.jsonl", "--collection", "crafts"];
        place.write("a.jsonl", jsonl([bread("The baker kneads the dough before dawn.")]));
        place.ok(&add);
        place.write("a.jsonl", jsonl([bread("The baker sleeps until noon.")]));
        assert_eq!(counts(&place.json(&add)), [0, 1, 0, 0]);
        let search = |query: &str| place.json(&["search", query, "--collection", "crafts"]);
        assert_eq!(documents(&search("noon")), ["bread"]);
        assert_eq!(documents(&search("dough")), Vec::<&str>::new());
        // Of two with one id the later counts.
        place.write("a.jsonl", jsonl([bread("Early."), bread("The baker travels.")]));
        assert_eq!(counts(&place.json(&add)).iter().sum::<u64>(), 2);
        assert_eq!(documents(&search("travels")), ["bread"]);
        assert_eq!(documents(&search("early")), Vec::<&str>::new());
    });
}

#[test]
fn a_collection_keeps_its_language() {
    let place = Place::sqlite();
    place.write("a.jsonl", jsonl([bread("x")]));
    let unclear = place.json(&["corpus", "add", "a.jsonl", "--collection", "unclear"]);
    assert_eq!((&unclear["language"], &unclear["language_from"]), (&json!("fr"), &json!("fallback")));
    let given = place.json(&["corpus", "add", "a.jsonl", "--collection", "given", "--language", "de"]);
    assert_eq!((&given["language"], &given["language_from"]), (&json!("de"), &json!("given")));
    let again = place.json(&["corpus", "add", "a.jsonl", "--collection", "given"]);
    assert_eq!((&again["language"], &again["language_from"]), (&json!("de"), &json!("pinned")));
    let refused = place.error_after_progress(&["corpus", "add", "a.jsonl", "--collection", "given", "--language", "it"]);
    assert!(refused.contains("was made in de"), "{refused}");
}

#[test]
fn folders_are_walked_once_without_what_is_hidden_or_unknown() {
    let place = Place::sqlite();
    place.write("docs/a.md", "Visible text.");
    place.write("docs/.hidden.md", "Hidden text.");
    place.write("docs/.git/b.md", "Hidden text.");
    place.write("docs/c.pdf", "Unknown text.");
    place.write("docs/sub/d.TXT", "More text.");
    #[cfg(unix)]
    std::os::unix::fs::symlink(".", place.path("docs/loop")).unwrap();
    assert_eq!(counts(&place.json(&["corpus", "add", "docs", "--collection", "x"])), [2, 0, 0, 0]);
    let ids: Vec<String> = place.database.contents().documents.into_iter().map(|(id, _, _)| id).collect();
    assert_eq!(ids, ["a.md", "sub/d.TXT"]);
    assert!(place.ok(&["corpus", "add", "docs/.git", "--collection", "y"]).contains("1 added"));
}

#[test]
fn without_waiting_the_next_search_finds_it() {
    on_every_database(|place| {
        place.write("a.jsonl", jsonl([bread("The baker kneads the dough.")]));
        place.ok(&["corpus", "add", "a.jsonl", "--collection", "crafts", "--no-wait"]);
        assert_eq!(documents(&place.json(&["search", "dough", "--collection", "crafts"])), ["bread"]);
    });
}

impl Place {
    /// The last line of a command that fails after it said what it was doing.
    #[track_caller]
    fn error_after_progress(&self, arguments: &[&str]) -> String {
        let done = self.run(arguments);
        assert_eq!(done.code, Some(1), "{done:?}");
        done.err.lines().last().unwrap_or_default().to_owned()
    }
}
