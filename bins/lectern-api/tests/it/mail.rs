//! Mails through a server with TLS: the settings that lead there, and a password that is in no log.

use crate::support::{Server, command, databases, sign_in};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use lectern_testkit::{
    TestDatabase,
    smtp::{Authority, Login, Protection, SmtpServer},
};
use std::{fs, path::Path};
use tokio::runtime::Builder;

const USER: &str = "lectern@x.fr";
const PASSWORD: &str = "the-password-of-the-relay";
const CONTACT: &str = r#"{"subject":"s","text":"a-private-text"}"#;

fn start(folder: &Path, database: &TestDatabase, relay: &SmtpServer, tls: &str, password: &str) -> Server {
    fs::write(folder.join("password"), format!("{password}\n")).expect("a file");
    let mut start = command(folder);
    start.env("DATABASE_URL", database.url().expose()).env("LECTERN__LOG__LEVEL", "trace").arg("--auto-upgrade");
    start.env("LECTERN__MAIL__SMTP_HOST", "localhost").env("LECTERN__MAIL__SMTP_PORT", relay.port().to_string());
    start.env("LECTERN__MAIL__SMTP_TLS", tls).env("LECTERN__MAIL__SMTP_CA", folder.join("ca.pem"));
    start.env("LECTERN__MAIL__FROM", USER).env("FRONT_URL", "https://front.x.fr");
    start.env("LECTERN__MAIL__SMTP_USER", USER).env("LECTERN__MAIL__SMTP_PASSWORD_FILE", folder.join("password"));
    Server::start(&mut start)
}

#[test]
fn mails_leave_as_the_settings_say_and_the_password_is_in_no_log() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("threads");
    for (protection, tls) in [(Protection::StartTls, "starttls"), (Protection::Tls, "tls")] {
        for database in databases() {
            let folder = tempfile::tempdir().expect("a folder");
            let authority = Authority::new("an authority of a test");
            fs::write(folder.path().join("ca.pem"), authority.pem()).expect("a file");
            let login = Login { user: USER.into(), password: PASSWORD.into() };
            let relay = runtime.block_on(SmtpServer::start(protection, login, &authority, "localhost"));

            let server = start(folder.path(), &database, &relay, tls, "wrong-password-of-the-relay");
            let admin = sign_in(&server, folder.path());
            assert_eq!(server.ask("POST", "/api/v2/user/contact", Some(&admin), CONTACT).status, 200);
            let told = runtime.block_on(relay.next());
            assert!(!told.encrypted.is_empty() && !told.signed_in, "{told:?}");
            assert!(server.logged("a job failed; it is tried again").contains("the credentials are wrong"));
            let refused = server.stop();

            let server = start(folder.path(), &database, &relay, tls, PASSWORD);
            assert_eq!(server.ask("POST", "/api/v2/user/contact", Some(&admin), CONTACT).status, 200);
            // The first server may have tried once more.
            let mut told = runtime.block_on(relay.next());
            while !told.signed_in {
                told = runtime.block_on(relay.next());
            }
            assert_eq!(told.mails.len(), 1, "{told:?}");
            let sent = server.stop();

            for (password, (code, log, out)) in [("wrong-password-of-the-relay", refused), (PASSWORD, sent)] {
                assert_eq!(code, 0, "{log}");
                let (plain, alone) = (BASE64_STANDARD.encode(format!("\0{USER}\0{password}")), BASE64_STANDARD.encode(password));
                for secret in [password, &plain, &alone, "a-private-text"] {
                    assert!(!log.contains(secret) && !out.contains(secret), "{secret} is in the log: {log}");
                }
            }
        }
    }
}
