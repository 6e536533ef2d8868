//! The index folder is worth a rebuild, nothing else; and the commands that look after indexes.

use crate::support::{Place, documents, done, jsonl, on_every_database};
use lectern_testkit::database::execute;
use serde_json::json;
use std::fs;

#[test]
fn a_deleted_index_folder_is_rebuilt() {
    on_every_database(|place| {
        let texts = (0..30).map(|number| json!({ "_id": format!("d{number}"), "text": format!("Shepherd {number} counts sheep.") }));
        place.write("a.jsonl", jsonl(texts));
        place.ok(&["corpus", "add", "a.jsonl", "--collection", "farm", "--language", "en"]);
        let search = || place.json(&["search", "shepherd counts 7", "--collection", "farm", "--limit", "30"]);
        let (before, contents) = (search(), place.database.contents());
        assert_eq!(documents(&before).len(), 30);
        fs::remove_dir_all(place.path("data/index")).unwrap();
        let rebuilt = search();
        assert_eq!(documents(&rebuilt)[0], "d7");
        let sorted = |found: &serde_json::Value| {
            let mut ids: Vec<String> = documents(found).into_iter().map(str::to_owned).collect();
            ids.sort();
            ids
        };
        assert_eq!((sorted(&rebuilt), place.database.contents()), (sorted(&before), contents));
    });
}

/// A place with a collection of three documents.
fn farm(place: &Place) {
    let texts = (0..3).map(|number| json!({ "_id": format!("d{number}"), "text": format!("Shepherd {number} counts sheep.") }));
    place.write("a.jsonl", jsonl(texts));
    place.ok(&["corpus", "add", "a.jsonl", "--collection", "farm", "--language", "en"]);
}

#[test]
fn differences_are_told_by_the_exit_code_and_put_right() {
    on_every_database(|place| {
        farm(place);
        let clean = place.json(&["index", "verify"]);
        assert_eq!((&clean["differences"], &clean["indexes"][0]["held"]), (&json!(0), &json!(3)));
        assert!(place.ok(&["index", "verify", "--collection", "farm"]).contains("lexical in embedded: 3 of 3 chunks, no differences"));
        // Somebody changes the database behind Lectern's back.
        execute(place.database.database(), "UPDATE documents SET title = 'Another' WHERE external_id = 'd1'");
        execute(place.database.database(), "DELETE FROM chunks WHERE text LIKE 'Shepherd 2%'");
        let done = place.run(&["index", "verify", "--json"]);
        assert_eq!(done.code, Some(7), "{done:?}");
        let told: serde_json::Value = serde_json::from_str(&done.out).unwrap();
        let index = &told["indexes"][0];
        assert_eq!((&index["missing"], &index["stale"], &index["orphaned"]), (&json!(0), &json!(1), &json!(1)), "{told}");
        assert_eq!(told["indexes"][0]["named"].as_array().map(Vec::len), Some(2));
        let repaired = place.json(&["index", "repair"]);
        assert_eq!((&repaired["before"]["differences"], &repaired["after"]["differences"]), (&json!(2), &json!(0)), "{repaired}");
        assert_eq!(place.json(&["index", "verify"])["differences"], json!(0));
        assert!(place.error(1, &["index", "verify", "--collection", "nowhere"]).contains("there is no collection 'nowhere'"));
    });
}

#[test]
fn indexes_that_do_not_get_there_in_time_are_told_by_another_exit_code() {
    // Nothing listens on this port: it was given back a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    on_every_database(|place| {
        farm(place);
        for command in ["verify", "repair"] {
            let mut verify = place.command(&["index", command, "--wait", "1"]);
            verify.env("LECTERN__SEARCH__LEXICAL", "elasticsearch").env("LECTERN__ELASTICSEARCH__URL", format!("http://127.0.0.1:{port}"));
            let late = done(verify);
            assert_eq!(late.code, Some(6), "{late:?}");
            assert!(late.err.contains("within 1 s") && late.err.contains("Elasticsearch"), "{late:?}");
        }
    });
}

#[test]
fn a_generation_is_built_switched_to_and_dropped() {
    on_every_database(|place| {
        farm(place);
        let before = place.json(&["index", "status"]);
        let old = before["generations"][0]["generation"].as_i64().unwrap();
        let built = place.json(&["index", "rebuild", "farm"]);
        let new = built["generation"].as_i64().unwrap();
        assert_eq!((&built["created"], &built["chunks"]), (&json!(true), &json!(3)));
        assert!(place.error(4, &["index", "drop", &old.to_string()]).contains("is searched by it"));
        assert_eq!(place.json(&["index", "switch", "farm"]), json!({ "collection": "farm", "from": old, "to": new }));
        assert_eq!(documents(&place.json(&["search", "shepherd 2", "--collection", "farm"]))[0], "d2");
        assert!(place.error(4, &["index", "switch", "farm"]).contains("'farm' is searched as before"));
        place.ok(&["index", "drop", &old.to_string()]);
        let status = place.ok(&["index", "status"]);
        assert!(
            status.contains(&format!("farm generation {new}: 3 chunks")) && !status.contains(&format!("generation {old}:")),
            "{status}"
        );
        assert_eq!(place.json(&["index", "verify"])["indexes"].as_array().map(Vec::len), Some(1));
    });
}
