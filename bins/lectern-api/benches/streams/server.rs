//! The server as a process of its own, and what the system says about it.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// A server that ends with this value.
pub(crate) struct Server {
    child: Child,
    address: String,
    token: String,
    _folder: tempfile::TempDir,
}

/// How long a tick of `/proc/PID/stat` is: the kernel tells user space 100 a second on every architecture that Linux runs on.
const TICK: Duration = Duration::from_millis(10);

impl Server {
    /// A server whose only endpoint is at this port.
    pub(crate) fn start(upstream: u16) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_lectern-api"));
        command.env_clear().current_dir(folder.path()).args(["--listen", "127.0.0.1:0", "--data-dir", "data"]);
        command.env("MODELS_URLS", format!("['http://127.0.0.1:{upstream}']")).env("LECTERN__LOG__LEVEL", "error");
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the server starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("listening on http://").expect("the address").to_owned();
        let admin = std::fs::read_to_string(folder.path().join("data/first-admin")).expect("the first administrator");
        let word = |name: &str| admin.lines().find_map(|line| line.strip_prefix(name)).expect("a line").trim().to_owned();
        let body = format!(r#"{{"username":"{}","password":"{}"}}"#, word("username:"), word("password:"));
        let answer = ask(&address, "/api/v2/sign_in", &body);
        let token = answer.split('"').nth(3).unwrap_or_else(|| panic!("no token: {answer}")).to_owned();
        Self { child, address, token, _folder: folder }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// The resident memory, in KiB, where the system tells it.
    pub(crate) fn resident(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().trim_end_matches("kB").trim().parse().ok()
    }

    /// The CPU time so far, of all threads, in and outside the kernel; zero where the system does not tell it.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // The name of the program, in parentheses, may hold blanks. The times are fields 14 and 15.
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
        TICK * fields.filter_map(|field| field.parse::<u32>().ok()).sum()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The body of a small answer.
fn ask(address: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    let length = body.len();
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}");
    stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).expect("it is sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer.split_once("\r\n\r\n").expect("a head").1.to_owned()
}
