//! Processes that are killed: the one that follows, and servers of stores.

use super::{places::Places, run::SHORT, variable};
use crate::{fake::Fake, support::World};
use lectern_llm::Embedder;
use lectern_persistence::{Database, DatabaseOptions};
use lectern_service::{
    accounts::{Auth, AuthOptions, Organizations, SecretKey},
    app::{App, AppOptions},
};
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
};

/// What the child is told by: everything that it takes to open the same application.
const WORLD: &str = "LECTERN_TEST_CHAOS";

/// The process that follows.
pub(super) struct Follower {
    child: Child,
    /// Kept open: a test harness that cannot say how long its test takes ends.
    _out: BufReader<ChildStdout>,
}

impl Follower {
    /// Starts it; it follows when this returns.
    pub(super) fn start(world: &World<'_>, places: &Places) -> Self {
        let of = json!({ "database": world.database.url().expose(), "folder": world.index().parent(), "places": places });
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "chaos::processes::the_process_that_is_killed", "--nocapture"])
            .env(WORLD, of.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        assert!(out.by_ref().lines().any(|line| line.unwrap().contains("following")), "the follower did not start");
        Self { child, _out: out }
    }

    /// Ends it as `kill -9` does.
    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Not a test by itself: the process that [`Follower`] starts. It follows until it is killed.
#[test]
fn the_process_that_is_killed() {
    let Some(told) = variable(WORLD) else { return };
    let told: Value = serde_json::from_str(&told).unwrap();
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(async {
        let url = told["database"].as_str().unwrap().parse().unwrap();
        let database = Database::open(&url, &DatabaseOptions { connections: 4, ..DatabaseOptions::default() }).unwrap();
        let auth = Auth::new(&AuthOptions::default(), &SecretKey::from_text("a key for tests"), Organizations::default());
        let options = AppOptions::new(PathBuf::from(told["folder"].as_str().unwrap()), auth).unwrap();
        let places: Places = serde_json::from_value(told["places"].clone()).unwrap();
        let options = AppOptions { stores: places.options(SHORT), ..options };
        let app = App::open_with(database, options, Some(Fake::new() as Arc<dyn Embedder>)).await.unwrap();
        let _running = app.followers.start();
        println!("following");
        std::future::pending::<()>().await;
    });
}

/// A real server of this test's own, which is killed and started again on the same port with the same data.
pub(super) struct Server {
    script: PathBuf,
    folder: tempfile::TempDir,
    kind: &'static str,
}

impl Server {
    /// None, and a line that says so, where there is nothing to start servers with.
    pub(super) fn start(kind: &'static str) -> Option<(Self, String)> {
        let script = variable("LECTERN_SHARED").map(|shared| Path::new(&shared).join("servers/server")).filter(|script| script.exists());
        if script.is_none() {
            println!("skipped: LECTERN_SHARED names no folder with servers to stop");
        }
        let server = Self { script: script?, folder: tempfile::tempdir().unwrap(), kind };
        let url = server.again();
        Some((server, url))
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new(&self.script).args(arguments).arg(self.folder.path()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub(super) fn again(&self) -> String {
        self.run(&["start", self.kind])
    }

    pub(super) fn kill(&self) {
        self.run(&["kill"]);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = Command::new(&self.script).arg("kill").arg(self.folder.path()).output();
    }
}
