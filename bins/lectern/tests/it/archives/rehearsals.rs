//! Rehearsals that are ended before their time leave nothing, or nothing that the next one does not remove.

use super::Place;
use lectern_testkit::{
    TestDatabase,
    database::{
        full::{self, Pool},
        lines,
    },
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Far longer than anything here takes: what does not come is a failure.
const LONG: Duration = Duration::from_secs(300);

/// Looks until something is there.
#[track_caller]
fn found<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < LONG, "{what} did not come about");
        thread::yield_now();
    }
}

/// A rehearsal that never comes to its end; killed with this value.
struct Endless {
    child: Child,
    /// The scratch database's name, or its folder.
    scratch: String,
}

impl Drop for Endless {
    fn drop(&mut self) {
        // It may be gone.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Endless {
    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap().success());
    }
}

impl Place {
    /// This program's migrations, and one more that takes for ever.
    fn endless_migrations(&self) {
        for (backend, endless) in [
            ("postgres", "SELECT pg_sleep(86400);"),
            (
                "sqlite",
                "CREATE TABLE endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS i FROM n;",
            ),
        ] {
            let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(backend);
            for folder in fs::read_dir(own).unwrap().map(|entry| entry.unwrap()).filter(|entry| entry.path().is_dir()) {
                for file in fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap()) {
                    let name = format!("endless/{backend}/{}/{}", folder.file_name().display(), file.file_name().display());
                    self.write(&name, fs::read(file.path()).unwrap());
                }
            }
            self.write(&format!("endless/{backend}/2999-01-01-000100_endless/up.sql"), endless);
            self.write(&format!("endless/{backend}/2999-01-01-000100_endless/down.sql"), "SELECT 1;");
        }
    }

    /// A command with a temporary folder of this place's own.
    fn trial(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(arguments);
        fs::create_dir_all(self.path("tmp")).unwrap();
        command.env("TMPDIR", self.path("tmp"));
        command
    }

    /// The folders of SQLite's scratch databases that are there.
    fn scratches(&self) -> Vec<String> {
        let folders = fs::read_dir(self.path("tmp")).into_iter().flatten().map(|entry| entry.unwrap().path());
        let folders = folders.filter(|folder: &PathBuf| folder.join("lectern.db").exists());
        folders.map(|folder| folder.display().to_string()).collect()
    }

    /// Begins one; it has made its scratch database then.
    fn begin_endless(&self, name: &str) -> Endless {
        let before = self.scratches();
        let mut command = self.trial(&["db", "rehearse", "--folder", "endless"]);
        let child = command.env("PGAPPNAME", name).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut endless = Endless { child, scratch: String::new() };
        let busy = format!(
            "SELECT datname::text AS line FROM pg_stat_activity WHERE application_name = '{name}' AND datname LIKE 'lectern\\_trial\\_%' AND query LIKE '%pg\\_sleep%'"
        );
        endless.scratch = found("the rehearsal", || {
            if let Some(status) = endless.child.try_wait().unwrap() {
                let mut said = String::new();
                std::io::Read::read_to_string(endless.child.stderr.as_mut().unwrap(), &mut said).unwrap();
                panic!("it ended: {status}: {said}");
            }
            match self.database.name() {
                "sqlite" => self.scratches().into_iter().find(|folder| !before.contains(folder)),
                _ => lines(self.database.database(), &busy).pop(),
            }
        });
        endless
    }

    fn is_there(&self, scratch: &str) -> bool {
        match self.database.name() {
            "sqlite" => Path::new(scratch).exists(),
            _ => !lines(self.database.database(), &format!("SELECT datname::text AS line FROM pg_database WHERE datname = '{scratch}'"))
                .is_empty(),
        }
    }

    /// Nobody is connected to it any more: a server notices a moment later that a client was killed.
    fn wait_for_nobody(&self, scratch: &str) {
        if self.database.name() == "postgres" {
            let connected = format!("SELECT 'x' AS line FROM pg_stat_activity WHERE datname = '{scratch}'");
            found("the end of its connections", || lines(self.database.database(), &connected).is_empty().then_some(()));
        }
    }
}

fn places(test: impl Fn(&Place)) {
    for database in TestDatabase::all() {
        full::fill(&database, &Pool::default());
        let place = Place::on(database);
        place.endless_migrations();
        test(&place);
    }
}

#[test]
fn what_a_killed_one_left_goes_with_the_next_and_that_of_a_living_one_stays() {
    places(|place| {
        let id = place.database.url().expose().chars().rev().take(12).filter(char::is_ascii_alphanumeric).collect::<String>();
        let living = place.begin_endless(&format!("living-{id}"));
        let mut killed = place.begin_endless(&format!("killed-{id}"));
        killed.child.kill().unwrap();
        killed.child.wait().unwrap();
        place.wait_for_nobody(&killed.scratch);
        assert!(place.is_there(&killed.scratch), "a process that is killed leaves it");
        let done = crate::support::done(place.trial(&["db", "rehearse"]));
        assert_eq!(done.code, Some(0), "{done:?}");
        assert!(!place.is_there(&killed.scratch) && place.is_there(&living.scratch), "on {}", place.database.name());
    });
}

#[test]
fn a_signal_ends_it_without_a_trace() {
    places(|place| {
        let id = place.database.url().expose().chars().rev().take(12).filter(char::is_ascii_alphanumeric).collect::<String>();
        for (signal, code) in [("TERM", 143), ("INT", 130)] {
            let mut endless = place.begin_endless(&format!("{signal}-{id}"));
            endless.signal(signal);
            assert_eq!(endless.child.wait().unwrap().code(), Some(code), "on {}", place.database.name());
            let mut said = String::new();
            std::io::Read::read_to_string(endless.child.stderr.as_mut().unwrap(), &mut said).unwrap();
            assert_eq!(said, "lectern: ended by a signal: what was copied to try the upgrade on is gone\n");
            assert!(!place.is_there(&endless.scratch), "on {}", place.database.name());
        }
    });
}
