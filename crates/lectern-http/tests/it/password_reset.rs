//! A new password for somebody who has forgotten the old one.

use crate::support::{PASSWORD, Server, Setup, on_every_database, on_every_database_with};
use actix_web::http::Method;
use insta::assert_snapshot;
use std::time::Duration;

const SEND: &str = "/api/v2/send_reset_password_email";
const RESET: &str = "/api/v2/reset_password";
const ME: &str = "/api/v2/user/me";
const SIGN_IN: &str = "/api/v2/sign_in";

fn last_token(server: &Server) -> String {
    let mail = server.mails().pop().expect("a mail");
    mail.text.split_once("token=").expect("a link").1.to_owned()
}

/// A transcript shows no token.
async fn reset(server: &Server, token: &str, password: &str) {
    let answer = server.ask(Method::POST, RESET, None, &format!(r#"{{"token":"{token}","password":"{password}"}}"#)).await;
    server.note(&format!("reset_password: {} {}", answer.status.as_u16(), answer.body));
}

#[test]
fn a_link_is_good_once_and_ends_every_session() {
    let transcript = on_every_database(async |server| {
        let session = server.user("jeanne", false).await;
        server.say(Method::POST, SEND, None, r#"{"email":"JEANNE@example.org"}"#).await;
        server.say(Method::POST, SEND, None, r#"{"email":"nobody@example.org","app":"spp"}"#).await;
        server.say(Method::POST, SEND, None, r#"{"email":"x","app":"other"}"#).await;
        server.say(Method::POST, SEND, None, r#"{}"#).await;
        server.note_mails(0);
        let earlier = last_token(&server);
        server.say(Method::POST, SEND, None, r#"{"email":"jeanne@example.org","app":"albert"}"#).await;
        let token = last_token(&server);
        server.note("an earlier link, a wrong one, a password of another form, the link, and the link again");
        reset(&server, &earlier, "another-horse").await;
        reset(&server, "x", "another-horse").await;
        reset(&server, &token, "short").await;
        reset(&server, &token, "another-horse").await;
        reset(&server, &token, "third-horse").await;
        server.note("the old session and password, the new password");
        server.say(Method::GET, ME, Some(&session), "").await;
        server.say(Method::POST, SIGN_IN, None, &format!(r#"{{"username":"jeanne","password":"{PASSWORD}"}}"#)).await;
        server.say(Method::POST, SIGN_IN, None, r#"{"username":"jeanne","password":"another-horse"}"#).await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn a_link_that_is_over() {
    let at_once = || Setup { reset_ttl: Some(Duration::ZERO), ..Setup::default() };
    let transcript = on_every_database_with(at_once, async |server| {
        server.user("jeanne", false).await;
        server.say(Method::POST, SEND, None, r#"{"email":"jeanne@example.org"}"#).await;
        reset(&server, &last_token(&server), "another-horse").await;
        reset(&server, &last_token(&server), "another-horse").await;
    });
    assert_snapshot!(transcript);
}

#[test]
fn the_link_of_somebody_who_is_not_let_in() {
    let transcript = on_every_database(async |server| {
        let body = format!(r#"{{"username":"marc","email":"marc@x.fr","password":"{PASSWORD}"}}"#);
        server.say(Method::POST, ME, None, &body).await;
        server.say(Method::POST, SEND, None, r#"{"email":"marc@x.fr"}"#).await;
        reset(&server, &last_token(&server), "another-horse").await;
    });
    assert_snapshot!(transcript);
}
