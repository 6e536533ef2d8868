//! From the start of the server to its first healthy answer, and what it keeps in memory then, without a model.
//!
//! Every start has a process of its own: `first` on an empty data folder (database, schema, keys and the first administrator are made),
//! `again` on the folder that it leaves behind, and `--version`, which is what the start of the program alone costs.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// Starts of each kind; the median counts.
const STARTS: usize = 11;

/// The longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that ends with this value.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lectern-api"));
    // No settings but these: neither the caller's environment nor a file in the working directory.
    command.env_clear().current_dir(folder).stderr(Stdio::null()).stdin(Stdio::null());
    command
}

/// The time to the first healthy answer, and the resident memory then, in KiB, where the system tells it.
fn start(folder: &Path) -> (Duration, Option<u64>) {
    let start = Instant::now();
    let mut command = program(folder);
    command.args(["--listen", "127.0.0.1:0", "--data-dir"]).arg(folder.join("data")).stdout(Stdio::piped());
    let mut server = Server(command.spawn().expect("the program starts"));
    let mut line = String::new();
    BufReader::new(server.0.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    let address = line.trim().strip_prefix("listening on http://").expect("the address").to_owned();
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time");
    stream.write_all(b"GET /api/v2/healthcheck HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n").expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let took = start.elapsed();
    assert!(answer.starts_with("HTTP/1.1 200"), "not healthy: {answer}");
    (took, resident(server.0.id()))
}

fn resident(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

fn version(folder: &Path) -> Duration {
    let start = Instant::now();
    let status = program(folder).arg("--version").stdout(Stdio::null()).status().expect("the program starts");
    assert!(status.success());
    start.elapsed()
}

fn median<T: Copy + Ord>(values: &mut [T]) -> T {
    values.sort_unstable();
    values[values.len() / 2]
}

fn main() {
    let (mut first, mut again, mut alone, mut memory) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    // As criterion's benches, tried once where they are not to be measured.
    let starts = if std::env::args().any(|flag| flag == "--test") { 1 } else { STARTS };
    for _ in 0..starts {
        let folder = tempfile::tempdir().expect("a folder");
        alone.push(version(folder.path()));
        first.push(start(folder.path()).0);
        let (took, resident) = start(folder.path());
        again.push(took);
        memory.extend(resident);
    }
    println!(
        "start to the first healthy answer, median of {starts}: {:.0?} on an empty data folder, {:.0?} on an empty database; {:.1?} for --version",
        median(&mut first),
        median(&mut again),
        median(&mut alone)
    );
    if !memory.is_empty() {
        println!("resident memory then: {:.1} MB", median(&mut memory) as f64 * 1024.0 / 1e6);
    }
}
