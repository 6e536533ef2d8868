//! The index folder is worth a rebuild, nothing else.

use crate::support::{documents, jsonl, on_every_database};
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
