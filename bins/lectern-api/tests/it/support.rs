//! The real server as a child process, and a small HTTP client.

use lectern_testkit::TestDatabase;
use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread::JoinHandle,
};

/// A server that listens. It is killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    address: String,
    log: Arc<Log>,
    log_reader: Option<JoinHandle<()>>,
    /// What it wrote to standard output after its first line.
    rest: Option<JoinHandle<String>>,
}

/// What the server wrote to standard error so far.
#[derive(Default)]
struct Log {
    text: Mutex<(String, bool)>,
    grown: Condvar,
}

impl Log {
    /// Reads to the end, line by line.
    fn read(&self, source: impl std::io::Read) {
        let mut lines = BufReader::new(source);
        loop {
            let mut line = String::new();
            let ended = lines.read_line(&mut line).expect("a log in UTF-8") == 0;
            let mut text = self.text.lock().expect("no panic");
            text.0.push_str(&line);
            text.1 = ended;
            self.grown.notify_all();
            if ended {
                return;
            }
        }
    }
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    /// Takes an answer apart: a chunked body that is cut gives what came.
    pub(crate) fn read(answer: &str) -> Self {
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {answer:?}"));
        let status = head[9..12].parse().expect("a status");
        let body = if head.to_lowercase().contains("transfer-encoding: chunked") { unchunked(body) } else { body.to_owned() };
        Self { status, body }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// The program with a data folder, a free port and nothing of this process's environment.
pub(crate) fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lectern-api"));
    command
        .env_clear()
        .env("LECTERN__METRICS__LISTEN", "127.0.0.1:0")
        .current_dir(data)
        .arg("--data-dir")
        .arg(data.join("data"))
        .args(["--listen", "127.0.0.1:0"]);
    command
}

/// Runs the program to its end: for starts that fail.
pub(crate) fn fails(command: &mut Command) -> (i32, String) {
    let Output { status, stdout, stderr } = command.output().expect("the program runs");
    assert!(stdout.is_empty(), "nothing but the address goes to standard output");
    (status.code().expect("an exit code"), String::from_utf8(stderr).expect("text"))
}

/// Every database at hand, as the URL that the server is given; an empty SQLite file where there is none.
pub(crate) fn databases() -> Vec<TestDatabase> {
    TestDatabase::all_empty()
}

impl Server {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the server starts");
        let (log, source) = (Arc::new(Log::default()), child.stderr.take().expect("standard error"));
        let reader = log.clone();
        let log_reader = std::thread::spawn(move || reader.read(source));
        let mut out = BufReader::new(child.stdout.take().expect("standard output"));
        let mut line = String::new();
        out.read_line(&mut line).expect("a line");
        let Some(address) = line.trim().strip_prefix("listening on http://") else {
            log_reader.join().expect("a log");
            panic!("no address but {line:?}; its log: {}", log.text.lock().expect("no panic").0);
        };
        let rest = std::thread::spawn(move || {
            let mut text = String::new();
            out.read_to_string(&mut text).expect("text");
            text
        });
        Self { address: address.to_owned(), child, log, log_reader: Some(log_reader), rest: Some(rest) }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// One request on a connection of its own.
    pub(crate) fn ask(&self, method: &str, path: &str, token: Option<&str>, body: &str) -> Answer {
        let mut answer = String::new();
        self.send(method, path, token, body).read_to_string(&mut answer).expect("an answer");
        Answer::read(&answer)
    }

    /// Sends one request on a connection of its own; what is answered can be read from it.
    pub(crate) fn send(&self, method: &str, path: &str, token: Option<&str>, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        let token = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{token}{kind}Content-Length: {length}\r\n\r\n");
        stream.write_all(format!("{head}{body}").as_bytes()).expect("it is sent");
        stream
    }

    /// The first line of the log with these words; waits for it while the server runs.
    pub(crate) fn logged(&self, words: &str) -> String {
        let mut text = self.log.text.lock().expect("no panic");
        loop {
            if let Some(line) = text.0.lines().find(|line| line.contains(words)) {
                return line.to_owned();
            }
            assert!(!text.1, "no {words:?} in the log: {}", text.0);
            text = self.log.grown.wait(text).expect("no panic");
        }
    }

    /// What it logged until now.
    pub(crate) fn log(&self) -> String {
        self.log.text.lock().expect("no panic").0.clone()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().expect("kill runs").success());
    }

    /// Waits until it ends by itself; returns its exit code, its log, and what else it printed.
    pub(crate) fn ended(mut self) -> (i32, String, String) {
        let code = self.child.wait().expect("it ends").code().expect("an exit code");
        self.log_reader.take().expect("one end").join().expect("a log");
        let log = self.log.text.lock().expect("no panic").0.clone();
        (code, log, self.rest.take().expect("one end").join().expect("text"))
    }

    /// The id of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop, as a service manager does; returns its exit code, its log, and what else it printed.
    pub(crate) fn stop(self) -> (i32, String, String) {
        self.signal("-TERM");
        self.ended()
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been stopped already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The content of a chunked body.
fn unchunked(mut body: &str) -> String {
    let mut content = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).expect("a chunk's size");
        content.push_str(&rest[..size]);
        body = rest[size..].trim_start_matches("\r\n");
    }
    content
}

/// Signs the first administrator in.
pub(crate) fn sign_in(server: &Server, data: &Path) -> String {
    let (username, password) = first_admin(data);
    let body = serde_json::json!({ "username": username, "password": password }).to_string();
    server.ask("POST", "/api/v2/sign_in", None, &body).json()["token"].as_str().expect("a token").to_owned()
}

/// The account that the first start made: name and password.
pub(crate) fn first_admin(data: &Path) -> (String, String) {
    let text = std::fs::read_to_string(data.join("data/first-admin")).expect("the first administrator's file");
    let word = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).expect("a line").trim().to_owned();
    (word("username:"), word("password:"))
}
