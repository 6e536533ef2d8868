//! Archives of a million streams, beside `pg_dump` and `pg_restore` of the same rows in the same run: how long they take, and the memory of the program.
//!
//! `LECTERN_BENCH_STREAMS` sets how many, and `LECTERN_BENCH_PROGRAM` names another build of the program than the bench's own. PostgreSQL is the server that `LECTERN_TEST_POSTGRES_URL` names, with its programs in `PATH`.

use lectern_testkit::{TestDatabase, database::execute};
use std::{
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How often the memory of a program is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// What one run took: its time, and the most memory, in KiB, where the system tells it.
#[derive(Debug, Clone, Copy)]
struct Took {
    time: Duration,
    peak: Option<u64>,
}

fn run(mut command: Command) -> Took {
    let start = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().expect("the program starts");
    let mut peak = None;
    let status = loop {
        peak = highest(&child).or(peak);
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        thread::sleep(LOOK);
    };
    assert!(status.success(), "{command:?} failed");
    Took { time: start.elapsed(), peak }
}

/// The most memory that a process has had so far.
fn highest(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

/// What the environment says about the bench.
#[expect(clippy::disallowed_methods, reason = "the bench is told of its size by the environment")]
fn told(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn lectern(database: &TestDatabase, folder: &Path, arguments: &[&str]) -> Took {
    let program = told("LECTERN_BENCH_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_lectern").to_owned());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).env_clear().env("LECTERN__DATABASE__URL", database.url().expose());
    run(command)
}

fn postgres(program: &str, folder: &Path, arguments: &[&str]) -> Took {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    run(command)
}

/// Streams of 2,000 users in 20,000 chats, each with a question, an answer of some words, and its sources as JSON.
fn fill(test: &TestDatabase, streams: usize) {
    let series = |most: usize| match test.name() {
        "postgres" => format!("generate_series(1, {most}) AS n(i)"),
        _ => format!("(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {most}) SELECT i FROM n)"),
    };
    let (text, now) = match test.name() {
        "postgres" => ("md5(i::text)", "now()"),
        _ => ("lower(hex(randomblob(16)))", "'2026-01-31T12:00:00.000000Z'"),
    };
    let text = |words: usize| vec![text; words].join(" || ' ' || ");
    let users = "users (username, email, email_key, hashed_password)";
    execute(
        test.database(),
        &format!("INSERT INTO {users} SELECT 'user ' || i, i || '@example.org', i || '@example.org', 'x' FROM {}", series(2_000)),
    );
    let chats = "chats (user_id, chat_name, chat_type, created_at)";
    execute(test.database(), &format!("INSERT INTO {chats} SELECT 1 + i % 2000, 'chat ' || i, 'meeting', {now} FROM {}", series(20_000)));
    let columns = "streams (temperature, user_id, chat_id, query, response, rag_sources, created_at)";
    let rows = format!("20, 1 + i % 2000, 1 + i % 20000, {}, {}, '[\"one\", \"two\"]', {now}", text(2), text(8));
    execute(test.database(), &format!("INSERT INTO {columns} SELECT {rows} FROM {}", series(streams)));
}

fn seconds(took: Took) -> String {
    let peak = took.peak.map(|peak| format!(", at most {:.0} MB", peak as f64 * 1024.0 / 1e6)).unwrap_or_default();
    format!("{:.1} s{peak}", took.time.as_secs_f64())
}

fn bytes(path: &Path) -> String {
    format!("{:.1} MB", std::fs::metadata(path).expect("a file").len() as f64 / 1e6)
}

fn on_sqlite(streams: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let (source, target) = (TestDatabase::sqlite(), TestDatabase::sqlite());
    fill(&source, streams);
    let backup = lectern(&source, folder.path(), &["db", "backup", "a.tar.zst"]);
    let verify = lectern(&source, folder.path(), &["db", "backup", "--verify", "a.tar.zst"]);
    let restore = lectern(&target, folder.path(), &["db", "restore", "a.tar.zst"]);
    println!(
        "sqlite, {streams} streams: backup {} ({}), verify {}, restore {}",
        seconds(backup),
        bytes(&folder.path().join("a.tar.zst")),
        seconds(verify),
        seconds(restore)
    );
}

fn on_postgres(streams: usize, rounds: usize) {
    let Some(source) = TestDatabase::postgres() else { return println!("LECTERN_TEST_POSTGRES_URL names no server") };
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fill(&source, streams);
    execute(source.database(), "ANALYZE");
    let (mut backups, mut dumps, mut restores, mut loads) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        backups.push(lectern(&source, folder, &["db", "backup", "a.tar.zst", "--overwrite"]));
        // Of a whole dump, the data of a table may come before what it refers to.
        dumps.push(postgres("pg_dump", folder, &["-Fc", "--data-only", "-f", "a.dump", &source.url().expose()]));
        let target = TestDatabase::postgres().expect("a server");
        restores.push(lectern(&target, folder, &["db", "restore", "a.tar.zst"]));
        let target = TestDatabase::postgres().expect("a server");
        // What the migrations write is in the dump too.
        execute(target.database(), "TRUNCATE __diesel_schema_migrations, __lectern_schema_migrations, installation, checkpoint_migrations");
        loads.push(postgres("pg_restore", folder, &["--data-only", "-d", &target.url().expose(), "a.dump"]));
    }
    let best = |all: &[Took]| *all.iter().min_by_key(|took| took.time).expect("a round");
    for (what, own, other, file, its) in [
        ("backup", best(&backups), best(&dumps), "a.tar.zst", "pg_dump -Fc --data-only"),
        ("restore", best(&restores), best(&loads), "a.dump", "pg_restore --data-only"),
    ] {
        let ratio = own.time.as_secs_f64() / other.time.as_secs_f64();
        println!(
            "postgres, {streams} streams: {what} {}, {its} {}: {ratio:.2} ({file}: {})",
            seconds(own),
            seconds(other),
            bytes(&folder.join(file))
        );
    }
}

fn main() {
    // As criterion's benches, tried once where they are not to be measured.
    let tried = std::env::args().any(|flag| flag == "--test");
    let streams = told("LECTERN_BENCH_STREAMS").and_then(|streams| streams.parse().ok());
    let streams = streams.unwrap_or(if tried { 1_000 } else { 1_000_000 });
    on_sqlite(streams);
    on_postgres(streams, if tried { 1 } else { 3 });
}
