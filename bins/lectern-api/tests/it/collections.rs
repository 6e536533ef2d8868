//! Collections over real connections: the commands of `docs/collections.md`, run as they stand there; a process that is killed while it reads
//! a file; a file that is too large.

use crate::support::{Server, command, databases, sign_in};
use lectern_testkit::database::execute;
use serde_json::{Value, json};
use std::{fs, path::Path, process::Command};

const PAGE: &str = include_str!("../../../../docs/collections.md");

/// The commands of the page, in their order.
fn script() -> String {
    let blocks = PAGE.split("```sh\n").skip(1).map(|rest| rest.split("```").next().expect("an end"));
    // What is shown as several answers is several lines.
    blocks.collect::<Vec<_>>().join("\necho\n")
}

#[test]
fn the_commands_of_the_page_do_what_it_says() {
    if !has_curl() {
        return;
    }
    for database in databases() {
        let folder = tempfile::tempdir().expect("a folder");
        let server = Server::start(command(folder.path()).env("DATABASE_URL", database.url().expose()).arg("--auto-upgrade"));
        let token = sign_in(&server, folder.path());
        let work = folder.path().join("work");
        fs::create_dir(&work).expect("a folder");
        let ran = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &script()])
            .current_dir(&work)
            .env("HOST", format!("http://{}", server.address()))
            .env("TOKEN", &token)
            .output()
            .expect("bash runs");
        let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "on {}: {} {err}\n{out}", database.name(), ran.status);
        let answers: Vec<Value> = serde_json::Deserializer::from_str(&out).into_iter().map(|answer| answer.expect("JSON")).collect();
        let of = |object: &str| answers.iter().filter(|answer| answer["object"] == object).collect::<Vec<_>>();
        assert!(of("job").iter().any(|job| job["status"] == "completed" && job["progress"]["added"] == 2), "{out}");
        let found = of("list").into_iter().find(|list| list["method"] == "lexical").expect("a search");
        let ids: Vec<&str> =
            found["data"].as_array().expect("a list").iter().filter_map(|found| found["chunk"]["external_id"].as_str()).collect();
        assert!(ids.contains(&"bicycles") && !ids.contains(&"library") && !ids.contains(&"pool.md"), "{ids:?}");
        let said = of("chat.completion")[0]["choices"][0]["message"]["content"].as_str().expect("text");
        assert!(said.contains("twenty euros"), "{said}");
        assert_eq!(of("collection.deleted").len(), 1);
    }
}

/// Runs curl and gives what it printed.
fn curl(arguments: &[&str]) -> String {
    let ran = Command::new("curl").args(["--silent", "--show-error"]).args(arguments).output().expect("curl runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).expect("text")
}

fn upload(server: &Server, token: &str, file: &Path, more: &[&str]) -> String {
    let (url, bearer) = (format!("http://{}/api/v1/documents", server.address()), format!("Authorization: Bearer {token}"));
    let form = format!("file=@{}", file.display());
    let arguments = ["--header", &bearer, "--form", "collection=docs", "--form", &form, &url];
    curl(&[&arguments, more].concat())
}

fn has_curl() -> bool {
    let there = Command::new("curl").arg("--version").output().is_ok();
    if !there {
        println!("skipped: there is no curl");
    }
    there
}

#[test]
fn the_job_of_a_killed_process_is_done_by_the_next_one() {
    if !has_curl() {
        return;
    }
    const LINES: u64 = 4_000;
    for database in databases() {
        let folder = tempfile::tempdir().expect("a folder");
        let start = || Server::start(command(folder.path()).env("DATABASE_URL", database.url().expose()).arg("--auto-upgrade"));
        let server = start();
        let token = sign_in(&server, folder.path());
        server.ask("POST", "/api/v1/collections", Some(&token), r#"{"name":"docs","language":"en"}"#);
        let line = |n: u64| json!({ "_id": format!("d{n}"), "text": format!("word{n} {}", "filler ".repeat(300)) }).to_string() + "\n";
        let file = folder.path().join("many.jsonl");
        fs::write(&file, (0..LINES).map(line).collect::<String>()).expect("a file");
        let sent: Value = serde_json::from_str(&upload(&server, &token, &file, &[])).expect("JSON");
        let path = format!("/api/v1/jobs/{}", sent["id"].as_str().expect("a job"));
        let count = |job: &Value, of: &str| job["progress"][of].as_u64().expect("a number");
        let before = loop {
            let job = server.ask("GET", &path, Some(&token), "").json();
            if count(&job, "added") > 0 {
                break job;
            }
        };
        server.kill();
        assert!(count(&before, "added") < LINES, "on {}: it was too quick: {before}", database.name());

        let server = start();
        // Its lease is over when it is; the test does not wait for that.
        execute(database.database(), "UPDATE jobs SET lease_expires_at = created_at WHERE state = 'running'");
        let after = loop {
            let job = server.ask("GET", &path, Some(&token), "").json();
            if job["status"] == "completed" {
                break job;
            }
            assert_ne!(job["status"], "failed", "{job}");
        };
        assert_eq!(count(&after, "added") + count(&after, "unchanged"), LINES, "{after}");
        assert!(count(&after, "unchanged") <= 64 && count(&after, "added") >= count(&before, "added"), "{before} {after}");
        let last = json!({ "query": format!("word{}", LINES - 1), "collections": ["docs"], "method": "lexical" }).to_string();
        let found = server.ask("POST", "/api/v1/search", Some(&token), &last).json();
        assert_eq!(found["data"][0]["chunk"]["external_id"], format!("d{}", LINES - 1), "{found}");
        assert_eq!(lectern_testkit::database::lines(database.database(), "SELECT 'x' AS line FROM upload_parts"), [""; 0]);
    }
}

#[test]
fn who_sends_too_much_is_told_so_before_and_while_it_comes() {
    if !has_curl() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(command(folder.path()).env("LECTERN__LIMITS__UPLOAD_BYTES", "1048576"));
    let token = sign_in(&server, folder.path());
    server.ask("POST", "/api/v1/collections", Some(&token), r#"{"name":"docs"}"#);
    let file = folder.path().join("large.txt");
    fs::write(&file, "x".repeat(16 << 20)).expect("a file");
    for more in [
        &[][..],
        &["--header", "Expect:"],
        &["--header", "Transfer-Encoding: chunked"],
        &["--header", "Expect:", "--header", "Transfer-Encoding: chunked"],
    ] {
        let more = [&["--write-out", " %{http_code}"], more].concat();
        let said = upload(&server, &token, &file, &more);
        assert!(said.ends_with(" 413") && said.contains("larger than 1048576 bytes"), "{more:?}: {said}");
    }
    let jobs = server.ask("GET", "/api/v1/jobs", Some(&token), "").json();
    assert_eq!(jobs["data"], json!([]));
}
