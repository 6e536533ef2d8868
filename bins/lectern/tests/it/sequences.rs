//! `lectern db sequences reset`, after rows were loaded past the program.

use crate::support::{Place, documents, jsonl, on_every_database};
use lectern_testkit::{TestDatabase, database::execute};
use serde_json::json;

#[test]
fn what_was_loaded_is_found_and_more_can_be_added() {
    on_every_database(|place| {
        place.write("a.jsonl", jsonl([json!({ "_id": "a", "text": "The ferry crosses." })]));
        place.write("b.jsonl", jsonl([json!({ "_id": "b", "text": "The ferry is late." })]));
        place.ok(&["corpus", "add", "a.jsonl", "--collection", "boats", "--language", "en"]);
        execute(
            place.database.database(),
            "INSERT INTO users (id, username, email, email_key, hashed_password) VALUES (41, 'ann', 'ann@example.org', 'ann@example.org', 'x')",
        );
        let before = place.json(&["db", "sequences", "reset"]);
        let users = before["counters"].as_array().unwrap().iter().find(|counter| counter["table"] == "users").unwrap();
        assert_eq!((&users["column"], &users["next"]), (&json!("id"), &json!(42)), "{before}");
        let again = place.ok(&["db", "sequences", "reset"]);
        assert!(again.contains("counters are right") && !again.contains("goes on with"), "{again}");
        assert!(!again.contains(before["installation_id"].as_str().unwrap()), "every time another id: {again}");

        let made = place.json(&["user", "add", "bob", "bob@example.org"]);
        assert_eq!(made["username"], "bob");
        place.ok(&["corpus", "add", "b.jsonl", "--collection", "boats"]);
        let mut found =
            documents(&place.json(&["search", "ferry", "--collection", "boats"])).into_iter().map(str::to_owned).collect::<Vec<_>>();
        found.sort();
        assert_eq!(found, ["a", "b"], "on {}", place.database.name());
    });
}

#[test]
fn an_empty_database_has_none() {
    for database in TestDatabase::all_empty() {
        let place = Place::on(database);
        let refused = place.error(3, &["db", "sequences", "reset"]);
        assert!(refused.contains("lectern db upgrade"), "{refused}");
    }
}
