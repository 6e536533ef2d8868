//! `docs/databases.md`: every command on it is run, in the order of the page, and prints what the page says.
//!
//! A block ```` ```sh ```` is run by bash, and the block ```` ```text ```` after it says what it prints, on both outputs. Words after `sh`: `sqlite` or `postgres`
//! (on that database alone), `exits=3` (with that code), `silent` (it prints nothing), `needs=psql` (skipped where that program is missing).
//! Comments `<!-- run` and `<!-- sql` prepare what the page tells about.

use crate::support::{installed, search_path};
use lectern_testkit::{
    TestDatabase,
    database::execute,
    persistence::{Database, DatabaseOptions, DatabaseUrl},
};
use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use tempfile::TempDir;

/// The database of the page's examples, and the same with a wrong password.
const EXAMPLE: &str = "lectern:secret@db.example.org/lectern";
const WRONG: &str = "lectern:wrong@db.example.org/lectern";

/// A part of the page that is run.
#[derive(Debug)]
struct Block {
    /// The line where it begins.
    line: usize,
    /// `sh`, `text`, or `run` and `sql` of comments.
    kind: String,
    tags: Vec<String>,
    text: String,
}

impl Block {
    fn has(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own == tag)
    }

    fn value(&self, tag: &str) -> Option<&str> {
        self.tags.iter().find_map(|own| own.strip_prefix(tag)?.strip_prefix('='))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn page() -> String {
    fs::read_to_string(root().join("docs/databases.md")).unwrap()
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open: Option<(Block, &str)> = None;
    for (index, line) in page.lines().enumerate() {
        if let Some((block, end)) = &mut open {
            if line == *end {
                blocks.extend(open.take().map(|(block, _)| block));
            } else {
                block.text.push_str(line);
                block.text.push('\n');
            }
            continue;
        }
        let comment = line.strip_prefix("<!-- ").filter(|kind| ["run", "sql"].contains(kind));
        let (Some(head), end) = (line.strip_prefix("```").or(comment), if comment.is_some() { "-->" } else { "```" }) else { continue };
        let mut words = head.split_whitespace().map(str::to_owned);
        let kind = words.next().unwrap_or_default();
        open = Some((Block { line: index + 1, kind, tags: words.collect(), text: String::new() }, end));
    }
    assert!(open.is_none(), "a block does not end");
    blocks
}

/// The commands with what each prints.
fn with_outcomes(blocks: &[Block]) -> Vec<(&Block, Option<&str>)> {
    let mut pairs = Vec::new();
    for (at, block) in blocks.iter().enumerate() {
        let outcome = blocks.get(at + 1).filter(|next| next.kind == "text").map(|next| next.text.as_str());
        match block.kind.as_str() {
            "sh" => {
                assert_eq!(
                    outcome.is_none(),
                    block.has("silent"),
                    "line {}: a command needs a block with what it prints, or `silent`",
                    block.line
                );
                pairs.push((block, outcome));
            }
            "run" | "sql" => pairs.push((block, None)),
            "text" => assert!(at > 0 && blocks[at - 1].kind == "sh", "line {}: this is no command's output", block.line),
            other => panic!("line {}: a block of the kind {other:?} is not run", block.line),
        }
    }
    pairs
}

/// Whether a text is as the page says: `…` is anything within a line, and on a line of its own any number of lines.
fn matches(pattern: &[&str], text: &[&str]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((&"…", rest)), _) => (0..=text.len()).any(|skipped| matches(rest, &text[skipped..])),
        (Some((pattern, patterns)), Some((line, lines))) => line_matches(pattern, line) && matches(patterns, lines),
        _ => false,
    }
}

fn line_matches(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split('…');
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.is_empty()
}

/// A checkout in which the page is run.
struct Session {
    folder: TempDir,
    backend: &'static str,
    /// What stands for the page's examples.
    example: Vec<(String, String)>,
    url: DatabaseUrl,
    /// The exports so far.
    exports: String,
    /// The programs that were looked for and not found.
    missing: BTreeSet<String>,
}

impl Session {
    fn new(server: Option<&TestDatabase>) -> Self {
        let folder = TempDir::with_prefix("lectern-page-").unwrap();
        for part in ["migrations", "crates/lectern-persistence/src/schema"] {
            copy(&root().join(part), &folder.path().join(part));
        }
        let url = server.map_or_else(|| DatabaseUrl::sqlite(folder.path().join("data/lectern.sqlite3")), |server| server.url().clone());
        let place = url.expose();
        let place = place.split_once("://").map_or("", |(_, place)| place);
        let (user, host) = place.rsplit_once('@').unwrap_or(("", place));
        let user = user.split(':').next().unwrap_or_default();
        let example = vec![(EXAMPLE.to_owned(), place.to_owned()), (WRONG.to_owned(), format!("{user}:wrong@{host}"))];
        let backend = server.map_or("sqlite", TestDatabase::name);
        Self { folder, backend, example, url, exports: String::new(), missing: BTreeSet::new() }
    }

