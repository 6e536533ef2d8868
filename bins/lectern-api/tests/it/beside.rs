//! The command line beside a running server: one of them holds the indexes, and nothing fails because the other runs.

use crate::support::{Server, command, databases, first_admin};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// The command line, built into the same target folder.
fn lectern() -> PathBuf {
    let test = std::env::current_exe().expect("the test's path");
    let path = test.parent().and_then(Path::parent).expect("the target folder").join("lectern");
    assert!(path.is_file(), "{} is not built: run `cargo build -p lectern`, or `cargo test --workspace`", path.display());
    path
}

pub(crate) fn cli(folder: &Path, database: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(lectern());
    command.env_clear().env("DATABASE_URL", database).env("LECTERN__LOG__LEVEL", "error").current_dir(folder);
    command.arg("--json").args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(crate) fn json_of(output: Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn documents(found: &Value) -> Vec<&str> {
    found["results"].as_array().expect("results").iter().filter_map(|passage| passage["document"].as_str()).collect()
}

#[test]
fn what_the_command_line_adds_beside_a_server_is_found_by_both() {
    for database in databases() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = database.url().expose();
        let server = Server::start(command(folder.path()).env("DATABASE_URL", &url).arg("--auto-upgrade"));
        // Several at once, none of which holds the folder.
        let adds: Vec<_> = (0..3)
            .map(|number| {
                let texts =
                    (0..40).map(|line| json!({ "_id": format!("{number}-{line}"), "text": format!("Ferry {number} and {line} crosses.") }));
                let file = format!("{number}.jsonl");
                fs::write(folder.path().join(&file), texts.map(|text| format!("{text}\n")).collect::<String>()).expect("a file");
                let add = ["corpus", "add", &file, "--collection", "documents", "--language", "en"];
                cli(folder.path(), &url, &add).spawn().expect("the command line starts")
            })
            .collect();
        for add in adds {
            assert_eq!(json_of(add.wait_with_output().expect("an end"))["added"], 40);
        }
        let search = |query: &str| json_of(cli(folder.path(), &url, &["search", query, "--limit", "200"]).output().expect("an end"));
        assert_eq!(documents(&search("ferry")).len(), 120, "the command line reads what the server indexed");

        let (username, password) = first_admin(folder.path());
        let body = json!({ "username": username, "password": password }).to_string();
        let token = server.ask("POST", "/api/v2/sign_in", None, &body).json()["token"].as_str().expect("a token").to_owned();
        let body = json!({ "name": "chunks", "query": "ferry crosses 2 17", "limit": 3, "similarity": "bm25" }).to_string();
        let answer = server.ask("POST", "/api/v2/indexes", Some(&token), &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(answer.body.contains("Ferry 2 and 17 crosses."), "{}", answer.body);

        // Without the server the command line takes over.
        assert_eq!(server.stop().0, 0);
        fs::write(folder.path().join("late.jsonl"), "{\"_id\": \"late\", \"text\": \"A rowing boat comes late.\"}\n").expect("a file");
        json_of(cli(folder.path(), &url, &["corpus", "add", "late.jsonl"]).output().expect("an end"));
        assert_eq!(documents(&search("rowing boat")), ["late"]);
    }
}
