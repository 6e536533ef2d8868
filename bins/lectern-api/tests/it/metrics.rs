//! `GET /metrics`, on its own listener.

use crate::support::{Answer, Server, command, databases, fails, sign_in};
use std::{
    collections::BTreeSet,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
};

const PAGE: &str = include_str!("../../../../docs/operation.md");

/// What the server answers on its listener for metrics.
pub(crate) fn scrape(server: &Server) -> String {
    let line = server.logged("metrics are on http://");
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address").to_owned();
    let ask = |path: &str| {
        let mut stream = TcpStream::connect(&address).expect("a connection");
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").as_bytes()).expect("it is sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        Answer::read(&answer)
    };
    assert_eq!(ask("/api/v2/healthcheck").status, 404, "nothing else is there");
    let page = ask("/metrics");
    assert_eq!(page.status, 200, "{}", page.body);
    page.body
}

/// The value of a sample.
#[track_caller]
fn value(page: &str, sample: &str) -> f64 {
    let line = page.lines().find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {sample} in\n{page}")).parse().expect("a number")
}

#[test]
fn what_happened_is_counted_by_pattern() {
    for database in databases() {
        let folder = tempfile::tempdir().expect("a folder");
        let server = Server::start(command(folder.path()).env("DATABASE_URL", database.url().expose()).arg("--auto-upgrade"));
        let token = sign_in(&server, folder.path());
        for _ in 0..3 {
            assert_eq!(server.ask("GET", "/api/v2/user/me", Some(&token), "").status, 200);
        }
        server.ask("GET", "/api/v2/user/me", None, "");
        server.ask("DELETE", "/api/v2/user/token/a-token-in-a-path?q=a-query", Some(&token), "");
        server.ask("BREW", "/a-path/that/is-nowhere", None, "");
        let page = scrape(&server);
        let requests = |route: &str, method: &str, status: u16| {
            value(&page, &format!("lectern_http_requests_total{{route=\"{route}\",method=\"{method}\",status=\"{status}\"}}"))
        };
        assert_eq!(requests("/api/v2/user/me", "GET", 200), 3.0);
        assert_eq!(requests("/api/v2/user/me", "GET", 400), 1.0);
        assert_eq!(requests("/api/v2/user/token/{token}", "DELETE", 404), 1.0);
        assert_eq!(requests("none", "other", 404), 1.0);
        assert_eq!(value(&page, "lectern_http_request_duration_seconds_count{route=\"/api/v2/user/me\",method=\"GET\"}"), 4.0);
        for secret in ["a-token-in-a-path", "a-query", "a-path", &token] {
            assert!(!page.contains(secret), "{secret} is on the page");
        }
        assert_eq!((value(&page, "lectern_database_up"), value(&page, "lectern_streams_open")), (1.0, 0.0));
        assert!(value(&page, "lectern_pool_wait_seconds_count") > 3.0);
        assert!(value(&page, "lectern_queue_wait_seconds_count{queue=\"sql\"}") > 3.0);
        assert_eq!(value(&page, "lectern_queue_length{queue=\"compute\"}"), 0.0);
        assert_eq!(value(&page, "lectern_task_up{task=\"lexical\"}"), 1.0);
        assert_eq!(value(&page, "lectern_follower_behind_entries{follower=\"lexical\"}"), 0.0);
        assert!(page.ends_with("# EOF\n"));
        // The first administrator was written.
        let writes = page.lines().any(|line| line.starts_with("lectern_writes_total "));
        assert_eq!(writes, database.name() == "sqlite");

        let families: BTreeSet<&str> = page.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
        let explained: BTreeSet<&str> = PAGE
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
            .filter(|name| name.starts_with("lectern_"))
            .collect();
        let missing: Vec<_> = families.difference(&explained).collect();
        assert!(missing.is_empty(), "not in docs/operation.md: {missing:?}");
        let gone: Vec<_> = explained.difference(&families).filter(|name| !name.starts_with("lectern_write")).collect();
        assert!(gone.is_empty(), "in docs/operation.md alone: {gone:?}");
        assert_eq!(server.stop().0, 0);
    }
}

#[test]
fn an_address_that_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let (code, error) = fails(command(folder.path()).env("LECTERN__METRICS__LISTEN", &address));
    assert_eq!(code, 1);
    assert!(error.contains(&address) && error.contains("[metrics] listen"), "{error}");
}

#[test]
fn the_default_address_may_be_taken_and_off_is_off() {
    let folder = tempfile::tempdir().expect("a folder");
    // Either this test has the default address, or somebody else does.
    let _taken = TcpListener::bind("127.0.0.1:9464");
    let server = Server::start(command(folder.path()).env_remove("LECTERN__METRICS__LISTEN"));
    server.logged("no metrics: choose another address");
    assert_eq!(server.ask("GET", "/livez", None, "").status, 200);
    assert_eq!(server.stop().0, 0);
    let server = Server::start(command(folder.path()).env("LECTERN__METRICS__LISTEN", "off"));
    let (code, log, _) = server.stop();
    assert_eq!((code, log.contains("metrics")), (0, false), "{log}");
}
