//! The commands of `docs/backup-format.md`.

use crate::support::Place;
use std::{fs, path::Path, process::Command};

/// The page's commands.
fn commands() -> Vec<String> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/backup-format.md")).unwrap();
    page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_commands_of_the_page_read_an_archive() {
    for tool in ["zstd", "tar", "jq", "sha256sum"] {
        let found = Command::new("sh").args(["-c", &format!("command -v {tool}")]).output().unwrap();
        if !found.status.success() {
            return println!("skipped: there is no {tool}");
        }
    }
    let place = Place::sqlite().full();
    place.ok(&["db", "backup", "backup.tar.zst"]);
    let commands = commands();
    assert_eq!(commands.len(), 2);
    let run = |script: &str| {
        let output = Command::new("bash").args(["-euo", "pipefail", "-c", script]).current_dir(place.folder.path()).output().unwrap();
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let said = run(&commands[0]);
    assert!(said.contains("tables/users/000001.ndjson\n") && said.contains("\"users\": 3"), "{said}");
    let digests = run(&commands[1]);
    let digests: Vec<&str> = digests.split_whitespace().collect();
    assert_eq!(digests[0], digests[2], "{digests:?}");
    // A part that was changed is noticed by them too.
    let part = place.path("unpacked/tables/users/000001.ndjson");
    fs::write(&part, fs::read_to_string(&part).unwrap().replacen('1', "2", 1)).unwrap();
    let check = commands[0].lines().find(|line| line.contains("sha256sum --check")).unwrap();
    assert!(
        !Command::new("bash").args(["-euo", "pipefail", "-c", check]).current_dir(place.folder.path()).output().unwrap().status.success()
    );
}