    fn run(&mut self, block: &Block, outcome: Option<&str>) {
        let elsewhere = ["sqlite", "postgres"].into_iter().any(|backend| block.has(backend) && backend != self.backend);
        if elsewhere || block.value("needs").is_some_and(|program| !self.can(program)) {
            return;
        }
        let text = self.example.iter().fold(block.text.clone(), |text, (from, to)| text.replace(from, to));
        if block.kind == "sql" {
            let database = Database::open(&self.url, &DatabaseOptions { connections: 1, ..DatabaseOptions::default() }).unwrap();
            return execute(&database, &text);
        }
        self.exports.extend(text.lines().filter(|line| line.starts_with("export ")).map(|line| format!("{line}\n")));
        let (code, said) = self.bash(&text);
        let place = format!("docs/databases.md, line {}, on {}:\n{}{said}", block.line, self.backend, block.text);
        let expected: i32 = block.value("exits").map_or(0, |code| code.parse().unwrap());
        assert_eq!(code, Some(expected), "{place}");
        if block.kind == "sh" {
            let outcome: Vec<&str> = outcome.unwrap_or_default().lines().collect();
            assert!(matches(&outcome, &said.lines().collect::<Vec<_>>()), "{place}");
        }
    }

    /// Runs a script; returns its exit code and all that it prints.
    fn bash(&self, script: &str) -> (Option<i32>, String) {
        let mut path = OsString::from(Path::new(env!("CARGO_BIN_EXE_lectern")).parent().unwrap());
        path.push(":");
        path.push(search_path());
        let mut command = Command::new("bash");
        command.args(["-c", &format!("set -euo pipefail\nexec 2>&1\n{}{script}", self.exports)]);
        command.current_dir(self.folder.path()).env_clear().env("PATH", path).stdin(Stdio::null());
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    }

    /// Whether a program is at hand, and can do its work here.
    fn can(&mut self, program: &str) -> bool {
        let able = installed(program) && (program != "pg_dump" || self.is_new_enough());
        if !able {
            self.missing.insert(program.to_owned());
        }
        able
    }

    /// `pg_dump` refuses servers that are newer than itself.
    fn is_new_enough(&self) -> bool {
        let (_, said) = self
            .bash("pg_dump --version | grep -oE '[0-9]+' | head -n 1; lectern db info | grep -oE 'PostgreSQL [0-9]+' | grep -oE '[0-9]+'");
        let versions: Vec<u32> = said.lines().filter_map(|line| line.parse().ok()).collect();
        let able = versions.len() == 2 && versions[0] >= versions[1];
        if !able {
            println!("skipped: pg_dump is older than the server, {versions:?}");
        }
        able
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn run(server: Option<&TestDatabase>) {
    let page = page();
    let blocks = blocks(&page);
    let mut session = Session::new(server);
    for (block, outcome) in with_outcomes(&blocks) {
        session.run(block, outcome);
    }
}

#[test]
fn every_command_does_what_the_page_says_on_sqlite() {
    run(None);
}

#[test]
fn every_command_does_what_the_page_says_on_postgres() {
    let server = TestDatabase::all_empty().into_iter().find(|database| database.name() == "postgres");
    match &server {
        Some(server) => run(Some(server)),
        None => println!("skipped: LECTERN_TEST_POSTGRES_URL names no server"),
    }
}

#[test]
fn commands_in_the_text_are_run_too() {
    let page = page();
    let blocks = blocks(&page);
    let run: String = blocks.iter().filter(|block| block.kind != "text").map(|block| block.text.as_str()).collect();
    let spans = page.split("```").step_by(2).flat_map(|prose| prose.split('`').skip(1).step_by(2));
    let commands: Vec<&str> = spans.filter(|span| span.starts_with("lectern ")).collect();
    assert!(commands.len() > 5, "{commands:?}");
    for command in commands {
        assert!(run.contains(command), "`{command}` is on the page, and no block runs it");
    }
}

#[test]
fn patterns_match_what_they_should() {
    #[track_caller]
    fn check(pattern: &str, text: &str, expect: bool) {
        assert_eq!(matches(&pattern.lines().collect::<Vec<_>>(), &text.lines().collect::<Vec<_>>()), expect, "{pattern:?} and {text:?}");
    }
    check("a … c\n…\nz", "a b c\n1\n2\nz", true);
    check("a … c", "a b d", false);
    check("…", "", true);
    check("a", "a\nb", false);
    check("…b", "ab", true);
    check("a…b…c", "axbyc", true);
    check("a…b…c", "axyc", false);
    check("", "a", false);
}
