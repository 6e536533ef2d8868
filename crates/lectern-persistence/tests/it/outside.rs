//! A service outside the workspace uses the crate with SQLite alone, and gets no web server and no HTTP client with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The crate, made anew from its template in a place that stays, so that a second run builds nothing.
fn make() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("outside-crate");
    fs::create_dir_all(folder.join("src")).expect("the target folder can be written");
    let template = fs::read_to_string(here.join("tests/outside/Cargo.toml.in")).expect("the template is there");
    let crates = here.parent().expect("the crate is in a folder").display().to_string();
    fs::write(folder.join("Cargo.toml"), template.replace("@crates@", &crates)).expect("written");
    // The versions that the workspace is tested with; nothing is fetched.
    fs::copy(here.join("../../Cargo.lock"), folder.join("Cargo.lock")).expect("copied");
    fs::copy(here.join("tests/outside/service.rs"), folder.join("src/main.rs")).expect("copied");
    folder
}

#[track_caller]
fn cargo(folder: &Path, arguments: &[&str]) -> String {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("outside-target");
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(folder).args(arguments).env("CARGO_TARGET_DIR", target).env("CARGO_NET_OFFLINE", "true");
    let output = command.env("CARGO_PROFILE_DEV_DEBUG", "0").output().expect("cargo runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn a_service_outside_the_workspace_reads_a_chat() {
    let folder = make();
    let tree = cargo(&folder, &["tree", "--prefix", "none", "--edges", "normal,build"]);
    assert!(tree.contains("lectern-persistence") && tree.contains("libsqlite3-sys"), "{tree}");
    for unwanted in ["actix", "reqwest", "hyper", "pq-sys", "openssl", "tokio"] {
        assert!(!tree.contains(unwanted), "{unwanted} is in the tree: {tree}");
    }
    let data = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", data.path().join("outside.db").display());
    assert_eq!(cargo(&folder, &["run", "--quiet", "--", &url]), "1 Some([\"moving\"]) 0\n");
}
