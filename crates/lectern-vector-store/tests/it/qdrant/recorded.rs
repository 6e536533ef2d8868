//! The scenarios on what a real server answered, and their recording.

use super::scenarios;
use crate::support::wait;
use lectern_testkit::{
    exchanges::{Recorder, Replayer},
    qdrant_server::QdrantServer,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What the names of collections begin with, here and in the recordings.
const PREFIX: &str = "recorded";

fn recordings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings")
}

#[test]
fn scenarios_pass_on_what_a_real_server_answered() {
    #[expect(clippy::disallowed_methods, reason = "whether to record is told by the environment")]
    if std::env::var_os("LECTERN_RECORD").is_some() {
        record();
    }
    let folders: Vec<PathBuf> = fs::read_dir(recordings())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("qdrant-")))
        .collect();
    assert!(!folders.is_empty());
    for folder in folders {
        for (name, scenario) in scenarios::ALL {
            let replayer = wait(Replayer::start(&folder.join(format!("{name}.jsonl"))));
            scenario(replayer.url(), PREFIX);
            replayer.finish();
        }
    }
}

/// Writes the recordings anew, from the server that the environment names.
fn record() {
    let Some(mut server) = QdrantServer::named() else { return };
    server.prefix = PREFIX.to_owned();
    let folder = recordings().join(format!("qdrant-{}", wait(server.version())));
    for (name, scenario) in scenarios::ALL {
        wait(server.drop_collections());
        let recorder = wait(Recorder::start(&server.url));
        scenario(recorder.url(), PREFIX);
        recorder.save(&folder.join(format!("{name}.jsonl")));
    }
}
