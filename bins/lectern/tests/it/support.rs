//! A place to run the program in.

use lectern_testkit::{TestDatabase, search_server::SearchServer};
use serde_json::Value;
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use tempfile::TempDir;

/// A working directory, a data folder and a database.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    pub(crate) database: TestDatabase,
    /// Settings besides the usual ones.
    pub(crate) variables: Vec<(&'static str, String)>,
}

/// How the program ended, and what it said.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A migration: its name, what applies it and what reverts it.
pub(crate) type Migration<'a> = (&'a str, &'a str, &'a str);

/// Runs a test in a place for each database at hand.
pub(crate) fn on_every_database(test: impl Fn(&Place)) {
    for database in TestDatabase::all() {
        test(&Place::on(database));
    }
}

/// The same on databases before any migration.
pub(crate) fn on_every_empty_database(test: impl Fn(&Place)) {
    for database in TestDatabase::all_empty() {
        test(&Place::on(database));
    }
}

impl Place {
    pub(crate) fn on(database: TestDatabase) -> Self {
        Self { folder: TempDir::with_prefix("lectern-cli-").unwrap(), database, variables: Vec::new() }
    }

    pub(crate) fn sqlite() -> Self {
        Self::on(TestDatabase::sqlite())
    }

    /// The same, with its words in this server.
    pub(crate) fn with_words_in(mut self, server: &SearchServer) -> Self {
        self.variables.extend([
            ("LECTERN__SEARCH__LEXICAL", "elasticsearch".to_owned()),
            ("LECTERN__ELASTICSEARCH__URL", server.url.clone()),
            ("LECTERN__ELASTICSEARCH__PREFIX", server.prefix.clone()),
        ]);
        self
    }

    /// Another working directory and data folder on the same database would be another machine; this is another installation.
    pub(crate) fn sibling(&self) -> Self {
        let database = TestDatabase::all().into_iter().find(|database| database.name() == self.database.name());
        Self::on(database.unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file below the working directory.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Writes migrations for both backends into a folder.
    pub(crate) fn migrations(&self, folder: &str, migrations: &[Migration<'_>]) {
        let _ = fs::remove_dir_all(self.path(folder));
        for (name, up, down) in migrations {
            for backend in ["postgres", "sqlite"] {
                self.write(&format!("{folder}/{backend}/{name}/up.sql"), up);
                self.write(&format!("{folder}/{backend}/{name}/down.sql"), down);
            }
        }
    }

    /// The tables of the schema, without those that record it.
    pub(crate) fn tables(&self) -> Vec<String> {
        let tables = self.json(&["db", "tables"]);
        let names = tables.as_array().unwrap().iter().map(|table| table["name"].as_str().unwrap().to_owned());
        names.filter(|name| !name.starts_with("__")).collect()
    }

    /// The program with nothing but this place in its environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lectern"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        command.env("LECTERN__DATABASE__URL", self.database.url().expose());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.env("LECTERN__LOG__LEVEL", "error").env("LECTERN__DATABASE__CONNECTIONS", "2");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Done {
        done(self.command(arguments))
    }

    /// What a command that succeeds prints.
    #[track_caller]
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let done = self.run(arguments);
        assert_eq!(done.code, Some(0), "{arguments:?} on {}: {done:?}", self.database.name());
        done.out
    }

    /// The same as JSON: one value on one line.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let out = self.ok(&[arguments, &["--json"]].concat());
        assert_eq!(out.matches('\n').count(), 1, "{out}");
        serde_json::from_str(&out).unwrap()
    }

    /// The one line that a command that fails says, without the program's name.
    #[track_caller]
    pub(crate) fn error(&self, code: i32, arguments: &[&str]) -> String {
        let done = self.run(arguments);
        assert_eq!((done.code, done.out.as_str()), (Some(code), ""), "{arguments:?}: {done:?}");
        let line = done.err.strip_prefix("lectern: ").and_then(|line| line.strip_suffix('\n'));
        let line = line.filter(|line| !line.contains('\n'));
        line.unwrap_or_else(|| panic!("one line was expected of {arguments:?}: {}", done.err)).to_owned()
    }
}

pub(crate) fn done(mut command: Command) -> Done {
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Done { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// One document a line.
pub(crate) fn jsonl(documents: impl IntoIterator<Item = Value>) -> String {
    documents.into_iter().map(|document| format!("{document}\n")).collect()
}

/// The external ids of what a search found, in its order.
pub(crate) fn documents(found: &Value) -> Vec<&str> {
    found["results"].as_array().unwrap().iter().map(|passage| passage["document"].as_str().unwrap()).collect()
}

/// Whether a file or folder is there and holds something.
pub(crate) fn holds_something(path: &Path) -> bool {
    path.read_dir().is_ok_and(|mut entries| entries.next().is_some())
}

/// The folder of real data beside the workspace, or beside `LECTERN_SHARED`; none, and a line that says so, where it is absent.
#[expect(clippy::disallowed_methods, reason = "tests are told of outside data by the environment")]
pub(crate) fn shared() -> Option<PathBuf> {
    let named = std::env::var_os("LECTERN_SHARED").map(PathBuf::from);
    let shared = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared")).join("data");
    if shared.is_dir() {
        return Some(shared);
    }
    println!("skipped: {} is absent", shared.display());
    None
}

/// An embedding model to install; none, and a line that says so, where `LECTERN_TEST_MODEL` names none.
#[expect(clippy::disallowed_methods, reason = "tests are told of outside data by the environment")]
pub(crate) fn model() -> Option<PathBuf> {
    let model = std::env::var_os("LECTERN_TEST_MODEL").map(PathBuf::from);
    if model.is_none() {
        println!("skipped: LECTERN_TEST_MODEL names no embedding model");
    }
    model
}

/// Where programs are looked for, for those that run others.
#[expect(clippy::disallowed_methods, reason = "the program is given the search path of its tests")]
pub(crate) fn search_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

/// Whether a program can be run; where not, a line says so.
pub(crate) fn installed(program: &str) -> bool {
    let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !found {
        println!("skipped: the program {program} is not installed");
    }
    found
}
