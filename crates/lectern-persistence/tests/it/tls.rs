//! TLS to PostgreSQL, where `LECTERN_TEST_POSTGRES_TLS_URL` names a server with it and `LECTERN_TEST_POSTGRES_TLS_CA` its authority's
//! certificate (`.ci/postgres-tls` starts one).

use crate::support::{lines, url, variable};
use lectern_persistence::{Database, DatabaseOptions, DbError};

fn server() -> Option<(String, String)> {
    let server = variable("LECTERN_TEST_POSTGRES_TLS_URL").zip(variable("LECTERN_TEST_POSTGRES_TLS_CA"));
    if server.is_none() {
        println!("skipped: no PostgreSQL with TLS in LECTERN_TEST_POSTGRES_TLS_URL and LECTERN_TEST_POSTGRES_TLS_CA");
    }
    server
}

fn open(text: &str) -> Result<Database, DbError> {
    Database::open(&url(text), &DatabaseOptions { connections: 1, ..DatabaseOptions::default() })
}

#[track_caller]
fn is_encrypted(text: &str) {
    let database = open(text).unwrap_or_else(|error| panic!("{error}"));
    let version = "SELECT concat(ssl, ' ', version) AS line FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let found = database.read::<_, DbError>(|conn| Ok(lines(conn, version))).expect("read");
    assert!(found[0].starts_with("t TLSv1."), "{found:?}");
}

#[test]
fn require_and_verify_full_encrypt() {
    let Some((server, authority)) = server() else { return };
    is_encrypted(&format!("{server}?sslmode=require"));
    is_encrypted(&format!("{server}?sslmode=verify-full&sslrootcert={authority}"));
}

#[test]
fn verify_full_refuses_another_authority() {
    let Some((server, authority)) = server() else { return };
    let other = std::path::Path::new(&authority).with_file_name("other-ca.crt");
    let error = open(&format!("{server}?sslmode=verify-full&sslrootcert={}", other.display())).expect_err("refused");
    let text = error.to_string();
    assert!(text.contains("certificate verify failed") && text.contains("check sslmode and sslrootcert"), "{text}");
}

#[test]
fn verify_full_refuses_another_name() {
    let Some((server, authority)) = server() else { return };
    // The certificate is for `localhost`, not for its address.
    let by_address = server.replace("@localhost:", "@127.0.0.1:");
    assert_ne!(by_address, server, "the server is to be named localhost");
    let error = open(&format!("{by_address}?sslmode=verify-full&sslrootcert={authority}")).expect_err("refused");
    assert!(error.to_string().contains("check sslmode and sslrootcert"), "{error}");
}
