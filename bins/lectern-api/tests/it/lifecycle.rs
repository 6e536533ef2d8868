//! From the first start to the last stop.

use crate::support::{Server, command, databases, first_admin};
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn a_first_start_makes_everything_and_a_second_one_finds_it() {
    for database in databases() {
        let folder = tempfile::tempdir().expect("a folder");
        let start = || Server::start(command(folder.path()).env("DATABASE_URL", database.url().expose()).arg("--auto-upgrade"));
        let server = start();
        assert_eq!(server.ask("GET", "/api/v2/healthcheck", None, "").status, 200);
        let (name, password) = first_admin(folder.path());
        for file in ["first-admin", "secret_key"] {
            let mode = folder.path().join("data").join(file).metadata().expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
        let body = format!(r#"{{"username":"{name}","password":"{password}"}}"#);
        let token = server.ask("POST", "/api/v2/sign_in", None, &body).json()["token"].as_str().expect("a token").to_owned();
        let (code, log, rest) = server.stop();
        assert_eq!((code, rest.as_str()), (0, ""), "{log}");

        let server = start();
        let me = server.ask("GET", "/api/v2/user/me", Some(&token), "");
        assert_eq!((me.status, &me.json()["is_admin"]), (200, &serde_json::Value::Bool(true)), "the key and the account are kept");
        server.kill();
        assert_eq!(start().ask("GET", "/api/v2/user/me", Some(&token), "").status, 200, "after a crash too");
    }
}

#[test]
fn several_servers_share_a_data_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Server::start(&mut command(folder.path()));
    let second = Server::start(&mut command(folder.path()));
    for server in [&first, &second] {
        assert_eq!(server.ask("GET", "/api/v2/healthcheck", None, "").status, 200);
    }
    assert_eq!(first.stop().0, 0);
    assert_eq!(second.ask("GET", "/api/v2/healthcheck", None, "").status, 200);
}
