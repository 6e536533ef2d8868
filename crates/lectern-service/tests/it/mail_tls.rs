//! Mails through a server with TLS, a password, and a certificate that may be nobody's.

use crate::{
    mail::{LONG, due, jeanne, rows},
    support::{World, in_every_world},
};
use lectern_service::{
    ServiceError,
    accounts::{Caller, contact},
    app::App,
    jobs,
    mail::{DeliveryOptions, MailOptions, Mailer, SmtpOptions, SmtpTls},
};
use lectern_testkit::smtp::{Authority, Conversation, Login, Protection, SmtpServer};
use std::{fs, path::PathBuf};
use tempfile::TempDir;

const USER: &str = "lectern@x.fr";
const PASSWORD: &str = "the-password-of-the-relay";

/// Both ways to TLS, as the two sides call them.
const WAYS: [(Protection, SmtpTls); 2] = [(Protection::Tls, SmtpTls::Tls), (Protection::StartTls, SmtpTls::StartTls)];

/// A server under an authority, and the folder with the authority's certificate.
struct Relay {
    server: SmtpServer,
    tls: SmtpTls,
    folder: TempDir,
}

impl Relay {
    async fn start(protection: Protection, tls: SmtpTls, host: &str) -> Self {
        let authority = Authority::new("an authority of a test");
        let login = Login { user: USER.into(), password: PASSWORD.into() };
        let server = SmtpServer::start(protection, login, &authority, host).await;
        let folder = tempfile::tempdir().unwrap();
        // Beside one that has nothing to do with it.
        fs::write(folder.path().join("ca.pem"), [Authority::new("another").pem(), authority.pem()].concat()).unwrap();
        Self { server, tls, folder }
    }

