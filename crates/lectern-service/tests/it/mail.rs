//! Mails through a server that is there, is not, or says no.

use crate::support::{World, in_every_world};
use diesel::{QueryDsl as _, RunQueryDsl as _};
use lectern_domain::{email::EmailAddress, password::Password};
use lectern_persistence::{DbError, schema, types::JsonValue};
use lectern_service::{
    accounts::{Caller, authenticate, contact, password_reset, register, sign_in, users},
    app::App,
    jobs,
    mail::{DeliveryOptions, MailOptions, SmtpOptions, SmtpTls},
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

pub(crate) const LONG: Duration = Duration::from_secs(600);

fn address(text: &str) -> EmailAddress {
    EmailAddress::try_from(text).unwrap()
}

fn password(text: &str) -> Password {
    Password::try_from(text.to_owned()).unwrap()
}

/// A server whose conversations the test holds.
struct Smtp {
    listener: TcpListener,
}

impl Smtp {
    async fn start() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    fn options(&self) -> MailOptions {
        let server = SmtpOptions {
            host: "127.0.0.1".into(),
            port: self.listener.local_addr().unwrap().port(),
            tls: SmtpTls::None,
            authorities: None,
            credentials: None,
            timeout: LONG,
        };
        MailOptions {
            delivery: DeliveryOptions::Smtp(server),
            from: "Lectern <lectern@x.fr>".into(),
            contact: "contact@x.fr".into(),
            front_url: "https://front.x.fr".into(),
            ..MailOptions::default()
        }
    }

    /// Takes a connection and closes it.
    async fn drop_one(&self) {
        drop(self.listener.accept().await.unwrap());
    }

    /// Takes a mail, or refuses its recipient with this answer; what was said to it.
    async fn take_one(&self, recipient: &str) -> String {
        let (socket, _) = self.listener.accept().await.unwrap();
        let mut socket = BufReader::new(socket);
        let mut said = String::new();
        say(&mut socket, "220 ready").await;
        loop {
            let mut line = String::new();
            if socket.read_line(&mut line).await.unwrap() == 0 {
                return said;
            }
            said.push_str(&line);
            match line.split_whitespace().next().unwrap() {
                "DATA" => {
                    say(&mut socket, "354 go on").await;
                    while !said.ends_with("\r\n.\r\n") {
                        socket.read_line(&mut said).await.unwrap();
                    }
                    say(&mut socket, "250 taken").await;
                }
                "RCPT" => say(&mut socket, recipient).await,
                "QUIT" => say(&mut socket, "221 bye").await,
                _ => say(&mut socket, "250 ok").await,
            }
        }
    }
}

async fn say(socket: &mut BufReader<TcpStream>, line: &str) {
    socket.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
}

/// State, error and payload of every job.
pub(crate) fn rows(world: &World<'_>) -> Vec<(String, Option<String>, String)> {
    use schema::jobs::dsl;
    let read = world.database.database().read::<Vec<(String, Option<String>, JsonValue)>, DbError>(|conn| {
        Ok(dsl::jobs.order(dsl::id).select((dsl::state, dsl::error, dsl::payload)).load(conn)?)
    });
    read.unwrap().into_iter().map(|(state, error, payload)| (state, error, payload.0.to_string())).collect()
}

pub(crate) async fn jeanne(app: &App) -> Caller {
    let account = users::NewAccount {
        username: "jeanne".into(),
        email: address("Jeanne@x.fr"),
        password: password("correct-horse"),
        is_admin: false,
    };
    users::add(app, account).await.unwrap();
    let login = sign_in::Login::Username("jeanne".into());
    let token = sign_in(app, Some(login), password("correct-horse"), None).await.unwrap();
    authenticate(app, Some(&format!("Bearer {token}"))).await.unwrap()
}

/// Makes jobs that failed due now.
pub(crate) fn due(world: &World<'_>) {
    world.sql("UPDATE jobs SET run_at = '2001-01-01T00:00:00.000000Z' WHERE state = 'queued'");
}

#[test]
fn a_server_that_is_down_fails_no_request_and_gets_its_mails_later() {
    in_every_world(async |world| {
        let smtp = Smtp::start().await;
        let app = world.open_mailing(smtp.options()).await;
        let caller = jeanne(&app).await;
        let running = jobs::start(&app);
        let form = contact::ContactForm { subject: "Été".into(), text: "l'été\n.\nici".into(), institution: None };
        contact::contact(&app, &caller, form, None).await.unwrap();
        // Connected to, and cut.
        smtp.drop_one().await;
        running.stop(LONG).await;
        let (state, error, payload) = rows(world).remove(0);
        assert_eq!(state, "queued");
        assert!(error.unwrap().starts_with("the mail server: "), "on {}", world.database.name());
        assert!(payload.contains("l'été"));
        due(world);
        // Another process, later.
        let next = world.open_mailing(smtp.options()).await;
        let running = jobs::start(&next);
        let said = smtp.take_one("250 ok").await;
        running.stop(LONG).await;
        for line in ["EHLO x.fr", "MAIL FROM:<lectern@x.fr>", "RCPT TO:<contact@x.fr>", "To: contact@x.fr", "Subject: =?utf-8?"] {
            assert!(said.contains(line), "{line}: {said}");
        }
        assert_eq!(rows(world), [("done".into(), None, "null".into())]);
    });
}

#[test]
fn registration_queues_its_mails_with_the_account() {
    in_every_world(async |world| {
        let smtp = Smtp::start().await;
        let app = world.open_mailing(smtp.options()).await;
        let registration = |name: &str| register::Registration {
            username: name.into(),
            email: address("jeanne@x.fr"),
            password: password("correct-horse"),
            organization_id: None,
            organization_name: None,
            accept_cookie: false,
            accept_retrain: false,
        };
        register(&app, registration("jeanne"), None).await.unwrap();
        assert!(register(&app, registration("other"), None).await.is_err());
        assert_eq!(rows(world).len(), 2, "none for the account that was refused");
        let running = jobs::start(&app);
        let mut recipients = BTreeSet::new();
        for _ in 0..2 {
            let said = smtp.take_one("250 ok").await;
            recipients.insert(said.lines().find_map(|line| line.strip_prefix("RCPT TO:")).unwrap().to_owned());
        }
        running.stop(LONG).await;
        assert_eq!(recipients, BTreeSet::from(["<contact@x.fr>".to_owned(), "<jeanne@x.fr>".to_owned()]));
    });
}

#[test]
fn a_recipient_that_never_will_be_is_given_up_and_one_that_may_is_not() {
    for (answer, state) in [("550 no such mailbox", "failed"), ("450 try later", "queued"), ("530 sign in first", "queued")] {
        in_every_world(async |world| {
            let smtp = Smtp::start().await;
            let app = world.open_mailing(smtp.options()).await;
            let caller = jeanne(&app).await;
            let form = contact::ContactForm { subject: "s".into(), text: "t".into(), institution: None };
            contact::contact(&app, &caller, form, None).await.unwrap();
            let running = jobs::start(&app);
            smtp.take_one(answer).await;
            running.stop(LONG).await;
            let row = rows(world).remove(0);
            assert_eq!(row.0, state, "{row:?}");
            assert!(row.1.unwrap().contains(&answer[4..]), "{answer}");
        });
    }
}

#[test]
fn no_job_holds_a_link_and_an_address_without_an_account_is_like_another() {
    in_every_world(async |world| {
        let smtp = Smtp::start().await;
        let app = world.open_mailing(smtp.options()).await;
        jeanne(&app).await;
        password_reset::send_link(&app, address("nobody@x.fr"), None).await.unwrap();
        password_reset::send_link(&app, address("jeanne@X.FR"), None).await.unwrap();
        let queued = rows(world);
        assert_eq!(queued[0].2.replace("nobody@x.fr", "jeanne@x.fr"), queued[1].2, "the same is done for both");
        let tokens = || {
            let read = world.database.database().read::<Vec<String>, DbError>(|conn| {
                use schema::password_reset_tokens::dsl;
                Ok(dsl::password_reset_tokens.select(dsl::token).load(conn)?)
            });
            read.unwrap()
        };
        assert!(tokens().is_empty(), "a link is made when its mail is");
        let running = jobs::start(&app);
        let said = smtp.take_one("250 ok").await.replace("=\r\n", "");
        running.stop(LONG).await;
        let (_, link) = said.split_once("token=").unwrap();
        // Quoted-printable: `=` is `=3D`.
        let token = link.trim_start_matches("3D").split_whitespace().next().unwrap();
        assert_eq!((token.len(), tokens().len()), (32, 1), "{said}");
        assert!(!tokens()[0].contains(token), "its digest is stored");
        assert!(rows(world).iter().all(|row| *row == ("done".into(), None, "null".into())));
        let login = sign_in::Login::Username("jeanne".into());
        password_reset::reset(&app, token, password("another-horse"), None).await.unwrap();
        sign_in(&app, Some(login), password("another-horse"), None).await.unwrap();
    });
}

#[test]
fn nobody_listens() {
    in_every_world(async |world| {
        let smtp = Smtp::start().await;
        let options = smtp.options();
        drop(smtp);
        let app: Arc<App> = world.open_mailing(options).await;
        let caller = jeanne(&app).await;
        let form = contact::ContactForm { subject: "s".into(), text: "t".into(), institution: None };
        contact::contact(&app, &caller, form, None).await.unwrap();
        // What is due is taken before a stop is heard.
        jobs::start(&app).stop(LONG).await;
        let (state, error, _) = rows(world).remove(0);
        assert_eq!(state, "queued");
        assert!(error.unwrap().starts_with("the mail server: "), "on {}", world.database.name());
    });
}
