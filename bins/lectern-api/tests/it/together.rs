//! Eight servers started at once on an empty database: one migrates, all serve, twenty times in a row.

use crate::{
    beside::{cli, json_of},
    support::{Server, command, databases, sign_in},
};
use lectern_testkit::comes;
use serde_json::json;
use std::{fs, path::Path, thread};

/// How many servers start at once.
const SERVERS: usize = 8;

/// The server that has the lock of the folder of indexes says so.
const FOLLOWS: &str = "this process follows the change log for the embedded indexes";

/// How many times in a row.
const ROUNDS: usize = 20;

/// Servers as small as they can be, on one data folder: their first secrets and their indexes are shared too.
fn start(folder: &Path, url: &str) -> Vec<Server> {
    let start = || {
        let mut start = command(folder);
        start.env("DATABASE_URL", url).env("LECTERN__DATABASE__CONNECTIONS", "1").env("LECTERN__HTTP__WORKERS", "1");
        start.env("LECTERN__METRICS__LISTEN", "off").arg("--auto-upgrade");
        Server::start(&mut start)
    };
    thread::scope(|scope| {
        let starts: Vec<_> = (0..SERVERS).map(|_| scope.spawn(start)).collect();
        starts.into_iter().map(|start| start.join().expect("every server starts")).collect()
    })
}

#[test]
fn one_of_eight_servers_migrates_and_all_serve() {
    for round in 0..ROUNDS {
        for database in databases() {
            let folder = tempfile::tempdir().expect("a folder");
            let servers = start(folder.path(), &database.url().expose());
            for server in &servers {
                // Eight begin their work on one machine: a look at the database may take longer than is waited for.
                let is_ready = || server.ask("GET", "/readyz", None, "").status == 200;
                assert!(comes(is_ready), "round {round} on {}: {}", database.name(), server.ask("GET", "/readyz", None, "").body);
            }
            let migrated = |log: &String| log.contains("applied a migration");
            let (codes, logs): (Vec<i32>, Vec<String>) = servers.into_iter().map(Server::stop).map(|(code, log, _)| (code, log)).unzip();
            assert!(codes.iter().all(|code| *code == 0), "round {round} on {}: {codes:?} {logs:#?}", database.name());
            assert_eq!(logs.iter().filter(|log| migrated(log)).count(), 1, "round {round} on {}: {logs:#?}", database.name());
        }
    }
}

#[test]
fn eight_servers_share_a_folder_of_indexes_also_after_a_crash() {
    for database in databases() {
        let (folder, url) = (tempfile::tempdir().expect("a folder"), database.url().expose());
        let servers = start(folder.path(), &url);
        let token = sign_in(&servers[0], folder.path());
        let add = |name: &str| {
            let file = format!("{name}.jsonl");
            let text = json!({ "_id": name, "text": format!("The ferry {name} crosses the river.") });
            fs::write(folder.path().join(&file), format!("{text}\n")).expect("a file");
            let add = ["corpus", "add", &file, "--collection", "documents", "--language", "en"];
            assert_eq!(json_of(cli(folder.path(), &url, &add).output().expect("an end"))["added"], 1);
        };
        let check = |servers: &[Server], found: &[&str]| {
            let body = json!({ "name": "chunks", "query": "ferry", "limit": 5, "similarity": "bm25" }).to_string();
            for server in servers {
                let answer = server.ask("POST", "/api/v2/indexes", Some(&token), &body);
                let all = found.iter().all(|name| answer.body.contains(&format!("The ferry {name} crosses")));
                assert!(answer.status == 200 && all, "on {}: {} {}", database.name(), answer.status, answer.body);
            }
        };
        add("Ada");
        check(&servers, &["Ada"]);

        let follows = |server: &Server| {
            // Logged after it.
            server.logged("starting 1 workers");
            server.log().contains(FOLLOWS)
        };
        let (mut holders, others): (Vec<_>, Vec<_>) = servers.into_iter().partition(follows);
        assert_eq!(holders.len(), 1, "one holds the lock");
        holders.remove(0).kill();
        add("Blaise");
        check(&others, &["Ada", "Blaise"]);
    }
}