    fn authorities(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn options(&self, password: &str, authorities: Option<PathBuf>) -> MailOptions {
        let server = SmtpOptions {
            host: "localhost".into(),
            port: self.server.port(),
            tls: self.tls,
            authorities,
            credentials: Some((USER.into(), password.into())),
            timeout: LONG,
        };
        MailOptions {
            delivery: DeliveryOptions::Smtp(server),
            from: "lectern@x.fr".into(),
            contact: "contact@x.fr".into(),
            ..MailOptions::default()
        }
    }

    /// One attempt at the jobs that are due: what the server tells of it.
    async fn attempt(&self, app: &std::sync::Arc<App>) -> Conversation {
        let running = jobs::start(app);
        let told = self.server.next().await;
        running.stop(LONG).await;
        told
    }
}

/// Uses the contact form: a request, which no mail server makes fail.
async fn write(app: &App, caller: &Caller) {
    let form = contact::ContactForm { subject: "Été".into(), text: "Bonjour".into(), institution: None };
    contact::contact(app, caller, form, None).await.unwrap();
}

/// The only job's state and error.
fn job(world: &World<'_>) -> (String, String) {
    let (state, error, _) = rows(world).remove(0);
    (state, error.unwrap_or_default())
}

#[test]
fn a_mail_leaves_under_tls_with_a_name_and_a_password() {
    for (protection, tls) in WAYS {
        in_every_world(async |world| {
            let relay = Relay::start(protection, tls, "localhost").await;
            let app = world.open_mailing(relay.options(PASSWORD, Some(relay.authorities()))).await;
            write(&app, &jeanne(&app).await).await;
            let told = relay.attempt(&app).await;
            assert!(told.signed_in && told.mails.len() == 1, "{told:?}");
            for line in ["MAIL FROM:<lectern@x.fr>", "RCPT TO:<contact@x.fr>", "To: contact@x.fr", "Subject: =?utf-8?"] {
                assert!(told.mails[0].contains(line), "{line}: {told:?}");
            }
            let in_clear: &[&str] = if tls == SmtpTls::Tls { &[] } else { &["EHLO x.fr", "STARTTLS"] };
            assert_eq!(told.in_clear, in_clear);
            assert_eq!(rows(world), [("done".into(), None, "null".into())]);
        });
    }
}

#[test]
fn a_wrong_password_is_tried_again_then_given_up_and_told_to_nobody() {
    in_every_world(async |world| {
        let relay = Relay::start(Protection::StartTls, SmtpTls::StartTls, "localhost").await;
        let wrong = "not-the-password";
        let app = world.open_mailing(relay.options(wrong, Some(relay.authorities()))).await;
        write(&app, &jeanne(&app).await).await;
        for attempt in 1..=12 {
            due(world);
            let told = relay.attempt(&app).await;
            assert!(!told.signed_in && told.mails.is_empty(), "{told:?}");
            let (state, error) = job(world);
            assert_eq!(state, if attempt < 12 { "queued" } else { "failed" }, "attempt {attempt}: {error}");
            // The server repeats what it was given.
            assert!(error.contains("the credentials are wrong: AUTH PLAIN [redacted]") && !error.contains(wrong), "{error}");
        }
        assert_eq!(rows(world)[0].2, "null", "nothing is kept of what is given up but why");
    });
}

#[test]
fn a_job_that_was_refused_is_done_once_the_password_is_put_right() {
    in_every_world(async |world| {
        let relay = Relay::start(Protection::Tls, SmtpTls::Tls, "localhost").await;
        let app = world.open_mailing(relay.options("not-the-password", Some(relay.authorities()))).await;
        write(&app, &jeanne(&app).await).await;
        assert!(!relay.attempt(&app).await.signed_in);
        drop(app);
        due(world);
        let app = world.open_mailing(relay.options(PASSWORD, Some(relay.authorities()))).await;
        assert_eq!(relay.attempt(&app).await.mails.len(), 1);
        assert_eq!(job(world).0, "done");
    });
}

#[test]
fn a_server_of_an_unknown_authority_or_of_another_name_is_told_nothing() {
    for (protection, tls) in WAYS {
        for (host, known) in [("localhost", false), ("mail.example.org", true)] {
            in_every_world(async |world| {
                let relay = Relay::start(protection, tls, host).await;
                let app = world.open_mailing(relay.options(PASSWORD, known.then(|| relay.authorities()))).await;
                write(&app, &jeanne(&app).await).await;
                let told = relay.attempt(&app).await;
                assert!(told.tls_failed.is_some() && told.encrypted.is_empty(), "{told:?}");
                assert!(told.in_clear.iter().all(|line| line == "EHLO x.fr" || line == "STARTTLS"), "{told:?}");
                let (state, error) = job(world);
                assert!(state == "queued" && error.contains("certificate verify failed"), "{state}: {error}");
            });
        }
    }
}

#[test]
fn a_server_that_offers_no_tls_is_told_nothing() {
    in_every_world(async |world| {
        let relay = Relay::start(Protection::None, SmtpTls::StartTls, "localhost").await;
        let app = world.open_mailing(relay.options(PASSWORD, Some(relay.authorities()))).await;
        write(&app, &jeanne(&app).await).await;
        let told = relay.attempt(&app).await;
        assert!(told.in_clear.iter().all(|line| line == "EHLO x.fr" || line == "QUIT") && told.tls_failed.is_none(), "{told:?}");
        let (state, error) = job(world);
        assert!(state == "queued" && error.contains("STARTTLS"), "{state}: {error}");
    });
}

#[tokio::test]
async fn a_file_of_authorities_that_holds_none_is_found_at_start() {
    let relay = Relay::start(Protection::Tls, SmtpTls::Tls, "localhost").await;
    let pem = Authority::new("a").pem();
    let broken = pem.replace("MI", "!!");
    for (text, why) in [("", "there is no certificate in it"), (broken.as_str(), "certificate 1 cannot be read")] {
        let path = relay.folder.path().join("broken.pem");
        fs::write(&path, text).unwrap();
        let refused = Mailer::new(relay.options(PASSWORD, Some(path))).err().unwrap();
        assert!(matches!(&refused, ServiceError::DataFile { .. }) && refused.to_string().contains(why), "{refused}");
    }
}
